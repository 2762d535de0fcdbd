package store

import (
	"os"
	"path/filepath"
	"time"

	bolt "go.etcd.io/bbolt"
)

// Status is how the file is doing.
type Status struct {
	Path string
	// Bytes is the file's size, Free what the disk has left for us; -1 where that
	// cannot be told.
	Bytes, Free int64
	// Exchanges is how many entries the history has, Oldest when the first of
	// them came in.
	Exchanges int
	Oldest    time.Time
	// Unwritten is how many exchanges were lost since the start because they
	// could not be written.
	Unwritten int64
	// Err is why the last write failed, and ErrAt when; empty where it worked.
	Err   string
	ErrAt time.Time
	// Writable says whether the file was opened for writing.
	Writable bool
}

// Status is how the file is doing now.
func (s *Store) Status() Status {
	st := Status{Path: s.cfg.Path, Bytes: -1, Free: free(filepath.Dir(s.cfg.Path)), Writable: !s.db.IsReadOnly()}
	if found, err := os.Stat(s.cfg.Path); err == nil {
		st.Bytes = found.Size()
	}
	err := s.view(func(tx *bolt.Tx) error {
		st.Exchanges = int(numberOf(bucket(tx, aboutBucket).Get(countKey)))
		if k, v := bucket(tx, summariesBucket).Cursor().First(); k != nil && len(v) >= headSize {
			st.Oldest = time.Unix(0, nanoseconds(v)).UTC()
		}
		return nil
	})
	h := &s.health
	h.mu.Lock()
	defer h.mu.Unlock()
	st.Unwritten = h.unwritten
	if h.err != nil {
		st.Err, st.ErrAt = h.err.Error(), h.at
	} else if err != nil {
		st.Err, st.ErrAt = err.Error(), s.cfg.Now()
	}
	return st
}
