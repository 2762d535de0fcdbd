package pulsedive

import (
	"net/http"
	"strings"
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

// TestTheCacheIsHandedOn: what was found and what was not answers on under other
// settings, within their bounds.
func TestTheCacheIsHandedOn(t *testing.T) {
	cfg := cached()
	cfg.HashKey = []byte("the secret of a store")
	simulate(t, pulsedivetest.Config{}, cfg, func(w *world) {
		known := domains("k", 40)
		for _, value := range known {
			w.fake.SetInfo(value, pulsedivetest.Answer{Body: []byte(record(value))})
		}
		ask := func(by *world, values ...string) {
			for i, o := range by.observe(by.Context(), testKey, values...) {
				if want := strings.HasPrefix(values[i], "k"); want != (o.err == nil) {
					w.Errorf("%s: got %v, want it found: %t", values[i], o.err, want)
				}
			}
		}
		values := append(known, "nobody.example")
		ask(w, values...)
		asked := w.fake.Count()
		cfg.Timeout = 3 * time.Second
		next := w.successor(cfg)
		if !next.client.SharesCache(w.client) {
			w.Error("another timeout: it has not the same cache")
		}
		ask(next, values...)
		w.wantCalls("asked again after a change", asked)

		small := cfg
		small.CacheBytes = 8 << 10
		ask(next.successor(small), "k0.example")
		if n := next.client.cache.entries.WeightedSize(); n > 8<<10 {
			w.Errorf("the cache holds %d bytes under a bound of %d", n, 8<<10)
		}
		asked = w.fake.Count()
		off := cfg
		off.CacheTTL = 0
		ask(next.successor(off), known[:2]...)
		w.wantCalls("what was found is not to be cached", asked+4)
		for name, change := range map[string]func(*Config){
			"another endpoint": func(c *Config) { c.URL = "https://other.test/" }, "another secret": func(c *Config) { c.HashKey = []byte("x") },
			"no cache": func(c *Config) { c.CacheBytes = 0 },
		} {
			other := cfg
			change(&other)
			if next.successor(other).client.SharesCache(next.client) {
				w.Errorf("%s: it has the same cache", name)
			}
		}
	})
}
