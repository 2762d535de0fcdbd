package pulsedive

import (
	"context"
	"errors"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
)

// flights are the calls on their way, so that the same question of the same key
// is asked once. A call goes on as long as anyone waits for it: who gives up does
// not fail the others.
type flights struct {
	mu  sync.Mutex
	all map[cacheKey]*flight
}

type flight struct {
	flights *flights
	key     cacheKey
	ctx     context.Context // the call's, nobody's who waits
	cancel  context.CancelCauseFunc
	done    chan struct{}
	waiters []*waiter            // guarded by flights.mu
	turn    atomic.Pointer[turn] // the call's latest turn

	entry entry // set before done is closed
	err   error

	mu        sync.Mutex // also keeps what listeners are told in order
	last      Progress
	listeners []*Question
}

// waiter is a caller that waits for a flight.
type waiter struct{ ctx context.Context }

// notify tells all who wait, and is remembered for those who join later.
func (f *flight) notify(p Progress) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last = p
	for _, q := range f.listeners {
		q.notify(p)
	}
}

// listen lets q hear of the call, first of what it joins in.
func (f *flight) listen(q *Question) {
	if q.Listen == nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.listeners = append(f.listeners, q)
	if f.last.State != Queued {
		q.notify(f.last)
	}
}

func (f *flight) unlisten(q *Question) {
	if q.Listen == nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if i := slices.Index(f.listeners, q); i >= 0 {
		f.listeners = slices.Delete(f.listeners, i, i+1)
	}
}

// share joins the call for k, or begins it, and waits for its outcome. joined
// says that the call was another question's.
func (s *flights) share(ctx context.Context, k cacheKey, q *inquiry) (e entry, joined bool, err error) {
	me := &waiter{ctx}
	f, joined := s.take(me, k)
	f.listen(q.Question)
	if !joined {
		go f.fly(q)
	} else if t := f.turn.Load(); t != nil && t.account == q.batch.account { // not one of before an eviction
		q.batch.account.adopt(t, q.batch)
	}
	select {
	case <-f.done:
		if err := ctx.Err(); err != nil && errors.Is(f.err, context.Canceled) {
			return entry{}, joined, err // it ended because we are late
		}
		return f.entry, joined, f.err
	case <-ctx.Done():
		f.unlisten(q.Question)
		s.leave(f, me)
		return entry{}, joined, ctx.Err()
	}
}

// take finds the call for k, or makes one that is to be begun.
func (s *flights) take(w *waiter, k cacheKey) (f *flight, found bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f := s.all[k]; f != nil {
		f.waiters = append(f.waiters, w)
		return f, true
	}
	f = &flight{flights: s, key: k, done: make(chan struct{}), waiters: []*waiter{w}}
	f.ctx, f.cancel = context.WithCancelCause(context.Background())
	if s.all == nil {
		s.all = map[cacheKey]*flight{}
	}
	s.all[k] = f
	return f, false
}

// fly makes the call. A panic fails this call alone.
func (f *flight) fly(q *inquiry) {
	defer func() {
		if p := recover(); p != nil {
			f.err = &PanicError{Value: p, Stack: debug.Stack()}
		}
		f.flights.forget(f)
		close(f.done)
		f.cancel(nil)
	}()
	f.entry, f.err = q.ask(f)
	if f.err != nil && errors.Is(f.err, context.Canceled) && context.Cause(f.ctx) == ErrTimeout {
		f.err = ErrTimeout
	}
}

// expire ends a call that took too long, and with it the flight: nothing is
// tried again after that.
func (f *flight) expire() { f.cancel(ErrTimeout) }

// leave gives up waiting; the last one out ends the call.
func (s *flights) leave(f *flight, w *waiter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f.waiters = slices.DeleteFunc(f.waiters, func(other *waiter) bool { return other == w })
	if len(f.waiters) == 0 {
		s.end(f)
	}
}

// wanted says whether anyone still waits whose time is not over. Where nobody
// does the call ends, though none of them has left yet: a call saved.
func (f *flight) wanted() bool {
	s := f.flights
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range f.waiters {
		if w.ctx.Err() == nil {
			return true
		}
	}
	s.end(f)
	return false
}

// end cancels a call and sees to it that nobody joins it any more.
func (s *flights) end(f *flight) {
	f.cancel(nil)
	if s.all[f.key] == f {
		delete(s.all, f.key)
	}
}

func (s *flights) forget(f *flight) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all[f.key] == f {
		delete(s.all, f.key)
	}
}
