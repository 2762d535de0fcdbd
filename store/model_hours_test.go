package store_test

import (
	"time"

	"pulsedive-relay/store"
)

// tally counts an exchange in its hour, or takes it out: times is 1 or -1.
func (m *model) tally(x *store.Exchange, times int) {
	start := x.Last.Truncate(time.Hour)
	h := m.hours[start]
	if h == nil {
		h = &store.Hour{Start: start}
		m.hours[start] = h
	}
	n := times * x.Count
	switch x.Outcome {
	case store.OK:
		h.OK += n
	case store.Partial:
		h.Partial += n
	case store.Failed:
		h.Failed += n
	}
	h.Calls += n * x.Calls
	h.Cached += n * x.Cached
	for _, r := range x.Results {
		if r.State == store.Nothing || r.State == store.Known && r.Disposition != 0 {
			h.Dispositions[r.Disposition] += times
		}
	}
	if h.OK+h.Partial+h.Failed == 0 {
		delete(m.hours, start)
	}
}

// compareHours compares what the charts count of the last days: hours that are
// older may be gone. Times are counted for as many as came.
func (m *model) compareHours() {
	from := m.clock.now().Add(-7 * 24 * time.Hour)
	hours, err := m.store.Hours(from, m.clock.now().Add(time.Hour))
	if err != nil {
		m.t.Fatal(err)
	}
	there := map[time.Time]bool{}
	for _, got := range hours {
		var want store.Hour
		if h := m.hours[got.Start]; h != nil {
			want = *h
		}
		times := 0
		for _, n := range got.Times {
			times += int(n)
		}
		want.Times, there[got.Start] = got.Times, true
		if got != want || times != want.OK+want.Partial+want.Failed {
			m.t.Fatalf("the hour\ngot  %+v with %d times\nwant %+v", got, times, want)
		}
	}
	for start, want := range m.hours {
		if start.After(from) && !there[start] {
			m.t.Fatalf("the hour of %v is not there; want %+v", start, *want)
		}
	}
}
