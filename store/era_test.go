package store_test

import (
	"errors"
	"path/filepath"
	"testing"

	"pulsedive-relay/store"
)

// TestEra: ending all sessions begins another era, also of a file that is opened
// again; a new password does not.
func TestEra(t *testing.T) {
	t.Parallel()
	cfg := store.Config{Path: filepath.Join(t.TempDir(), "relay.db"), Now: newClock().now}
	s := open(t, cfg)
	first := s.Era()
	if err := errors.Join(s.SetPassword([]byte("hash")), s.Sessions().DeleteAll()); err != nil {
		t.Fatal(err)
	}
	second := s.Era()
	if err := errors.Join(s.SetPassword([]byte("another")), s.Close()); err != nil {
		t.Fatal(err)
	}
	s = open(t, cfg)
	again := s.Era()
	if err := s.Sessions().DeleteAll(); err != nil {
		t.Fatal(err)
	}
	if third := s.Era(); first == second || again != second || third == second {
		t.Errorf("the eras are %q, then %q, %q after a restart, then %q; want another by each end of all sessions alone", first, second, again, third)
	}
}
