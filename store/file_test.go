package store_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"pulsedive-relay/store"
)

// whole is the content of a file with some exchanges.
func whole(t *testing.T) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "relay.db")
	s, err := store.Open(store.Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	m := newMaker(1)
	for range 200 {
		appendOne(t, s, m.exchange(time.Now()))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestDamagedFiles: what is no whole file of ours is refused in words, and left
// as it is.
func TestDamagedFiles(t *testing.T) {
	t.Parallel()
	good := whole(t)
	cut := func(n int) []byte { return good[:n] }
	other := func(change func(b []byte)) []byte {
		b := bytes.Clone(good)
		change(b)
		return b
	}
	for name, content := range map[string][]byte{
		"text":                          []byte(strings.Repeat("this is no database\n", 5000)),
		"short text":                    []byte("x"),
		"zeros":                         make([]byte, 1<<20),
		"cut in the first page":         cut(100),
		"cut behind the first page":     cut(16 << 10),
		"cut behind the descriptions":   cut(32 << 10),
		"cut in the middle":             cut(300 << 10),
		"both descriptions overwritten": other(func(b []byte) { clear(b[:64<<10]) }),
		"pages overwritten":             other(func(b []byte) { clear(b[32<<10:]) }),
		"pages of noise": other(func(b []byte) {
			for i := range b[32<<10:] {
				b[32<<10+i] = byte(i * 7)
			}
		}),
		"of another program": foreign(t),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "relay.db")
			if err := os.WriteFile(path, content, 0o600); err != nil {
				t.Fatal(err)
			}
			s, err := store.Open(store.Config{Path: path})
			if err == nil {
				_ = s.Close()
			}
			if !errors.Is(err, store.ErrDamaged) || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "nothing was changed") {
				t.Errorf("opening it: got %v; want that it is damaged", err)
			}
			if err := store.Restore(t.Context(), path, path+".copy"); !errors.Is(err, store.ErrDamaged) {
				t.Errorf("restoring from it: got %v; want that it is damaged", err)
			}
			if _, err := os.Stat(path + ".copy"); err == nil {
				t.Error("restoring from it left a file")
			}
			if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, content) {
				t.Errorf("the file was changed (%v)", err)
			}
		})
	}
}

// foreign is a file of bbolt that another program made.
func foreign(t *testing.T) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "other.db")
	db, err := bolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bolt.Tx) error {
		_, err := tx.CreateBucket([]byte("theirs"))
		return err
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestOneDescriptionIsEnough: a file whose newer description was cut off by a
// crash is as it was before.
func TestOneDescriptionIsEnough(t *testing.T) {
	t.Parallel()
	for page := range 2 {
		b := whole(t)
		clear(b[page*16<<10+16 : page*16<<10+80])
		path := filepath.Join(t.TempDir(), "relay.db")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		s := open(t, store.Config{Path: path})
		if n := s.Status().Exchanges; n < 199 || len(s.Check()) > 0 {
			t.Errorf("without description %d: got %d exchanges and %v; want 199 or 200", page, n, s.Check())
		}
	}
}

func TestEmptyFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "relay.db")
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	s := open(t, store.Config{Path: path})
	found, err := os.Stat(path)
	if id := appendOne(t, s, newMaker(1).exchange(time.Now())); id != 1 || err != nil || found.Mode().Perm() != 0o600 {
		t.Errorf("an empty file: got number %d, mode %v, %v; want 1 and 0600", id, found.Mode(), err)
	}
	if _, err := store.Open(store.Config{Path: t.TempDir()}); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("opening a folder: got %v; want that it is none", err)
	}
	if _, err := store.Open(store.Config{Path: filepath.Join(path, "x")}); err == nil {
		t.Error("opening a file below a file: got no error")
	}
}

func TestLockedFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "relay.db")
	s := open(t, store.Config{Path: path})
	start := time.Now()
	_, err := store.Open(store.Config{Path: path})
	if took := time.Since(start); !errors.Is(err, store.ErrLocked) || !strings.Contains(err.Error(), "is another instance running?") || took < time.Second || took > patience {
		t.Errorf("opening it twice: got %v after %v; want that it is in use after 2 s", err, took)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, store.Config{Path: path})
}

func TestNewerFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "relay.db")
	s := open(t, store.Config{Path: path})
	if err := errors.Join(s.SetVersion(7), s.Close()); err != nil {
		t.Fatal(err)
	}
	_, err := store.Open(store.Config{Path: path})
	var newer *store.NewerError
	if !errors.Is(err, store.ErrNewer) || !errors.As(err, &newer) || newer.Version != 7 || newer.Known != 1 {
		t.Errorf("opening a file of version 7: got %v; want that it is newer", err)
	}
	if err := store.Restore(t.Context(), path, path+".copy"); !errors.Is(err, store.ErrNewer) {
		t.Errorf("restoring from it: got %v; want that it is newer", err)
	}
}

// TestMigrations: steps are done in their order, once, and one that fails changes
// nothing.
func TestMigrations(t *testing.T) {
	t.Parallel()
	s := fresh(t)
	id := appendOne(t, s, newMaker(1).exchange(newClock().now()))
	var done []string
	step := func(name string, err error) func(*bolt.Tx) error {
		return func(tx *bolt.Tx) error {
			done = append(done, name)
			_, e := tx.CreateBucket([]byte(name))
			return errors.Join(e, err)
		}
	}
	broken := errors.New("broken")
	if err := s.Migrate(step("two", nil), step("three", broken)); !errors.Is(err, broken) || !strings.Contains(err.Error(), "from version 2 to 3") || s.Version() != 2 {
		t.Fatalf("a step that fails: got %v, version %d; want version 2", err, s.Version())
	}
	if err := s.Migrate(step("two", nil), step("three", nil), step("four", nil)); err != nil || s.Version() != 4 {
		t.Fatalf("from version 2: got %v, version %d; want version 4", err, s.Version())
	}
	if got := strings.Join(done, " "); got != "two three three four" {
		t.Errorf("the steps: got %s", got)
	}
	if _, err := s.Exchange(id); err != nil {
		t.Errorf("what was there before: %v", err)
	}
	if err := s.Migrate(); !errors.Is(err, store.ErrNewer) {
		t.Errorf("with a program that knows version 1: got %v", err)
	}
}

// TestLeftCopies: what a killed process left of a copy to be sent is gone when the
// database is opened again; others' files are not.
func TestLeftCopies(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for _, name := range []string{".relay.db-backup-123", ".other.db-backup-123"} {
		if err := os.MkdirAll(filepath.Join(folder, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	part := filepath.Join(folder, ".relay.db-copy-123.part")
	if err := os.WriteFile(part, []byte("a restore that was killed"), 0o600); err != nil {
		t.Fatal(err)
	}
	open(t, store.Config{Path: filepath.Join(folder, "relay.db")})
	if _, err := os.Lstat(part); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("what a killed restore left: got %v; want it gone", err)
	}
	left, err := filepath.Glob(filepath.Join(folder, ".*-backup-*"))
	if err != nil || len(left) != 1 || filepath.Base(left[0]) != ".other.db-backup-123" {
		t.Errorf("left are %v (%v); want the other database's alone", left, err)
	}
}
