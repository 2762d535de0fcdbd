package store_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pulsedive-relay/store"
)

// TestBackup: a copy holds what the file does, without secrets unless asked, not
// even in unused pages.
func TestBackup(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	c := newClock()
	s := open(t, store.Config{Path: filepath.Join(folder, "relay.db"), Now: c.now})
	m := newMaker(1)
	for range 300 {
		appendOne(t, s, m.exchange(c.add(time.Second)))
	}
	set := s.Settings()
	set.Parallel, set.PulsediveKey = 9, "key-of-the-operator"
	err := errors.Join(s.SaveSettings(set), s.SetPassword([]byte("hash-of-the-password")),
		s.Sessions().Commit("token", []byte("what-the-session-holds"), c.now().Add(time.Hour)),
		s.Keep([]store.Kept{{Key: []byte("key-of-a-record"), Value: []byte("value-of-a-record"), Expires: c.now().Add(time.Hour)}}))
	if err != nil {
		t.Fatal(err)
	}
	secrets := [][]byte{[]byte("key-of-the-operator"), []byte("hash-of-the-password"), []byte("what-the-session-holds"), []byte("key-of-a-record"), []byte("value-of-a-record"), s.Secret()}
	without, with, back := filepath.Join(folder, "without.db"), filepath.Join(folder, "with.db"), filepath.Join(folder, "back.db")
	ended, end := context.WithCancel(t.Context())
	end()
	if err := s.Backup(ended, without, false); !errors.Is(err, context.Canceled) {
		t.Errorf("a backup that was given up: got %v", err)
	}
	if err := errors.Join(s.Backup(t.Context(), without, false), s.Backup(t.Context(), with, true), store.Restore(t.Context(), without, back)); err != nil {
		t.Fatal(err)
	}
	if err := store.Restore(ended, with, filepath.Join(folder, "cut.db")); !errors.Is(err, context.Canceled) {
		t.Errorf("a restore that was given up: got %v", err)
	}
	names, err := os.ReadDir(folder)
	for _, one := range names {
		if strings.HasSuffix(one.Name(), ".part") || one.Name() == "cut.db" {
			t.Errorf("beside the copies there is %s (%v); want nothing of those that are cut or whole", one.Name(), err)
		}
	}
	for path, secret := range map[string]bool{without: false, with: true, back: false} {
		b, err := os.ReadFile(path)
		found, e := os.Stat(path)
		if err := errors.Join(err, e); err != nil || found.Mode().Perm() != 0o600 {
			t.Fatalf("%s: %v, mode %v; want 0600", path, err, found.Mode())
		}
		for _, text := range secrets {
			if bytes.Contains(b, text) != secret {
				t.Errorf("%s holds %q: %v; want %v", filepath.Base(path), text, !secret, secret)
			}
		}
		compareCopy(t, s, path, secret)
	}
	if err := s.Backup(t.Context(), with, true); !errors.Is(err, store.ErrExists) {
		t.Errorf("a backup over a file: got %v; want that there is one", err)
	}
	if err := store.Restore(t.Context(), without, with); !errors.Is(err, store.ErrExists) {
		t.Errorf("restoring over a file: got %v; want that there is one", err)
	}
	if err := store.Restore(t.Context(), filepath.Join(folder, "none.db"), filepath.Join(folder, "new.db")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("restoring from nothing: got %v; want that there is none", err)
	}
}

// TestTakePlace: without links, too, a whole copy gets its name only where nothing
// has it.
func TestTakePlace(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	part, path := filepath.Join(folder, "part"), filepath.Join(folder, "relay.db")
	for _, c := range []struct {
		text, there string
		want        error
	}{{"first", "first", nil}, {"second", "first", store.ErrExists}} {
		if err := os.WriteFile(part, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		err := store.TakePlace(part, path)
		if text, e := os.ReadFile(path); !errors.Is(err, c.want) || e != nil || string(text) != c.there {
			t.Errorf("placing the %s copy: got %v, and there is %q (%v); want %v and %q", c.text, err, text, e, c.want, c.there)
		}
	}
}

// compareCopy opens a copy and compares it with the original.
func compareCopy(t *testing.T, s *store.Store, path string, secrets bool) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "opened.db") // opening a copy may write a new secret
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	copied := open(t, store.Config{Path: path, Now: newClock().now})
	var got, want []uint64
	for into, one := range map[*[]uint64]*store.Store{&got: copied, &want: s} {
		err := one.Each(t.Context(), store.Filter{}, func(x *store.Exchange) error {
			*into = append(*into, x.ID)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(got) != len(want) || copied.Status().Exchanges != len(want) || copied.Settings().Parallel != 9 || len(copied.Check()) > 0 {
		t.Errorf("%s: got %d exchanges and %v; want %d", path, len(got), copied.Status(), len(want))
	}
	_, password := copied.Password()
	if password != secrets || bytes.Equal(copied.Secret(), s.Secret()) != secrets || (copied.Settings().PulsediveKey != "") != secrets {
		t.Errorf("%s: its secrets are there: %v; want %v", path, password, secrets)
	}
	if n := copied.KeptNumber(); (n == 1) != secrets {
		t.Errorf("%s: %d records of the cache are kept; want one: %v", path, n, secrets)
	}
	if id := appendOne(t, copied, newMaker(2).exchange(newClock().now())); id <= want[0] {
		t.Errorf("%s: a new exchange has number %d; want one behind %d", path, id, want[0])
	}
}
