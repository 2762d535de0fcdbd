package pulsedive

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"slices"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"pulsedive-relay/relay/pulsedive/pulsedivetest"
)

const testKey = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"

// world is a Client and the fake Pulsedive that it asks.
type world struct {
	testing.TB
	fake   *pulsedivetest.Fake
	client *Client
}

// newWorld makes a client that asks a fake in process, unless cfg has its own
// way to Pulsedive.
func newWorld(t testing.TB, f pulsedivetest.Config, cfg Config) *world {
	t.Helper()
	w := &world{TB: t, fake: pulsedivetest.New(f)}
	if cfg.HTTP == nil {
		cfg.HTTP = &http.Client{Transport: w.fake.Transport()}
	}
	if cfg.URL == "" {
		cfg.URL = "https://pulsedive.test/api/info.php"
	}
	var err error
	if w.client, err = New(cfg); err != nil {
		t.Fatalf("New(%+v): %v", cfg, err)
	}
	return w
}

// simulate runs test in a world with a clock of its own, and sees to it that
// nothing is left over at the end.
func simulate(t *testing.T, f pulsedivetest.Config, cfg Config, test func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, f, cfg)
		test(w)
		synctest.Wait()
		w.atRest()
	})
}

// atRest checks that nothing is under way and nothing is owed.
func (w *world) atRest() {
	w.Helper()
	c := w.client
	if n := len(c.flights.all); n != 0 {
		w.Errorf("at rest: %d questions are in flight, want none", n)
	}
	if n, m := len(c.calls), len(c.large); n != 0 || m != 0 {
		w.Errorf("at rest: %d places for calls and %d for long answers are taken, want none", n, m)
	}
	for a := range c.accounts.Values() {
		a.mu.Lock()
		got := fmt.Sprint("in flight ", a.inFlight, ", probing ", a.probing, ", pending ", a.pending,
			", unanswered ", a.granted-a.answered, ", queued ", a.queues[0].size, "+", a.queues[1].size,
			", lanes ", len(a.queues[0].lanes), "+", len(a.queues[1].lanes))
		a.mu.Unlock()
		if want := "in flight 0, probing false, pending 0, unanswered 0, queued 0+0, lanes 0+0"; got != want {
			w.Errorf("at rest: account has %s\nwant %s", got, want)
		}
	}
}

// observe asks about values as the relay does: infos side by side, then the links
// of what is known.
func (w *world) observe(ctx context.Context, key string, values ...string) []outcome {
	b := w.client.Batch(key, len(values))
	defer b.Close()
	out := make([]outcome, len(values))
	var group sync.WaitGroup
	for i, v := range values {
		out[i].question = b.Ask(v)
		group.Go(func() { out[i].record, out[i].err = out[i].question.Info(ctx) })
	}
	group.Wait()
	for i := range out {
		if out[i].err == nil {
			group.Go(func() { out[i].links, out[i].linksErr = out[i].question.Links(ctx) })
		}
	}
	group.Wait()
	return out
}

// outcome is what came of one value.
type outcome struct {
	question      *Question
	record        *Record
	links         *Links
	err, linksErr error
}

// info asks about one value in a batch of its own.
func (w *world) info(ctx context.Context, key, value string) (*Question, *Record, error) {
	b := w.client.Batch(key, 1)
	defer b.Close()
	q := b.Ask(value)
	r, err := q.Info(ctx)
	return q, r, err
}

// wantInfo asks about one value, which must be known.
func (w *world) wantInfo(key, value string) *Record {
	w.Helper()
	_, r, err := w.info(w.Context(), key, value)
	if err != nil || r.Indicator != value {
		w.Errorf("info of %s: got %+v, %v; want its record", value, r, err)
	}
	return r
}

// wantCalls checks how many calls the fake got, and that it refused none.
func (w *world) wantCalls(when string, want int) {
	w.Helper()
	if got := w.fake.Count(); got != want {
		w.Errorf("%s: Pulsedive was asked %d times, want %d", when, got, want)
	}
	w.wantNoRefusal(when)
}

func (w *world) wantNoRefusal(when string) {
	w.Helper()
	if n := w.refusals(); n != 0 {
		w.Errorf("%s: Pulsedive answered 429 %d times, want never", when, n)
	}
}

// refusals is how many calls the fake answered with 429.
func (w *world) refusals() (n int) {
	for _, c := range w.fake.Calls() {
		if c.Status == http.StatusTooManyRequests {
			n++
		}
	}
	return n
}

// sequence is what the fake was asked, in the order of arrival: "value" or
// "value links".
func (w *world) sequence() []string {
	calls := w.fake.Calls()
	slices.SortStableFunc(calls, func(a, b pulsedivetest.Call) int { return a.At.Compare(b.At) })
	var list []string
	for _, c := range calls {
		s := c.Value
		if c.Get != "" {
			s += " " + c.Get
		}
		list = append(list, s)
	}
	return list
}

// domains makes n names.
func domains(prefix string, n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("%s%d.example", prefix, i)
	}
	return list
}

// record is a good record of a domain.
func record(value string) string {
	return fmt.Sprintf(`{"iid":7,"indicator":%q,"type":"domain","risk":"low","stamp_seen":"2026-01-02 03:04:05"}`, value)
}

// handler is a round tripper that asks h in process.
type handler func(http.ResponseWriter, *http.Request)

func (h handler) RoundTrip(r *http.Request) (resp *http.Response, err error) {
	defer func() {
		if p := recover(); p == http.ErrAbortHandler {
			if err = r.Context().Err(); err == nil {
				err = errReset
			}
		} else if p != nil {
			panic(p)
		}
	}()
	wroteRequest(r)
	w := httptest.NewRecorder()
	h(w, r)
	return w.Result(), nil
}

// client is an http.Client that asks h.
func (h handler) client() *http.Client { return &http.Client{Transport: h} }

// pass waits as long as d and the caller last.
func pass(r *http.Request, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-r.Context().Done():
		panic(http.ErrAbortHandler)
	}
}

func equal[T cmp.Ordered](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// wroteRequest does what net/http does when a call has been sent.
func wroteRequest(r *http.Request) {
	if trace := httptrace.ContextClientTrace(r.Context()); trace != nil && trace.WroteRequest != nil {
		trace.WroteRequest(httptrace.WroteRequestInfo{})
	}
}

// errReset is what a connection fails with that the other side cut.
var errReset = &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}

// random is the same for the same seed, and safe for use by many.
type random struct {
	mu sync.Mutex
	r  *rand.Rand
}

func newRandom(seed uint64) *random { return &random{r: rand.New(rand.NewPCG(seed, 1))} }

// IntN is a number from 0 to n-1.
func (r *random) IntN(n int) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.r.IntN(n)
}

// duration is a time below most.
func (r *random) duration(most time.Duration) time.Duration { return time.Duration(r.IntN(int(most))) }
