package pulsedivetest

import (
	"sync"
	"testing"
)

func TestCalls(t *testing.T) {
	t.Parallel()
	f := New(Config{Now: at(testNow)})
	ask(f, "indicator", "https://u.example/?a=b&c", "get", "links", "key", "k/1+")
	ask(f, "iid", "2", "key", "k2")
	ask(f, "indicator", "x.example")
	f.RecordCalls(false)
	ask(f, "indicator", "y.example", "key", "k")
	want := []Call{
		{At: testNow, Value: "https://u.example/?a=b&c", Get: "links", Key: "k/1+", Status: 200},
		{At: testNow, IID: "2", Key: "k2", Status: 200},
		{At: testNow, Value: "x.example", Status: 401},
	}
	got := f.Calls()
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || got[i] != want[i] {
			t.Fatalf("asked for the calls, one unrecorded\ngot  %+v\nwant %+v", got, want)
		}
	}
	if f.Count() != 4 {
		t.Errorf("asked for the count: got %d, want 4", f.Count())
	}
}

func TestCallsAreBounded(t *testing.T) {
	t.Parallel()
	var r recorder
	r.on.Store(true)
	for i := range maxCalls + 3 {
		r.add(Call{Status: i})
	}
	f := &Fake{}
	f.calls.ring, f.calls.next = r.ring, r.next
	got := f.Calls()
	if len(got) != maxCalls || got[0].Status != 3 || got[maxCalls-1].Status != maxCalls+2 {
		t.Errorf("asked after %d calls: got %d, from %d to %d; want the latest %d in order",
			maxCalls+3, len(got), got[0].Status, got[len(got)-1].Status, maxCalls)
	}
}

// TestConcurrentUse is for the race detector; it also checks that limits hold.
func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	f := New(Config{Now: at(testNow), Generate: true, Plan: Plan{PerDay: 30}})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := range 10 {
				f.SetInfo("d.example", Answer{Text: "x"})
				ask(f, "indicator", []string{"d.example", "g.example", "www.example.com"}[i%3], "key", "k")
				f.LoadSample()
				f.RefuseKey("other")
				_ = f.Calls()
			}
		})
	}
	wg.Wait()
	passed := 0
	for _, c := range f.Calls() {
		if c.Status == 200 {
			passed++
		}
	}
	if passed != 30 || f.Count() != 80 {
		t.Errorf("asked 80 times with 30 a day: got %d passed of %d counted", passed, f.Count())
	}
}
