package store

import (
	"context"
	"fmt"
	"log/slog"

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
// too. An exchange that cannot be read keeps no other from being given: what its
// summary says is given where that can be read, and the log says how many there
// were.
func (s *Store) Each(ctx context.Context, f Filter, yield func(*Exchange) error) error {
	w := s.newWalk(f)
	var bad unread
	defer func() { bad.tell(s.cfg.Log) }()
	for ended := false; !ended; {
		if err := ctx.Err(); err != nil {
			return err
		}
		var list []*Exchange
		var details [][]byte
		var skipped int
		err := s.view(func(tx *bolt.Tx) (err error) {
			list, details, skipped, ended, err = readSome(tx, w)
			return err
		})
		if err != nil {
			return fmt.Errorf("reading exchanges: %w", err)
		}
		bad.skipped += skipped
		for i, x := range list {
			if err := s.compress.unpack(x, details[i]); err != nil {
				x = &Exchange{Summary: x.Summary, Damaged: true} // what was read of the rest may be wrong
				bad.summaries++
			}
			if err := yield(x); err != nil {
				return err
			}
		}
	}
	return nil
}

// unread counts the exchanges that could not be read: those of which the summary
// is left, and those of which nothing is.
type unread struct{ summaries, skipped int }

func (u unread) tell(log *slog.Logger) {
	if u != (unread{}) {
		log.Warn("some exchanges of the history cannot be read", "summary_alone", u.summaries, "left_out", u.skipped)
	}
}

// readSome reads the next exchanges of a walk, and counts those that it cannot;
// ended says that these are the last.
func readSome(tx *bolt.Tx, w *walk) (list []*Exchange, details [][]byte, skipped int, ended bool, err error) {
	size := 0
	ended, err = w.step(tx, func(id uint64, v []byte) (full bool) {
		sum, err := readSummary(id, v)
		if err != nil {
			skipped++
			return false
		}
		d := packed(tx, id)
		list, details, size = append(list, &Exchange{Summary: sum}), append(details, d), size+len(d)+len(v)
		return len(list) >= eachStep || size >= eachBytes
	})
	return list, details, skipped, ended, err
}
