package store

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"
)

const (
	// maxSessions bounds the sessions: a new one beyond ends those that would end
	// first.
	maxSessions = 1000
	// maxSession bounds what a session holds, in bytes.
	maxSession = 64 << 10
	// sessionSlack is by how much the stored end of a session may lag behind: a
	// session that nothing but its end changed in is not written for less.
	sessionSlack = time.Minute
)

// Sessions holds the sessions of the admin. A token is kept as its SHA-256 alone:
// who reads the file cannot take a session over. Where the file cannot be written
// sessions live in memory, for as long as the process does, so that one can sign
// in and see why.
type Sessions struct {
	store *Store

	mu sync.Mutex
	// unwritten are sessions that are not as the file has them; nil: ended.
	unwritten map[[sha256.Size]byte][]byte
	// hidden: none of those in the file count any more.
	hidden bool
	// ended are tokens that ended lately: a request that was under way then must not
	// bring its session back. At most maxSessions of them.
	ended map[[sha256.Size]byte]bool
	// era is the one that counts where it could not be written; see Store.Era.
	era string
}

// Sessions are the admin's sessions.
func (s *Store) Sessions() *Sessions { return s.sessions }

// A stored session is the end of its time in nanoseconds since 1970, 8 bytes,
// and what it holds.
func appendSession(b []byte, expiry time.Time) []byte {
	return append(binary.BigEndian.AppendUint64(nil, uint64(max(0, nanosecond(expiry)))), b...)
}

func expiryOf(session []byte) time.Time { return time.Unix(0, int64(numberOf(session))) }

// alive says whether a stored session is one that has not ended.
func (s *Sessions) alive(session []byte) bool {
	return len(session) >= 8 && s.store.cfg.Now().Before(expiryOf(session))
}

// Find is what a session holds; false where there is none, or its time is over.
func (s *Sessions) Find(token string) ([]byte, bool, error) {
	session, err := s.read(sha256.Sum256([]byte(token)))
	if err != nil {
		return nil, false, fmt.Errorf("finding a session: %w", err)
	}
	if !s.alive(session) {
		return nil, false, nil
	}
	return session[8:], true, nil
}

func (s *Sessions) read(key [sha256.Size]byte) (session []byte, err error) {
	s.mu.Lock()
	session, ok := s.unwritten[key]
	ok = ok || s.hidden
	s.mu.Unlock()
	if ok {
		return slices.Clone(session), nil
	}
	return s.inFile(key)
}

func (s *Sessions) inFile(key [sha256.Size]byte) (session []byte, err error) {
	err = s.store.view(func(tx *bolt.Tx) error {
		session = slices.Clone(bucket(tx, sessionsBucket).Get(key[:]))
		return nil
	})
	return session, err
}

// Commit keeps a session until its end.
func (s *Sessions) Commit(token string, b []byte, expiry time.Time) error {
	if len(b) > maxSession {
		return fmt.Errorf("a session of %d bytes is too large; %d is the most", len(b), maxSession)
	}
	key := sha256.Sum256([]byte(token))
	if s.hasEnded(key) {
		return nil
	}
	session := appendSession(b, expiry)
	if old, err := s.read(key); err == nil && s.alive(old) && bytes.Equal(old[8:], b) {
		if later := expiry.Sub(expiryOf(old)); 0 <= later && later < sessionSlack {
			return nil
		}
	}
	err := s.store.update(func(tx *bolt.Tx) error {
		sessions := bucket(tx, sessionsBucket)
		if err := s.makeRoom(sessions, key[:]); err != nil {
			return err
		}
		return sessions.Put(key[:], session)
	})
	s.store.noteFault(err)
	s.remember(key, session, err)
	return nil // where it was not written, memory has it
}

// makeRoom ends sessions so that there is room for one of this key.
func (s *Sessions) makeRoom(sessions *bolt.Bucket, key []byte) error {
	type session struct {
		key    []byte
		expiry uint64
	}
	var list []session
	now := uint64(s.store.cfg.Now().UnixNano())
	for k, v := range entries(sessions) {
		if !bytes.Equal(k, key) {
			list = append(list, session{slices.Clone(k), numberOf(v)})
		}
	}
	slices.SortFunc(list, func(a, b session) int { return cmp.Compare(a.expiry, b.expiry) })
	for i, one := range list {
		if one.expiry > now && len(list)-i < maxSessions {
			return nil
		}
		if err := sessions.Delete(one.key); err != nil {
			return err
		}
	}
	return nil
}

// remember keeps in memory what could not be written.
func (s *Sessions) remember(key [sha256.Size]byte, session []byte, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil && !s.hidden {
		delete(s.unwritten, key)
		return
	}
	if s.unwritten == nil {
		s.unwritten = map[[sha256.Size]byte][]byte{}
	}
	for k, v := range s.unwritten {
		if len(s.unwritten) < maxSessions {
			break
		}
		if v != nil || s.hidden { // one that ended must not come back
			delete(s.unwritten, k)
		}
	}
	s.unwritten[key] = session
}

// Delete ends a session. An error says that it would be there again after a
// restart.
func (s *Sessions) Delete(token string) error {
	key := sha256.Sum256([]byte(token))
	s.end(key)
	err := s.store.update(func(tx *bolt.Tx) error { return bucket(tx, sessionsBucket).Delete(key[:]) })
	s.remember(key, nil, err)
	if old, _ := s.inFile(key); old == nil {
		s.remember(key, nil, nil)
	}
	if err != nil && !errors.Is(err, ErrReadOnly) {
		return fmt.Errorf("ending a session: %w", err)
	}
	return nil
}

// end notes that a session is over, whoever still has it in hand.
func (s *Sessions) end(key [sha256.Size]byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended == nil {
		s.ended = map[[sha256.Size]byte]bool{}
	}
	for old := range s.ended {
		if len(s.ended) < maxSessions {
			break
		}
		delete(s.ended, old)
	}
	s.ended[key] = true
}

func (s *Sessions) hasEnded(key [sha256.Size]byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ended[key]
}

// DeleteAll ends all sessions. An error says that they would be there again after
// a restart.
func (s *Sessions) DeleteAll() error {
	era := rand.Text()
	err := s.store.update(func(tx *bolt.Tx) error {
		if err := bucket(tx, secretsBucket).Put(eraKey, []byte(era)); err != nil {
			return err
		}
		return empty(tx, sessionsBucket)
	})
	s.forget()
	if err != nil {
		s.mu.Lock()
		s.hidden, s.era = true, era
		s.mu.Unlock()
		return fmt.Errorf("ending all sessions: %w", err)
	}
	return nil
}

// All are the sessions that have not ended, by the hash of their token.
func (s *Sessions) All() (map[string][]byte, error) {
	all := map[string][]byte{}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.hidden {
		err := s.store.view(func(tx *bolt.Tx) error {
			for k, v := range entries(bucket(tx, sessionsBucket)) {
				all[string(k)] = slices.Clone(v)
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("listing sessions: %w", err)
		}
	}
	for key, session := range s.unwritten {
		all[string(key[:])] = session
	}
	for key, session := range all {
		if !s.alive(session) {
			delete(all, key)
			continue
		}
		all[key] = session[8:]
	}
	return all, nil
}

// forget drops what memory has beside the file.
func (s *Sessions) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unwritten = nil
	s.hidden, s.era = false, ""
}
