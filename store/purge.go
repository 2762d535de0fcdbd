package store

import (
	"context"
	"fmt"

	bolt "go.etcd.io/bbolt"
)

// Delete deletes an exchange.
func (s *Store) Delete(id uint64) error {
	err := s.update(func(tx *bolt.Tx) error {
		c := newChange(tx)
		v := c.summaries.Get(number(id))
		if v == nil {
			return ErrNotFound
		}
		if err := c.delete(newStored(number(id), v)); err != nil {
			return err
		}
		return c.putCount()
	})
	s.noteFault(err)
	if err != nil {
		return fmt.Errorf("deleting exchange %d: %w", id, err)
	}
	s.listeners.tell()
	return nil
}

// Purge deletes the exchanges that a filter means and that are there when it
// begins, in small steps. It tells how many are done after each; progress may be
// nil. The hours' counts stay.
func (s *Store) Purge(ctx context.Context, f Filter, progress func(done int)) (int, error) {
	done := 0
	w := s.newWalk(f)
	for ended := false; !ended; {
		if err := ctx.Err(); err != nil {
			return done, err
		}
		var list []stored
		if err := s.view(func(tx *bolt.Tx) (err error) {
			list, ended, err = findSome(tx, w)
			return err
		}); err != nil {
			return done, fmt.Errorf("looking for what to delete: %w", err)
		}
		if len(list) == 0 {
			continue
		}
		n, err := s.deleteSome(list)
		done += n
		if err != nil {
			return done, fmt.Errorf("deleting exchanges: %w", err)
		}
		if progress != nil {
			progress(done)
		}
		s.listeners.tell()
		if !ended && !s.pause(stepPause) {
			return done, ErrClosed
		}
	}
	return done, nil
}

// findSome finds the next exchanges of a walk to delete; ended says that these
// are the last.
func findSome(tx *bolt.Tx, w *walk) (list []stored, ended bool, err error) {
	keys, full := 0, false
	w.partial = false
	err = w.run(tx, func(id uint64, v []byte) bool {
		one := newStored(number(id), v)
		list, keys = append(list, one), keys+len(one.values)
		full = len(list) >= trimStep || keys >= stepKeys
		return !full
	})
	ended = !full && !w.partial || w.last <= 1
	w.high = w.last - 1
	return list, ended, err
}

// deleteSome deletes those that are still there, and says how many they were.
func (s *Store) deleteSome(list []stored) (n int, err error) {
	err = s.update(func(tx *bolt.Tx) error {
		c := newChange(tx)
		before := c.count
		if err := c.deleteAll(list); err != nil {
			return err
		}
		n = int(before - c.count)
		return c.putCount()
	})
	s.noteFault(err)
	if err != nil {
		return 0, err
	}
	return n, nil
}
