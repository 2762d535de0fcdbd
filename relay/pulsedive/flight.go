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
	done    chan struct{}
	cancel  context.CancelFunc
	wanted  func() bool          // flights.wanted of this one
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
	f.mu.Lock()
	defer f.mu.Unlock()
	f.listeners = append(f.listeners, q)
	if f.last.State != Queued {
		q.notify(f.last)
	}
}

func (f *flight) unlisten(q *Question) {
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
	f, begin := s.take(me, k, q)
	f.listen(q.Question)
	joined = begin == nil
	if begin != nil {
		go begin()
	} else if t := f.turn.Load(); t != nil && t.batch.account == q.batch.account { // not one of before an eviction
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
		s.leave(k, f, me)
		return entry{}, joined, ctx.Err()
	}
}

// take finds the call for k, or makes it and says how to begin.
func (s *flights) take(w *waiter, k cacheKey, q *inquiry) (f *flight, begin func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f := s.all[k]; f != nil {
		f.waiters = append(f.waiters, w)
		return f, nil
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(w.ctx))
	f = &flight{done: make(chan struct{}), cancel: cancel, waiters: []*waiter{w}}
	if s.all == nil {
		s.all = map[cacheKey]*flight{}
	}
	f.wanted = func() bool { return s.wanted(k, f) }
	s.all[k] = f
	return f, func() { s.fly(ctx, k, f, q) }
}

// fly makes the call. A panic fails this call alone.
func (s *flights) fly(ctx context.Context, k cacheKey, f *flight, q *inquiry) {
	defer func() {
		if p := recover(); p != nil {
			f.err = &PanicError{Value: p, Stack: debug.Stack()}
		}
		s.forget(k, f)
		close(f.done)
		f.cancel()
	}()
	f.entry, f.err = q.ask(ctx, k, f)
}

// leave gives up waiting; the last one out ends the call.
func (s *flights) leave(k cacheKey, f *flight, w *waiter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f.waiters = slices.DeleteFunc(f.waiters, func(other *waiter) bool { return other == w })
	if len(f.waiters) == 0 {
		s.end(k, f)
	}
}

// wanted says whether anyone still waits whose time is not over. Where nobody
// does the call ends, though none of them has left yet: a call saved.
func (s *flights) wanted(k cacheKey, f *flight) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if slices.ContainsFunc(f.waiters, func(w *waiter) bool { return w.ctx.Err() == nil }) {
		return true
	}
	s.end(k, f)
	return false
}

// end cancels a call and sees to it that nobody joins it any more.
func (s *flights) end(k cacheKey, f *flight) {
	f.cancel()
	if s.all[k] == f {
		delete(s.all, k)
	}
}

func (s *flights) forget(k cacheKey, f *flight) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all[k] == f {
		delete(s.all, k)
	}
}
