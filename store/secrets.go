package store

import (
	"crypto/rand"
	"fmt"
	"slices"

	bolt "go.etcd.io/bbolt"
)

// The keys of secretsBucket, beside the names of settings that are secret.
var (
	secretKey   = []byte("secret")
	passwordKey = []byte("password")
	eraKey      = []byte("era")
	// keptKey is how much is kept of the cache, number and bytes: it belongs to
	// what copies leave out, too.
	keptKey = []byte("kept")
)

// secretSize is the length of the file's secret in bytes.
const secretSize = 32

// Secret is the key of the HMACs over callers' keys: random bytes, made when the
// file was. It never leaves the process.
func (s *Store) Secret() []byte { return slices.Clone(s.secret) }

// loadSecret reads the secret, or makes it. A file that is read-only and has none
// (a copy without secrets) gets one for as long as it is open.
func (s *Store) loadSecret() error {
	err := s.view(func(tx *bolt.Tx) error {
		s.secret = slices.Clone(bucket(tx, secretsBucket).Get(secretKey))
		return nil
	})
	if err != nil || len(s.secret) == secretSize {
		return err
	}
	s.secret = make([]byte, secretSize)
	rand.Read(s.secret)
	if s.db.IsReadOnly() {
		return nil
	}
	err = s.update(func(tx *bolt.Tx) error { return bucket(tx, secretsBucket).Put(secretKey, s.secret) })
	if err != nil {
		return fmt.Errorf("keeping a new secret: %w", err)
	}
	return nil
}

// Password is the hash of the admin's password; ok is false where none is set.
func (s *Store) Password() (hash []byte, ok bool) {
	err := s.view(func(tx *bolt.Tx) error {
		hash = slices.Clone(bucket(tx, secretsBucket).Get(passwordKey))
		return nil
	})
	return hash, err == nil && len(hash) > 0
}

// SetPassword keeps the hash of a new password, and ends all sessions.
func (s *Store) SetPassword(hash []byte) error {
	err := s.update(func(tx *bolt.Tx) error {
		if err := bucket(tx, secretsBucket).Put(passwordKey, hash); err != nil {
			return err
		}
		return empty(tx, sessionsBucket)
	})
	if err != nil {
		return fmt.Errorf("keeping the password: %w", err)
	}
	s.sessions.forget()
	return nil
}

// Era is a text that changes whenever all sessions are ended (see
// Sessions.DeleteAll): what was signed under another one is over, too.
func (s *Store) Era() string {
	s.sessions.mu.Lock()
	era := s.sessions.era
	s.sessions.mu.Unlock()
	if era != "" {
		return era
	}
	_ = s.view(func(tx *bolt.Tx) error { // where it cannot be read, no password can
		era = string(bucket(tx, secretsBucket).Get(eraKey))
		return nil
	})
	return era
}

// empty deletes all that a bucket holds.
func empty(tx *bolt.Tx, name []byte) error {
	if err := tx.DeleteBucket(name); err != nil {
		return err
	}
	_, err := tx.CreateBucket(name)
	return err
}
