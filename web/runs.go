package web

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"pulsedive-relay/relay"
	"pulsedive-relay/store"
)

// Bounds of the runs: one admin starts few, and a run's outcome is in the history.
const (
	// mostAtWork is how many runs ask Pulsedive at once: all share one key, whose
	// limits more would only wait for.
	mostAtWork = 4
	// mostRemembered is how many runs are remembered, those at work included.
	mostRemembered = 50
	// rememberFor is how long the page of a run that ended is kept.
	rememberFor = time.Hour
	// runTime bounds one run: a free key's second limit lets a run ask about 200
	// observables, with their relations, in less.
	runTime = 10 * time.Minute
)

var (
	errRunGone   = &problem{http.StatusNotFound, "This run is not known any more", "Runs are remembered for an hour, and not over a restart of the relay. What was answered is in the history."}
	errRunsFull  = &problem{http.StatusTooManyRequests, fmt.Sprintf("%d runs are at work, as many as there may be at once", mostAtWork), "Wait until one of them ends, or cancel one. Nothing was sent."}
	errRunsEnded = &problem{http.StatusServiceUnavailable, "The relay is ending", "Nothing was sent. Try again when it runs."}
)

// runs are the tries that are at work, and those that ended a while ago. It is
// safe for use by many at once.
type runs struct {
	live *relay.Live
	log  *slog.Logger
	now  func() time.Time
	work sync.WaitGroup

	mu    sync.Mutex
	list  []*run // oldest first
	ended bool
}

func newRuns(cfg Config) *runs { return &runs{live: cfg.Live, log: cfg.Log, now: cfg.Now} }

// start begins a run. It goes on whatever becomes of the request that started it.
func (r *runs) start(a asking) (*run, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.forget()
	switch {
	case r.ended:
		return nil, errRunsEnded
	case r.atWork() >= mostAtWork:
		return nil, errRunsFull
	}
	for i := 0; len(r.list) >= mostRemembered; {
		if r.list[i].isOver() {
			r.list = slices.Delete(r.list, i, i+1)
		} else {
			i++
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), runTime)
	now, key := r.live.Relay(), r.live.Settings().PulsediveKey
	n := newRun(rand.Text(), a, r.now, cancel, func() []store.Quota { return now.Quotas(key) })
	r.list = append(r.list, n)
	r.work.Go(func() {
		defer cancel()
		n.end(r.ask(ctx, now, relay.Question{
			Caller: relay.Caller{Key: key, EntitiesLimit: a.limit}, Source: store.Try, From: a.from, Observables: a.observables, Endpoint: a.endpoint, Anew: a.before != 0,
		}, n))
	})
	return n, nil
}

// ask asks. A fault of ours fails this run, and nothing else.
func (r *runs) ask(ctx context.Context, with *relay.Relay, q relay.Question, n *run) (t relay.Tried) {
	defer func() {
		if fault := recover(); fault != nil {
			r.log.Error("a fault of the relay's own", "error", fault, "stack", string(debug.Stack()))
			t = relay.Tried{Exchange: &store.Exchange{}, Unkept: errUnknown, Errors: []relay.Error{{Type: relay.Fatal, Code: "unknown", Message: "The run failed for a reason of the relay's own. Its log says more."}}}
			t.Exchange.Outcome = store.Failed
		}
	}()
	return with.Try(ctx, q, n.hear)
}

// find is the run of an id.
func (r *runs) find(id string) (*run, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.forget()
	for _, n := range r.list {
		if n.id == id {
			return n, nil
		}
	}
	return nil, errRunGone
}

// latest lists at most n runs, the newest first, all those at work among them.
func (r *runs) latest(n int) []*run {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.forget()
	var list []*run
	for _, one := range slices.Backward(r.list) {
		if len(list) < n || !one.isOver() {
			list = append(list, one)
		}
	}
	return list
}

// close cancels what is at work and waits for its end.
func (r *runs) close() {
	r.mu.Lock()
	r.ended = true
	for _, n := range r.list {
		n.stop()
	}
	r.mu.Unlock()
	r.work.Wait()
}

func (r *runs) atWork() int {
	n := 0
	for _, one := range r.list {
		if !one.isOver() {
			n++
		}
	}
	return n
}

// forget drops the runs that ended too long ago.
func (r *runs) forget() {
	r.list = slices.DeleteFunc(r.list, func(n *run) bool {
		ended, over := n.endedAt()
		return over && r.now().Sub(ended) > rememberFor
	})
}
