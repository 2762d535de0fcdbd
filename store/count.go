package store

import (
	"fmt"
	"math"

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

// Beyond is how many of the exchanges a retention would delete; by bytes that is an
// estimate: exchanges are taken to be of one size.
func (s *Store) Beyond(h History) (n int, err error) {
	r := s.retained(h)
	err = s.view(func(tx *bolt.Tx) error {
		count := numberOf(bucket(tx, aboutBucket).Get(countKey))
		bytes := r.beyondBytes(tx, count)
		defer func() { n = max(n, bytes) }()
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

// beyondBytes is about how many of count exchanges are to go for the file to be as
// small as it may be.
func (r retention) beyondBytes(tx *bolt.Tx, count uint64) int {
	used := inUse(tx)
	if r.bytes <= 0 || used <= r.bytes {
		return 0
	}
	return int(math.Ceil(float64(count) * float64(used-r.bytes) / float64(used)))
}
