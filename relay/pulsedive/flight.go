package pulsedive

import (
	"context"
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
	waiters int                  // guarded by flights.mu
	turn    atomic.Pointer[turn] // the call's latest turn

	entry entry // set before done is closed
	err   error

	mu        sync.Mutex // also keeps what listeners are told in order
	last      Progress
	listeners []*Question
}

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

// share joins the call for k, or begins it, and waits for its outcome.
func (s *flights) share(ctx context.Context, k cacheKey, q *Question, call func(context.Context, *flight) (entry, error)) (entry, error) {
	f, begin := s.take(ctx, k, call)
	if begin != nil {
		go begin()
	} else if t := f.turn.Load(); t != nil {
		q.batch.account.adopt(t, q.batch)
	}
	f.listen(q)
	select {
	case <-f.done:
		return f.entry, f.err
	case <-ctx.Done():
		f.unlisten(q)
		s.leave(k, f)
		return entry{}, ctx.Err()
	}
}

// take finds the call for k, or makes it and says how to begin.
func (s *flights) take(ctx context.Context, k cacheKey, call func(context.Context, *flight) (entry, error)) (f *flight, begin func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f := s.all[k]; f != nil {
		f.waiters++
		return f, nil
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	f = &flight{done: make(chan struct{}), cancel: cancel, waiters: 1}
	if s.all == nil {
		s.all = map[cacheKey]*flight{}
	}
	s.all[k] = f
	return f, func() { s.fly(ctx, k, f, call) }
}

// fly makes the call. A panic fails this call alone.
func (s *flights) fly(ctx context.Context, k cacheKey, f *flight, call func(context.Context, *flight) (entry, error)) {
	defer func() {
		if p := recover(); p != nil {
			f.err = &PanicError{Value: p, Stack: debug.Stack()}
		}
		s.forget(k, f)
		close(f.done)
		f.cancel()
	}()
	f.entry, f.err = call(ctx, f)
}

// leave gives up waiting; the last one out ends the call.
func (s *flights) leave(k cacheKey, f *flight) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.waiters--; f.waiters > 0 {
		return
	}
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
