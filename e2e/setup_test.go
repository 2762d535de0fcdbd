// Package e2e tests the built binary from outside: what it prints, answers and
// leaves behind, and how it ends. It imports nothing of the project but helpers
// of tests.
package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience is how long tests wait for what has to happen.
const patience = time.Minute

// binary is the built program.
var binary string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "pulsedive-relay-e2e")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		binary = filepath.Join(dir, "pulsedive-relay")
		build := []string{"build", "-o", binary}
		if underRace() {
			build = append(build, "-race")
		}
		if out, err := exec.Command("go", append(build, "../cmd/pulsedive-relay")...).CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "building the program: %v\n%s", err, out)
			return 1
		}
		status := m.Run()
		if err := chromium.close(); err != nil {
			fmt.Fprintf(os.Stderr, "closing the browser: %v\n", err)
			return 1
		}
		return status
	}())
}

// underRace says whether the tests run under the race detector; the program then
// does too, and start looks for what it reports.
func underRace() bool {
	build, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(build.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

// output is what a process wrote so far.
type output struct {
	mu      sync.Mutex
	text    bytes.Buffer
	changed chan struct{} // closed by the next write
}

// Write is called as the process writes.
func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.changed != nil {
		close(o.changed)
		o.changed = nil
	}
	return o.text.Write(b)
}

func (o *output) next() (text string, changed <-chan struct{}) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.changed == nil {
		o.changed = make(chan struct{})
	}
	return o.text.String(), o.changed
}

// String is what was written so far.
func (o *output) String() string {
	text, _ := o.next()
	return text
}

// await waits for a text that matches, and is its first group.
func (o *output) await(t testing.TB, pattern string) string {
	t.Helper()
	re := regexp.MustCompile(pattern)
	deadline := time.After(patience)
	for {
		text, changed := o.next()
		if groups := re.FindStringSubmatch(text); groups != nil {
			return groups[len(groups)-1]
		}
		select {
		case <-changed:
		case <-deadline:
			t.Fatalf("waited %s for %q; got:\n%s", patience, pattern, text)
		}
	}
}

// process is a run of the binary in an empty folder, with an environment of its
// own.
type process struct {
	t              testing.TB
	cmd            *exec.Cmd
	stdout, stderr output
	ended          chan struct{}
}

func start(t testing.TB, environ []string, args ...string) *process {
	t.Helper()
	p := &process{t: t, cmd: exec.Command(binary, args...), ended: make(chan struct{})}
	kept := t.TempDir()
	p.cmd.Dir, p.cmd.Env = t.TempDir(), append([]string{"PATH=" + os.Getenv("PATH"), "TMPDIR=" + kept, "RELAY_DB=" + filepath.Join(kept, "relay.db")}, environ...)
	p.cmd.Stdout, p.cmd.Stderr = &p.stdout, &p.stderr
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.ended)
		p.cmd.Wait() // how it ended is in ProcessState
	}()
	t.Cleanup(func() {
		p.cmd.Process.Kill()
		<-p.ended
		if _, race, found := strings.Cut(p.stderr.String(), "WARNING: DATA RACE"); found {
			t.Errorf("%q: data race%s", args, race)
		}
		if left, err := os.ReadDir(p.cmd.Dir); err != nil || len(left) > 0 {
			t.Errorf("%q left %v in its working directory (%v); want nothing", args, left, err)
		}
	})
	return p
}

func (p *process) signal(s os.Signal) *process {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatalf("sending %v: %v", s, err)
	}
	return p
}

// wait waits for the end: the exit status, or -1 and the signal that killed it.
func (p *process) wait() (status int, killed syscall.Signal) {
	p.t.Helper()
	select {
	case <-p.ended:
	case <-time.After(patience):
		p.t.Fatalf("the process has not ended after %s; it wrote:\n%s%s", patience, p.stdout.String(), p.stderr.String())
	}
	state := p.cmd.ProcessState.Sys().(syscall.WaitStatus)
	if state.Signaled() {
		return -1, state.Signal()
	}
	return state.ExitStatus(), 0
}

// endsWell checks that a process ends with status 0.
func (p *process) endsWell() {
	p.t.Helper()
	if status, killed := p.wait(); status != 0 {
		p.t.Errorf("ended with status %d (%v); want 0. It wrote:\n%s", status, killed, p.stderr.String())
	}
}

// client keeps no connections: none outlives its test.
var client = &http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}

// ask sends a request with a token and reads the answer.
func ask(method, address, token, body string, header ...string) (*http.Response, string, error) {
	req, err := http.NewRequest(method, address, strings.NewReader(body))
	if err != nil {
		return nil, "", err
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return resp, string(text), err
}

// asks is ask where an answer has to come.
func asks(t testing.TB, method, address, token, body string, header ...string) (*http.Response, string) {
	t.Helper()
	resp, text, err := ask(method, address, token, body, header...)
	if err != nil {
		t.Fatalf("%s %s: %v", method, address, err)
	}
	return resp, text
}

// demo is a running demo and what it printed.
type demo struct {
	*process
	base, token string
}

func startDemo(t testing.TB, args ...string) *demo {
	t.Helper()
	p := start(t, nil, append([]string{"demo", "--listen=127.0.0.1:0"}, args...)...)
	p.stdout.await(t, `End with Ctrl\+C`)
	return &demo{process: p, base: p.stdout.await(t, `demo at (http://\S+)`), token: p.stdout.await(t, `(?m)^TOKEN=(\S+)$`)}
}

// ownAddress is one to listen at again after an end: a port of those that systems
// give nobody who does not ask for it by number.
func ownAddress(t testing.TB) string {
	t.Helper()
	for range 100 {
		address := fmt.Sprintf("127.0.0.1:%d", 10_000+rand.IntN(10_000))
		l, err := net.Listen("tcp", address)
		if err == nil {
			l.Close()
			return address
		}
	}
	t.Fatal("a hundred ports between 10000 and 20000 are in use; want a free one")
	return ""
}

// isConnection says whether an error is one of the connection.
func isConnection(err error) bool {
	return errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, io.EOF)
}
