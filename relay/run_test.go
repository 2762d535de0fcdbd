package relay_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"pulsedive-relay/relay"
	"pulsedive-relay/relay/ctim"
	"pulsedive-relay/relay/pulsedive"
	"pulsedive-relay/relay/pulsedive/pulsedivetest"
)

// told keeps what a listener is told.
type told struct {
	mu     sync.Mutex
	events []event
}

type event struct {
	observable int
	state      pulsedive.State
}

func (l *told) listen(observable int, p relay.Step) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.events = append(l.events, event{observable, p.State})
}

func (l *told) all() []event {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.events)
}

// ends is how each of n observables ended, by its place; it complains about one
// that ended never, twice, or went on afterwards.
func (l *told) ends(t *testing.T, asked string, n int) []pulsedive.State {
	t.Helper()
	ends := make([]pulsedive.State, n)
	for _, e := range l.all() {
		if ends[e.observable] != 0 {
			t.Errorf("%s: observable %d was told %s after %s, want the end to be the end", asked, e.observable, e.state, ends[e.observable])
		}
		if e.state == pulsedive.Done || e.state == pulsedive.Failed {
			ends[e.observable] = e.state
		}
	}
	for i, end := range ends {
		if end == 0 {
			t.Errorf("%s: nobody was told of the end of observable %d", asked, i)
		}
	}
	return ends
}

func observables(typ string, values ...string) []ctim.Observable {
	list := make([]ctim.Observable, len(values))
	for i, v := range values {
		list[i] = ctim.Observable{Type: typ, Value: v}
	}
	return list
}

func TestListenerIsToldEveryEndOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	w.know("domain", "a.example", "b.example")
	w.fake.SetLinks("b.example", fault(500, "Database error."))
	w.fake.SetInfo("broken.example", fault(500, "Database error."))
	w.fake.SetInfo("shape.example", record("domain", "shape.example", object{"type": "artifact"}))
	list := observables("domain", "a.example", "unknown.example", "broken.example", "shape.example", "b.example")
	var l told
	w.relay.Observe(t.Context(), relay.Caller{Key: testKey}, list, l.listen)
	want := []pulsedive.State{pulsedive.Done, pulsedive.Done, pulsedive.Failed, pulsedive.Failed, pulsedive.Done}
	if got := l.ends(t, "five domains", len(list)); !slices.Equal(got, want) {
		t.Errorf("five domains: they ended %v, want %v", got, want)
	}
}

func TestListenerIsToldOfAPanicOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{fake: pulsedivetest.Config{Generate: true}, relay: relay.Config{NewID: func() string { panic("no more ids") }}})
	var l told
	o := w.relay.Observe(t.Context(), relay.Caller{Key: testKey}, observables("domain", numbered(50)...), l.listen)
	if got := l.ends(t, "50 domains, all of them panics", 50); slices.Contains(got, pulsedive.Done) {
		t.Errorf("50 domains, all of them panics: they ended %v, want all failed", got)
	}
	if len(o.Bundles) != 0 || len(o.Errors) != 1 || o.Errors[0].Code != "unknown" {
		t.Errorf("50 domains, all of them panics: %d bundles, errors %q, want none and unknown", len(o.Bundles), o.Errors)
	}
}

// A listener that panics harms nobody but itself.
func TestListenerThatPanics(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{fake: pulsedivetest.Config{Generate: true, Plan: pulsedivetest.ProPlan()}})
	list := observables("domain", numbered(8)...)
	o := w.relay.Observe(t.Context(), relay.Caller{Key: testKey}, list, func(int, relay.Step) { panic("a listener's fault") })
	if len(o.Errors) != 0 || len(o.Bundles) != len(list) {
		t.Errorf("a listener that panics: %d bundles, errors %q, want %d and none", len(o.Bundles), o.Errors, len(list))
	}
	w.wantLogged("level=ERROR", "a listener's fault")
	wantErrors(t, "the same key afterwards", w.ask(observePath, bodyOf("domain", "a.example")))
}

// A call that others wait for too goes on when one of them gives up; that one
// is told nothing more.
func TestListenerIsToldNothingAfterTheAnswer(t *testing.T) {
	t.Parallel()
	g := newGate(pulsedivetest.New(pulsedivetest.Config{Generate: true}))
	w := newWorld(t, options{upstream: g})
	list := observables("domain", "a.example")
	ctx, giveUp := context.WithCancel(t.Context())
	var first, second told
	var answers [2]relay.Observed
	var gaveUp, answered sync.WaitGroup
	gaveUp.Go(func() { answers[0] = w.relay.Observe(ctx, relay.Caller{Key: testKey}, list, first.listen) })
	poll(t, func() bool { return g.arrivals.Load() == 1 }, func() string { return "Pulsedive was not asked" })
	answered.Go(func() { answers[1] = w.relay.Observe(t.Context(), relay.Caller{Key: testKey}, list, second.listen) })
	poll(t, func() bool { return len(second.all()) > 0 }, func() string { return "the second did not join the call" })
	giveUp()
	gaveUp.Wait()
	if got := first.ends(t, "who gave up", 1); got[0] != pulsedive.Failed {
		t.Errorf("who gave up: told %v at last, want failed", got)
	}
	before := len(first.all())
	close(g.open)
	answered.Wait()
	if got := second.ends(t, "who waited", 1); got[0] != pulsedive.Done || len(answers[1].Bundles) != 1 {
		t.Errorf("who waited: told %v at last, %d bundles, want done and one", got, len(answers[1].Bundles))
	}
	if after := len(first.all()); after != before {
		t.Errorf("who gave up: told %v after its answer", first.all()[before:])
	}
}

// What the first question tells of the key holds for all: none begins before it
// is on its way.
func TestFirstQuestionIsUnderWayBeforeTheOthersBegin(t *testing.T) {
	t.Parallel()
	g := newGate(pulsedivetest.New(pulsedivetest.Config{Generate: true}))
	w := newWorld(t, options{upstream: g})
	var l told
	var observed sync.WaitGroup
	observed.Go(func() {
		w.relay.Observe(t.Context(), relay.Caller{Key: testKey}, observables("domain", numbered(40)...), l.listen)
	})
	poll(t, func() bool { return g.arrivals.Load() == 1 }, func() string { return "Pulsedive was not asked" })
	close(g.open)
	observed.Wait()
	if events := l.all(); events[0].observable != 0 {
		t.Errorf("40 domains: the first that was heard of is %v, want observable 0", events[0])
	}
	l.ends(t, "40 domains", 40)
}

func TestInfosAreAskedInOrderAndBeforeLinks(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{relay: relay.Config{Parallel: 1}})
	values := numbered(6)
	w.know("domain", values...)
	w.fake.SetInfo(values[2], fault(404, "Indicator not found."))
	w.ask(observePath, bodyOf("domain", values...))
	var got []string
	for _, c := range w.fake.Calls() {
		got = append(got, c.Value+c.Get)
	}
	want := slices.Clone(values)
	for _, v := range slices.Delete(slices.Clone(values), 2, 3) {
		want = append(want, v+"links")
	}
	if !slices.Equal(got, want) {
		t.Errorf("six domains, one after the other:\n got %q\nwant %q", got, want)
	}
}

// No more than Config.Parallel are asked about at once, and that many are.
func TestParallelBoundsTheCallsOfARequest(t *testing.T) {
	t.Parallel()
	g := newGate(pulsedivetest.New(pulsedivetest.Config{Generate: true}))
	g.holds = func(req *http.Request) bool { return strings.Contains(req.URL.Query().Get("indicator"), ".held") }
	w := newWorld(t, options{upstream: g, relay: relay.Config{Parallel: 5}})
	wantErrors(t, "a call to begin with", w.ask("/health", ""))
	values := make([]string, 30)
	for i, v := range numbered(30) {
		values[i] = v + ".held"
	}
	var l told
	var observed sync.WaitGroup
	var o relay.Observed
	observed.Go(func() {
		o = w.relay.Observe(t.Context(), relay.Caller{Key: testKey}, observables("domain", values...), l.listen)
	})
	poll(t, func() bool { return g.arrivals.Load() >= 5 }, func() string { return "fewer than 5 calls at once" })
	begun := map[int]bool{}
	for _, e := range l.all() {
		begun[e.observable] = true
	}
	if len(begun) > 5 || g.arrivals.Load() > 5 {
		t.Errorf("30 domains, 5 at a time: %d were begun, %d calls arrived", len(begun), g.arrivals.Load())
	}
	close(g.open)
	observed.Wait()
	if len(o.Bundles) != 30 || o.Calls != 60 {
		t.Errorf("30 domains, 5 at a time: %d bundles by %d calls, want 30 by 60", len(o.Bundles), o.Calls)
	}
	for i, b := range o.Bundles {
		if got := b.Verdicts[0].Observable.Value; got != values[i] {
			t.Errorf("30 domains, 5 at a time: bundle %d is of %s, want %s", i, got, values[i])
		}
	}
}

// Links are asked for only where they can matter: not for a URL, not where the
// limit is used up, not where info found nothing or nothing of use.
func TestLinksAreAskedForOnlyWhereTheyMatter(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		typ    string
		answer pulsedivetest.Answer
		limit  int
		want   int
	}{
		"a domain of 3 entities, limit 100":     {"domain", record("domain", "x", nil), 100, 1},
		"a domain of 3 entities, limit 4":       {"domain", record("domain", "x", nil), 4, 1},
		"a domain of 3 entities, limit 3":       {"domain", record("domain", "x", nil), 3, 0},
		"a domain of 3 entities, limit 1":       {"domain", record("domain", "x", nil), 1, 0},
		"an ip":                                 {"ip", record("ip", "x", nil), 100, 1},
		"an ipv6":                               {"ipv6", record("ipv6", "x", nil), 100, 1},
		"a url":                                 {"url", record("url", "x", nil), 100, 0},
		"a domain that Pulsedive calls a url":   {"domain", record("url", "x", nil), 100, 0},
		"nothing known":                         {"domain", fault(404, "Indicator not found."), 100, 0},
		"a fault":                               {"domain", fault(500, "Database error."), 100, 0},
		"a record without iid, of no use":       {"domain", record("domain", "x", object{"iid": nil}), 100, 0},
		"a thin record that says nothing known": {"domain", pulsedivetest.Answer{Body: []byte(`{"error":"Indicator not found."}`)}, 100, 0},
	} {
		w := newWorld(t, options{})
		w.fake.SetInfo("x", c.answer)
		w.askWith(w.token(testKey, object{"CTR_ENTITIES_LIMIT": c.limit}), observePath, bodyOf(c.typ, "x"))
		links := 0
		for _, call := range w.fake.Calls() {
			if call.Get == "links" {
				links++
			}
		}
		if links != c.want || w.fake.Count() != 1+c.want {
			t.Errorf("%s: links were asked for %d times among %d calls, want %d", name, links, w.fake.Count(), c.want)
		}
		w.fake.Reset()
		w.ask(referPath, bodyOf(c.typ, "x"))
		wantCalls(t, "refer: "+name, w, 1)
	}
}

func TestObserveAndReferOfNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	if o := w.relay.Observe(t.Context(), relay.Caller{Key: testKey}, nil, nil); len(o.Bundles)+len(o.Errors)+o.Calls != 0 {
		t.Errorf("observe of nothing: %+v, want nothing", o)
	}
	if o := w.relay.Refer(t.Context(), relay.Caller{Key: testKey}, nil, nil); len(o.Links)+len(o.Errors)+o.Calls != 0 {
		t.Errorf("refer of nothing: %+v, want nothing", o)
	}
	if got := string(w.relay.Observe(t.Context(), relay.Caller{}, nil, nil).AppendJSON([]byte("x"))); got != `x{"data":{}}` {
		t.Errorf("observe of nothing: %s, want x{\"data\":{}}", got)
	}
	if got := string(w.relay.Refer(t.Context(), relay.Caller{}, nil, nil).AppendJSON([]byte("x"))); got != `x{"data":[]}` {
		t.Errorf("refer of nothing: %s, want x{\"data\":[]}", got)
	}
}

// What a record says is told before its relations are asked for.
func TestListenerIsToldWhatIsKnownSoFar(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	w.know("domain", "a.example")
	w.fake.SetLinks("a.example", fault(500, "Database error."))
	var told []relay.Step
	w.relay.Observe(t.Context(), relay.Caller{Key: testKey}, observables("domain", "a.example"), func(_ int, s relay.Step) {
		if s.Result != nil {
			told = append(told, s)
		}
	})
	if len(told) != 2 || told[0].State != pulsedive.Queued || told[1].State != pulsedive.Done || told[0].Result.Disposition != told[1].Result.Disposition || told[0].Result.Error != "" || told[1].Result.Error == "" {
		t.Errorf("a domain whose relations fail: told %+v; want its verdict while they are queued, and again at the end", told)
	}
}
