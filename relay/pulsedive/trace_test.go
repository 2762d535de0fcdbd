package pulsedive

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"pulsedive-relay/relay/pulsedive/pulsedivetest"
)

// traced is a trace in short: place kind outcome attempt, or no attempt.
func traced(list []Call) string {
	var s []string
	for _, c := range list {
		one := fmt.Sprintf("%d %s %s", c.Place, c.Kind, c.Outcome)
		if !c.Start.IsZero() {
			one += fmt.Sprintf(" #%d %s after %s", c.Attempt, c.Took, c.Start.Sub(c.Queued))
		}
		s = append(s, one)
	}
	return strings.Join(s, "; ")
}

func TestTrace(t *testing.T) {
	simulate(t, pulsedivetest.Config{Generate: true, Latency: time.Second, Plan: pulsedivetest.Plan{PerSecond: 1}}, cached(), func(w *world) {
		trace := func(values ...string) string {
			b := w.client.Batch(testKey, len(values))
			defer b.Close()
			for i, v := range values {
				q := b.Ask(v)
				q.Place = i
				if _, err := q.Info(w.Context()); err == nil {
					_, _ = q.Links(w.Context())
				}
			}
			return traced(b.Trace())
		}
		equal(w, "trace of a new observable", trace("a.example"), "0 info ok #1 1s after 0s; 0 links ok #1 1s after 50ms")
		equal(w, "trace of one in the cache", trace("a.example", "a.example"), "0 info cached; 0 links cached; 1 info cached; 1 links cached")
	})
}

func TestTraceOfFailures(t *testing.T) {
	for name, c := range map[string]struct {
		steps []int
		want  string
	}{
		"once more":   {[]int{502, 200}, "info status 502 #1; info ok #2"},
		"unknown":     {[]int{404}, "info not found #1"},
		"refused key": {[]int{401}, "info refused key #1"},
		"a fault":     {[]int{500}, "info status 500 #1"},
		"no answer":   {[]int{-1}, "info timeout #1"},
	} {
		t.Run(name, func(t *testing.T) {
			s := &script{steps: c.steps}
			simulate(t, pulsedivetest.Config{}, Config{HTTP: s.client(), Timeout: time.Second}, func(w *world) {
				b := w.client.Batch(testKey, 1)
				defer b.Close()
				_, _ = b.Ask("a.example").Info(w.Context())
				var got []string
				for _, c := range b.Trace() {
					got = append(got, fmt.Sprintf("%s %s #%d", c.Kind, c.Outcome, c.Attempt))
				}
				equal(w, "trace", strings.Join(got, "; "), c.want)
			})
		})
	}
}

// Who joins a call or is late notes no call of its own, and a call that was given
// up is under way for ever.
func TestTraceOfOthersCalls(t *testing.T) {
	simulate(t, pulsedivetest.Config{Generate: true, Latency: 4 * time.Second}, cached(), func(w *world) {
		short, cancel := context.WithTimeout(w.Context(), 3*time.Second)
		defer cancel()
		first, second := w.client.Batch(testKey, 1), w.client.Batch(testKey, 2)
		defer first.Close()
		defer second.Close()
		done := make(chan string)
		go func() {
			_, _ = first.Ask("a.example").Info(short)
			done <- traced(first.Trace())
		}()
		time.Sleep(time.Second)
		_, err := second.Ask("a.example").Info(w.Context())
		equal(w, "the first, late", <-done, "0 info under way #1 3s after 0s")
		equal(w, "the second", traced(second.Trace()), "0 info joined")
		if err != nil {
			w.Errorf("the second: got %v, want an answer", err)
		}
		late := w.client.Batch(testKey, 1)
		defer late.Close()
		_, _ = late.Ask("b.example").Info(short)
		if got := traced(late.Trace()); got != "0 info timeout" && !strings.Contains(got, "under way") {
			w.Errorf("trace of one that came too late: got %q", got)
		}
	})
}

func TestTraceOfAUsedUpDay(t *testing.T) {
	simulate(t, pulsedivetest.Config{Generate: true, Plan: pulsedivetest.Plan{PerDay: 1}}, cached(), func(w *world) {
		w.wantInfo(testKey, "a.example")
		time.Sleep(2 * cached().CacheTTL)
		b := w.client.Batch(testKey, 2)
		defer b.Close()
		for i, v := range []string{"b.example", "a.example", "c.example"} {
			q := b.Ask(v)
			q.Place = i
			_, _ = q.Info(w.Context())
		}
		_ = b.Health(w.Context())
		got := traced(b.Trace())
		want := "0 info limit day #1 0s after 0s; 1 info stale; 2 info limit day; 0 health limit day"
		equal(w, "trace", got, want)
	})
}

func TestTraceIsBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pulsedivetest.Config{Generate: true}, cached())
	b := w.client.Batch(testKey, 1)
	defer b.Close()
	for range mostTraced + 10 {
		if _, err := b.Ask("a.example").Info(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	equal(t, "calls noted", len(b.Trace()), mostTraced)
	_, _ = b.Ask("b.example").Info(t.Context())
	equal(t, "calls noted once it was read", len(b.Trace()), mostTraced)
	equal(t, "calls made", w.fake.Count(), 2)
}

func TestOutcomeOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		want string
	}{
		{nil, "ok"}, {&LimitError{Period: Month}, "limit month"}, {&LimitError{}, "limit"}, {&StatusError{Status: http.StatusForbidden}, "refused key"},
		{&StatusError{Status: 500}, "status 500"}, {fmt.Errorf("x: %w", ErrConnection), "connection"}, {context.Canceled, "given up"},
		{&CertificateError{}, "certificate"}, {&UnavailableError{}, "unavailable"}, {&PanicError{}, "fault"}, {ErrTooLarge, "too large"},
		{ErrNotJSON, "no JSON"}, {fmt.Errorf("%w: y", ErrShape), "shape"}, {context.DeadlineExceeded, "timeout"},
	} {
		equal(t, fmt.Sprint("outcome of ", c.err), outcomeOf(c.err), c.want)
	}
}
