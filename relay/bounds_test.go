package relay_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pulsedive-relay/relay"
	"pulsedive-relay/relay/ctim"
	"pulsedive-relay/relay/pulsedive"
	"pulsedive-relay/relay/pulsedive/pulsedivetest"
)

// gate is an upstream that answers nothing until it is opened.
type gate struct {
	open     chan struct{}
	arrivals atomic.Int64
	then     http.Handler
	holds    func(*http.Request) bool // nil: every call
}

func newGate(then http.Handler) *gate { return &gate{open: make(chan struct{}), then: then} }

func (g *gate) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if g.holds == nil || g.holds(req) {
		g.arrivals.Add(1)
		select {
		case <-g.open:
		case <-req.Context().Done():
			panic(http.ErrAbortHandler)
		}
	}
	g.then.ServeHTTP(w, req)
}

// RoundTrip is a gate without a network, in front of the fake.
func (g *gate) RoundTrip(req *http.Request) (*http.Response, error) {
	if g.holds(req) {
		g.arrivals.Add(1)
		select {
		case <-g.open:
		case <-req.Context().Done():
			return nil, req.Context().Err()
		}
	}
	return g.then.(*pulsedivetest.Fake).Transport().RoundTrip(req)
}

func TestMoreThanMaxInWorkAreRefusedAtOnce(t *testing.T) {
	t.Parallel()
	g := newGate(pulsedivetest.New(pulsedivetest.Config{Generate: true}))
	g.holds = slow
	w := newWorld(t, options{quiet: true, relay: relay.Config{RequestTimeout: time.Minute},
		pulsedive: pulsedive.Config{Timeout: time.Minute, HTTP: &http.Client{Transport: g}}})
	h, authorization := w.relay.Handler(), "Bearer "+w.token(testKey, nil)
	post := func(value string) string {
		req := httptest.NewRequest(http.MethodPost, w.server.URL+observePath, strings.NewReader(bodyOf("url", value)))
		req.Header.Set("Authorization", authorization)
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, req)
		return rec.Body.String()
	}
	isAnswer := func(asked, got string) {
		if !strings.HasPrefix(got, `{"data":{"verdicts":`) || strings.Contains(got, `"errors"`) {
			t.Errorf("%s: %.500s, want an answer", asked, got)
		}
	}
	isAnswer("a request to begin with, since a key's first call goes alone", post("https://a.example/"))
	var answered sync.WaitGroup
	answers := make([]string, relay.MaxInWork)
	for i := range answers {
		answered.Go(func() { answers[i] = post(fmt.Sprintf("https://slow%d.example/", i)) })
	}
	poll(t, func() bool { return g.arrivals.Load() == relay.MaxInWork }, func() string {
		return fmt.Sprintf("%d requests came as far as Pulsedive, want %d", g.arrivals.Load(), relay.MaxInWork)
	})
	got := post("https://a.example/")
	if want := `{"errors":[{"type":"fatal","code":"too many requests","message":"The relay has 1000 requests in work, as many as it takes. Try again in a moment."}]}`; got != want {
		t.Errorf("request 1001: %s, want %s", got, want)
	}
	close(g.open)
	answered.Wait()
	for _, got := range append(answers, post("https://a.example/")) {
		isAnswer("one of 1000 requests, or the one after", got)
	}
}

// TestStalledBodiesKeepNobodyOut: who sends no body, and has no token, is not
// among the requests in work.
func TestStalledBodiesKeepNobodyOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{fake: pulsedivetest.Config{Generate: true}, quiet: true})
	h := w.relay.Handler()
	var stalled sync.WaitGroup
	body, end := io.Pipe()
	for range relay.MaxInWork + 10 {
		stalled.Go(func() {
			h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, observePath, io.NopCloser(body)))
		})
	}
	if _, err := end.Write([]byte("[")); err != nil { // one of them reads
		t.Fatal(err)
	}
	a := w.ask(observePath, bodyOf("domain", "a.example"))
	if len(a.Errors) > 0 || len(docs[ctim.Verdict](t, a, "verdicts")) != 1 {
		t.Errorf("a request beside %d with stalled bodies: got %s, want a verdict", relay.MaxInWork+10, a.Text)
	}
	end.Close()
	stalled.Wait()
}

// TestAnAnswerIsBounded: records of the longest kind do not all fit.
func TestAnAnswerIsBounded(t *testing.T) {
	t.Parallel()
	factors := strings.Repeat(fmt.Sprintf(`{"description":%q,"risk":"low"},`, strings.Repeat("x", 1000)), 1000)
	upstream := http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		fmt.Fprintf(w, `{"iid":1,"indicator":%q,"type":"domain","risk":"high","stamp_seen":"2026-01-01 00:00:00","riskfactors":[%s{}]}`,
			req.FormValue("indicator"), factors)
	})
	w := newWorld(t, options{upstream: upstream, quiet: true})
	o := w.relay.Observe(t.Context(), relay.Caller{Key: testKey, EntitiesLimit: 1000}, observables("domain", numbered(30)...), nil)
	if n := len(o.Bundles); n == 0 || n == 30 {
		t.Errorf("30 records of a megabyte each: got %d bundles, want some", n)
	}
	if n := len(o.AppendJSON(nil)); n > 80<<20 {
		t.Errorf("30 records of a megabyte each: got %d bytes, want at most 80 MiB", n)
	}
	if len(o.Errors) != 1 || o.Errors[0].Type != relay.Warning || o.Errors[0].Code != "answer too large" {
		t.Errorf("30 records of a megabyte each: got errors %v, want a warning that not all fit", o.Errors)
	}
}

func TestPanicIsUnknownWhileOthersGoOn(t *testing.T) {
	t.Parallel()
	unknown := fatal("unknown", "The relay could not answer for a reason of its own. Its log has more under the request's id.")
	var ids atomic.Int64
	w := newWorld(t, options{fake: pulsedivetest.Config{Generate: true}, relay: relay.Config{Parallel: 1, NewID: func() string {
		if ids.Add(1) == 1 {
			panic("no more ids")
		}
		return "00000000-0000-4000-8000-000000000000"
	}}})
	a := w.ask(observePath, bodyOf("domain", "a.example", "b.example", "c.example"))
	wantErrors(t, "three domains, a panic for the first", a, unknown)
	wantVerdicts(t, "three domains, a panic for the first", a, "b.example", "c.example")
	line := w.wantLogged("level=ERROR", `panic: no more ids`, "stack=")
	id, _, _ := strings.Cut(line[strings.Index(line, " id=")+len(" id="):], " ")
	w.wantLogged("msg=request id="+id, "outcome=partial")
	if strings.Contains(a.Text, "no more ids") {
		t.Errorf("a panic: the answer tells of it: %s", a.Text)
	}
	wantErrors(t, "the request after a panic", w.ask(observePath, bodyOf("domain", "a.example")))
}

// The memory of answers serves again; one that fails half-way must not be taken
// for the one before it.
func TestPanicAnswersNothingOfAnEarlierRequest(t *testing.T) {
	t.Parallel()
	var panics atomic.Bool
	w := newWorld(t, options{fake: pulsedivetest.Config{Generate: true}, quiet: true, relay: relay.Config{NewID: func() string {
		if panics.Load() {
			panic("no more ids")
		}
		return "00000000-0000-4000-8000-000000000000"
	}}})
	for range 10 {
		panics.Store(false)
		wantErrors(t, "eight domains", w.askWith(w.token("another-key", nil), observePath, bodyOf("domain", numbered(8)...)))
		panics.Store(true)
		if a := w.ask(observePath, bodyOf("domain", "a.example")); a.Data != nil || len(a.Errors) != 1 {
			t.Fatalf("a panic after another's request: %s, want one error and no data", a.Text)
		}
	}
}

// A relay that was made without what it needs is the simplest fault of our own.
func TestPanicOfAnEndpointIsUnknown(t *testing.T) {
	t.Parallel()
	h := relay.New(relay.Config{}).Handler()
	for path, body := range endpoints {
		rec := httptest.NewRecorder()
		req := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
		req.Header.Set("Authorization", "Bearer a.b.c")
		h.ServeHTTP(rec, req)
		want := `{"errors":[{"type":"fatal","code":"unknown","message":"The relay could not answer for a reason of its own. Its log has more under the request's id."}]}`
		if rec.Code != http.StatusOK || rec.Body.String() != want {
			t.Errorf("%s without a verifier: status %d, %s\nwant 200, %s", path, rec.Code, rec.Body, want)
		}
	}
}

// slow holds the calls that ask about values with "slow" in them.
func slow(req *http.Request) bool { return strings.Contains(req.URL.Query().Get("indicator"), "slow") }

// slowLinks holds the calls that ask for the links of such values.
func slowLinks(req *http.Request) bool { return slow(req) && req.URL.Query().Get("get") != "" }

func TestDeadlineAnswersWhatIsThere(t *testing.T) {
	t.Parallel()
	timeout := func(kind, message string) relay.Error {
		return relay.Error{Type: kind, Code: "timeout", Message: message}
	}
	const mixed = "The request's time was over before Pulsedive had answered for 2 of 4 observables."
	for name, c := range map[string]struct {
		path     string
		holds    func(*http.Request) bool
		asked    []string
		want     relay.Error
		verdicts []string
		links    int
	}{
		"some are slow":       {observePath, slow, []string{"slow1.example", "a.example", "slow2.example", "b.example"}, timeout("warning", mixed), []string{"a.example", "b.example"}, 0},
		"all are slow":        {observePath, slow, []string{"slow1.example"}, timeout("fatal", "The request's time was over before Pulsedive had answered for 1 of 1 observable."), nil, 0},
		"the links are slow":  {observePath, slowLinks, []string{"slow1.example", "a.example"}, timeout("warning", "Relations of 1 of 2 observables are missing: the request's time was over."), []string{"slow1.example", "a.example"}, 0},
		"refer, some slow":    {referPath, slow, []string{"slow1.example", "a.example", "slow2.example", "b.example"}, timeout("warning", mixed), nil, 6},
		"refer, all are slow": {referPath, slow, []string{"slow1.example"}, timeout("warning", "The request's time was over before Pulsedive had answered for 1 of 1 observable."), nil, 1},
	} {
		inBubble(t, options{fake: pulsedivetest.Config{Generate: true}, relay: relay.Config{RequestTimeout: 2 * time.Second}, gated: c.holds}, func(t *testing.T, w *world) {
			// The first call of a key goes alone, so that must not be a slow one.
			wantErrors(t, "a call to begin with", w.ask("/health", ""))
			a := w.ask(c.path, bodyOf("domain", c.asked...))
			wantErrors(t, name, a, c.want)
			if c.path == observePath {
				wantVerdicts(t, name, a, c.verdicts...)
			} else if n := len(linksOf(t, a)); n != c.links {
				t.Errorf("%s: %d links, want %d: %s", name, n, c.links, a.Text)
			}
			if a.Data != nil && len(c.verdicts)+c.links == 0 {
				t.Errorf("%s: data %s, want none", name, a.Data)
			}
		})
	}
}

func TestDeadlineOfAHealthCheck(t *testing.T) {
	t.Parallel()
	all := func(*http.Request) bool { return true }
	inBubble(t, options{relay: relay.Config{RequestTimeout: 3 * time.Second}, gated: all}, func(t *testing.T, w *world) {
		start := time.Now()
		wantErrors(t, "/health of a Pulsedive that does not answer", w.ask("/health", ""), fatal("timeout", "Pulsedive took too long to answer."))
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("/health of a Pulsedive that does not answer took %s, want the request's time", took)
		}
	})
}

// A caller that hangs up ends the work, and costs one line of the log.
func TestCallerThatHangsUp(t *testing.T) {
	t.Parallel()
	for path, body := range endpoints {
		g := newGate(nil)
		w := newWorld(t, options{upstream: g})
		ctx, hangUp := context.WithCancel(t.Context())
		req := w.request(http.MethodPost, path, body).WithContext(ctx)
		req.Header.Set("Authorization", "Bearer "+w.token(testKey, nil))
		ended := make(chan error, 1)
		go func() {
			_, err := w.server.Client().Do(req)
			ended <- err
		}()
		poll(t, func() bool { return g.arrivals.Load() == 1 }, func() string { return path + ": Pulsedive was not asked" })
		hangUp()
		if err := <-ended; err == nil {
			t.Errorf("%s: an answer, want none", path)
		}
		w.wantLogged("level=INFO msg=request", "route="+path, "outcome=left")
		for _, level := range []string{"level=WARN", "level=ERROR", "timeout"} {
			if log := w.logs.String(); strings.Contains(log, level) {
				t.Errorf("%s: a caller that hangs up left %s in the log:\n%s", path, level, log)
			}
		}
	}
}

// An answer older than its time serves where a limit is used up, and says so.
func TestStaleAnswersCarryAWarning(t *testing.T) {
	t.Parallel()
	fake := pulsedivetest.New(pulsedivetest.Config{Generate: true})
	var spent atomic.Bool
	const refusal = "API rate limit exceeded: 500 requests per month."
	w := newWorld(t, options{
		pulsedive: pulsedive.Config{CacheTTL: time.Nanosecond, CacheBytes: 1 << 20},
		upstream: http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			if spent.Load() {
				w.WriteHeader(http.StatusTooManyRequests)
				io.WriteString(w, `{"error":"`+refusal+`"}`)
				return
			}
			fake.ServeHTTP(w, req)
		}),
	})
	fresh := w.ask(observePath, bodyOf("domain", "a.example", "b.example"))
	wantErrors(t, "two domains", fresh)
	spent.Store(true)
	a := w.ask(observePath, bodyOf("domain", "a.example", "new.example", "b.example"))
	wantVerdicts(t, "three domains, the month used up", a, "a.example", "b.example")
	wantErrors(t, "three domains, the month used up", a, fatal("too many requests", refusal),
		relay.Error{Type: "warning", Code: "too many requests", Message: refusal + " Answered for 2 of 3 observables with what Pulsedive said earlier, up to 1m0s ago."})
	if got, want := len(docs[ctim.Sighting](t, a, "sightings")), len(docs[ctim.Sighting](t, fresh, "sightings")); got != want {
		t.Errorf("three domains, the month used up: %d sightings, want the %d of before", got, want)
	}
}

// A Pulsedive that fails again and again is left alone for a while.
func TestPulsediveThatFailsAgainAndAgainIsLeftAlone(t *testing.T) {
	t.Parallel()
	var calls atomic.Int64
	w := newWorld(t, options{upstream: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		calls.Add(1)
		w.WriteHeader(http.StatusBadGateway)
	})})
	a := w.ask(observePath, bodyOf("domain", numbered(100)...))
	if len(a.Errors) == 0 || len(a.Errors) > 2 || a.Data != nil {
		t.Errorf("100 domains of a broken gateway: %s, want one or two errors and no data", a.Text)
	}
	before := calls.Load()
	a = w.ask(observePath, bodyOf("domain", "a.example"))
	if len(a.Errors) != 1 || !strings.HasPrefix(a.Errors[0].Message, "Pulsedive failed too often in a row and is left alone until ") {
		t.Errorf("a request after that: errors %q, want that Pulsedive is left alone", a.Errors)
	}
	if n := calls.Load(); n != before || n > 100 {
		t.Errorf("100 domains of a broken gateway: %d calls, then %d, want fewer than 100 and no more", before, n)
	}
}

// A body that ends before its length is a fault of the caller's.
func TestBodyThatBreaksOff(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	req := httptest.NewRequest(http.MethodPost, w.server.URL+observePath, io.MultiReader(bytes.NewBufferString("["), broken{}))
	rec := httptest.NewRecorder()
	w.relay.Handler().ServeHTTP(rec, req)
	want := `{"errors":[{"type":"fatal","code":"invalid argument","message":"The request body did not arrive as a whole."}]}`
	if rec.Body.String() != want {
		t.Errorf("a body that breaks off: %s, want %s", rec.Body, want)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// stalled is a body that comes up to where bodies count as large, and no further
// before the end.
type stalled struct {
	left   int
	waits  *atomic.Int32
	end    chan struct{}
	waited bool
}

func (s *stalled) Read(b []byte) (int, error) {
	if s.left > 0 {
		n := min(len(b), s.left)
		copy(b, bytes.Repeat([]byte{' '}, n))
		s.left -= n
		return n, nil
	}
	if !s.waited {
		s.waited = true
		s.waits.Add(1)
	}
	<-s.end
	return 0, io.ErrUnexpectedEOF
}

// TestLargeBodiesAreBounded: of large bodies only so many are read at once, and small
// ones do not wait for them.
func TestLargeBodiesAreBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{fake: pulsedivetest.Config{Generate: true}, quiet: true})
	h := w.relay.Handler()
	var requests sync.WaitGroup
	var waits atomic.Int32
	end := make(chan struct{})
	for range 3 * relay.MaxLargeBodies {
		requests.Go(func() {
			h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, observePath, &stalled{left: relay.SmallBody, waits: &waits, end: end}))
		})
	}
	poll(t, func() bool { return waits.Load() >= relay.MaxLargeBodies }, func() string {
		return fmt.Sprintf("%d large bodies are read on, want %d", waits.Load(), relay.MaxLargeBodies)
	})
	if a := w.ask(observePath, bodyOf("domain", "a.example")); len(a.Errors) > 0 {
		t.Errorf("a small request beside large bodies that stall: got %s, want a verdict", a.Text)
	}
	if n := waits.Load(); n != relay.MaxLargeBodies {
		t.Errorf("%d of %d large bodies are read on at once; want %d", n, 3*relay.MaxLargeBodies, relay.MaxLargeBodies)
	}
	close(end)
	requests.Wait()
}
