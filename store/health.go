package store

import (
	"errors"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"
)

// After a write that failed none is tried for a while, which doubles from
// firstPause to longestPause: a disk that is full does not slow every request.
const (
	firstPause   = time.Second
	longestPause = time.Minute
)

// health is whether writing works.
type health struct {
	mu        sync.Mutex
	err       error // why the last write failed; nil: it did not
	at        time.Time
	pause     time.Duration
	unwritten int64
	reported  int64 // how many of unwritten the log knows
}

// refuses is why no write is to be tried now; nil: it may be.
func (h *health) refuses(now time.Time) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.err != nil && now.Sub(h.at) < h.pause && now.Sub(h.at) >= 0 {
		return h.err
	}
	return nil
}

// Failing is why the last write failed, which the log was told; nil: it did not. A
// file that can only be read fails at all times.
func (s *Store) Failing() error {
	s.health.mu.Lock()
	defer s.health.mu.Unlock()
	return s.health.err
}

// lost counts exchanges that were not written.
func (h *health) lost(n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.unwritten += int64(n)
}

// noteFault is note for a write that may end for other reasons than the disk's.
func (s *Store) noteFault(err error) {
	if !errors.Is(err, ErrNotFound) && !errors.Is(err, ErrClosed) && !errors.Is(err, ErrReadOnly) {
		s.note(err)
	}
}

// note keeps what a write came to, and logs it where that is news.
func (s *Store) note(err error) {
	h := &s.health
	h.mu.Lock()
	defer h.mu.Unlock()
	failed := h.err != nil
	h.err = err
	if err == nil {
		h.pause = 0
		if failed {
			s.cfg.Log.Info("the history is written again", "path", s.cfg.Path, "lost", h.unwritten-h.reported)
			h.reported = h.unwritten
		}
		return
	}
	h.at = s.cfg.Now()
	h.pause = min(max(2*h.pause, firstPause), longestPause)
	if !failed {
		s.cfg.Log.Error("the history is not written: answers go on, what they were is lost", "path", s.cfg.Path, "error", err)
	}
}

// tryAgain tries to write after writes failed, so that Status tells the truth
// also where nobody asks anything.
func (s *Store) tryAgain() {
	if s.Failing() != nil && s.health.refuses(s.cfg.Now()) == nil {
		_ = s.CheckWritable()
	}
}

// CheckWritable writes a little now.
func (s *Store) CheckWritable() error {
	err := s.update(func(tx *bolt.Tx) error {
		about := bucket(tx, aboutBucket)
		return about.Put(checkedKey, number(uint64(s.cfg.Now().Unix())))
	})
	s.note(err)
	return err
}
