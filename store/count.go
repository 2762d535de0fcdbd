package store

import (
	"fmt"

	bolt "go.etcd.io/bbolt"
)

// maxCounted is how many entries Count looks at.
const maxCounted = 500_000

// Count is how many exchanges a filter means, up to most. more says that there
// may be others: counting stopped at most, or at its bound of entries or time.
func (s *Store) Count(f Filter, most int) (n int, more bool, err error) {
	w := s.newWalk(f)
	w.looked = maxCounted
	err = s.view(func(tx *bolt.Tx) error {
		if w.match.everything() {
			n = int(numberOf(bucket(tx, aboutBucket).Get(countKey)))
			n, more = min(n, most), n > most
			return nil
		}
		return w.run(tx, func(uint64, []byte) bool {
			if n == most {
				more = true
				return false
			}
			n++
			return true
		})
	})
	if err != nil {
		return 0, false, fmt.Errorf("counting exchanges: %w", err)
	}
	return n, more || w.partial, nil
}

// Beyond is how many of the exchanges a retention would delete.
func (s *Store) Beyond(h History) (n int, err error) {
	r := s.retained(h)
	err = s.view(func(tx *bolt.Tx) error {
		count := numberOf(bucket(tx, aboutBucket).Get(countKey))
		if r.most == 0 {
			n = int(count)
			return nil
		}
		c := bucket(tx, summariesBucket).Cursor()
		for k, v := c.First(); k != nil && r.drops(v, count-uint64(n)); k, v = c.Next() {
			n++
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("counting exchanges: %w", err)
	}
	return n, nil
}
