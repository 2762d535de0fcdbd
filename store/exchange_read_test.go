package store_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pulsedive-relay/store"
)

// TestEachGoesOn: an exchange that cannot be read keeps no other from being given,
// and the log says so once.
func TestEachGoesOn(t *testing.T) {
	t.Parallel()
	c, m := newClock(), newMaker(1)
	var log logged
	s := open(t, store.Config{Path: filepath.Join(t.TempDir(), "relay.db"), Now: c.now, Log: slog.New(slog.NewTextHandler(&log, nil))})
	for range 200 { // more than one step
		appendOne(t, s, m.exchange(c.add(time.Second)))
	}
	for id, summary := range map[uint64]bool{190: true, 3: true, 100: false, 99: false, 1: false} {
		if err := s.Spoil(id, summary); err != nil {
			t.Fatal(err)
		}
	}
	given, damaged := 0, []uint64{}
	err := s.Each(t.Context(), store.Filter{}, func(x *store.Exchange) error {
		given++
		if x.Damaged {
			damaged = append(damaged, x.ID)
		}
		if x.Damaged != (x.Request == "") || len(x.Results) == 0 {
			t.Errorf("exchange %d, damaged %v: request %q, %d results; want its summary, and the rest if it is whole", x.ID, x.Damaged, x.Request, len(x.Results))
		}
		return nil
	})
	if err != nil || given != 198 || fmt.Sprint(damaged) != "[100 99 1]" {
		t.Errorf("200 exchanges, 2 without a summary and 3 without details: got %d, damaged %v (%v); want 198 and [100 99 1]", given, damaged, err)
	}
	if text := log.String(); strings.Count(text, "\n") != 1 || !strings.Contains(text, "summary_alone=3 left_out=2") {
		t.Errorf("the log has %q; want one line that counts 3 and 2", text)
	}
}

// TestLargeDetails: what is written of an exchange can be read back; one that is too
// large is without its answer, or without anything but its summary.
func TestLargeDetails(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		bound            int
		request, answers bool
	}{{1 << 20, true, true}, {10_000, true, false}, {40, false, false}} {
		s, x := fresh(t), newMaker(1).exchange(newClock().now())
		x.Answer = bytes.Repeat([]byte("answer "), 10_000)
		s.BoundDetails(c.bound)
		got, err := s.Exchange(appendOne(t, s, x))
		if err != nil {
			t.Errorf("an exchange of 70 kB where %d bytes can be read back: %v; want to read it", c.bound, err)
			continue
		}
		if len(got.Results) != len(x.Results) || (got.Request == x.Request) != c.request || bytes.Equal(got.Answer, x.Answer) != c.answers {
			t.Errorf("where %d bytes can be read back: got %d results, request %q, %d bytes of answer; want %d, the request: %v, the answer: %v",
				c.bound, len(got.Results), got.Request, len(got.Answer), len(x.Results), c.request, c.answers)
		}
	}
}
