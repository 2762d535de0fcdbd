package store_test

import (
	"path/filepath"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"pulsedive-relay/store"
)

// hurried is a store with n exchanges that came in a hurry, and these.
func hurried(t *testing.T, cfg store.Config, n int) (*store.Store, []*store.Exchange) {
	t.Helper()
	s, m := open(t, cfg), newMaker(3)
	s.Hurry(0)
	var list []*store.Exchange
	var all sync.WaitGroup
	for range n {
		x := m.exchange(time.Now())
		x.At = x.At.UTC().Round(0)
		x.Count, x.Last = 1, x.At
		for i := range x.Quotas {
			x.Quotas[i].Ends = x.Quotas[i].Ends.UTC().Round(0)
		}
		list = append(list, x)
		all.Go(func() {
			if _, err := s.Append(t.Context(), x); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	return s, list
}

// TestCondense: what came in a hurry is made smaller once it is calm, by itself,
// also after a restart, and is what it was.
func TestCondense(t *testing.T) {
	t.Parallel()
	const n = 150
	cfg := store.Config{Path: filepath.Join(t.TempDir(), "relay.db")}
	s, list := hurried(t, cfg, n)
	quick, before := s.Details()
	if quick != n {
		t.Errorf("%d came in a hurry: %d are to be compressed again; want all", n, quick)
	}
	if took, err := s.CondenseSome(); took != 32 || err != nil {
		t.Errorf("a step takes %d (%v); want 32", took, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, cfg)
	after := 0
	for deadline := time.Now().Add(20 * time.Second); quick > 0; quick, after = s.Details() {
		if time.Now().After(deadline) {
			t.Fatalf("after 20 s %d are still to be compressed again", quick)
		}
		time.Sleep(10 * time.Millisecond)
	}
	if after >= before*9/10 {
		t.Errorf("the details took %d bytes and take %d; want a tenth less or better", before, after)
	}
	for _, x := range list {
		if got, err := s.Exchange(x.ID); err != nil || !reflect.DeepEqual(got, x) {
			t.Fatalf("exchange %d\ngot  %+v (%v)\nwant %+v", x.ID, got, err, x)
		}
	}
	if faults := s.Check(); len(faults) > 0 {
		t.Errorf("the file: %v", faults)
	}
}

// TestCondenseWhileDeleting: what is deleted meanwhile stays so.
func TestCondenseWhileDeleting(t *testing.T) {
	t.Parallel()
	s, list := hurried(t, store.Config{Path: filepath.Join(t.TempDir(), "relay.db")}, 200)
	var deleting sync.WaitGroup
	deleting.Go(func() {
		for x := range slices.Values(list) {
			if err := s.Delete(x.ID); err != nil {
				t.Error(err)
			}
		}
	})
	for n, err := 1, error(nil); n > 0; {
		if n, err = s.CondenseSome(); err != nil {
			t.Fatal(err)
		}
	}
	deleting.Wait()
	if quick, bytes := s.Details(); quick != 0 || bytes != 0 || len(s.Check()) > 0 {
		t.Errorf("all are deleted: %d are to be compressed, %d bytes are left, %v; want nothing", quick, bytes, s.Check())
	}
}
