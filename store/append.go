package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
)

const (
	// maxWaiting bounds how many exchanges wait to be written, and maxBatch and
	// maxBatchBytes how much one transaction takes of them.
	maxWaiting    = 4096
	maxBatch      = 256
	maxBatchBytes = 8 << 20
)

// errBusy: more exchanges came than the disk takes.
var errBusy = errors.New("too many exchanges wait to be written")

// entry is an exchange on its way to the disk. It holds nothing that the caller
// may change.
type entry struct {
	// summary lacks the results, which code has.
	summary Summary
	code    []byte
	details []byte
	// values are those for the index, verdicts the results by disposition.
	values   []string
	verdicts [6]int
	// id is the exchange's number, once done says that it was written.
	id   uint64
	done chan error
}

// Append writes an exchange and gives it its number. When it returns nil the
// exchange is on the disk. An exchange about no observable that is like the
// newest one is counted there instead, and has that one's number; what else that
// entry says is of the first of them. Where the history is off nothing is written
// and the number is 0.
//
// Nothing of x is used after Append returned, also where ctx ended first; the
// exchange may be written all the same then.
func (s *Store) Append(ctx context.Context, x *Exchange) (uint64, error) {
	if s.effective.Load().HistoryMax == 0 {
		return 0, nil
	}
	if err := s.health.refuses(s.cfg.Now()); err != nil {
		s.health.lost(1)
		return 0, err
	}
	e, err := s.encode(x)
	if err != nil {
		s.health.lost(1)
		return 0, fmt.Errorf("encoding an exchange: %w", err)
	}
	if err := s.queue.put(e); err != nil {
		s.health.lost(1)
		return 0, err
	}
	select {
	case err = <-e.done:
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	if err != nil {
		return 0, err
	}
	x.ID = e.id
	return e.id, nil
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
	e := &entry{summary: sum, code: code, values: indexedValues(sum.Results), done: make(chan error, 1)}
	for i := range sum.Results {
		if d := sum.Results[i].Disposition; counted(&sum.Results[i]) && int(d) < len(e.verdicts) && d >= 0 {
			e.verdicts[d]++
		}
	}
	e.summary.Results = nil
	plain := plainBytes.Get().(*[]byte)
	*plain = appendDetails((*plain)[:0], x)
	e.details = s.compress.pack(nil, *plain)
	if cap(*plain) <= maxPooled {
		plainBytes.Put(plain)
	}
	return e, nil
}

// plainBytes are buffers for details before they are compressed; maxPooled is up
// to how many bytes of memory one of them is kept.
var plainBytes = sync.Pool{New: func() any { return new([]byte) }}

const maxPooled = 1 << 20

func (e *entry) size() int { return len(e.code) + len(e.details) }

// queue holds what waits to be written.
type queue struct {
	mu      sync.Mutex
	waiting []*entry
	closed  bool
	wake    chan struct{} // has room for one
	writes  atomic.Uint64 // transactions
}

func (q *queue) put(e *entry) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case q.closed:
		return ErrClosed
	case len(q.waiting) >= maxWaiting:
		return errBusy
	}
	q.waiting = append(q.waiting, e)
	if len(q.waiting) == 1 {
		q.stir()
	}
	return nil
}

// stir wakes the writer.
func (q *queue) stir() {
	select {
	case q.wake <- struct{}{}:
	default: // it is awake
	}
}

func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.stir()
}

// take is what one transaction writes: all that waits, up to its bounds. more
// says that something is left, ended that nothing will come.
func (q *queue) take(to []*entry) (batch []*entry, more, ended bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	size, n := 0, 0
	for n < len(q.waiting) && n < maxBatch && (n == 0 || size+q.waiting[n].size() <= maxBatchBytes) {
		size += q.waiting[n].size()
		n++
	}
	batch = append(to, q.waiting[:n]...)
	rest := copy(q.waiting, q.waiting[n:])
	clear(q.waiting[rest:])
	q.waiting = q.waiting[:rest]
	return batch, rest > 0, q.closed && rest == 0
}

// counted says whether a result is a verdict, or that nothing is known: a known
// observable that only links were asked for has neither.
func counted(r *Result) bool {
	return r.State == Nothing || r.State == Known && r.Disposition != 0
}
