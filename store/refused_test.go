package store_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"pulsedive-relay/store"
)

// refusedAt is a request without a token.
func refusedAt(at time.Time, endpoint store.Endpoint, caller string) *store.Exchange {
	return &store.Exchange{
		Summary: store.Summary{At: at, Source: store.XDR, Endpoint: endpoint, Outcome: store.Failed, Code: "authorization error", Caller: caller, Took: time.Millisecond},
		Answer:  []byte(`{"errors":[]}`), Errors: []store.Fault{{Type: "fatal", Code: "authorization error", Message: "Authorization failed: Wrong JWT structure"}},
	}
}

// TestRefusedCostLittle: whoever has no token cannot push out the history.
func TestRefusedCostLittle(t *testing.T) {
	t.Parallel()
	s, m := open(t, store.Config{Path: filepath.Join(t.TempDir(), "relay.db")}), newMaker(8)
	at := time.Now().Truncate(time.Hour)
	for i := range 3000 {
		endpoint := []store.Endpoint{store.Observe, store.Refer, store.Health}[i%3]
		if err := s.Record(t.Context(), refusedAt(at.Add(time.Duration(i)*time.Millisecond), endpoint, fmt.Sprintf("192.0.2.%d", i%7))); err != nil {
			t.Fatal(err)
		}
		if i%100 == 0 { // others come in between
			appendOne(t, s, m.exchange(at))
		}
	}
	page, err := s.List(store.Filter{Outcome: store.Failed}, store.Cursor{}, 1000)
	if err != nil || len(page.Summaries) != 21 {
		t.Fatalf("3000 refused requests of 7 addresses to 3 endpoints are %d entries (%v); want 21", len(page.Summaries), err)
	}
	all := 0
	for _, x := range page.Summaries {
		all += x.Count
	}
	if all != 3000 {
		t.Errorf("the entries stand for %d requests; want 3000", all)
	}
	for i := range 5000 {
		if err := s.Record(t.Context(), refusedAt(at.Add(time.Minute), store.Observe, fmt.Sprintf("198.51.%d.%d", i/250, i%250))); err != nil {
			t.Fatal(err)
		}
	}
	page, err = s.List(store.Filter{Outcome: store.Failed}, store.Cursor{}, 1000)
	if err != nil || len(page.Summaries) > 51 || page.Summaries[0].Caller != "various addresses" {
		t.Errorf("after 5000 more addresses there are %d entries, the newest of %q (%v); want 51 at most, the newest for all others", len(page.Summaries), page.Summaries[0].Caller, err)
	}
	appendOne(t, s, refusedAt(at.Add(time.Hour), store.Observe, "192.0.2.1"))
	if page, _ := s.List(store.Filter{Outcome: store.Failed}, store.Cursor{}, 1); page.Summaries[0].Count != 1 || page.Summaries[0].Caller != "192.0.2.1" {
		t.Errorf("the next hour's first is %+v; want an entry of its own", page.Summaries[0])
	}
}

// An entry that goes on into a time is found by it.
func TestFoldedIsFoundByItsWholeTime(t *testing.T) {
	t.Parallel()
	s := open(t, store.Config{Path: filepath.Join(t.TempDir(), "relay.db")})
	start := time.Now().Add(-10 * time.Hour).Truncate(time.Hour)
	for i := range 10 {
		x := refusedAt(start.Add(time.Duration(i)*6*time.Minute), store.Health, "192.0.2.1")
		x.Outcome, x.Code, x.Fingerprint, x.Errors = store.OK, "", "5f3a9c0b", nil
		appendOne(t, s, x)
	}
	for from, want := range map[time.Duration]int{0: 1, 30 * time.Minute: 1, 54 * time.Minute: 1, 55 * time.Minute: 0} {
		page, err := s.List(store.Filter{From: start.Add(from), To: start.Add(24 * time.Hour)}, store.Cursor{}, 10)
		if err != nil || len(page.Summaries) != want {
			t.Errorf("from %s after the first of ten checks in an hour there are %d entries (%v); want %d", from, len(page.Summaries), err, want)
		}
	}
}

// TestHistoryBytes: the file does not grow beyond what is set, whatever exchanges
// hold.
func TestHistoryBytes(t *testing.T) {
	t.Parallel()
	const bound = 2 << 20
	s := open(t, store.Config{Path: filepath.Join(t.TempDir(), "relay.db")})
	s.Bound(2 << 20)
	m := newMaker(9)
	for range 3000 {
		appendOne(t, s, m.exchange(time.Now()))
	}
	s.TrimAll()
	if used, n := s.Used(), s.Status().Exchanges; used > bound*3/2 || n < 100 {
		t.Errorf("of 3000 exchanges %d are kept in %d bytes; want about %d bytes full", n, used, bound)
	}
}
