package store_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pulsedive-relay/store"
)

// crashes is how often TestCrash kills a child that writes; crashMax is how many
// exchanges its history keeps; leastAcknowledged is how many it acknowledges at
// least, however slow the machine is.
const (
	crashes           = 30
	crashMax          = 400
	leastAcknowledged = 3
)

// TestCrash kills a process in the middle of its writes, again and again: what it
// acknowledged is there, and the file is whole.
func TestCrash(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "relay.db")
	acknowledged, seen := map[uint64]string{}, 0
	for round := range crashes {
		for id, request := range killed(t, path) {
			acknowledged[id] = request
		}
		s, err := store.Open(store.Config{Path: path})
		if err != nil {
			t.Fatalf("opening after kill %d: %v", round, err)
		}
		if faults := s.Check(); len(faults) > 0 {
			t.Fatalf("after kill %d bbolt finds: %v", round, faults)
		}
		seen += compareAcknowledged(t, s, acknowledged)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if seen < crashes {
		t.Errorf("in %d rounds %d acknowledged exchanges were looked at; want more", crashes, seen)
	}
}

// killed lets a child write for a moment, kills it, and is what it acknowledged.
func killed(t *testing.T, path string) map[uint64]string {
	t.Helper()
	found := map[uint64]string{}
	killedChild(t, "writer", path, func(id uint64, request string) { found[id] = request })
	return found
}

// killedRecorder is killed for one that needs no numbers.
func killedRecorder(t *testing.T, path string) (requests []string) {
	t.Helper()
	killedChild(t, "recorder", path, func(_ uint64, request string) { requests = append(requests, request) })
	return requests
}

func killedChild(t *testing.T, name, path string, acknowledged func(id uint64, request string)) {
	t.Helper()
	cmd := child(t, name, path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var problems strings.Builder
	cmd.Stderr = &problems
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	asked := false
	for n := 0; lines.Scan(); n++ {
		if n == leastAcknowledged {
			asked = true
			defer time.AfterFunc(time.Duration(rand.IntN(120))*time.Millisecond, func() { _ = cmd.Process.Kill() }).Stop()
		}
		var id uint64
		var request string
		if n, _ := fmt.Sscan(lines.Text(), &id, &request); n == 2 && strings.HasSuffix(lines.Text(), request) {
			acknowledged(id, request)
		}
	}
	if err := cmd.Wait(); err == nil || problems.Len() > 0 || !asked {
		t.Fatalf("the child ended by itself: %v %s", err, problems.String())
	}
}

// compareAcknowledged looks for what was acknowledged and not pushed out since.
func compareAcknowledged(t *testing.T, s *store.Store, acknowledged map[uint64]string) (seen int) {
	t.Helper()
	page, err := s.List(store.Filter{}, store.Cursor{}, 1000)
	if err != nil || len(page.Summaries) == 0 || len(page.Summaries) != s.Status().Exchanges {
		t.Fatalf("listing: got %d exchanges, %v; want %d", len(page.Summaries), err, s.Status().Exchanges)
	}
	oldest := page.Summaries[min(len(page.Summaries), crashMax)-1].ID
	for id, request := range acknowledged {
		if id < oldest {
			delete(acknowledged, id)
			continue
		}
		seen++
		x, err := s.Exchange(id)
		if err != nil || x.Request != request || len(x.Answer) == 0 {
			t.Fatalf("exchange %d was acknowledged: got %v, %+v; want request %s", id, err, x, request)
		}
		found, err := s.List(store.Filter{Observable: x.Results[0].Observable.Value}, store.Cursor{}, 1000)
		if err != nil || len(found.Summaries) == 0 {
			t.Fatalf("exchange %d is not found by %q: %v", id, x.Results[0].Observable.Value, err)
		}
	}
	return seen
}

// writeUntilKilled is a child that writes from many goroutines and tells what was
// acknowledged.
func writeUntilKilled(path string) error {
	s, err := store.Open(store.Config{Path: path, Pins: []store.Pin{{Name: "history-max", Text: fmt.Sprint(crashMax)}}})
	if err != nil {
		return err
	}
	ended := make(chan error)
	for i := range 8 {
		go func() {
			m := newMaker(uint64(os.Getpid()*10 + i))
			for {
				x := m.exchange(time.Now())
				id, err := s.Append(context.Background(), x)
				if err != nil {
					ended <- err
					return
				}
				_, _ = io.WriteString(os.Stdout, fmt.Sprintln(id, x.Request)) // one write, so lines stay whole
				_ = s.Sessions().Commit(x.Request, []byte("session"), time.Now().Add(time.Hour))
				_ = s.Keep([]store.Kept{{Key: []byte(x.Request), Value: x.Answer, Expires: time.Now().Add(time.Hour)}})
			}
		}()
	}
	return <-ended
}
