package pulsedive

import (
	"context"
	"runtime/debug"
	"sync"
)

// flights are the calls on their way, so that the same question of the same key
// is asked once. A call goes on as long as anyone waits for it: who gives up does
// not fail the others.
type flights struct {
	mu  sync.Mutex
	all map[cacheKey]*flight
}

type flight struct {
	done   chan struct{}
	cancel context.CancelFunc

	entry entry // set before done is closed
	err   error

	mu        sync.Mutex
	waiters   int
	last      Progress
	listeners []func(Progress)
}

// notify tells all who wait, and is remembered for those who join later.
func (f *flight) notify(p Progress) {
	f.mu.Lock()
	f.last = p
	listeners := f.listeners
	f.mu.Unlock()
	for _, l := range listeners {
		l(p)
	}
}

func (f *flight) join(listen func(Progress)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.waiters++
	if listen == nil {
		return
	}
	f.listeners = append(f.listeners[:len(f.listeners):len(f.listeners)], listen)
	if f.last.State != Queued {
		listen(f.last)
	}
}

// share joins the call for k, or begins it, and waits for its outcome.
func (s *flights) share(ctx context.Context, k cacheKey, listen func(Progress), call func(context.Context, *flight) (entry, error)) (entry, error) {
	f := s.take(ctx, k, listen, call)
	select {
	case <-f.done:
		return f.entry, f.err
	case <-ctx.Done():
		s.leave(k, f)
		return entry{}, ctx.Err()
	}
}

func (s *flights) take(ctx context.Context, k cacheKey, listen func(Progress), call func(context.Context, *flight) (entry, error)) *flight {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f := s.all[k]; f != nil {
		f.join(listen)
		return f
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	f := &flight{done: make(chan struct{}), cancel: cancel}
	f.join(listen)
	if s.all == nil {
		s.all = map[cacheKey]*flight{}
	}
	s.all[k] = f
	go s.fly(ctx, k, f, call)
	return f
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
	f.mu.Lock()
	defer f.mu.Unlock()
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
