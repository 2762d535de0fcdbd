package relay_test

import (
	"context"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"pulsedive-relay/relay"
	"pulsedive-relay/store"
)

// newLive is a Live that keeps its cache in the world's store, and answers there.
func newLive(w *world) (*relay.Live, store.Settings) {
	w.t.Helper()
	s := store.Defaults()
	s.PulsediveURL, s.JWKSHosts = w.upstream, []string{w.issuer.Host()}
	live, err := relay.NewLive(relay.LiveConfig{Store: w.store, KeysHTTP: w.issuer.Client()}, s)
	if err != nil {
		w.t.Fatal(err)
	}
	w.server.Config.Handler = http.HandlerFunc(live.ServeHTTP)
	return live, s
}

// keepLast writes the cache as at the end of the program.
func keepLast(t *testing.T, live *relay.Live) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	live.KeepCache(ctx)
}

// What the cache dropped since it was kept does not come back with settings that
// leave the cache as it is. A cache that is made anew is filled with what was kept.
func TestLiveFillsANewCacheOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{kept: true})
	w.know("domain", "known.example")
	live, s := newLive(w)
	asks := func(what string, called bool) {
		t.Helper()
		before := len(w.fake.Calls())
		wantVerdicts(t, what, w.ask(observePath, bodyOf("domain", "known.example")), "known.example")
		if n := len(w.fake.Calls()) - before; (n > 0) != called {
			t.Errorf("%s: %d calls, want some: %t", what, n, called)
		}
	}
	apply := func(change func()) {
		t.Helper()
		change()
		if err := live.Apply(s); err != nil {
			t.Fatal(err)
		}
	}
	asks("at first", true)
	keepLast(t, live)
	room := s.CacheBytes
	apply(func() { s.CacheBytes = 1 }) // which drops all
	apply(func() { s.CacheBytes = room })
	apply(func() { s.UpstreamTimeout = 9 * time.Second })
	asks("dropped since", true)
	keepLast(t, live)
	apply(func() { s.CacheBytes = 0 })
	apply(func() { s.CacheBytes = room })
	asks("a cache after none", false)
	apply(func() { s.PulsediveURL = "http://other.example/api/info.php" })
	apply(func() { s.PulsediveURL = w.upstream })
	asks("an endpoint of before", false)
}

// fullDiskVariable tells the test binary to be the child of
// TestLastSaveAfterAFault.
const fullDiskVariable = "RELAY_TEST_FULL_DISK"

// TestLastSaveAfterAFault: at the end the cache is written though the last write
// failed, as the fault may be over. A child does it: the limit on the size of files,
// which is to a process what a full disk is, holds for all of it.
func TestLastSaveAfterAFault(t *testing.T) {
	t.Parallel()
	if os.Getenv(fullDiskVariable) != "" {
		saveAfterAFault(t)
		return
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.CommandContext(t.Context(), self, "-test.run=^"+t.Name()+"$", "-test.v")
	child.Env = append(os.Environ(), fullDiskVariable+"=yes")
	out, err := child.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Errorf("the child ends with %v; want the test passed:\n%s", err, out)
	}
}

func saveAfterAFault(t *testing.T) {
	w := newWorld(t, options{kept: true})
	w.know("domain", "known.example")
	live, _ := newLive(w)
	body := bodyOf("domain", "known.example")
	wantVerdicts(t, "at first", w.ask(observePath, body), "known.example")
	var whole syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &whole); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 1, Max: whole.Max}); err != nil {
		t.Fatal(err)
	}
	fault := w.store.CheckWritable()
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &whole); err != nil || fault == nil {
		t.Fatalf("writing to a full disk: %v, %v; want an error of the first", fault, err)
	}
	keepLast(t, live)
	calls := len(w.fake.Calls())
	newLive(w)
	wantVerdicts(t, "after a restart", w.ask(observePath, body), "known.example")
	if n := len(w.fake.Calls()); n != calls {
		t.Errorf("asked again after a restart: %d calls more; want none", n-calls)
	}
}
