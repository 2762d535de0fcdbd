package pulsedive

import (
	"context"
	"fmt"
	"testing"
	"time"

	"pulsedive-relay/relay/pulsedive/pulsedivetest"
)

// latest is a client's latest call in short, with what its key has left of the day.
func (w *world) latest() string {
	call, quotas := w.client.Latest()
	text := call.Kind + " " + call.Outcome
	if !call.Start.IsZero() {
		text += fmt.Sprintf(" %s, %s ago", call.Took, time.Since(call.Start.Add(call.Took)))
	}
	for _, q := range quotas {
		if q.Period == Day {
			text += fmt.Sprintf(", %d of %d", q.Left, q.Limit)
		}
	}
	return text
}

func TestLatest(t *testing.T) {
	f := pulsedivetest.Config{Generate: true, Latency: time.Second, Plan: pulsedivetest.Plan{PerDay: 50}}
	cfg := cached()
	cfg.HashKey = []byte("the secret of a store")
	simulate(t, f, cfg, func(w *world) {
		equal(w, "before any call", w.latest(), " ")
		w.wantInfo(testKey, "a.example")
		w.wantInfo(testKey, "b.example")
		time.Sleep(time.Minute)
		w.wantInfo(testKey, "a.example") // out of the cache
		equal(w, "after two calls", w.latest(), "info ok 1s, 1m0s ago, 48 of 50")
		w.wantInfo("another key", "a.example")
		equal(w, "after a call with another key", w.latest(), "info ok 1s, 0s ago, 49 of 50")

		ctx, cancel := context.WithTimeout(w.Context(), time.Millisecond)
		defer cancel()
		_, _, _ = w.info(ctx, testKey, "given.up.example")
		time.Sleep(time.Minute)
		equal(w, "after one that was given up", w.latest(), "info ok 1s, 1m0.001s ago, 49 of 50")

		next := w.successor(Config{HashKey: cfg.HashKey, Timeout: 500 * time.Millisecond})
		equal(w, "after a change of settings", next.latest(), w.latest())
		_, _, _ = next.info(next.Context(), testKey, "slow.example")
		equal(w, "after one that took too long", w.latest(), "info timeout 500ms, 0s ago, 46 of 50")
		equal(w, "at another endpoint", next.successor(Config{HashKey: cfg.HashKey, URL: "https://other.test/"}).latest(), " ")
	})
}
