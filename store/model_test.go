package store_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"pulsedive-relay/store"
)

// model is what a store should hold, in the plainest form: exchanges, oldest
// first.
type model struct {
	*maker
	t     *testing.T
	clock *clock
	cfg   store.Config
	store *store.Store
	set   store.Settings
	list  []*store.Exchange
	// hours is what the charts should count, by the hour.
	hours map[time.Time]*store.Hour
	// bounded: the store looks at a few entries only for a page, and compresses
	// quickly alone.
	bounded bool
}

// TestModel does at random what can be done with exchanges, and compares.
func TestModel(t *testing.T) {
	t.Parallel()
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			c := newClock()
			m := &model{maker: newMaker(seed), t: t, clock: c, cfg: store.Config{Path: filepath.Join(t.TempDir(), "relay.db"), Now: c.now}, hours: map[time.Time]*store.Hour{}}
			m.bounded = seed%2 == 1
			m.open()
			m.set = m.store.Settings()
			for range 400 {
				m.step()
			}
			m.reopen()
			m.compare()
		})
	}
}

func (m *model) step() {
	m.clock.add(time.Duration(m.IntN(1800)) * time.Second)
	// The housekeeping may be at it, with an eye on this clock: what has grown old
	// goes now, in both.
	m.store.TrimAll()
	m.trim()
	switch n := m.IntN(100); {
	case n < 60:
		m.append(m.some())
	case n < 75:
		m.append(m.health())
	case n < 80:
		m.delete()
	case n < 82:
		m.purge()
	case n < 84:
		m.retain()
	case n < 87:
		m.reopen()
	case n < 88:
		for range m.IntN(3) {
			if _, err := m.store.CondenseSome(); err != nil {
				m.t.Fatal(err)
			}
		}
	case n < 89:
		m.clock.add(20 * time.Hour)
		m.store.TrimAll()
		m.trim()
	default:
		m.compare()
	}
}

func (m *model) append(x *store.Exchange) {
	id := appendOne(m.t, m.store, x)
	m.store.TrimAll()
	x.Count, x.Last = 1, x.At
	if m.set.HistoryMax == 0 {
		return
	}
	m.tally(x, 1)
	if n := len(m.list); n > 0 && len(x.Results) == 0 {
		last := m.list[n-1]
		if len(last.Results) == 0 && last.At.Truncate(time.Hour).Equal(x.At.Truncate(time.Hour)) && last.Source == x.Source && last.Endpoint == x.Endpoint && last.Outcome == x.Outcome &&
			last.Code == x.Code && last.Caller == x.Caller && last.Fingerprint == x.Fingerprint {
			last.Count++
			if x.At.After(last.Last) {
				last.Last = x.At
			}
			if id != last.ID {
				m.t.Fatalf("appended one like exchange %d: got number %d", last.ID, id)
			}
			m.trim()
			return
		}
	}
	if n := len(m.list); n > 0 && id <= m.list[n-1].ID || id != x.ID {
		m.t.Fatalf("appended after exchange %d: got number %d, the exchange says %d", m.list[n-1].ID, id, x.ID)
	}
	m.list = append(m.list, x)
	m.trim()
}

// trim drops what the retention does not keep.
func (m *model) trim() {
	oldest := m.clock.now().Add(-m.set.HistoryAge)
	for len(m.list) > m.set.HistoryMax || len(m.list) > 0 && m.list[0].Last.Before(oldest) {
		m.list = m.list[1:]
	}
}

func (m *model) delete() {
	if len(m.list) == 0 {
		return
	}
	i := m.IntN(len(m.list))
	id := m.list[i].ID
	if err := m.store.Delete(id); err != nil {
		m.t.Fatalf("deleting exchange %d: %v", id, err)
	}
	if err := m.store.Delete(id); !errors.Is(err, store.ErrNotFound) {
		m.t.Fatalf("deleting exchange %d again: got %v, want ErrNotFound", id, err)
	}
	m.tally(m.list[i], -1)
	m.list = slices.Delete(m.list, i, i+1)
}

func (m *model) purge() {
	f := m.filter()
	want := len(m.means(f))
	last := 0
	got, err := m.store.Purge(m.t.Context(), f, func(done int) { last = done })
	if err != nil || got != want || last != want {
		m.t.Fatalf("purging %+v: got %d (told %d), %v; want %d", f, got, last, err, want)
	}
	for _, x := range m.means(f) {
		m.tally(x, -1)
	}
	m.list = slices.DeleteFunc(m.list, func(x *store.Exchange) bool { return meant(f, x) })
	if f == (store.Filter{}) {
		clear(m.hours)
	}
}

func (m *model) retain() {
	m.set.HistoryMax, m.set.HistoryAge = pick(m.maker, 10, 40, 100, 1000), time.Duration(4+m.IntN(200))*time.Hour
	beyond, err := m.store.Beyond(m.set.History)
	if err := m.store.SaveSettings(m.set); err != nil {
		m.t.Fatal(err)
	}
	m.store.TrimAll()
	before := len(m.list)
	m.trim()
	if err != nil || beyond != before-len(m.list) {
		m.t.Fatalf("beyond %+v: got %d, %v; want %d", m.set.History, beyond, err, before-len(m.list))
	}
}

func (m *model) reopen() {
	if err := m.store.Close(); err != nil {
		m.t.Fatal(err)
	}
	before, err := os.Stat(m.cfg.Path)
	if err != nil || before.Mode().Perm() != 0o600 {
		m.t.Fatalf("the file's mode: got %v, %v; want 0600", before.Mode(), err)
	}
	m.open()
}

func (m *model) open() {
	m.store = open(m.t, m.cfg)
	if m.bounded {
		m.store.Search(9, 5)
		m.store.Hurry(0)
	}
}

// means are the exchanges that a filter means, newest first.
func (m *model) means(f store.Filter) []*store.Exchange {
	var list []*store.Exchange
	for _, x := range slices.Backward(m.list) {
		if meant(f, x) {
			list = append(list, x)
		}
	}
	return list
}

// compare asks the store in every way.
func (m *model) compare() {
	m.compareHours()
	f := m.filter()
	want := m.means(f)
	m.comparePages(f, want)
	var got []*store.Exchange
	err := m.store.Each(m.t.Context(), f, func(x *store.Exchange) error {
		got = append(got, x)
		return nil
	})
	if err != nil || !reflect.DeepEqual(got, want) {
		m.t.Fatalf("each of %+v: got %d, %v; want %d\ngot  %v\nwant %v", f, len(got), err, len(want), numbers(got), numbers(want))
	}
	if n, more, err := m.store.Count(f, 20); n != min(20, len(want)) || more != (len(want) > 20) || err != nil {
		m.t.Fatalf("counting %+v up to 20: got %d, %v, %v; want %d", f, n, more, err, len(want))
	}
	if st := m.store.Status(); st.Exchanges != len(m.list) || st.Err != "" || !st.Writable {
		m.t.Fatalf("status: got %+v, want %d exchanges", st, len(m.list))
	}
	if faults := m.store.Check(); len(faults) > 0 {
		m.t.Fatalf("the file: %v", faults)
	}
	if len(want) > 0 {
		x := want[m.IntN(len(want))]
		if got, err := m.store.Exchange(x.ID); err != nil || !reflect.DeepEqual(got, x) {
			m.t.Fatalf("exchange %d\ngot  %+v (%v)\nwant %+v", x.ID, got, err, x)
		}
	}
}

func numbers(list []*store.Exchange) (ids []uint64) {
	for _, x := range list {
		ids = append(ids, x.ID)
	}
	return ids
}

// comparePages turns the pages to the end and back.
func (m *model) comparePages(f store.Filter, want []*store.Exchange) {
	size := 1 + m.IntN(30)
	var pages []store.Page
	for c := (store.Cursor{}); ; {
		page, err := m.store.List(f, c, size)
		if err != nil {
			m.t.Fatalf("listing %+v: %v", f, err)
		}
		pages = append(pages, page)
		if c.Before = page.Older; c.Before == 0 {
			break
		}
	}
	var got []uint64
	for i, page := range pages {
		if page.Partial && !m.bounded || !page.Partial && i < len(pages)-1 && len(page.Summaries) != size || page.Partial != !page.Reached.IsZero() || (page.Newer != 0) != (i > 0) {
			m.t.Fatalf("page %d of %d by %d of %+v: got %d exchanges, newer %d", i, len(pages), size, f, len(page.Summaries), page.Newer)
		}
		for _, x := range page.Summaries {
			got = append(got, x.ID)
		}
	}
	if ids := numbers(want); !slices.Equal(got, ids) {
		m.t.Fatalf("pages of %+v\ngot  %v\nwant %v", f, got, ids)
	}
	if m.bounded {
		m.comparePagesBack(f, want, size)
		return
	}
	for i := len(pages) - 1; i > 0; i-- {
		page, err := m.store.List(f, store.Cursor{After: pages[i].Newer}, size)
		if err != nil || !reflect.DeepEqual(page.Summaries, pages[i-1].Summaries) || (page.Newer == 0) != (i == 1) {
			m.t.Fatalf("the page newer than page %d of %+v: got %+v, %v; want %+v", i, f, page, err, pages[i-1])
		}
	}
}

// comparePagesBack turns pages that may be partial from the oldest to the newest.
func (m *model) comparePagesBack(f store.Filter, want []*store.Exchange, size int) {
	var got []uint64
	for c := (store.Cursor{After: 1}); ; {
		page, err := m.store.List(f, c, size)
		if err != nil {
			m.t.Fatalf("listing %+v from %+v: %v", f, c, err)
		}
		var ids []uint64
		for _, x := range page.Summaries {
			if x.ID > c.After { // the newest page may go further back
				ids = append(ids, x.ID)
			}
		}
		got = append(ids, got...)
		if page.Newer == 0 || page.Newer <= c.After {
			break
		}
		c.After = page.Newer
	}
	ids := slices.DeleteFunc(numbers(want), func(id uint64) bool { return id <= 1 })
	if !slices.Equal(got, ids) {
		m.t.Fatalf("pages of %+v by %d from the oldest on\ngot  %v\nwant %v", f, size, got, ids)
	}
}
