package store_test

import (
	"context"
	"errors"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pulsedive-relay/store"
)

// TestAppendSideBySide: many append, list, read and delete at once.
func TestAppendSideBySide(t *testing.T) {
	t.Parallel()
	const callers, each = 16, 25
	s := open(t, store.Config{Path: filepath.Join(t.TempDir(), "relay.db")})
	told, end := s.Subscribe()
	var all sync.WaitGroup
	ids := make([][]uint64, callers)
	for i := range callers {
		all.Go(func() {
			m := newMaker(uint64(i))
			for range each {
				x := m.exchange(time.Now())
				want := string(x.Answer)
				id, err := s.Append(t.Context(), x)
				clear(x.Answer) // it is the caller's again
				got, readErr := s.Exchange(id)
				if err != nil || readErr != nil || string(got.Answer) != want || x.ID != id {
					t.Errorf("exchange %d: %v, %v, or another answer", id, err, readErr)
					return
				}
				if _, err := s.List(store.Filter{Observable: "w"}, store.Cursor{}, 10); err != nil {
					t.Error(err)
				}
				ids[i] = append(ids[i], id)
			}
			if err := s.Delete(ids[i][0]); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	list := slices.Concat(ids...)
	slices.Sort(list)
	if n := len(slices.Compact(list)); n != callers*each || s.Status().Exchanges != callers*(each-1) || len(s.Check()) > 0 {
		t.Errorf("%d appends: got %d numbers, %d exchanges, %v", callers*each, n, s.Status().Exchanges, s.Check())
	}
	select {
	case <-told:
	default:
		t.Error("who subscribed was told nothing")
	}
	end()
	appendOne(t, s, newMaker(99).exchange(time.Now()))
	select {
	case <-told:
		t.Error("who unsubscribed was told something")
	default:
	}
}

func TestAppendEnds(t *testing.T) {
	t.Parallel()
	s := fresh(t)
	ended, end := context.WithCancelCause(t.Context())
	end(nil)
	for range 50 { // whichever comes first: the end, or that it was written
		x := newMaker(1).exchange(newClock().now())
		id, err := s.Append(ended, x)
		if (err == nil) != (id > 0) || err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("appending after the end: got %d, %v", id, err)
		}
		clear(x.Answer)
		clear(x.Results)
	}
	x := newMaker(1).exchange(newClock().now())
	x.Source = "elsewhere"
	if _, err := s.Append(t.Context(), x); err == nil || !strings.Contains(err.Error(), "elsewhere") {
		t.Errorf("a source that there is not: got %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Append(t.Context(), newMaker(1).exchange(newClock().now())); !errors.Is(err, store.ErrClosed) {
		t.Errorf("appending to a closed store: got %v", err)
	}
	if _, err := s.List(store.Filter{}, store.Cursor{}, 1); !errors.Is(err, store.ErrClosed) {
		t.Errorf("listing a closed store: got %v", err)
	}
	if err := s.Close(); !errors.Is(err, store.ErrClosed) {
		t.Errorf("closing twice: got %v", err)
	}
}

func TestHistoryOff(t *testing.T) {
	t.Parallel()
	s := fresh(t, store.Pin{Name: "history-max", Text: "0"})
	if id, err := s.Append(t.Context(), newMaker(1).exchange(newClock().now())); id != 0 || err != nil || s.Status().Exchanges != 0 {
		t.Errorf("appending with the history off: got %d, %v and %d exchanges", id, err, s.Status().Exchanges)
	}
	if hours, err := s.Hours(time.Time{}, newClock().now().Add(time.Hour)); len(hours) > 0 || err != nil {
		t.Errorf("hours with the history off: got %v, %v", hours, err)
	}
}

// TestRetentionLowered: what is beyond a lower retention goes in the background.
func TestRetentionLowered(t *testing.T) {
	t.Parallel()
	s := fresh(t)
	m := newMaker(1)
	var some []*store.Exchange
	err := s.Fill(3000, 1, func(int) *store.Exchange {
		some = append(some, m.exchange(newClock().now()))
		return some[len(some)-1]
	})
	if err != nil {
		t.Fatal(err)
	}
	set := s.Settings()
	set.HistoryMax = 100
	if n, err := s.Beyond(set.History); n != 2900 || err != nil {
		t.Errorf("beyond 100 of 3,000: got %d, %v", n, err)
	}
	half := store.History{HistoryMax: 1 << 20, HistoryAge: 1000 * time.Hour, HistoryBytes: s.Used() / 2}
	if n, err := s.Beyond(half); n < 1400 || n > 1600 || err != nil {
		t.Errorf("beyond half of the bytes that 3,000 take: got %d, %v; want about 1,500", n, err)
	}
	if err := s.SaveSettings(set); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(patience); s.Status().Exchanges > 100; {
		if time.Now().After(deadline) {
			t.Fatalf("after %s there are %d exchanges; want 100", patience, s.Status().Exchanges)
		}
		time.Sleep(time.Millisecond)
	}
	page, err := s.List(store.Filter{}, store.Cursor{}, 1000)
	if err != nil || len(page.Summaries) != 100 || page.Summaries[99].ID != 2901 {
		t.Errorf("what is left: got %d, %v; want the newest 100", len(page.Summaries), err)
	}
	if n, _, err := s.Count(store.Filter{Observable: some[0].Results[0].Observable.Value}, 10); n != 0 || err != nil {
		t.Errorf("an observable that went: got %d, %v", n, err)
	}
}

func TestLastBy(t *testing.T) {
	t.Parallel()
	s := fresh(t)
	m := newMaker(1)
	if sum, ok := s.LastBy(store.XDR); ok {
		t.Errorf("the last call of a new file: got %+v", sum)
	}
	x := m.exchange(newClock().now())
	appendOne(t, s, x)
	try := m.exchange(newClock().now())
	try.Source = store.Try
	appendOne(t, s, try)
	x.Count, x.Last = 1, x.At
	if sum, ok := s.LastBy(store.XDR); !ok || !reflect.DeepEqual(sum, x.Summary) {
		t.Errorf("the last call\ngot  %+v, %v\nwant %+v", sum, ok, x.Summary)
	}
	large := m.exchange(newClock().now())
	for range 1000 {
		large.Results = append(large.Results, m.result(m.observable()))
	}
	appendOne(t, s, large)
	if sum, ok := s.LastBy(store.XDR); !ok || sum.ID != large.ID || len(sum.Results) != 0 {
		t.Errorf("the last call about 1,001 observables: got number %d with %d results, %v; want %d without", sum.ID, len(sum.Results), ok, large.ID)
	}
	if err := s.Delete(large.ID); err != nil {
		t.Fatal(err)
	}
	if sum, ok := s.LastBy(store.XDR); ok {
		t.Errorf("the last call that was deleted: got %+v", sum)
	}
}
