package web

import (
	"bytes"
	"time"

	"github.com/maypok86/otter/v2"

	"pulsedive-relay/store"
)

const (
	// touchEvery is how much older a session's end may be in the store than in
	// truth: saving it at each request would cost a write each.
	touchEvery = time.Minute
	// touchedSessions bounds how many sessions' last writes are remembered.
	touchedSessions = 1000
)

// sessionStore keeps sessions for scs, but does not write one again where
// nothing but the time of its end has changed, by little.
type sessionStore struct {
	store   *store.Sessions
	now     func() time.Time
	written *otter.Cache[string, written]
}

type written struct {
	bytes []byte
	at    time.Time
}

func newSessionStore(s *store.Sessions, now func() time.Time) *sessionStore {
	return &sessionStore{store: s, now: now, written: otter.Must(&otter.Options[string, written]{MaximumSize: touchedSessions})}
}

// Find is called by scs.
func (s *sessionStore) Find(token string) ([]byte, bool, error) { return s.store.Find(token) }

// Delete is called by scs.
func (s *sessionStore) Delete(token string) error {
	s.written.Invalidate(token)
	return s.store.Delete(token)
}

// Commit is called by scs at every request.
func (s *sessionStore) Commit(token string, b []byte, ends time.Time) error {
	now := s.now()
	if w, ok := s.written.GetIfPresent(token); ok && bytes.Equal(w.bytes, b) && now.Sub(w.at) < touchEvery {
		return nil
	}
	if err := s.store.Commit(token, b, ends); err != nil {
		return err
	}
	s.written.Set(token, written{bytes: bytes.Clone(b), at: now})
	return nil
}
