package store

import (
	"context"
	"fmt"
)

// entry is an exchange on its way to the disk. It holds nothing that the caller
// may change.
type entry struct {
	// summary lacks the results, which code has.
	summary Summary
	code    []byte
	details []byte
	// places are those in the index, verdicts the results by disposition.
	places   places
	verdicts [6]int
	// id is the exchange's number, once done says that it was written.
	id   uint64
	done chan error // nil: nobody waits
}

// Append writes an exchange and gives it its number. When it returns nil the
// exchange is in the database, and on the disk. An exchange about no observable
// that is like the newest one is counted there instead, and has that one's number;
// what else that entry says is of the first of them. Where the history is off
// nothing is written and the number is 0.
//
// Nothing of x is used after Append returned, also where ctx ended first; the
// exchange may be written all the same then.
func (s *Store) Append(ctx context.Context, x *Exchange) (uint64, error) {
	e, err := s.admit(x)
	if e == nil {
		return 0, err
	}
	e.done = make(chan error, 1)
	if _, err := s.put(ctx, e, false); err != nil {
		return 0, err
	}
	if err := e.wait(ctx); err != nil {
		return 0, err
	}
	x.ID = e.id
	return e.id, nil
}

// Record is Append for those who need no number and are in a hurry. When it
// returns nil the exchange is in the journal, and is found again though the
// process be killed; the database has it soon, and before anything reads it.
func (s *Store) Record(ctx context.Context, x *Exchange) error {
	e, err := s.admit(x)
	if e == nil {
		return err
	}
	written, err := s.put(ctx, e, true)
	if written || err != nil {
		return err
	}
	return e.wait(ctx)
}

// admit makes an entry of an exchange that is to be written; nil: it is not.
func (s *Store) admit(x *Exchange) (*entry, error) {
	if s.effective.Load().HistoryMax == 0 {
		return nil, nil
	}
	if err := s.health.refuses(s.cfg.Now()); err != nil {
		s.health.lost(1)
		return nil, err
	}
	e, err := s.encode(x)
	if err != nil {
		s.health.lost(1)
		return nil, fmt.Errorf("encoding an exchange: %w", err)
	}
	return e, nil
}

// put queues an entry, and counts it where that fails.
func (s *Store) put(ctx context.Context, e *entry, journaled bool) (written bool, err error) {
	written, err = s.queue.put(ctx, e, journaled)
	if err != nil {
		s.health.lost(1)
	}
	return written, err
}

// wait waits until the entry is in the database.
func (e *entry) wait(ctx context.Context) error {
	select {
	case err := <-e.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// encode makes an entry of an exchange.
func (s *Store) encode(x *Exchange) (*entry, error) {
	sum := x.Summary
	if sum.At.IsZero() {
		sum.At = s.cfg.Now()
	}
	if sum.Count < 1 {
		sum.Count, sum.Last = 1, sum.At
	}
	code, err := appendSummary(make([]byte, 0, 128+128*len(sum.Results)), &sum)
	if err != nil {
		return nil, err
	}
	details, cut := s.compress.pack(x)
	if cut {
		s.cfg.Log.Warn("an exchange is too large for the history, which has it without its answer", "request", x.Request)
	}
	return newEntry(sum, code, details), nil
}

// newEntry is an entry whose parts are encoded.
func newEntry(sum Summary, code, details []byte) *entry {
	e := &entry{summary: sum, code: code, details: details, places: placesOf(sum.Results), verdicts: verdictsOf(sum.Results)}
	e.summary.Results = nil
	return e
}

func (e *entry) size() int { return len(e.code) + len(e.details) }

// verdictsOf counts the verdicts among results, by disposition.
func verdictsOf(list []Result) (verdicts [6]int) {
	for i := range list {
		if d := list[i].Disposition; counted(&list[i]) && int(d) < len(verdicts) && d >= 0 {
			verdicts[d]++
		}
	}
	return verdicts
}

// counted says whether a result is a verdict, or that nothing is known: a known
// observable that only links were asked for has neither.
func counted(r *Result) bool {
	return r.State == Nothing || r.State == Known && r.Disposition != 0
}
