package e2e

import (
	"net/http/httptest"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"pulsedive-relay/relay/pulsedive/pulsedivetest"
)

// slow begins a request that Pulsedive takes long to answer, and comes back when
// it is in work.
func (d *demo) slow() <-chan string {
	d.t.Helper()
	answers := make(chan string, 1)
	go func() {
		_, text, err := ask("POST", d.base+"/observe/observables", d.token, `[{"type":"url","value":"https://login.example.org/reset?session=44"}]`)
		if err != nil {
			text = "failed: " + err.Error()
		}
		answers <- text
	}()
	d.stderr.await(d.t, `"keys fetched"`)
	return answers
}

// TestDrain: a request in work is answered whole, a new one is refused.
func TestDrain(t *testing.T) {
	t.Parallel()
	for _, s := range []os.Signal{syscall.SIGTERM, syscall.SIGINT} {
		t.Run(s.String(), func(t *testing.T) {
			t.Parallel()
			d := startDemo(t, "--latency=6s") // time enough to look around meanwhile
			answers := d.slow()
			d.signal(s)
			d.stderr.await(t, `requests in work are finished first`)
			for deadline := time.Now().Add(patience); ; {
				resp, _, err := ask("GET", d.base+"/healthz", "", "")
				if isConnection(err) {
					break
				}
				if time.Now().After(deadline) {
					t.Fatalf("%s after the signal a new request is answered %v (%v); want it refused", patience, resp, err)
				}
			}
			select {
			case <-d.ended:
				t.Errorf("ended while a request was in work")
			default:
			}
			if got := <-answers; !strings.Contains(got, `"disposition_name":"Malicious"`) || !strings.HasSuffix(got, "}") || strings.Contains(got, `"errors"`) {
				t.Errorf("the request in work is answered %s; want its verdict, whole", got)
			}
			d.endsWell()
		})
	}
}

// TestSecondSignal: who asks twice does not wait.
func TestSecondSignal(t *testing.T) {
	t.Parallel()
	d := startDemo(t, "--latency=20s")
	answers := d.slow()
	d.signal(syscall.SIGTERM)
	d.stderr.await(t, `requests in work are finished first`)
	d.signal(syscall.SIGTERM)
	if status, killed := d.wait(); killed != syscall.SIGTERM {
		t.Errorf("ended with status %d, signal %v; want the second signal to end it", status, killed)
	}
	if got := <-answers; !strings.HasPrefix(got, "failed: ") {
		t.Errorf("the request that was cut off is answered %s; want the connection cut", got)
	}
}

// TestKilled: a killed process leaves nothing that hinders the next one.
func TestKilled(t *testing.T) {
	t.Parallel()
	listen := "--listen=" + ownAddress(t)
	d := startDemo(t, listen)
	asks(t, "GET", d.base+"/healthz", "", "")
	d.signal(syscall.SIGKILL)
	if _, killed := d.wait(); killed != syscall.SIGKILL {
		t.Fatalf("ended by %v; want it killed", killed)
	}
	next := startDemo(t, listen)
	if _, text := asks(t, "GET", next.base+"/healthz", "", ""); next.base != d.base || text != "ok\n" {
		t.Errorf("the next one at %s answers %q; want ok at %s", next.base, text, d.base)
	}
}

// healthy checks that health checks of an address end well. One gives up after three
// seconds, which may be over on a busy machine: whoever makes them asks again, too.
func healthy(t *testing.T, address string) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; {
		check := start(t, []string{"RELAY_LISTEN=" + address}, "healthcheck")
		switch status, _ := check.wait(); {
		case status == 0:
			return
		case !strings.Contains(check.stderr.String(), "exceeded") || time.Now().After(deadline):
			t.Fatalf("a health check of %s: status %d, %q; want 0", address, status, check.stderr.String())
		}
	}
}

func TestServe(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"serve"}, nil} {
		p := start(t, []string{"RELAY_LISTEN=127.0.0.1:0", "RELAY_PUBLIC_URL=https://relay.example.com"}, args...)
		line := p.stderr.await(t, `(?m)^(\{.*"msg":"listening".*\})$`)
		for _, want := range []string{`"level":"INFO"`, `"address":"127.0.0.1:`, `"version":"`, `"pulsedive":"https://pulsedive.com/api/info.php"`, `"visibility.amp.cisco.com"`} {
			if !strings.Contains(line, want) {
				t.Errorf("%q begins with %s; want %s in it", args, line, want)
			}
		}
		p.stderr.await(t, `"link":"http://127\.0\.0\.1:\d+/admin/setup\?token=`)
		if n := strings.Count(p.stderr.String(), "\n"); n != 2 || p.stdout.String() != "" {
			t.Errorf("%q begins with %d lines, and %q on standard output; want two, and nothing", args, n, p.stdout.String())
		}
		address := p.stderr.await(t, `"address":"([^"]+)"`)
		healthy(t, address)
		p.signal(syscall.SIGINT).endsWell()
		gone := start(t, []string{"RELAY_LISTEN=" + address}, "healthcheck")
		if status, _ := gone.wait(); status != 1 {
			t.Errorf("a health check of what has ended: status %d; want 1", status)
		}
	}
}

// TestStatus: what scripts go by.
func TestStatus(t *testing.T) {
	t.Parallel()
	fake := pulsedivetest.New(pulsedivetest.Config{})
	fake.LoadSample()
	fake.RefuseKey("refused")
	pulsedive := httptest.NewServer(fake)
	t.Cleanup(pulsedive.Close)
	at := "RELAY_PULSEDIVE_URL=" + pulsedive.URL + "/api/info.php"
	for _, c := range []struct {
		environ        []string
		args           []string
		status         int
		stdout, stderr string
	}{
		{nil, []string{"version"}, 0, "3.", ""},
		{nil, []string{"--help"}, 0, "RELAY_PUBLIC_URL", ""},
		{[]string{"RELAY_PARALLEL=x"}, nil, 2, "", "RELAY_PARALLEL"},
		{nil, []string{"--frobnicate"}, 2, "", "--frobnicate"},
		{nil, []string{"frobnicate"}, 2, "", `"frobnicate"`},
		{nil, []string{"observe", "example.com"}, 2, "", "RELAY_PULSEDIVE_KEY"},
		{[]string{at, "RELAY_PULSEDIVE_KEY=k"}, []string{"observe", "198.51.100.23"}, 0, `{"data":{"verdicts":`, ""},
		{[]string{at, "RELAY_PULSEDIVE_KEY=k"}, []string{"observe", "--table", "unknown.example.com"}, 0, "nothing known", ""},
		{[]string{at, "RELAY_PULSEDIVE_KEY=k"}, []string{"refer", "198.51.100.23"}, 0, `{"data":[`, ""},
		{[]string{at, "RELAY_PULSEDIVE_KEY=refused"}, []string{"observe", "--table", "198.51.100.23"}, 1, "no answer", "unauthorized"},
	} {
		p := start(t, c.environ, c.args...)
		status, _ := p.wait()
		stdout, stderr := p.stdout.String(), p.stderr.String()
		if status != c.status || !strings.Contains(stdout, c.stdout) || !strings.Contains(stderr, c.stderr) {
			t.Errorf("%q %q: status %d, %q, %q; want %d, %q, %q", c.environ, c.args, status, stdout, stderr, c.status, c.stdout, c.stderr)
		}
		if lines := strings.Count(stderr, "\n"); lines != min(len(c.stderr), 1) {
			t.Errorf("%q %q: %d lines on standard error, %q; want one for an error, none else", c.environ, c.args, lines, stderr)
		}
	}
}
