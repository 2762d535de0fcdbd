package store

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// Store is an open file. Its methods may be called from many goroutines.
type Store struct {
	cfg       Config
	db        *bolt.DB
	compress  *compressor
	secret    []byte
	searches  searchBounds
	sessions  *Sessions
	listeners listeners
	health    health
	queue     queue
	refused   refused

	// unhurried is the constant's, but in tests; lastHurry is when a transaction
	// last had more, in nanoseconds since 1970, and hurried has room for the word.
	unhurried int
	lastHurry atomic.Int64
	hurried   chan struct{}

	saving    sync.Mutex // held while settings are saved
	pinned    map[string]Pin
	effective atomic.Pointer[Settings]

	keeping sync.Mutex // guards kept
	kept    keptTotals

	// tidy wakes the housekeeping; done ends it.
	tidy, done chan struct{}
	running    sync.WaitGroup
	closing    sync.Once
}

// newStore reads from an open file what is needed at all times.
func newStore(cfg Config, db *bolt.DB) (*Store, error) {
	compress, err := newCompressor()
	if err != nil {
		return nil, err
	}
	s := &Store{
		cfg: cfg, db: db, compress: compress, searches: searchBounds{maxLooked, maxCandidates},
		queue: queue{wake: make(chan struct{}, 1), hurry: make(chan struct{}, 1), next: make(chan struct{})},
		tidy:  make(chan struct{}, 1), done: make(chan struct{}), unhurried: unhurried, hurried: make(chan struct{}, 1),
	}
	s.sessions = &Sessions{store: s}
	err = guarded(cfg.Path, func() error {
		return errors.Join(s.loadSettings(), s.loadSecret(), s.loadKept())
	})
	if err == nil {
		s.startJournal()
	}
	if err == nil && db.IsReadOnly() {
		s.note(ErrReadOnly)
	}
	return s, err
}

// start begins what goes on beside the callers.
func (s *Store) start() {
	s.running.Go(s.write)
	s.running.Go(s.housekeep)
	if !s.db.IsReadOnly() {
		s.running.Go(s.condense)
	}
	s.tidySoon() // time went by, and the retention may be another one
}

// Close writes what waits and closes the file.
func (s *Store) Close() error {
	err := ErrClosed
	s.closing.Do(func() {
		s.queue.close()
		close(s.done)
		s.running.Wait()
		s.compress.close()
		err = errors.Join(s.endJournal(), s.db.Close())
	})
	return err
}

// view reads in a transaction, after what was recorded so far is in the database.
// Nothing that f reads may be kept longer.
func (s *Store) view(f func(*bolt.Tx) error) error {
	s.queue.settle()
	return s.wrong(guarded(s.cfg.Path, func() error { return s.db.View(f) }))
}

// update changes the file in a transaction.
func (s *Store) update(f func(*bolt.Tx) error) error {
	if s.db.IsReadOnly() {
		return ErrReadOnly
	}
	var fault error
	err := guarded(s.cfg.Path, func() error {
		return s.db.Update(func(tx *bolt.Tx) error {
			fault = f(tx)
			return fault
		})
	})
	if err != nil && fault == nil {
		err = fmt.Errorf("writing to the database: %w", err)
	}
	return s.wrong(err)
}

// wrong says in the words of this package what bbolt says.
func (s *Store) wrong(err error) error {
	if errors.Is(err, bolterrors.ErrDatabaseNotOpen) {
		return ErrClosed
	}
	return err
}

// tidySoon wakes the housekeeping.
func (s *Store) tidySoon() { stir(s.tidy) }

// tidyEvery is how often the housekeeping looks for what has grown old.
const tidyEvery = time.Minute

// housekeep deletes what is over its time or beyond its bounds, and tries
// whether a disk that failed works again.
func (s *Store) housekeep() {
	timer := time.NewTicker(tidyEvery)
	defer timer.Stop()
	for {
		select {
		case <-s.done:
			return
		case <-s.tidy:
		case <-timer.C:
		}
		if s.db.IsReadOnly() {
			continue
		}
		s.tryAgain()
		s.trimAll()
		s.dropExpired()
	}
}
