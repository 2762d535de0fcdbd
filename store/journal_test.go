package store_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"pulsedive-relay/store"
)

// TestRecordIsReadAtOnce: what was recorded is found by whoever reads next.
func TestRecordIsReadAtOnce(t *testing.T) {
	t.Parallel()
	s, m := open(t, store.Config{Path: filepath.Join(t.TempDir(), "relay.db")}), newMaker(3)
	for i := range 50 {
		x := m.exchange(time.Now())
		if err := s.Record(t.Context(), x); err != nil {
			t.Fatal(err)
		}
		page, err := s.List(store.Filter{}, store.Cursor{}, 1)
		if err != nil || len(page.Summaries) != 1 {
			t.Fatalf("listing after record %d: %v, %d entries; want the one", i, err, len(page.Summaries))
		}
		if got, err := s.Exchange(page.Summaries[0].ID); err != nil || got.Request != x.Request || !bytes.Equal(got.Answer, x.Answer) {
			t.Fatalf("record %d is read as %+v (%v); want %s", i, got, err, x.Request)
		}
	}
}

// abandoned is a store as a killed process leaves it before the database has
// anything: what was recorded is in one generation of the journal.
func abandoned(t *testing.T, n int) (path string, requests []string) {
	t.Helper()
	from, to := filepath.Join(t.TempDir(), "relay.db"), filepath.Join(t.TempDir(), "relay.db")
	s, m := open(t, store.Config{Path: from}), newMaker(4)
	for range n {
		x := m.exchange(time.Now())
		if err := s.Journal(x); err != nil {
			t.Fatal(err)
		}
		requests = append(requests, x.Request)
	}
	for _, suffix := range []string{"-journal", ""} {
		text, err := os.ReadFile(from + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to+suffix, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return to, requests
}

// requestsOf lists the requests of a store, oldest first.
func requestsOf(t *testing.T, path string) (list []string) {
	t.Helper()
	s := open(t, store.Config{Path: path})
	defer s.Close()
	err := s.Each(t.Context(), store.Filter{}, func(x *store.Exchange) error {
		list = append([]string{x.Request}, list...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if faults := s.Check(); len(faults) > 0 {
		t.Errorf("bbolt finds: %v", faults)
	}
	return list
}

func TestJournalIsReplayed(t *testing.T) {
	t.Parallel()
	path, want := abandoned(t, 20)
	for round := range 2 { // the second time there is nothing to take over
		if got := requestsOf(t, path); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("opening %d: the store has %d exchanges %v; want %v, in order, once", round+1, len(got), got, want)
		}
		if _, err := os.Stat(path + "-journal"); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("opening %d: after Close there is a journal: %v", round+1, err)
		}
	}
}

// A journal that is damaged gives what comes before the damage, and is set aside.
func TestJournalIsDamaged(t *testing.T) {
	t.Parallel()
	const (
		half = 16 << 20 // where the first generation begins
		head = 16       // what precedes a record's content
		all  = 20
	)
	// record is where the nth record begins.
	record := func(b []byte, n int) int {
		at := half
		for range n {
			at += head + int(binary.LittleEndian.Uint32(b[at:]))
		}
		return at
	}
	flipped := func(n, where int) func([]byte) []byte {
		return func(b []byte) []byte {
			b[record(b, n)+where] ^= 4
			return b
		}
	}
	for name, one := range map[string]struct {
		damage func([]byte) []byte
		left   int
		aside  bool
	}{
		"whole":                       {func(b []byte) []byte { return b }, all, false},
		"cut at its end":              {func(b []byte) []byte { return b[:len(b)-5] }, all - 1, true},
		"cut in its eighth record":    {func(b []byte) []byte { return b[:record(b, 7)+head+5] }, 7, true},
		"cut to its head":             {func(b []byte) []byte { return b[:9] }, 0, true},
		"empty":                       {func([]byte) []byte { return nil }, 0, false},
		"other bytes":                 {func(b []byte) []byte { return bytes.Repeat([]byte{0xfe}, len(b)) }, 0, true},
		"changed in a generation":     {flipped(1, 5), 1, true},
		"changed in a length":         {flipped(3, 1), 3, true},
		"changed in a content":        {flipped(11, head+40), 11, true},
		"changed in the first record": {flipped(0, head+40), 0, true},
	} {
		path, want := abandoned(t, all)
		text, err := os.ReadFile(path + "-journal")
		if err != nil {
			t.Fatal(err)
		}
		damaged := one.damage(text)
		if err := os.WriteFile(path+"-journal", damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		if got := requestsOf(t, path); !slices.Equal(got, want[:one.left]) {
			t.Errorf("a journal that is %s: the store has %d of %d, %v; want the first %d of %v", name, len(got), all, got, one.left, want)
		}
		aside, err := os.ReadFile(path + "-journal-damaged-1")
		switch {
		case one.aside && !bytes.Equal(aside, damaged):
			t.Errorf("a journal that is %s: set aside are %d bytes (%v); want its %d", name, len(aside), err, len(damaged))
		case !one.aside && err == nil:
			t.Errorf("a journal that is %s is set aside; want it to be done with", name)
		}
	}
}

// A journal of another database is nobody's.
func TestJournalOfAnother(t *testing.T) {
	t.Parallel()
	path, _ := abandoned(t, 5)
	other := filepath.Join(t.TempDir(), "other.db")
	open(t, store.Config{Path: other}).Close()
	text, err := os.ReadFile(path + "-journal")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(other+"-journal", text, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := requestsOf(t, other); len(got) != 0 {
		t.Errorf("a database took over %v of another one's journal; want nothing", got)
	}
}

// Where there can be no journal answers wait for the disk, and nothing is twice
// when there is one again.
func TestJournalCannotBeMade(t *testing.T) {
	t.Parallel()
	path, want := abandoned(t, 5)
	requestsOf(t, path)
	if err := os.Mkdir(path+"-journal", 0o700); err != nil {
		t.Fatal(err)
	}
	s, m := open(t, store.Config{Path: path}), newMaker(6)
	for range 3 {
		x := m.exchange(time.Now())
		if err := s.Record(t.Context(), x); err != nil {
			t.Fatal(err)
		}
		want = append(want, x.Request)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path + "-journal"); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if got := requestsOf(t, path); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("the store has %v; want %v", got, want)
		}
	}
}

// What has the journal's name and is none is not touched.
func TestJournalIsALink(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path, victim := filepath.Join(folder, "relay.db"), filepath.Join(folder, "victim")
	if err := os.WriteFile(victim, []byte("something else"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(victim, path+"-journal"); err != nil {
		t.Fatal(err)
	}
	s := open(t, store.Config{Path: path})
	if err := s.Record(t.Context(), newMaker(7).exchange(time.Now())); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(victim); err != nil || string(text) != "something else" {
		t.Errorf("behind the link is %q (%v); want what was there", text, err)
	}
}

// More than the journal takes at once waits for the disk, and is not lost.
func TestJournalIsFull(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "relay.db")
	s, m := open(t, store.Config{Path: path}), newMaker(5)
	big := make([]byte, 20<<20)
	for i := range big {
		big[i] = byte(i*i>>3) ^ byte(i>>11)
	}
	for i := range 3 {
		x := m.exchange(time.Now())
		x.Answer = big
		if err := s.Record(t.Context(), x); err != nil {
			t.Fatalf("recording %d of 20 MB: %v", i, err)
		}
	}
	page, err := s.List(store.Filter{}, store.Cursor{}, 10)
	if err != nil || len(page.Summaries) != 3 {
		t.Fatalf("%d exchanges (%v); want 3", len(page.Summaries), err)
	}
	if x, err := s.Exchange(page.Summaries[2].ID); err != nil || !bytes.Equal(x.Answer, big) {
		t.Errorf("the first of them is not as it was (%v)", err)
	}
}

// recordUntilKilled is a child that records from many goroutines and tells what
// was acknowledged: the requests' ids.
func recordUntilKilled(path string) error {
	s, err := store.Open(store.Config{Path: path})
	if err != nil {
		return err
	}
	ended := make(chan error)
	for i := range 4 {
		go func() {
			m := newMaker(uint64(os.Getpid()*10 + i))
			for {
				x := m.exchange(time.Now())
				if err := s.Record(context.Background(), x); err != nil {
					ended <- err
					return
				}
				_, _ = io.WriteString(os.Stdout, fmt.Sprintln(1, x.Request))
			}
		}()
	}
	return <-ended
}

// TestRecordedOutlivesAKill kills a process that records, again and again: every
// exchange that it acknowledged is there, once.
func TestRecordedOutlivesAKill(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "relay.db")
	var acknowledged []string
	for range 10 {
		acknowledged = append(acknowledged, killedRecorder(t, path)...)
		there := map[string]int{}
		for _, request := range requestsOf(t, path) {
			there[request]++
		}
		for _, request := range acknowledged {
			if there[request] != 1 {
				t.Fatalf("%s was acknowledged and is there %d times; want once", request, there[request])
			}
		}
	}
	if len(acknowledged) < 20 {
		t.Errorf("%d exchanges were acknowledged in all; want more", len(acknowledged))
	}
}

// TestJournalIsTriedAgain: what could not be taken over at one start is at the next,
// whatever was written in between.
func TestJournalIsTriedAgain(t *testing.T) {
	t.Parallel()
	path, want := abandoned(t, 5)
	if err := os.Rename(path+"-journal", path+"-aside"); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(path+"-journal", 0o700); err != nil {
		t.Fatal(err)
	}
	s := open(t, store.Config{Path: path})
	for range 3 {
		x := newMaker(5).exchange(time.Now())
		appendOne(t, s, x)
		want = append(want, x.Request)
	}
	if err := errors.Join(s.Close(), os.Remove(path+"-journal"), os.Rename(path+"-aside", path+"-journal")); err != nil {
		t.Fatal(err)
	}
	got := requestsOf(t, path)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("after a start that could not read the journal, and one that could, there are %q; want %q", got, want)
	}
}
