package web

import (
	"context"
	"sync"
	"time"

	"pulsedive-relay/web/view"
)

// The self-test asks everything that the relay depends on whether it is well. A
// run belongs to nobody's request: it goes on when the page is left, all its
// checks side by side, each within a time of its own. There is one run at a time,
// and the latest is remembered until the program ends.

const (
	// grace is how much longer than its time a check is waited for: it is to say
	// itself that the time was over.
	grace = 500 * time.Millisecond
	// mostAddresses is how many public URLs, and how many key hosts, a run looks
	// at.
	mostAddresses = 10
)

// check is one thing that is looked at.
type check struct {
	group, name string
	// about says what is looked at, before it was.
	about string
	limit time.Duration
	run   func(ctx context.Context) finding
}

// finding is what a check came to.
type finding struct {
	state view.Health
	// text says what was found, advice what to do, link where.
	text, advice string
	link         view.Link
	took         time.Duration
}

func fine(text string) finding { return finding{state: view.HealthOK, text: text} }

func warn(text, advice string) finding {
	return finding{state: view.HealthWarn, text: text, advice: advice}
}

func broken(text, advice string) finding {
	return finding{state: view.HealthFail, text: text, advice: advice}
}

// unchecked is for what does not apply here.
func unchecked(text string) finding { return finding{state: view.HealthIdle, text: text} }

// at adds where to mend it.
func (f finding) at(href, label string) finding {
	f.link = view.Link{Href: href, Label: label}
	return f
}

// testRun is one run of the self-test.
type testRun struct {
	checks []check
	began  time.Time
	over   chan struct{} // closed when all is found

	mu    sync.Mutex
	found []*finding // by check; nil: it is under way
	ended time.Time
}

// finding is what a check came to; nil: it is under way.
func (r *testRun) finding(i int) *finding {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.found[i]
}

// end is when the run was over; zero: it goes on.
func (r *testRun) end() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ended
}

// start runs all checks.
func (r *testRun) start(now func() time.Time) {
	var checks sync.WaitGroup
	for i, c := range r.checks {
		checks.Go(func() {
			f := c.find()
			r.mu.Lock()
			defer r.mu.Unlock()
			r.found[i] = &f
		})
	}
	go func() {
		checks.Wait()
		r.mu.Lock()
		r.ended = now()
		r.mu.Unlock()
		close(r.over)
	}()
}

// find runs one check within its time. One that does not come back is left to
// itself.
func (c check) find() finding {
	ctx, cancel := context.WithTimeout(context.Background(), c.limit)
	defer cancel()
	began := time.Now()
	result := make(chan finding, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				result <- broken("The check itself went wrong.", "This is a fault of the relay's. Please report it.")
			}
		}()
		result <- c.run(ctx)
	}()
	late := time.NewTimer(c.limit + grace)
	defer late.Stop()
	var f finding
	select {
	case f = <-result:
	case <-late.C:
		f = broken("There was no result within "+view.Took(c.limit)+".", "Run the checks again; the relay's log may say more.")
	}
	f.took = time.Since(began)
	return f
}

// selfTests are the runs of the self-test.
type selfTests struct {
	mu     sync.Mutex
	latest *testRun
}

// last is the latest run; nil: there was none.
func (s *selfTests) last() *testRun {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.latest
}

// begin starts a run of these checks, unless one is under way.
func (s *selfTests) begin(checks func() []check, now func() time.Time) *testRun {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.latest != nil && s.latest.end().IsZero() {
		return s.latest
	}
	r := &testRun{checks: checks(), began: now(), over: make(chan struct{})}
	r.found = make([]*finding, len(r.checks))
	r.start(now)
	s.latest = r
	return r
}
