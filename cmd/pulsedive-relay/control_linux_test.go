package main

import (
	"os"
	"path/filepath"
	"testing"
)

// TestControlSocketIsPrivate: it has its mode from the start, not by a change that
// comes later.
func TestControlSocketIsPrivate(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "relay.db"+socketSuffix)
	l, err := listenPrivately(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	made, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if made.Mode() != os.ModeSocket|0o600 {
		t.Errorf("the socket is made with %v; want mode 0600", made.Mode())
	}
}
