package store_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"pulsedive-relay/store"
)

// TestFullDisk: see fillDisk.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	run(t, "full disk", filepath.Join(t.TempDir(), "relay.db"))
}

// fillDisk writes with a limit on the size of files, which is to a process what a
// full disk is. It costs history, is told once, and ends by itself.
func fillDisk(path string) error {
	c := newClock()
	var log logged
	s, err := store.Open(store.Config{Path: path, Now: c.now, Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		return err
	}
	var whole syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &whole); err != nil {
		return err
	}
	limited := syscall.Rlimit{Cur: 2 << 20, Max: whole.Max}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limited); err != nil {
		return err
	}
	m := newMaker(1)
	var last uint64
	for n := 0; ; n++ {
		id, err := s.Append(context.Background(), m.exchange(c.add(time.Second)))
		if err != nil {
			break
		}
		if last = id; n > 10_000 {
			return errors.New("10,000 exchanges went into 2 MiB")
		}
	}
	const lost = 500
	start := time.Now()
	for range lost - 1 {
		if _, err := s.Append(context.Background(), m.exchange(c.now())); err == nil {
			return errors.New("an exchange was written to a full disk")
		}
	}
	took := time.Since(start)
	st := s.Status()
	_, readErr := s.Exchange(last)
	if took > patience/2 || st.Err == "" || st.Unwritten != lost || int(last) != st.Exchanges || readErr != nil {
		return fmt.Errorf("%d appends to a full disk: took %v, status %+v, reading: %v", lost-1, took, st, readErr)
	}
	if err := s.Sessions().Commit("token", []byte("session"), c.now().Add(time.Hour)); err != nil {
		return fmt.Errorf("signing in with a full disk: %w", err)
	}
	if b, ok, err := s.Sessions().Find("token"); string(b) != "session" || !ok || err != nil {
		return fmt.Errorf("the session on a full disk: got %q, %v, %w", b, ok, err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &whole); err != nil {
		return err
	}
	c.add(time.Hour)
	if id, err := s.Append(context.Background(), m.exchange(c.now())); err != nil || id <= last {
		return fmt.Errorf("with room again: got %d, %w", id, err)
	}
	if st := s.Status(); st.Err != "" || st.Unwritten != lost {
		return fmt.Errorf("with room again: got %+v", st)
	}
	if faults := s.Check(); len(faults) > 0 {
		return fmt.Errorf("bbolt finds: %v", faults)
	}
	if n := strings.Count(log.String(), "\n"); n != 2 || !strings.Contains(log.String(), "lost=500") {
		return fmt.Errorf("the log has %d lines; want 2, one with the number of lost ones\n%s", n, log.String())
	}
	return s.Close()
}

// TestReadOnly: see readOnly and unreadable.
func TestReadOnly(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, "relay.db")
	s, err := store.Open(store.Config{Path: path, Now: newClock().now})
	if err != nil {
		t.Fatal(err)
	}
	appendOne(t, s, newMaker(1).exchange(newClock().now()))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for name, mode := range map[string]fs.FileMode{path: 0o444, folder: 0o555} {
		if err := os.Chmod(name, mode); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { _ = os.Chmod(folder, 0o755) })
	run(t, "read-only", path)
	if err := os.Chmod(path, 0); err != nil {
		t.Fatal(err)
	}
	run(t, "unreadable", path)
	run(t, "unreadable", path+".none")
}

// nobody gives up the rights of root, whom no mode stops, and is the path from then
// on: the way to the folder may be root's alone.
func nobody(path string) (string, error) {
	const id = 65534
	if os.Getuid() != 0 {
		return path, nil
	}
	return filepath.Base(path), errors.Join(os.Chdir(filepath.Dir(path)), syscall.Setgroups(nil), syscall.Setgid(id), syscall.Setuid(id))
}

// readOnly opens a file that must not be written.
func readOnly(path string) error {
	path, err := nobody(path)
	if err != nil {
		return err
	}
	c := newClock()
	s, err := store.Open(store.Config{Path: path, Now: c.now})
	if err != nil {
		return err
	}
	if st := s.Status(); st.Writable || st.Exchanges != 1 || st.Err == "" {
		return fmt.Errorf("the status of a read-only file: got %+v", st)
	}
	if _, err := s.Append(context.Background(), newMaker(2).exchange(c.now())); !errors.Is(err, store.ErrReadOnly) {
		return fmt.Errorf("appending to a read-only file: got %w", err)
	}
	if page, err := s.List(store.Filter{}, store.Cursor{}, 10); err != nil || len(page.Summaries) != 1 {
		return fmt.Errorf("listing a read-only file: got %+v, %w", page, err)
	}
	set := s.Settings()
	if err := s.SaveSettings(set); !errors.Is(err, store.ErrReadOnly) {
		return fmt.Errorf("saving settings to a read-only file: got %w", err)
	}
	sessions := s.Sessions()
	err = errors.Join(sessions.Commit("one", []byte("1"), c.now().Add(time.Hour)), sessions.Commit("two", []byte("2"), c.now().Add(time.Hour)), sessions.Delete("one"))
	_, one, _ := sessions.Find("one")
	_, two, _ := sessions.Find("two")
	if err != nil || one || !two {
		return fmt.Errorf("sessions beside a read-only file: got %v, %v, %w", one, two, err)
	}
	era := s.Era()
	err = sessions.DeleteAll()
	if _, two, _ = sessions.Find("two"); !errors.Is(err, store.ErrReadOnly) || two || s.Era() == era {
		return fmt.Errorf("ending all sessions beside a read-only file: got %w, %v, era %q after %q", err, two, s.Era(), era)
	}
	if err := s.CheckWritable(); !errors.Is(err, store.ErrReadOnly) {
		return fmt.Errorf("checking a read-only file: got %w", err)
	}
	return s.Close()
}

// unreadable opens a file that cannot be opened at all, or not be made.
func unreadable(path string) error {
	path, err := nobody(path)
	if err != nil {
		return err
	}
	if _, err := store.Open(store.Config{Path: path}); !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), path) {
		return fmt.Errorf("opening a forbidden file: got %w; want one that names it", err)
	}
	return nil
}
