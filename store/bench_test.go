package store_test

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"pulsedive-relay/store"
)

// BenchmarkRecord records exchanges with answers of about 25 KB, as answers to
// XDR do, from so many goroutines at once; calm lets each be written before the
// next one comes. B/exchange is what the file takes, all in, and B/exchange-later
// what it takes when it was calm for a while.
func BenchmarkRecord(b *testing.B) {
	record := func(s *store.Store, x *store.Exchange) error { return s.Record(b.Context(), x) }
	for _, callers := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) { benchWrites(b, callers, record) })
	}
	b.Run("calm", func(b *testing.B) {
		benchWrites(b, 1, func(s *store.Store, x *store.Exchange) error {
			_, err := s.Append(b.Context(), x)
			return err
		})
	})
}

func benchWrites(b *testing.B, callers int, write func(*store.Store, *store.Exchange) error) {
	m := newMaker(1)
	var list []*store.Exchange
	size := 0
	for range 512 {
		x := m.exchange(time.Now())
		list, size = append(list, x), size+len(x.Answer)
	}
	s := open(b, store.Config{Path: filepath.Join(b.TempDir(), "relay.db")})
	var next atomic.Int64
	var all sync.WaitGroup
	b.ReportAllocs()
	b.ResetTimer()
	for range callers {
		all.Go(func() {
			for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
				x := *list[i%int64(len(list))]
				x.At = time.Now()
				if err := write(s, &x); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	if _, err := s.List(store.Filter{}, store.Cursor{}, 1); err != nil { // what was recorded is written
		b.Fatal(err)
	}
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "exchanges/s")
	b.ReportMetric(float64(size)/float64(len(list)), "answer-B")
	if b.N > 1000 {
		b.ReportMetric(float64(s.Used())/float64(b.N), "B/exchange")
		for n, err := 1, error(nil); n > 0; {
			if n, err = s.CondenseSome(); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(s.Used())/float64(b.N), "B/exchange-later")
	}
}

// BenchmarkEncode is the caller's part of an append.
func BenchmarkEncode(b *testing.B) {
	s := open(b, store.Config{Path: filepath.Join(b.TempDir(), "relay.db")})
	m := newMaker(1)
	var list []*store.Exchange
	for range 512 {
		list = append(list, m.exchange(time.Now()))
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if err := s.Encode(list[i%len(list)]); err != nil {
			b.Fatal(err)
		}
	}
}

// million is how many exchanges BenchmarkMillion asks.
const million = 1_000_000

// BenchmarkMillion asks a store of a million exchanges with answers of about
// 25 KB: a week of calls, two in three of them about observables that come again.
// It reports the slowest of the runs beside their mean. The file is left where
// MILLION names a path, for the benchmarks of pages.
func BenchmarkMillion(b *testing.B) {
	cfg := store.Config{
		Path: cmp.Or(os.Getenv("MILLION"), filepath.Join(b.TempDir(), "relay.db")),
		Pins: []store.Pin{{Name: "history-max", Text: "2000000"}, {Name: "history-age", Text: "87600h"}},
	}
	s, ids := fill(b, cfg)
	middle, week := ids[len(ids)/2], time.Now().Add(-7*24*time.Hour)
	m := newMaker(2)
	var some []*store.Exchange
	for range 512 {
		some = append(some, m.exchange(time.Now()))
	}
	var turn atomic.Int64
	next := func() error {
		x := *some[turn.Add(1)%int64(len(some))]
		x.At = time.Now()
		_, err := s.Append(b.Context(), &x)
		return err
	}
	list := func(f store.Filter, c store.Cursor, most int) func() error {
		return func() error {
			page, err := s.List(f, c, 50)
			if n := len(page.Summaries); err == nil && (n > most || n < min(most, 1)) {
				err = fmt.Errorf("%+v: got %d exchanges, want %d at most", f, n, most)
			}
			return err
		}
	}
	hours := func(from time.Time, want int) func() error {
		return func() error {
			hours, err := s.Hours(from, time.Now())
			if err == nil && len(hours) < want {
				err = fmt.Errorf("since %v: got %d hours, want %d", from, len(hours), want)
			}
			return err
		}
	}
	for _, c := range []struct {
		name string
		do   func() error
	}{
		{"first page", list(store.Filter{}, store.Cursor{}, 50)},
		{"middle page", list(store.Filter{}, store.Cursor{Before: middle}, 50)},
		{"page of a day", list(store.Filter{From: week.Add(72 * time.Hour), To: week.Add(96 * time.Hour)}, store.Cursor{}, 50)},
		{"failed ones, which are none", list(store.Filter{Outcome: store.Failed}, store.Cursor{}, 0)},
		{"observable", list(store.Filter{Observable: "w4711.example.com"}, store.Cursor{}, 50)},
		{"observable, clean ones by try", list(store.Filter{Observable: "w4711.example.com", Disposition: 1, Source: store.Try}, store.Cursor{}, 0)},
		{"below a domain", list(store.Filter{Observable: "w471.example.net"}, store.Cursor{}, 50)},
		{"below a domain, in the middle", list(store.Filter{Observable: "w471.example.net"}, store.Cursor{Before: middle}, 50)},
		{"below a domain of most", list(store.Filter{Observable: "example.com"}, store.Cursor{}, 50)},
		{"below no such domain", list(store.Filter{Observable: "below.example.com"}, store.Cursor{}, 0)},
		{"first letters", list(store.Filter{Observable: "w471"}, store.Cursor{}, 50)},
		{"first letter", list(store.Filter{Observable: "w"}, store.Cursor{}, 50)},
		{"no such observable", list(store.Filter{Observable: "nothing.example"}, store.Cursor{}, 0)},
		{"hours of a day", hours(time.Now().Add(-24*time.Hour), 24)},
		{"hours of a week", hours(week, 168)},
		{"status", func() error { s.Status(); return nil }},
		{"exchange", func() error { _, err := s.Exchange(middle); return err }},
		{"append", next},
		{"16 appends side by side", func() error {
			var all errgroup.Group
			for range 16 {
				all.Go(next)
			}
			return all.Wait()
		}},
		{"reopen", func() (err error) {
			if err = s.Close(); err == nil {
				s, err = store.Open(cfg)
			}
			return err
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			var slowest time.Duration
			for b.Loop() {
				start := time.Now()
				if err := c.do(); err != nil {
					b.Fatal(err)
				}
				slowest = max(slowest, time.Since(start))
			}
			b.ReportMetric(b.Elapsed().Seconds()*1000/float64(b.N), "ms/op")
			b.ReportMetric(slowest.Seconds()*1000, "ms-slowest")
		})
	}
	_ = s.Close()
}

// fill makes the store of a million, and tells the numbers of some exchanges.
func fill(b *testing.B, cfg store.Config) (*store.Store, []uint64) {
	s := open(b, cfg)
	m := newMaker(1)
	start := time.Now()
	var some []*store.Exchange
	for range 2000 {
		some = append(some, m.exchange(start))
	}
	err := s.Fill(million, len(some), func(i int) *store.Exchange {
		x := *some[i%len(some)]
		x.At = start.Add(-time.Duration(million-i) * (7 * 24 * time.Hour / million))
		x.Results = slices.Clone(x.Results)
		x.Results[0].Observable = m.observable()
		return &x
	})
	if err != nil {
		b.Fatal(err)
	}
	took, size := time.Since(start), float64(s.Used())/million
	b.Run("filling", func(b *testing.B) {
		for b.Loop() { // it is done
		}
		b.ReportMetric(took.Seconds(), "s-all")
		b.ReportMetric(size, "B/exchange")
		b.ReportMetric(0, "ns/op")
	})
	var ids []uint64
	for c := (store.Cursor{}); len(ids) < 100; {
		page, err := s.List(store.Filter{}, c, 1)
		if err != nil || len(page.Summaries) == 0 {
			b.Fatal(err)
		}
		ids = append(ids, page.Summaries[0].ID)
		c.Before = max(1, page.Summaries[0].ID-million/101)
	}
	return s, ids
}
