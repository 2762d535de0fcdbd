package store_test

import (
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"pulsedive-relay/relay/ctim"
	"pulsedive-relay/store"
)

// TestHours: what is counted, in which hour; what is trimmed stays counted, what a
// user deletes does not.
func TestHours(t *testing.T) {
	t.Parallel()
	c := newClock() // half past eight
	s := open(t, store.Config{Path: filepath.Join(t.TempDir(), "relay.db"), Now: c.now})
	m := newMaker(1)
	start := c.now()
	want := []store.Hour{{Start: start.Truncate(time.Hour)}, {Start: start.Truncate(time.Hour).Add(2 * time.Hour)}}
	one := func(h *store.Hour, at time.Time, outcome store.Outcome, took time.Duration, list ...ctim.Disposition) {
		x := m.exchange(at)
		x.Outcome, x.Took, x.Calls, x.Cached, x.Results = outcome, took, 3, 1, nil
		for _, d := range list {
			r := store.Result{Observable: m.observable(), State: store.Known, Disposition: d}
			if d == 0 {
				r.State = store.Nothing
			}
			x.Results = append(x.Results, r)
			h.Dispositions[d]++
		}
		x.Results = append(x.Results, store.Result{Observable: m.observable(), State: store.Errored})
		h.Calls, h.Cached = h.Calls+3, h.Cached+1
		h.Times.Add(took)
		appendOne(t, s, x)
	}
	one(&want[0], start, store.OK, 10*time.Millisecond, 1, 2, 2)
	one(&want[0], start.Add(time.Minute), store.Partial, time.Second, 0, 5)
	one(&want[1], start.Add(2*time.Hour), store.Failed, 3*time.Minute)
	for range 3 { // health checks fold, and count
		appendOne(t, s, &store.Exchange{Summary: store.Summary{At: start.Add(2 * time.Hour), Source: store.XDR, Endpoint: store.Health, Outcome: store.OK, Took: time.Millisecond}})
		want[1].Times.Add(time.Millisecond)
	}
	want[0].OK, want[0].Partial, want[1].Failed, want[1].OK = 1, 1, 1, 3
	compare := func(when string) {
		t.Helper()
		got, err := s.Hours(start, start.Add(3*time.Hour))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("hours %s\ngot  %+v (%v)\nwant %+v", when, got, err, want)
		}
	}
	compare("as they come")
	set := s.Settings()
	set.HistoryMax = 3 // the first one goes by itself
	if err := s.SaveSettings(set); err != nil {
		t.Fatal(err)
	}
	s.TrimAll()
	compare("after trimming")
	if err := s.Delete(2); err != nil {
		t.Fatal(err)
	}
	want[0].Partial, want[0].Calls, want[0].Cached, want[0].Dispositions = 0, 3, 1, [6]int{0, 1, 2}
	want[0].Times.Remove(time.Second, 1)
	compare("after deleting one")
	if n, err := s.Purge(t.Context(), store.Filter{Endpoint: store.Health}, nil); n != 1 || err != nil {
		t.Fatalf("purging health checks: got %d, %v", n, err)
	}
	want[1].OK = 0
	want[1].Times.Remove(time.Millisecond, 3)
	compare("after purging health checks")
	if _, err := s.Purge(t.Context(), store.Filter{}, nil); err != nil {
		t.Fatal(err)
	}
	want = nil
	compare("after purging all")
	if got, err := s.Hours(start.Add(time.Hour), start.Add(90*time.Minute)); len(got) != 0 || err != nil {
		t.Errorf("an hour in which nothing happened: got %+v, %v", got, err)
	}
	appendOne(t, s, m.exchange(start))
	c.add(100 * 24 * time.Hour)
	s.TrimAll()
	if got, err := s.Hours(time.Time{}, c.now()); len(got) != 0 || err != nil {
		t.Errorf("hours after 100 days: got %+v, %v", got, err)
	}
}

func TestHistogramRemove(t *testing.T) {
	t.Parallel()
	var h store.Histogram
	h.Add(time.Second)
	h.Add(time.Second)
	h.Add(time.Millisecond)
	h.Remove(time.Second, 1)
	if got := h.Percentile(1); got < time.Second {
		t.Errorf("one of two seconds less: the slowest is %v; want a second", got)
	}
	h.Remove(2*time.Second, 1) // the nearest there is
	if got := h.Percentile(1); got != time.Millisecond {
		t.Errorf("two seconds less: the slowest is %v; want 1 ms", got)
	}
	h.Remove(time.Hour, 5)
	if h != (store.Histogram{}) {
		t.Errorf("more than there is less: got %v; want nothing", h)
	}
}

// TestFilterByHour: exchanges are found by their time, also up to a moment in the
// first second of an hour, and in the oldest hour of the history.
func TestFilterByHour(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := open(t, store.Config{Path: filepath.Join(t.TempDir(), "relay.db"), Now: c.now})
	m := newMaker(1)
	full := c.now().Truncate(time.Hour).Add(time.Hour)
	first, second := appendOne(t, s, m.exchange(full.Add(200*time.Millisecond))), appendOne(t, s, m.exchange(full.Add(90*time.Minute)))
	appendOne(t, s, m.exchange(full.Add(5*time.Hour)))
	compare := func(when string, to time.Time, want ...uint64) {
		t.Helper()
		page, err := s.List(store.Filter{To: to}, store.Cursor{}, 9)
		var got []uint64
		for _, x := range page.Summaries {
			got = append(got, x.ID)
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: got exchanges %v, %v; want %v", when, got, err, want)
		}
	}
	compare("up to an hour", full)
	compare("up to the first second of it", full.Add(500*time.Millisecond), first)
	compare("up to the next hours", full.Add(2*time.Hour), second, first)
	c.add(full.Add(s.Settings().HistoryAge + 75*time.Minute).Sub(c.now()))
	s.TrimAll()
	compare("while its hour is about to go", full.Add(100*time.Minute), second)
}
