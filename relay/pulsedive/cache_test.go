package pulsedive

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pulsedive-relay/relay/pulsedive/pulsedivetest"
)

func TestTimesOfTheCache(t *testing.T) {
	for _, c := range []struct {
		name            string
		found, notFound time.Duration
		bytes           int64
		after           time.Duration
		calls           int // of asking twice for info, links, and what is not found
	}{
		{"both, at once", time.Minute, time.Hour, 1 << 20, 0, 3},
		{"both, short of the shorter", time.Minute, time.Hour, 1 << 20, time.Minute - time.Nanosecond, 3},
		{"both, the shorter over", time.Minute, time.Hour, 1 << 20, time.Minute, 5},
		{"both, the longer over", time.Minute, time.Hour, 1 << 20, time.Hour, 6},
		{"not found off", time.Minute, 0, 1 << 20, 0, 4},
		{"found off", 0, time.Minute, 1 << 20, 0, 5},
		{"both off", 0, 0, 1 << 20, 0, 6},
		{"no room", time.Minute, time.Minute, 0, 0, 6},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := Config{CacheTTL: c.found, NotFoundTTL: c.notFound, CacheBytes: c.bytes}
			simulate(t, pulsedivetest.Config{}, cfg, func(w *world) {
				w.fake.SetInfo("known.example", pulsedivetest.Answer{Body: []byte(record("known.example"))})
				for range 2 {
					for i, o := range w.observe(w.Context(), testKey, "known.example", "nobody.example") {
						if (i == 0) != (o.err == nil) || (i == 1) != errors.Is(o.err, ErrNotFound) {
							w.Errorf("value %d: got %v, want the first known and the second not found", i, o.err)
						}
						if !o.question.StaleSince.IsZero() {
							w.Errorf("value %d: stale since %v, want it fresh", i, o.question.StaleSince)
						}
					}
					time.Sleep(c.after)
				}
				w.wantCalls("asking twice", c.calls)
			})
		})
	}
}

func TestErrorsAreNotCached(t *testing.T) {
	simulate(t, pulsedivetest.Config{}, cached(), func(w *world) {
		for i, bad := range []pulsedivetest.Answer{
			{Status: 500, Body: []byte(`{"error":"Database error."}`)}, {Text: "<html>"}, {Body: []byte(`[]`)},
			{Status: 429, Body: []byte(`{"error":"1 requests per month"}`)},
		} {
			value := fmt.Sprint("v", i, ".example")
			key := fmt.Sprint("key", i)
			w.fake.SetInfo(value, bad)
			if _, r, err := w.info(w.Context(), key, value); err == nil {
				w.Errorf("a bad answer %d %s: got %+v, want an error", bad.Status, bad.Body, r)
			}
			w.fake.SetInfo(value, pulsedivetest.Answer{Body: []byte(record(value))})
			time.Sleep(10 * time.Minute)
			w.wantInfo(key, value)
		}
	})
}

// A record that lacks a member is an answer: it is kept, and says so each time.
func TestWhatIsNotCompleteStaysSo(t *testing.T) {
	simulate(t, pulsedivetest.Config{}, cached(), func(w *world) {
		w.fake.SetInfo("a.example", pulsedivetest.Answer{Body: []byte(`{"iid":7,"indicator":"a.example","type":"domain","risk":"low"}`)})
		for range 2 {
			if r := w.wantInfo(testKey, "a.example"); !errors.Is(r.Complete(), ErrShape) {
				w.Errorf("a record without stamp_seen: Complete got %v, want ErrShape", r.Complete())
			}
		}
		w.wantCalls("asking twice", 1)
	})
}

// What was answered to one key is nothing to another, found or not.
func TestKeysShareNoAnswers(t *testing.T) {
	simulate(t, pulsedivetest.Config{Latency: time.Second}, cached(), func(w *world) {
		w.fake.SetInfo("a.example", pulsedivetest.Answer{Body: []byte(record("a.example"))})
		done := make(chan struct{})
		for i := range 4 {
			go func() { // side by side, too
				defer func() { done <- struct{}{} }()
				w.observe(w.Context(), fmt.Sprint("key", i), "a.example", "nobody.example")
			}()
		}
		for range 4 {
			<-done
		}
		w.fake.RefuseKey("refused")
		for i, o := range w.observe(w.Context(), "refused", "a.example", "nobody.example") {
			var status *StatusError
			if !errors.As(o.err, &status) {
				w.Errorf("value %d with a refused key: got %+v, %v; want it refused", i, o.record, o.err)
			}
		}
		w.wantCalls("four keys with three calls each, and a refused one", 13)
	})
}

func TestTheCacheIsBounded(t *testing.T) {
	const room = 128 << 10
	simulate(t, pulsedivetest.Config{Generate: true}, Config{CacheTTL: time.Hour, NotFoundTTL: time.Hour, CacheBytes: room}, func(w *world) {
		w.fake.RecordCalls(false)
		for i := range 15 {
			w.observe(w.Context(), fmt.Sprint("key", i%3), domains(fmt.Sprint("v", i, "-"), 20)...)
		}
		entries := w.client.cache.entries
		entries.CleanUp()
		if n := entries.WeightedSize(); n > room || n < room/2 {
			w.Errorf("after 300 values: the cache counts %d bytes, want at most %d, and not much less", n, room)
		}
		var sum int
		for k, e := range entries.All() {
			sum += len(k.query.indicator) + e.size()
		}
		if sum > room {
			w.Errorf("after 300 values: the cache holds %d bytes, want at most %d", sum, room)
		}
	})
}

// One answer that is larger than the whole cache is answered, not kept.
func TestAnAnswerLargerThanTheCache(t *testing.T) {
	simulate(t, pulsedivetest.Config{}, Config{CacheTTL: time.Hour, CacheBytes: 10 << 10}, func(w *world) {
		long := `{` + whole + `,"retired":"` + strings.Repeat("x", 20<<10) + `"}`
		w.fake.SetInfo("a.example", pulsedivetest.Answer{Body: []byte(long)})
		for range 2 {
			w.wantInfo(testKey, "a.example")
			w.client.cache.entries.CleanUp()
		}
		w.wantCalls("asking twice", 2)
	})
}

// Where what is not found is not kept, it still ends what was found before.
func TestNotFoundEndsWhatWasFound(t *testing.T) {
	f := pulsedivetest.Config{Plan: pulsedivetest.Plan{PerDay: 2}}
	simulate(t, f, Config{CacheTTL: time.Minute, CacheBytes: 1 << 20}, func(w *world) {
		w.fake.SetInfo("a.example", pulsedivetest.Answer{Body: []byte(record("a.example"))})
		w.wantInfo(testKey, "a.example")
		w.fake.SetInfo("a.example", pulsedivetest.Answer{Status: 404})
		time.Sleep(time.Hour)
		if _, _, err := w.info(w.Context(), testKey, "a.example"); !errors.Is(err, ErrNotFound) {
			w.Errorf("info of what is gone: got %v, want ErrNotFound", err)
		}
		w.wantLimit("a.example", Day, 10*time.Minute)
	})
}
