package pulsedive

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"pulsedive-relay/relay/pulsedive/pulsedivetest"
)

// script answers call after call as it is told; when it is over, with a record.
type script struct {
	mu    sync.Mutex
	steps []int // a status, 0: the connection is cut, -1: no answer
	times []time.Time
}

func (s *script) client() *http.Client {
	return handler(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		status := http.StatusOK
		if len(s.steps) > 0 {
			status, s.steps = s.steps[0], s.steps[1:]
		}
		s.times = append(s.times, time.Now())
		s.mu.Unlock()
		switch {
		case status < 0:
			pass(r, time.Hour)
		case status == 0:
			panic(http.ErrAbortHandler)
		}
		w.WriteHeader(status)
		fmt.Fprint(w, record(r.FormValue("indicator")))
	}).client()
}

// repeat is a script of n same steps.
func repeat(n, status int) []int {
	s := make([]int, n)
	for i := range s {
		s[i] = status
	}
	return s
}

func (s *script) calls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.times)
}

func TestRetry(t *testing.T) {
	for _, c := range []struct {
		steps []int
		calls int
		good  bool
	}{
		{[]int{}, 1, true},
		{[]int{502}, 2, true},
		{[]int{503}, 2, true},
		{[]int{504}, 2, true},
		{[]int{0}, 2, true},
		{[]int{0, 502}, 2, false},
		{[]int{502, 502}, 2, false},
		{[]int{502, 500}, 2, false},
		{[]int{500}, 1, false},
		{[]int{501}, 1, false},
		{[]int{401}, 1, false},
		{[]int{-1}, 1, false},
	} {
		t.Run(fmt.Sprint(c.steps), func(t *testing.T) {
			s := &script{steps: append([]int{200}, c.steps...)}
			simulate(t, pulsedivetest.Config{}, Config{HTTP: s.client()}, func(w *world) {
				w.wantInfo(testKey, "known.example")
				_, r, err := w.info(w.Context(), testKey, "a.example")
				if (err == nil) != c.good {
					w.Errorf("answers %v: got %+v, %v; want an answer: %t", c.steps, r, err, c.good)
				}
				equal(w, fmt.Sprintf("answers %v: calls", c.steps), s.calls()-1, c.calls)
				if s.calls() == 3 {
					if rest := s.times[2].Sub(s.times[1]); rest < retryAfter/2 || rest > retryAfter {
						w.Errorf("answers %v: the second call came %v after the first, want %v to %v", c.steps, rest, retryAfter/2, retryAfter)
					}
				}
			})
		})
	}
}

// The second try keeps to the limits and to the deadline.
func TestRetryWithinBounds(t *testing.T) {
	failed := false
	fake := pulsedivetest.New(free())
	h := handler(func(w http.ResponseWriter, r *http.Request) {
		fake.ServeHTTP(w, r)
		if !failed {
			failed = true
			panic(http.ErrAbortHandler) // it counted, but the answer was lost
		}
	})
	simulate(t, free(), Config{HTTP: h.client()}, func(w *world) {
		w.fake = fake
		w.wantInfo(testKey, "warm.example") // the first of all is lost: nothing is known yet
		failed = false
		w.wantInfo(testKey, "a.example")
		w.wantCalls("two lost answers and their second tries", 4)
	})
	s := &script{steps: []int{502}}
	simulate(t, pulsedivetest.Config{}, Config{HTTP: s.client()}, func(w *world) {
		ctx, cancel := context.WithTimeout(w.Context(), retryAfter/3)
		defer cancel()
		if _, _, err := w.info(ctx, testKey, "a.example"); !errors.Is(err, context.DeadlineExceeded) {
			w.Errorf("a deadline before the second try: got %v, want the deadline", err)
		}
		time.Sleep(time.Minute)
		equal(w, "calls, with a deadline before the second try", s.calls(), 1)
	})
}

// ask asks for n values one after the other and says how many came of what.
func (w *world) ask(n int) string {
	var good, unavailable, other int
	for i := range n {
		_, _, err := w.info(w.Context(), testKey, fmt.Sprint("v", i, ".example"))
		var u *UnavailableError
		switch {
		case err == nil:
			good++
		case errors.As(err, &u):
			unavailable++
			if u.Until.Before(time.Now()) || time.Until(u.Until) > openFor {
				w.Errorf("unavailable until %v at %v, want within %v", u.Until, time.Now(), openFor)
			}
		default:
			other++
		}
	}
	return fmt.Sprintf("%d good, %d unavailable, %d other", good, unavailable, other)
}

func TestTheBreaker(t *testing.T) {
	var log bytes.Buffer
	s := &script{steps: repeat(openAfter+2, 502)}
	cfg := Config{HTTP: s.client(), Log: slog.New(slog.NewTextHandler(&log, nil))}
	simulate(t, pulsedivetest.Config{}, cfg, func(w *world) {
		start := time.Now()
		equal(w, "20 questions to a Pulsedive that fails", w.ask(20), "0 good, 15 unavailable, 5 other")
		equal(w, "calls until it is left alone", s.calls(), openAfter)
		if took := time.Since(start); took > 2*time.Second {
			w.Errorf("20 questions to a Pulsedive that fails took %v, want under 2 s", took)
		}
		time.Sleep(openFor - time.Second)
		equal(w, "a question before the rest is over", w.ask(1), "0 good, 1 unavailable, 0 other")
		time.Sleep(time.Second + time.Millisecond)
		// One call tries, fails, and it rests again; the retry is not made.
		equal(w, "questions after the rest, it still fails", w.ask(5), "0 good, 5 unavailable, 0 other")
		equal(w, "calls, with one that tried", s.calls(), openAfter+1)
		time.Sleep(openFor + time.Millisecond)
		equal(w, "questions after the next rest, it still fails", w.ask(5), "0 good, 5 unavailable, 0 other")
		time.Sleep(openFor + time.Millisecond)
		equal(w, "questions after the last rest, it works", w.ask(5), "5 good, 0 unavailable, 0 other")
		equal(w, "calls at the end", s.calls(), openAfter+2+5)
	})
	for _, state := range []string{"open", "half-open", "closed"} {
		if !strings.Contains(log.String(), "state="+state) {
			t.Errorf("log %s\nwant it to tell of the state %s", log.String(), state)
		}
	}
}

// What callers bring about, and what Pulsedive answers, does not open it.
func TestTheBreakerStaysClosed(t *testing.T) {
	for name, steps := range map[string][]int{
		"500":                   repeat(50, 500),
		"401":                   repeat(50, 401),
		"404":                   repeat(50, 404),
		"failures in between":   append(append(repeat(openAfter-1, 502), 200), repeat(openAfter-1, 502)...),
		"faults among failures": append(append(repeat(openAfter-1, 502), 500), repeat(openAfter-1, 502)...),
	} {
		t.Run(name, func(t *testing.T) {
			s := &script{steps: steps}
			simulate(t, pulsedivetest.Config{}, Config{HTTP: s.client()}, func(w *world) {
				for !strings.HasPrefix(w.ask(1), "1 good") || len(s.steps) > 0 {
					if s.calls() > 100 {
						w.Fatal("after 100 calls: got no answer yet")
					}
				}
				if w.client.breaker.refusal() != nil {
					w.Error("the breaker is open")
				}
			})
		})
	}
	t.Run("given up", func(t *testing.T) {
		s := &script{steps: repeat(50, -1)}
		simulate(t, pulsedivetest.Config{}, Config{HTTP: s.client()}, func(w *world) {
			for i := range 50 {
				ctx, cancel := context.WithTimeout(w.Context(), 2*time.Second)
				if _, _, err := w.info(ctx, testKey, "a.example"); !errors.Is(err, context.DeadlineExceeded) {
					w.Errorf("caller %d who gives up: got %v, want the deadline", i, err)
				}
				cancel()
			}
			equal(w, "the question after 50 that were given up", w.ask(1), "1 good, 0 unavailable, 0 other")
		})
	})
}

// Calls that take too long open it; a try that is given up, or that panics,
// leaves it to the next.
func TestTheBreakerAfterATryThatToldNothing(t *testing.T) {
	for _, name := range []string{"given up", "panic"} {
		t.Run(name, func(t *testing.T) {
			s := &script{steps: repeat(openAfter, -1)}
			simulate(t, pulsedivetest.Config{}, Config{HTTP: s.client(), Timeout: time.Second}, func(w *world) {
				equal(w, "questions to a Pulsedive that does not answer", w.ask(openAfter+3), "0 good, 3 unavailable, 10 other")
				time.Sleep(openFor + time.Millisecond)
				ctx, cancel := context.WithCancel(w.Context())
				b := w.client.Batch(testKey, 0)
				var err error
				if name == "given up" {
					s.steps = []int{-1}
					time.AfterFunc(time.Millisecond, cancel)
					_, err = b.Ask("a.example").Info(ctx)
				} else {
					_, err = (&inquiry{Question: b.Ask("a.example"), query: query{indicator: "a.example"}, decode: func([]byte, int) (entry, error) { panic("oops") }}).resolve(ctx)
				}
				b.Close()
				cancel()
				if err == nil {
					w.Error("the try: got no error")
				}
				if name == "given up" {
					before := s.calls()
					s.steps = []int{502}
					equal(w, "questions after the try, it still fails", w.ask(3), "0 good, 3 unavailable, 0 other")
					equal(w, "calls for them", s.calls()-before, 1)
					time.Sleep(openFor + time.Millisecond)
				}
				equal(w, "questions after the try", w.ask(3), "3 good, 0 unavailable, 0 other")
			})
		})
	}
}

// What one key's calls found out is told to another's at once, though its second
// is used up.
func TestTheBreakerIsAheadOfThePace(t *testing.T) {
	fake := pulsedivetest.New(free())
	h := handler(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.FormValue("key"), "bad") {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		fake.ServeHTTP(w, r)
	})
	simulate(t, pulsedivetest.Config{}, Config{HTTP: h.client()}, func(w *world) {
		w.wantInfo(testKey, "a.example")
		var group sync.WaitGroup
		for i := range openAfter {
			group.Go(func() { w.observe(w.Context(), fmt.Sprint("bad", i), "a.example") })
		}
		group.Wait()
		start := time.Now()
		equal(w, "a question of the good key", w.ask(1), "0 good, 1 unavailable, 0 other")
		equal(w, "time that it took", time.Since(start), 0)
	})
}

// A connection that was never made is tried again soon, though nothing is known
// of the key: the call cannot have counted.
func TestAConnectionThatWasNeverMade(t *testing.T) {
	made := false
	c := &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		if !made {
			made = true
			return nil, errReset
		}
		return handler(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, record(r.FormValue("indicator"))) }).RoundTrip(r)
	})}
	simulate(t, pulsedivetest.Config{}, Config{HTTP: c}, func(w *world) {
		start := time.Now()
		w.wantInfo(testKey, "a.example")
		if took := time.Since(start); took > retryAfter {
			w.Errorf("a second try after no connection took %v, want at most %v", took, retryAfter)
		}
	})
}

// While it is open nobody waits for a turn, and no calls are counted.
func TestTheBreakerSendsHomeWhoWaits(t *testing.T) {
	bad := false
	fake := pulsedivetest.New(pulsedivetest.Config{Plan: pulsedivetest.Plan{PerSecond: 1, PerDay: 100}, Generate: true})
	h := handler(func(w http.ResponseWriter, r *http.Request) {
		if bad {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		fake.ServeHTTP(w, r)
	})
	simulate(t, pulsedivetest.Config{}, Config{HTTP: h.client()}, func(w *world) {
		w.fake = fake
		w.wantInfo(testKey, "known.example")
		bad = true
		start := time.Now()
		unavailable := 0
		for i, o := range w.observe(w.Context(), testKey, domains("d", 100)...) {
			var u *UnavailableError
			if errors.As(o.err, &u) {
				unavailable++
			} else if o.err == nil {
				w.Errorf("domain %d at a Pulsedive that fails: got an answer, want an error", i)
			}
		}
		if took, most := time.Since(start), (openAfter+2)*window; took > most || unavailable < 100-openAfter {
			w.Errorf("100 domains: %d unavailable after %v, want at least %d within %v", unavailable, took, 100-openAfter, most)
		}
		start = time.Now()
		equal(w, "a question while it is open", w.ask(1), "0 good, 1 unavailable, 0 other")
		equal(w, "time that it took", time.Since(start), 0)
		bad = false
		time.Sleep(openFor + time.Millisecond)
		w.wantInfo(testKey, "a.example")
		b := w.client.Batch(testKey, 0)
		defer b.Close()
		for _, q := range b.Quotas() {
			if q.Period == Day && q.Left != 98 {
				w.Errorf("calls left of 100 after two good ones: got %d, want 98", q.Left)
			}
		}
	})
}
