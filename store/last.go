package store

import (
	bolt "go.etcd.io/bbolt"
)

// maxLast is how many bytes of a source's latest exchange are kept apart: of one
// that is longer the results are left out.
const maxLast = 4096

// putLast keeps the latest exchange of each source of a batch.
func (c *change) putLast(batch []*entry) error {
	latest := map[Source]*entry{}
	for _, e := range batch {
		latest[e.summary.Source] = e
	}
	b := bucket(c.tx, lastBucket)
	for source, e := range latest {
		code := e.code
		if len(code) > maxLast {
			var err error
			if code, err = appendSummary(nil, &e.summary); err != nil {
				return err
			}
		}
		if err := b.Put([]byte(source), append(number(e.id), code...)); err != nil {
			return err
		}
	}
	return nil
}

// forgetLast forgets an exchange that is deleted.
func (c *change) forgetLast(one stored) error {
	if int(one.source) >= len(words) {
		return nil
	}
	b, key := bucket(c.tx, lastBucket), []byte(words[one.source])
	if numberOf(b.Get(key)) != one.id {
		return nil
	}
	return b.Delete(key)
}

// LastBy is the latest exchange of a source, as it came in, were it counted in
// an older entry. Of one with very many observables the results are left out.
func (s *Store) LastBy(source Source) (Summary, bool) {
	var sum Summary
	err := s.view(func(tx *bolt.Tx) (err error) {
		b := bucket(tx, lastBucket).Get([]byte(source))
		if b == nil {
			return ErrNotFound
		}
		sum, err = readSummary(numberOf(b), b[8:])
		return err
	})
	return sum, err == nil
}
