package pulsedive

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"pulsedive-relay/relay/pulsedive/pulsedivetest"
)

// successor is a client with other settings that takes over from the world's.
func (w *world) successor(cfg Config) *world {
	w.Helper()
	cfg.Before, cfg.HTTP = w.client, &http.Client{Transport: w.fake.Transport()}
	return &world{TB: w.TB, fake: w.fake, client: newWorld(w.TB, pulsedivetest.Config{}, cfg).client}
}

// TestAUsedUpDayIsHandedOn: other settings are no reason to ask with a key again
// that has nothing left.
func TestAUsedUpDayIsHandedOn(t *testing.T) {
	secret := []byte("the secret of a store")
	simulate(t, pulsedivetest.Config{Generate: true, Plan: pulsedivetest.Plan{PerDay: 2}}, Config{HashKey: secret}, func(w *world) {
		for _, value := range []string{"a.example", "b.example"} {
			w.wantInfo(testKey, value)
		}
		asked := w.fake.Count()
		next := w.successor(Config{HashKey: secret, Parallel: 3, Timeout: time.Second})
		next.wantLimit("c.example", Day, longestBlock)
		third := next.successor(Config{HashKey: secret, Parallel: 5})
		third.wantLimit("c.example", Day, longestBlock)
		equal(w, "calls after two changes", w.fake.Count(), asked)
		for name, cfg := range map[string]Config{"another endpoint": {HashKey: secret, URL: "https://other.test/"}, "another secret": {HashKey: []byte("x")}} {
			other := third.successor(cfg)
			if _, _, err := other.info(other.Context(), testKey, "d.example"); err == nil {
				w.Errorf("%s: got an answer, want Pulsedive's own refusal", name)
			}
			asked++
			equal(w, "calls with "+name, w.fake.Count(), asked)
		}
	})
}

// TestTurnsAreHandedOn: calls of before and after a change are together no more
// than a second allows.
func TestTurnsAreHandedOn(t *testing.T) {
	secret := []byte("the secret of a store")
	f := free()
	f.Plan.PerDay, f.Plan.PerMonth = 0, 0
	simulate(t, f, Config{HashKey: secret}, func(w *world) {
		w.wantInfo(testKey, "first.example")
		next := w.successor(Config{HashKey: secret, Parallel: 3})
		var group sync.WaitGroup
		for i, value := range domains("d", 10) {
			by := []*world{w, next}[i%2]
			group.Go(func() { by.wantInfo(testKey, value) })
		}
		group.Wait()
		w.wantNoRefusal("11 calls by two clients")
		next.atRest()
	})
}
