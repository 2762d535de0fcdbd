package pulsedive

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pulsedive-relay/relay/pulsedive/pulsedivetest"
)

func TestADeadlineWhileWaiting(t *testing.T) {
	simulate(t, free(), Config{}, func(w *world) {
		ctx, cancel := context.WithTimeout(w.Context(), 3500*time.Millisecond)
		defer cancel()
		start := time.Now()
		answered := 0
		for i, o := range w.observe(ctx, testKey, domains("d", 10)...) {
			switch {
			case o.err == nil:
				answered++
			case !errors.Is(o.err, context.DeadlineExceeded):
				t.Errorf("domain %d: got %v, want the deadline", i, o.err)
			}
		}
		equal(t, "domains answered in 3.5 s on the free plan", answered, 4)
		equal(t, "time it took", time.Since(start), 3500*time.Millisecond)
		w.wantCalls("until the deadline", 4)
		time.Sleep(time.Minute)
		w.wantCalls("a minute after the deadline", 4)
	})
}

func TestACancelledQuestionLeavesItsPlace(t *testing.T) {
	simulate(t, pulsedivetest.Config{Plan: pulsedivetest.Plan{PerSecond: 1}, Generate: true, Latency: 5 * time.Second}, Config{}, func(w *world) {
		gone, cancel := context.WithCancel(w.Context())
		var group sync.WaitGroup
		group.Go(func() { w.observe(gone, testKey, domains("gone", 50)...) }) // one probes, the rest wait
		time.Sleep(time.Second)
		start := time.Now()
		group.Go(func() { w.wantInfo(testKey, "stays.example") })
		time.Sleep(time.Second)
		cancel() // the one that probes, too
		group.Wait()
		if took := time.Since(start); took > 7*time.Second {
			t.Errorf("a question behind fifty that were given up took %v, want at most 7 s", took)
		}
		w.wantCalls("the first of fifty and the one that stayed", 2)
	})
}

// A question that is over before it begins asks nothing.
func TestACancelledContextAsksNothing(t *testing.T) {
	simulate(t, free(), Config{}, func(w *world) {
		ctx, cancel := context.WithCancel(w.Context())
		cancel()
		for range 20 {
			if _, _, err := w.info(ctx, testKey, "late.example"); !errors.Is(err, context.Canceled) {
				t.Errorf("info with a cancelled context: got %v, want context.Canceled", err)
			}
		}
		synctest.Wait()
		w.wantCalls("with a cancelled context", 0)
	})
}

// Keys do not share their limits.
func TestKeysArePacedApart(t *testing.T) {
	simulate(t, free(), Config{}, func(w *world) {
		start := time.Now()
		var group sync.WaitGroup
		for i := range 50 {
			group.Go(func() { w.observe(w.Context(), fmt.Sprint("key", i), "d.example", "e.example") })
		}
		group.Wait()
		if took, most := time.Since(start), 4*window; took > most {
			t.Errorf("50 keys with 4 calls each took %v, want at most %v", took, most)
		}
		w.wantCalls("50 keys with 4 calls each", 200)
	})
}

// A thousand requests at once, on one key or many, are all answered within a
// request's time.
func TestAThousandBatches(t *testing.T) {
	for name, key := range map[string]func(int) string{
		"one key":    func(int) string { return testKey },
		"a key each": func(i int) string { return fmt.Sprint("key", i) },
	} {
		t.Run(name, func(t *testing.T) {
			f := pulsedivetest.Config{Generate: true, Latency: 2 * time.Second}
			simulate(t, f, cached(), func(w *world) {
				ctx, cancel := context.WithTimeout(w.Context(), 25*time.Second)
				defer cancel()
				var group sync.WaitGroup
				for i := range 1000 {
					group.Go(func() {
						for _, o := range w.observe(ctx, key(i), fmt.Sprintf("d%d.example", i)) {
							if o.err != nil || o.linksErr != nil {
								t.Errorf("batch %d of 1000: got %v and %v, want no error", i, o.err, o.linksErr)
							}
						}
					})
				}
				group.Wait()
			})
		})
	}
}

// No more calls are on their way than the memory is meant for.
func TestCallsAtOnceAreBounded(t *testing.T) {
	var mu sync.Mutex
	var now, most int
	h := handler(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		now++
		most = max(most, now)
		mu.Unlock()
		pass(r, time.Second)
		mu.Lock()
		now--
		mu.Unlock()
		fmt.Fprint(w, record(r.FormValue("indicator")))
	})
	simulate(t, pulsedivetest.Config{}, Config{HTTP: h.client()}, func(w *world) {
		for i, o := range w.observe(w.Context(), testKey, domains("d", 1500)...) {
			if o.err != nil {
				t.Errorf("domain %d: got %v, want no error", i, o.err)
			}
		}
	})
	equal(t, "calls at once with 1500 domains", most, mostCalls)
}
