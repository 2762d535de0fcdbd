package web

import (
	"errors"
	"path/filepath"
	"testing"

	"pulsedive-relay/store"
)

// TestPutBack: settings that cannot take effect are not kept.
func TestPutBack(t *testing.T) {
	t.Parallel()
	s, err := store.Open(store.Config{Path: filepath.Join(t.TempDir(), "relay.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	before := s.Settings()
	next := s.Settings()
	next.Parallel = 9
	refusal := errors.New("not today")
	changed, err := putSettings(s, func(store.Settings) error { return refusal }, next)
	if !errors.Is(err, refusal) || changed != nil || s.Settings().Parallel != before.Parallel {
		t.Errorf("settings that are refused: changed %v, %v, and %d calls are stored; want nothing changed, the refusal, %d", changed, err, s.Settings().Parallel, before.Parallel)
	}
	if changed, err := putSettings(s, func(store.Settings) error { return nil }, next); err != nil || len(changed) != 1 || s.Settings().Parallel != 9 {
		t.Errorf("settings that are taken: changed %v, %v; want one, stored", changed, err)
	}
}
