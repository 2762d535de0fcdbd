package store

import (
	"context"
	"fmt"

	bolt "go.etcd.io/bbolt"
)

// Delete deletes an exchange, which its hour does not count any more.
func (s *Store) Delete(id uint64) error {
	err := s.update(func(tx *bolt.Tx) error {
		c := newChange(tx)
		v := c.summaries.Get(number(id))
		if v == nil {
			return ErrNotFound
		}
		return c.forget([]stored{newStored(number(id), v)})
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
// nil. Their hours do not count them any more; where all is meant they forget what
// the history deleted by itself, too.
func (s *Store) Purge(ctx context.Context, f Filter, progress func(done int)) (int, error) {
	done := 0
	w := s.newWalk(f)
	newest, err := s.newest()
	if err != nil {
		return 0, fmt.Errorf("looking for what to delete: %w", err)
	}
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
	if w.match.everything() {
		return done, s.forgetHours(newest)
	}
	return done, nil
}

// newest is the highest number that an exchange has had.
func (s *Store) newest() (id uint64, err error) {
	err = s.view(func(tx *bolt.Tx) error {
		id = bucket(tx, summariesBucket).Sequence()
		return nil
	})
	return id, err
}

// forgetHours has the hours forget what they count of exchanges up to a number.
func (s *Store) forgetHours(last uint64) error {
	err := s.update(func(tx *bolt.Tx) error {
		c := newChange(tx)
		if err := c.forgetHours(last); err != nil {
			return err
		}
		return c.putHours()
	})
	s.noteFault(err)
	if err != nil {
		return fmt.Errorf("deleting what the hours count: %w", err)
	}
	s.listeners.tell()
	return nil
}

// findSome finds the next exchanges of a walk to delete; ended says that these
// are the last.
func findSome(tx *bolt.Tx, w *walk) (list []stored, ended bool, err error) {
	keys := 0
	ended, err = w.step(tx, func(id uint64, v []byte) (full bool) {
		one := newStored(number(id), v)
		list, keys = append(list, one), keys+one.places.number()
		return len(list) >= trimStep || keys >= stepKeys
	})
	return list, ended, err
}

// deleteSome deletes those that are still there, and says how many they were.
func (s *Store) deleteSome(list []stored) (n int, err error) {
	err = s.update(func(tx *bolt.Tx) error {
		c := newChange(tx)
		before := c.count
		err := c.forget(list)
		n = int(before - c.count)
		return err
	})
	s.noteFault(err)
	if err != nil {
		return 0, err
	}
	return n, nil
}

// stored is what deleting an exchange needs to know of it.
type stored struct {
	id     uint64
	source byte
	places places
}

func newStored(key, summary []byte) stored {
	one := stored{id: numberOf(key)}
	if len(summary) > sourceAt {
		one.source = summary[sourceAt]
	}
	_ = values(summary, func(kind string, value []byte) bool { // what cannot be read has no entry in the index
		one.places.add(kind, string(value))
		return true
	})
	return one
}

// forget deletes exchanges that a user wants to be gone: they are not counted any
// more.
func (c *change) forget(list []stored) error {
	for _, one := range list {
		if code := c.summaries.Get(number(one.id)); code != nil {
			c.discount(code)
		}
	}
	if err := c.deleteAll(list); err != nil {
		return err
	}
	if err := c.putHours(); err != nil {
		return err
	}
	return c.putCount()
}

// deleteAll deletes exchanges and what refers to them.
func (c *change) deleteAll(list []stored) error {
	for _, one := range list {
		if err := c.delete(one); err != nil {
			return err
		}
	}
	return nil
}

func (c *change) delete(one stored) error {
	key := number(one.id)
	if c.summaries.Get(key) == nil {
		return nil
	}
	if err := c.summaries.Delete(key); err != nil {
		return err
	}
	n, err := deletePieces(c.details, one.id)
	if err == nil && n == 0 {
		_, err = deletePieces(c.quick, one.id)
	}
	if err != nil {
		return err
	}
	if err := c.eachPlace(one.places, one.id, (*bolt.Bucket).Delete); err != nil {
		return err
	}
	c.count--
	if c.newest.ID == one.id {
		c.newest, c.newestKnown = Summary{}, false
	}
	return c.forgetLast(one)
}
