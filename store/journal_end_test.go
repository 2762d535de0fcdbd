package store_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pulsedive-relay/store"
)

// endedBadly is a store whose last transaction failed, with n exchanges recorded
// just before that.
func endedBadly(t *testing.T, n int) (path string, requests []string) {
	t.Helper()
	path, m := filepath.Join(t.TempDir(), "relay.db"), newMaker(8)
	s := open(t, store.Config{Path: path})
	for range n {
		x := m.exchange(time.Now())
		if err := s.Record(t.Context(), x); err != nil {
			t.Fatal(err)
		}
		requests = append(requests, x.Request)
	}
	s.DiskFails() // before they are written, but on a very slow machine
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return path, requests
}

// TestJournalOutlivesAFailedEnd: where the last transaction fails the journal stays,
// and the next start takes it over.
func TestJournalOutlivesAFailedEnd(t *testing.T) {
	t.Parallel()
	path, want := endedBadly(t, 5)
	if got := requestsOf(t, path); !slices.Equal(got, want) {
		t.Errorf("after a last transaction that failed there are %q; want %q", got, want)
	}
	if _, err := os.Lstat(path + "-journal"); err == nil {
		t.Error("after it was taken over there is a journal; want none")
	}
}

// TestDamagedJournalIsTold: the log does not say that all is there.
func TestDamagedJournalIsTold(t *testing.T) {
	t.Parallel()
	path, _ := abandoned(t, 3)
	text, err := os.ReadFile(path + "-journal")
	if err != nil {
		t.Fatal(err)
	}
	text[len(text)-1] ^= 4
	if err := os.WriteFile(path+"-journal", text, 0o600); err != nil {
		t.Fatal(err)
	}
	var log logged
	open(t, store.Config{Path: path, Log: slog.New(slog.NewTextHandler(&log, nil))})
	if got := log.String(); !strings.Contains(got, "level=WARN") || !strings.Contains(got, "may be missing") || !strings.Contains(got, "from_journal=2") || strings.Contains(got, "level=INFO") {
		t.Errorf("taking over a journal whose last of 3 records is damaged logs %q; want a warning that some may be missing, with 2 taken", got)
	}
}
