package store

import (
	"context"
	"fmt"

	bolt "go.etcd.io/bbolt"
)

// Exchange is the exchange of a number.
func (s *Store) Exchange(id uint64) (*Exchange, error) {
	var x Exchange
	var details []byte
	err := s.view(func(tx *bolt.Tx) (err error) {
		v := bucket(tx, summariesBucket).Get(number(id))
		if v == nil {
			return ErrNotFound
		}
		x.Summary, err = readSummary(id, v)
		details = packed(tx, id)
		return err
	})
	if err == nil {
		err = s.compress.unpack(&x, details)
	}
	if err != nil {
		return nil, fmt.Errorf("exchange %d: %w", id, err)
	}
	return &x, nil
}

// A transaction of Each reads up to eachStep exchanges, or eachBytes of them as
// they are stored.
const (
	eachStep  = 64
	eachBytes = 2 << 20
)

// Each gives the exchanges that a filter means, newest first, until yield returns
// an error, which it returns. It reads in small steps, so one that takes long
// holds up nobody; what is deleted meanwhile is left out, what comes meanwhile
// too.
func (s *Store) Each(ctx context.Context, f Filter, yield func(*Exchange) error) error {
	w := s.newWalk(f)
	for ended := false; !ended; {
		if err := ctx.Err(); err != nil {
			return err
		}
		var list []*Exchange
		var details [][]byte
		err := s.view(func(tx *bolt.Tx) (err error) {
			list, details, ended, err = readSome(tx, w)
			return err
		})
		if err != nil {
			return fmt.Errorf("reading exchanges: %w", err)
		}
		for i, x := range list {
			if err := s.compress.unpack(x, details[i]); err != nil {
				return fmt.Errorf("exchange %d: %w", x.ID, err)
			}
			if err := yield(x); err != nil {
				return err
			}
		}
	}
	return nil
}

// readSome reads the next exchanges of a walk; ended says that these are the last.
func readSome(tx *bolt.Tx, w *walk) (list []*Exchange, details [][]byte, ended bool, err error) {
	var fault error
	size := 0
	ended, err = w.step(tx, func(id uint64, v []byte) (full bool) {
		x := &Exchange{}
		if x.Summary, fault = readSummary(id, v); fault != nil {
			return true
		}
		d := packed(tx, id)
		list, details, size = append(list, x), append(details, d), size+len(d)+len(v)
		return len(list) >= eachStep || size >= eachBytes
	})
	if err == nil {
		err = fault
	}
	return list, details, ended, err
}
