package pulsedive

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pulsedive-relay/relay/pulsedive/pulsedivetest"
)

// cached is a Config with room for all that a test asks.
func cached() Config {
	return Config{CacheTTL: time.Hour, NotFoundTTL: time.Hour, CacheBytes: 8 << 20}
}

// free is a fake on the free plan that knows everything.
func free() pulsedivetest.Config {
	return pulsedivetest.Config{Plan: pulsedivetest.FreePlan(), Generate: true}
}

func TestFreePlanTenDomainsTwice(t *testing.T) {
	for _, latency := range []time.Duration{0, 80 * time.Millisecond, 3 * time.Second} {
		t.Run(latency.String(), func(t *testing.T) {
			f := free()
			f.Latency = latency
			simulate(t, f, cached(), func(w *world) {
				start := time.Now()
				for range 2 {
					for i, o := range w.observe(w.Context(), testKey, domains("d", 10)...) {
						if o.err != nil || o.linksErr != nil {
							t.Errorf("domain %d: got %v and %v, want no error", i, o.err, o.linksErr)
						}
					}
					w.wantCalls("ten domains on the free plan", 20)
				}
				if took, most := time.Since(start), 20*window+2*latency; took > most {
					t.Errorf("20 calls at 1 a second took %v, want at most %v", took, most)
				}
			})
		})
	}
}

func TestPaceFollowsThePlan(t *testing.T) {
	for _, perSecond := range []int{1, 3, 10} {
		for _, latency := range []time.Duration{0, 2 * time.Second} {
			t.Run(fmt.Sprintf("%d a second, %v", perSecond, latency), func(t *testing.T) {
				plan := pulsedivetest.Plan{PerSecond: perSecond}
				simulate(t, pulsedivetest.Config{Plan: plan, Generate: true, Latency: latency}, Config{}, func(w *world) {
					start := time.Now()
					w.observe(w.Context(), testKey, domains("d", 30)...)
					w.wantCalls("30 domains", 60)
					bursts := (60 + perSecond - 1) / perSecond
					if took, most := time.Since(start), time.Duration(bursts+1)*window+3*latency; took > most {
						t.Errorf("60 calls took %v, want at most %v", took, most)
					}
				})
			})
		}
	}
}

func TestFirstCallGoesAlone(t *testing.T) {
	simulate(t, pulsedivetest.Config{Generate: true, Latency: 2 * time.Second}, Config{}, func(w *world) {
		start := time.Now()
		w.observe(w.Context(), testKey, domains("d", 20)...)
		counts := map[time.Duration]int{}
		for _, c := range w.fake.Calls() {
			counts[c.At.Sub(start)]++
		}
		want := map[time.Duration]int{0: 1, 2 * time.Second: 19, 4 * time.Second: 20}
		if fmt.Sprint(counts) != fmt.Sprint(want) {
			t.Errorf("20 domains on a plan without limits: calls by time got %v, want %v", counts, want)
		}
	})
}

func TestFirstCallThatFailsTellsNothing(t *testing.T) {
	fails := map[string]http.HandlerFunc{
		"reset":    func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"502":      func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) },
		"too slow": func(_ http.ResponseWriter, r *http.Request) { pass(r, time.Hour) },
	}
	for name, fail := range fails {
		t.Run(name, func(t *testing.T) {
			fake := pulsedivetest.New(free())
			first := true
			h := handler(func(w http.ResponseWriter, r *http.Request) {
				if first {
					first = false
					fail(w, r)
					return
				}
				fake.ServeHTTP(w, r)
			})
			simulate(t, free(), Config{HTTP: h.client(), Timeout: time.Second}, func(w *world) {
				w.fake = fake
				w.observe(w.Context(), testKey, domains("d", 5)...)
				w.wantNoRefusal("after a first call that failed")
			})
		})
	}
}

func TestASlowConnectionDoesNotSpoilThePace(t *testing.T) {
	const connecting = 400 * time.Millisecond
	fake := pulsedivetest.New(free())
	connected := false
	h := handler(func(w http.ResponseWriter, r *http.Request) {
		if !connected {
			pass(r, connecting)
			connected = true
		}
		wroteRequest(r)
		fake.ServeHTTP(w, r)
	})
	simulate(t, free(), Config{HTTP: h.client()}, func(w *world) {
		w.fake = fake
		w.observe(w.Context(), testKey, domains("d", 3)...)
		w.wantCalls("three domains, the first over a connection that takes its time", 6)
	})
}

// One question does not wait for the hundred that came before it.
func TestBatchesTakeTurns(t *testing.T) {
	simulate(t, pulsedivetest.Config{Plan: pulsedivetest.Plan{PerSecond: 1}, Generate: true}, Config{}, func(w *world) {
		ctx, cancel := context.WithCancel(w.Context())
		var group sync.WaitGroup
		group.Go(func() { w.observe(ctx, testKey, domains("many", 100)...) })
		time.Sleep(10 * time.Second)
		start := time.Now()
		w.wantInfo(testKey, "one.example")
		if took := time.Since(start); took > 2*window {
			t.Errorf("one question beside a hundred took %v, want at most %v", took, 2*window)
		}
		cancel()
		group.Wait()
		w.wantNoRefusal("two batches in turn")
	})
}

func TestBatchesTakeTurnsEvenly(t *testing.T) {
	simulate(t, pulsedivetest.Config{Plan: pulsedivetest.Plan{PerSecond: 1}, Generate: true}, Config{}, func(w *world) {
		w.wantInfo(testKey, "first.example")
		var group sync.WaitGroup
		for _, name := range []string{"a", "b", "c"} {
			group.Go(func() { w.observe(w.Context(), testKey, domains(name, 20)...) })
		}
		group.Wait()
		got := w.sequence()[1:]
		for i := 0; i+3 <= 60; i += 3 {
			round := []string{got[i][:1], got[i+1][:1], got[i+2][:1]}
			slices.Sort(round)
			if strings.Join(round, "") != "abc" {
				t.Fatalf("infos %d to %d of three batches went to %v, want one each", i, i+2, round)
			}
		}
	})
}

// A value that a long request asks about already comes as soon for a short one as
// any other value would.
func TestJoiningALongRequestDoesNotWaitForIt(t *testing.T) {
	simulate(t, pulsedivetest.Config{Plan: pulsedivetest.Plan{PerSecond: 1}, Generate: true}, Config{}, func(w *world) {
		ctx, cancel := context.WithCancel(w.Context())
		var group sync.WaitGroup
		group.Go(func() { w.observe(ctx, testKey, domains("many", 100)...) })
		time.Sleep(5 * time.Second)
		start := time.Now()
		last := w.last(testKey)
		w.wantInfo(testKey, last)
		if took := time.Since(start); took > 2*window {
			t.Errorf("%s, the last of a hundred, asked by another batch took %v, want at most %v", last, took, 2*window)
		}
		cancel()
		group.Wait()
	})
}

// last is the value of the flight whose turn comes last.
func (w *world) last(key string) string {
	_, a := w.client.account(key)
	a.mu.Lock()
	lane := a.queues[infoCall].lanes[0]
	t := lane.turns[len(lane.turns)-1]
	a.mu.Unlock()
	w.client.flights.mu.Lock()
	defer w.client.flights.mu.Unlock()
	for k, f := range w.client.flights.all {
		if f.turn.Load() == t {
			return k.query.indicator
		}
	}
	w.Fatal("no flight waits last")
	return ""
}

func TestInfosBeforeLinks(t *testing.T) {
	simulate(t, pulsedivetest.Config{Plan: pulsedivetest.Plan{PerSecond: 1}, Generate: true}, Config{}, func(w *world) {
		b := w.client.Batch(testKey, 6)
		defer b.Close()
		q := b.Ask("first.example")
		if _, err := q.Info(w.Context()); err != nil {
			t.Fatalf("info of first.example: %v", err)
		}
		var group sync.WaitGroup
		group.Go(func() {
			if _, err := q.Links(w.Context()); err != nil {
				t.Errorf("links of first.example: got %v, want no error", err)
			}
		})
		synctest.Wait() // the links wait for their second
		for _, v := range domains("d", 5) {
			group.Go(func() { w.wantInfoOf(b.Ask(v)) })
		}
		group.Wait()
		got := w.sequence()
		if at := slices.Index(got, "first.example links"); at != 6 {
			t.Errorf("links queued before five infos went as number %d of %v, want last", at, got)
		}
	})
}

func (w *world) wantInfoOf(q *Question) {
	w.Helper()
	if r, err := q.Info(w.Context()); err != nil || r.Indicator != q.value {
		w.Errorf("info of %s: got %+v, %v; want its record", q.value, r, err)
	}
}

// Another program that uses the key as well takes our second now and then.
func TestARefusalASecondIsWaitedOut(t *testing.T) {
	simulate(t, free(), Config{}, func(w *world) {
		w.wantInfo(testKey, "known.example")
		stop := make(chan struct{})
		var other sync.WaitGroup
		other.Go(func() {
			for {
				select {
				case <-stop:
					return
				case <-time.After(2400 * time.Millisecond):
				}
				r, _ := http.NewRequest(http.MethodGet, "https://pulsedive.test/?indicator=other.example&key="+testKey, nil)
				if _, err := w.fake.Transport().RoundTrip(r); err != nil {
					t.Errorf("the other program: %v", err)
				}
			}
		})
		for i, o := range w.observe(w.Context(), testKey, domains("d", 6)...) {
			if o.err != nil || o.linksErr != nil {
				t.Errorf("domain %d beside another program: got %v and %v, want no error", i, o.err, o.linksErr)
			}
		}
		close(stop)
		other.Wait()
		if w.refusals() == 0 {
			t.Error("the other program never got in the way: the test shows nothing")
		}
	})
}

// A burst before anything is known runs into the limit, and is spread out.
func TestALimitThatOnlyARefusalTells(t *testing.T) {
	fake := pulsedivetest.New(free())
	h := handler(func(w http.ResponseWriter, r *http.Request) { fake.ServeHTTP(silent{w}, r) })
	simulate(t, free(), Config{HTTP: h.client()}, func(w *world) {
		w.fake = fake
		for i, o := range w.observe(w.Context(), testKey, domains("d", 10)...) {
			if o.err != nil || o.linksErr != nil {
				t.Errorf("domain %d: got %v and %v, want no error", i, o.err, o.linksErr)
			}
		}
		if n := w.refusals(); n == 0 || n > 10 {
			t.Errorf("20 calls without headers: 429 came %d times, want once for each of the first burst at most", n)
		}
	})
}

// silent keeps what is left of the limits to itself.
type silent struct{ http.ResponseWriter }

func (s silent) WriteHeader(status int) {
	for _, name := range remainingHeader {
		s.Header().Del(name)
	}
	s.ResponseWriter.WriteHeader(status)
}

// A question that is over before it begins asks nothing.
// Keys do not share their limits.
// Calls that come evenly do not wait, though each uses up its second.
func TestAnEvenPaceIsKept(t *testing.T) {
	f := pulsedivetest.Config{Plan: pulsedivetest.Plan{PerSecond: 10}, Generate: true}
	simulate(t, f, Config{}, func(w *world) {
		for i := range 50 {
			start := time.Now()
			w.wantInfo(testKey, fmt.Sprint("d", i, ".example"))
			equal(w, fmt.Sprint("wait of call ", i, " of 9 a second, with 10 allowed"), time.Since(start), 0)
			time.Sleep(110 * time.Millisecond)
		}
		w.wantCalls("evenly", 50)
	})
}

// An answer that leaves nothing for the second tells of another who uses the key.
func TestASecondThatAnotherUsedUp(t *testing.T) {
	f := pulsedivetest.Config{Plan: pulsedivetest.Plan{PerSecond: 10}, Generate: true}
	simulate(t, f, Config{}, func(w *world) {
		w.wantInfo(testKey, "first.example")
		time.Sleep(time.Minute)
		w.spend(testKey, 9, 0)
		w.wantInfo(testKey, "second.example") // the tenth
		start := time.Now()
		w.wantInfo(testKey, "third.example")
		equal(w, "wait after a second that another used up", time.Since(start), window)
		w.wantCalls("beside another", 12)
	})
}

// A refusal that names no number is waited out, too, without haste.
func TestARefusalWithoutANumber(t *testing.T) {
	calls, start := 0, time.Time{}
	h := handler(func(w http.ResponseWriter, r *http.Request) {
		if calls++; time.Since(start) < 3*time.Second {
			w.WriteHeader(http.StatusTooManyRequests)
			fmt.Fprint(w, `{"error":"Too many requests in a second."}`)
			return
		}
		fmt.Fprint(w, record(r.FormValue("indicator")))
	})
	simulate(t, pulsedivetest.Config{}, Config{HTTP: h.client()}, func(w *world) {
		start = time.Now()
		w.wantInfo(testKey, "a.example")
	})
	if calls != 3 && calls != 4 { // each wait is of one to one and a half windows, by chance
		t.Errorf("calls in three seconds of refusals and after: got %d, want 3 or 4", calls)
	}
}

// A plan that grew is noticed, one that shrank too.
func TestAChangedPlan(t *testing.T) {
	second := 1
	var sent []time.Time
	h := handler(func(w http.ResponseWriter, r *http.Request) {
		now := time.Now()
		sent = slices.DeleteFunc(sent, func(at time.Time) bool { return now.Sub(at) >= time.Second })
		if len(sent) >= second {
			w.WriteHeader(http.StatusTooManyRequests)
			fmt.Fprintf(w, `{"error":"API rate limit exceeded: %d requests per second."}`, second)
			return
		}
		sent = append(sent, now)
		w.Header().Set("X-Requests-Remaining-Second", fmt.Sprint(second-len(sent)))
		fmt.Fprint(w, record(r.FormValue("indicator")))
	})
	simulate(t, pulsedivetest.Config{}, Config{HTTP: serial(h).client()}, func(w *world) {
		for _, second = range []int{1, 8, 3, 9} {
			name := fmt.Sprint(second, "-", time.Now().Unix(), "-")
			w.observe(w.Context(), testKey, domains("warm"+name, 5)...)
			start := time.Now()
			w.observe(w.Context(), testKey, domains("at"+name, 12)...)
			bursts := 24/second + 2
			if took, most := time.Since(start), time.Duration(bursts)*window; took > most {
				t.Errorf("24 calls at %d a second took %v, want at most %v", second, took, most)
			}
		}
	})
}

// serial lets one call at a time into h.
func serial(h handler) handler {
	var mu sync.Mutex
	return func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		h(w, r)
	}
}
