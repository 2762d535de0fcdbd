package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pulsedive-relay/store"
)

func TestSecretAndPassword(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "relay.db")
	s := open(t, store.Config{Path: path})
	secret := s.Secret()
	if _, ok := s.Password(); ok || len(secret) != 32 || bytes.Equal(secret, make([]byte, 32)) {
		t.Errorf("a new file: got a password (%v) or a secret of %d bytes", ok, len(secret))
	}
	if err := s.Sessions().Commit("token", []byte("x"), time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.SetPassword([]byte("hash")), s.Close()); err != nil {
		t.Fatal(err)
	}
	s = open(t, store.Config{Path: path})
	if hash, ok := s.Password(); string(hash) != "hash" || !ok || !bytes.Equal(s.Secret(), secret) {
		t.Errorf("opened again: got password %q, %v, and another secret: %v", hash, ok, !bytes.Equal(s.Secret(), secret))
	}
	if _, ok, err := s.Sessions().Find("token"); ok || err != nil {
		t.Errorf("after a new password the session is there: %v, %v", ok, err)
	}
}

func TestSessions(t *testing.T) {
	t.Parallel()
	c := newClock()
	path := filepath.Join(t.TempDir(), "relay.db")
	s := open(t, store.Config{Path: path, Now: c.now})
	find := func(token, want string) {
		t.Helper()
		b, ok, err := s.Sessions().Find(token)
		if string(b) != want || ok != (want != "") || err != nil {
			t.Errorf("session %s: got %q, %v, %v; want %q", token, b, ok, err, want)
		}
	}
	commit := func(token, b string, d time.Duration) {
		t.Helper()
		if err := s.Sessions().Commit(token, []byte(b), c.now().Add(d)); err != nil {
			t.Fatal(err)
		}
	}
	commit("a", "one", time.Hour)
	commit("b", "two", 2*time.Hour)
	commit("a", "three", time.Hour)
	find("a", "three")
	find("c", "")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, store.Config{Path: path, Now: c.now})
	find("a", "three")
	find("b", "two")
	c.add(time.Hour)
	find("a", "")
	if all, err := s.Sessions().All(); len(all) != 1 || err != nil {
		t.Errorf("all sessions: got %v, %v; want one", all, err)
	}
	commit("b", "two", time.Hour+30*time.Second) // too little to be written
	commit("b", "two", 2*time.Hour)
	c.add(90 * time.Minute)
	find("b", "two")
	commit("d", "four", time.Hour)
	if err := s.Sessions().Delete("b"); err != nil {
		t.Fatal(err)
	}
	find("b", "")
	find("d", "four")
	if err := s.Sessions().DeleteAll(); err != nil {
		t.Fatal(err)
	}
	find("d", "")
	commit("e", "five", time.Hour)
	find("e", "five")
	if err := s.Sessions().Commit("f", make([]byte, 1<<20), c.now().Add(time.Hour)); err == nil {
		t.Error("a session of 1 MiB: got no error")
	}
}

// TestSessionsAreBounded: the ones that would end first go.
func TestSessionsAreBounded(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := open(t, store.Config{Path: filepath.Join(t.TempDir(), "relay.db"), Now: c.now})
	const more = 1003
	for i := range more {
		if err := s.Sessions().Commit(fmt.Sprint(i), []byte("x"), c.now().Add(time.Hour+time.Duration(i)*time.Second)); err != nil {
			t.Fatal(err)
		}
	}
	all, err := s.Sessions().All()
	_, first, _ := s.Sessions().Find("2")
	_, last, _ := s.Sessions().Find("1002")
	if len(all) != 1000 || err != nil || first || !last {
		t.Errorf("%d sessions: got %d, %v, of the first ones %v, of the last %v; want the latest 1,000", more, len(all), err, first, last)
	}
	c.add(3 * time.Hour)
	if err := s.Sessions().Commit("new", []byte("x"), c.now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if all, err := s.Sessions().All(); len(all) != 1 || err != nil {
		t.Errorf("after all ended: got %d, %v; want the new one", len(all), err)
	}
}

func TestKept(t *testing.T) {
	t.Parallel()
	c := newClock()
	path := filepath.Join(t.TempDir(), "relay.db")
	s := open(t, store.Config{Path: path, Now: c.now})
	kept := func() map[string]string {
		t.Helper()
		found := map[string]string{}
		err := s.Kept(func(k store.Kept) bool {
			found[string(k.Key)] = fmt.Sprintf("%s from %d to %d", k.Value, k.At.Sub(c.now())/time.Second, k.Expires.Sub(c.now())/time.Second)
			return true
		})
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	list := func(lists ...[]string) {
		t.Helper()
		var all []store.Kept
		for _, l := range lists {
			d, err := time.ParseDuration(l[2])
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, store.Kept{Key: []byte(l[0]), Value: []byte(l[1]), At: c.now().Add(-time.Minute), Expires: c.now().Add(d)})
		}
		if err := s.Keep(all); err != nil {
			t.Fatal(err)
		}
	}
	want := func(what string, pairs ...string) {
		t.Helper()
		got := kept()
		ok := len(got) == len(pairs)/2
		for i := 0; i < len(pairs); i += 2 {
			ok = ok && got[pairs[i]] == pairs[i+1]
		}
		if !ok {
			t.Errorf("%s: got %v; want %v", what, got, pairs)
		}
	}
	list([]string{"a", "1", "1h"}, []string{"b", "2", "2h"}, []string{"c", "3", "-1s"})
	list([]string{"a", "4", "3h"}, []string{"d", strings.Repeat("x", 20<<20), "3h"}, []string{strings.Repeat("k", 2000), "5", "1h"})
	want("what is kept", "a", "4 from -60 to 10800", "b", "2 from -60 to 7200")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, store.Config{Path: path, Now: c.now})
	c.add(2 * time.Hour)
	want("after two hours", "a", "4 from -7260 to 3600")
	for i := range 80 {
		list([]string{fmt.Sprint(i), strings.Repeat("x", 1<<20), fmt.Sprintf("%dm", 100+i)})
	}
	got := kept()
	if _, last := got["79"]; len(got) < 55 || len(got) > 64 || !last {
		t.Errorf("80 MiB: got %d records, the last one %v; want some 60 with it", len(got), last)
	}
	if n := s.KeptNumber(); n != len(got) {
		t.Errorf("80 MiB: the store counts %d records; want %d", n, len(got))
	}
}
