package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"pulsedive-relay/relay"
	"pulsedive-relay/relay/pulsedive/pulsedivetest"
)

// patience is how long tests wait for what has to happen.
const patience = time.Minute

// free listens on any free port of this machine alone.
const free = "127.0.0.1:0"

// output is what a program wrote so far.
type output struct {
	mu      sync.Mutex
	text    bytes.Buffer
	changed chan struct{} // closed by the next write; nil: nobody waits
}

// Write is called by the program.
func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.changed != nil {
		close(o.changed)
		o.changed = nil
	}
	return o.text.Write(b)
}

// String is what was written so far.
func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// next is closed by the next write after text was read.
func (o *output) next() (text string, changed <-chan struct{}) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.changed == nil {
		o.changed = make(chan struct{})
	}
	return o.text.String(), o.changed
}

// await waits for a text that matches, and is its groups.
func (o *output) await(t testing.TB, pattern string) []string {
	t.Helper()
	re := regexp.MustCompile(pattern)
	deadline := time.After(patience)
	for {
		text, changed := o.next()
		if groups := re.FindStringSubmatch(text); groups != nil {
			return groups
		}
		select {
		case <-changed:
		case <-deadline:
			t.Fatalf("waited %s for %q; got:\n%s", patience, pattern, text)
		}
	}
}

// program is a run of the program in this process.
type program struct {
	t              testing.TB
	stdout, stderr output
	cancel         context.CancelFunc
	ended          chan struct{}
	err            error // once ended
	status         int   // once ended
}

// begin starts the program, which is ended at the end of the test at the latest.
func begin(t testing.TB, environ []string, args ...string) *program {
	p := &program{t: t, ended: make(chan struct{})}
	// What the caller sets comes later, and counts.
	environ = append([]string{"RELAY_DB=" + filepath.Join(t.TempDir(), "relay.db")}, environ...)
	ctx, cancel := context.WithCancel(context.Background())
	p.cancel = cancel
	go func() {
		defer close(p.ended)
		p.err = run(ctx, args, environ, strings.NewReader(""), &p.stdout, &p.stderr)
		p.status = complain(&p.stderr, p.err)
	}()
	t.Cleanup(func() { p.end() })
	return p
}

// end does what a signal does, and waits.
func (p *program) end() *program {
	p.t.Helper()
	p.cancel()
	return p.wait()
}

func (p *program) wait() *program {
	p.t.Helper()
	select {
	case <-p.ended:
	case <-time.After(patience):
		p.t.Errorf("the program has not ended after %s; it wrote:\n%s%s", patience, p.stdout.String(), p.stderr.String())
	}
	return p
}

// runs runs the program to its end.
func runs(t testing.TB, environ []string, args ...string) *program {
	t.Helper()
	return begin(t, environ, args...).wait()
}

// serving is where a program that serves listens.
func (p *program) serving() string {
	p.t.Helper()
	return p.stderr.await(p.t, `"msg":"listening","address":"([^"]+)"`)[1]
}

// demoing is a demo with what it printed at its start.
type demoing struct {
	*program
	base, token string
	curls       []string
}

func beginDemo(t testing.TB, args ...string) *demoing {
	t.Helper()
	p := begin(t, nil, append([]string{"demo", "--listen", free, "--latency", "0s"}, args...)...)
	p.stdout.await(t, `End with Ctrl\+C`)
	d := &demoing{program: p, base: p.stdout.await(t, `demo at (http://\S+)`)[1], token: p.stdout.await(t, `(?m)^TOKEN=(\S+)$`)[1]}
	for line := range strings.Lines(p.stdout.String()) {
		if strings.HasPrefix(line, "curl ") {
			d.curls = append(d.curls, strings.TrimSpace(line))
		}
	}
	return d
}

// answered is an answer as its readers decode it.
type answered struct {
	status int
	header http.Header
	text   string
	Data   json.RawMessage `json:"data"`
	Errors []relay.Error   `json:"errors"`
}

// client keeps no connections: none outlives its test.
var client = &http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}

func send(t testing.TB, method, address, token, body string, header ...string) answered {
	t.Helper()
	req, err := http.NewRequest(method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatalf("%s %s: %v", method, address, err)
	}
	return received(t, resp)
}

func received(t testing.TB, resp *http.Response) answered {
	t.Helper()
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("reading the answer: %v", err)
	}
	a := answered{status: resp.StatusCode, header: resp.Header, text: string(text)}
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "application/json") {
		if err := json.Unmarshal(text, &a); err != nil {
			t.Fatalf("the answer is no JSON: %v\n%s", err, text)
		}
	}
	return a
}

// upstream is a fake Pulsedive with the sample intelligence, and the flag that
// names it.
func upstream(t testing.TB, c pulsedivetest.Config) (*pulsedivetest.Fake, string) {
	fake := pulsedivetest.New(c)
	fake.LoadSample()
	return fake, endpoint(t, fake)
}

// endpoint serves a Pulsedive, and is the flag that names it.
func endpoint(t testing.TB, h http.Handler) string {
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return "--pulsedive-url=" + s.URL + "/api/info.php"
}

// refuses says whether nothing answers at an address any more.
func refuses(address string) bool {
	conn, err := net.DialTimeout("tcp", address, patience)
	if err == nil {
		conn.Close()
	}
	return err != nil
}
