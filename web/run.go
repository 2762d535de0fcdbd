package web

import (
	"context"
	"slices"
	"sync"
	"time"

	"pulsedive-relay/relay"
	"pulsedive-relay/relay/ctim"
	"pulsedive-relay/relay/pulsedive"
	"pulsedive-relay/store"
	"pulsedive-relay/web/view"
)

// asking is what a run asks, and what its page shows in the form.
type asking struct {
	observables []ctim.Observable
	endpoint    store.Endpoint
	limit       int
	from        string     // the address that asks
	form        tryForm    // as it was sent
	tally       view.Tally // of what the form had
	before      uint64     // the exchange that is asked again, 0: none
}

// run is one try: what is asked, how far it is, and in the end what came of it.
type run struct {
	id     string
	asking asking
	begun  time.Time
	now    func() time.Time
	cancel context.CancelFunc
	over   chan struct{} // closed at the end

	mu        sync.Mutex
	rows      []runRow
	quotas    func() []store.Quota // what is known of the key's limits
	asked     time.Time            // when the latest call was made
	cancelled bool
	ended     time.Time // zero while it is at work
	outcome   runOutcome
}

// runRow is how far one observable is.
type runRow struct {
	observable ctim.Observable
	state      pulsedive.State
	until      time.Time // when a waiting one is asked, about
	known      bool      // result is there, be it without relations
	begun      time.Time // when it was first not queued
	took       time.Duration
	cached     bool
	result     store.Result // where it is known
}

// inPart says whether the row is done without the relations that it should have.
func (r *runRow) inPart() bool {
	return r.state == pulsedive.Done && r.result.State == store.Known && r.result.Error != ""
}

func (r *runRow) isOver() bool { return r.state == pulsedive.Done || r.state == pulsedive.Failed }

// runOutcome is what came of a run. Answers are in the history, not here.
type runOutcome struct {
	exchange uint64 // 0: it is not in the history
	unkept   error  // why, where that is a fault
	outcome  store.Outcome
	errors   []relay.Error
	quotas   []store.Quota
	calls    int
}

func newRun(id string, a asking, now func() time.Time, cancel context.CancelFunc, quotas func() []store.Quota) *run {
	n := &run{id: id, asking: a, begun: now(), now: now, cancel: cancel, over: make(chan struct{}), rows: make([]runRow, len(a.observables)), quotas: quotas}
	for i, o := range a.observables {
		n.rows[i].observable = o
	}
	return n
}

// hear takes in what happens to an observable.
func (n *run) hear(i int, s relay.Step) {
	n.mu.Lock()
	defer n.mu.Unlock()
	row := &n.rows[i]
	row.state, row.until = s.State, s.Until
	if row.begun.IsZero() && s.State != pulsedive.Queued {
		row.begun = n.now()
	}
	if s.State == pulsedive.Asking {
		n.asked = n.now()
	}
	if s.Result != nil {
		row.result, row.known = *s.Result, true
	}
	if row.isOver() && !row.begun.IsZero() {
		row.took = n.now().Sub(row.begun)
	}
}

// end takes in the outcome.
func (n *run) end(t relay.Tried) {
	n.mu.Lock()
	defer n.mu.Unlock()
	defer close(n.over)
	n.ended, n.quotas = n.now(), nil
	n.outcome = runOutcome{exchange: t.Exchange.ID, unkept: t.Unkept, outcome: t.Exchange.Outcome, errors: t.Errors, quotas: t.Exchange.Quotas, calls: t.Exchange.Calls}
	for i, r := range t.Exchange.Results {
		row := &n.rows[i]
		row.result, row.known, row.took = r, true, r.Took
		if row.state = pulsedive.Done; r.State == store.Errored {
			row.state = pulsedive.Failed
		}
	}
	for _, s := range t.Exchange.Spans {
		if s.Observable >= 0 && s.Kind == "info" {
			n.rows[s.Observable].cached = s.FromCache()
		}
	}
}

// stop cancels the run; what is there by then is its outcome.
func (n *run) stop() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.ended.IsZero() {
		n.cancelled = true
		n.cancel()
	}
}

// await waits until the run is over, but no longer than for d.
func (n *run) await(ctx context.Context, d time.Duration) bool {
	late := time.NewTimer(d)
	defer late.Stop()
	select {
	case <-n.over:
		return true
	case <-late.C:
	case <-ctx.Done():
	}
	return false
}

func (n *run) isOver() bool {
	_, over := n.endedAt()
	return over
}

func (n *run) endedAt() (time.Time, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.ended, !n.ended.IsZero()
}

// runState is a run at one moment.
type runState struct {
	rows      []runRow
	quotas    []store.Quota
	over      bool
	cancelled bool
	took      time.Duration
	outcome   runOutcome
}

// state is how far the run is now.
func (n *run) state() runState {
	n.mu.Lock()
	s := runState{rows: slices.Clone(n.rows), over: !n.ended.IsZero(), cancelled: n.cancelled, outcome: n.outcome}
	quotas, asked := n.quotas, n.asked
	if s.took = n.now().Sub(n.begun); s.over {
		s.took = n.ended.Sub(n.begun)
	}
	n.mu.Unlock()
	if s.quotas = s.outcome.quotas; quotas != nil {
		s.quotas = quotas()
	}
	s.reckon(asked)
	return s
}

// reckon says of the next queued observable when its turn comes, where the limit
// makes it wait: it was queued before anything was known of the limit.
func (s *runState) reckon(asked time.Time) {
	if n := s.perSecond(); n > 0 && !s.over && !asked.IsZero() {
		for i := range s.rows {
			if row := &s.rows[i]; row.state == pulsedive.Queued && !row.known {
				row.state, row.until = pulsedive.Waiting, asked.Add(time.Second/time.Duration(n))
				return
			}
		}
	}
}

// done counts the observables that are through, steps how far all are, in halves:
// the second half of one is to ask for its relations.
func (s *runState) done() (done, steps int) {
	for i := range s.rows {
		switch row := &s.rows[i]; {
		case row.isOver():
			done, steps = done+1, steps+2
		case row.known:
			steps++
		}
	}
	return done, steps
}

// answered counts those of them that have an answer, and of these the ones that
// lack their relations.
func (s *runState) answered() (answered, inPart int) {
	for i := range s.rows {
		if s.rows[i].state == pulsedive.Done {
			answered++
		}
		if s.rows[i].inPart() {
			inPart++
		}
	}
	return answered, inPart
}

// perSecond is how many calls a second the key has, 0 where that is not known.
func (s *runState) perSecond() int {
	for _, q := range s.quotas {
		if q.Period == pulsedive.Second.String() {
			return q.Limit
		}
	}
	return 0
}

// usualCall is how long a call takes where none was measured yet.
const usualCall = 300 * time.Millisecond

// left is about how long the run still takes; ok says whether there is anything
// to reckon with.
func (s *runState) left(endpoint store.Endpoint, now time.Time) (left time.Duration, ok bool) {
	calls, through := 0, 0
	var took, wait time.Duration
	for i := range s.rows {
		row := &s.rows[i]
		if row.isOver() {
			through, took = through+1, took+row.took
			continue
		}
		if calls++; !row.known && endpoint != store.Refer && row.observable.Type != "url" {
			calls++ // its relations
		}
		if row.state == pulsedive.Waiting {
			wait = max(wait, row.until.Sub(now))
		}
	}
	if n := s.perSecond(); n > 0 {
		return max(wait, time.Duration(calls)*time.Second/time.Duration(n)) + usualCall, true
	}
	if through == 0 {
		return wait, wait > 0
	}
	return max(wait, took/time.Duration(through)), true
}
