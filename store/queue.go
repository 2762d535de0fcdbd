package store

import (
	"context"
	"sync"
	"time"
)

const (
	// maxWaiting and maxWaitingBytes bound what waits to be written, and with it
	// how much one transaction takes.
	maxWaiting      = 4096
	maxWaitingBytes = 2 * halfSize
	// gather is how long exchanges gather for one transaction while nobody waits
	// for them.
	gather = 50 * time.Millisecond
)

// queue holds what waits to be written.
type queue struct {
	mu             sync.Mutex
	waiting        []*entry
	size           int // of what waits, in bytes
	closed         bool
	taken, written uint64        // transactions begun, and over
	wake           chan struct{} // has room for one: there is something to write
	hurry          chan struct{} // has room for one: somebody waits for it
	journal        *journal
	next           chan struct{} // closed, and made anew, when a transaction is over
}

// put adds an entry, once there is room. Where it is to be journaled and that
// works, nobody needs to wait for it; else e.done will tell.
func (q *queue) put(ctx context.Context, e *entry, journaled bool) (written bool, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for !q.closed && (len(q.waiting) >= maxWaiting || q.size >= maxWaitingBytes) {
		if err := q.await(ctx); err != nil {
			return false, err
		}
	}
	if q.closed {
		return false, ErrClosed
	}
	if journaled {
		written = q.journal.add(e)
	}
	if !written && e.done == nil {
		e.done = make(chan error, 1)
	}
	q.waiting = append(q.waiting, e)
	q.size += e.size()
	if len(q.waiting) == 1 {
		stir(q.wake)
	}
	if !written || len(q.waiting) >= maxWaiting/2 || q.size >= maxWaitingBytes/2 {
		stir(q.hurry)
	}
	return written, nil
}

// await waits, with the lock given back meanwhile, for the end of a transaction.
func (q *queue) await(ctx context.Context) error {
	stir(q.hurry)
	next := q.next
	q.mu.Unlock()
	defer q.mu.Lock()
	select {
	case <-next:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// stir wakes whoever reads the channel, which has room for one.
func stir(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // it is awake
	}
}

// settle waits until all that was put so far is in the database.
func (q *queue) settle() {
	q.mu.Lock()
	defer q.mu.Unlock()
	ends := q.taken
	if len(q.waiting) > 0 {
		ends++
	}
	for q.written < ends {
		_ = q.await(context.Background()) // which does not end
	}
}

func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	stir(q.wake)
	stir(q.hurry)
}

// take is what the next transaction writes: all that waits, and the journal's
// generation that it completes. ended says that nothing will come.
func (q *queue) take(to []*entry) (batch []*entry, generation uint64, ended bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	batch = append(to, q.waiting...)
	clear(q.waiting)
	q.waiting, q.size = q.waiting[:0], 0
	if len(batch) > 0 {
		q.taken++
		generation = q.journal.turn()
	}
	return batch, generation, q.closed
}

// done tells that what take began is over.
func (q *queue) done() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.written = q.taken
	close(q.next)
	q.next = make(chan struct{})
}
