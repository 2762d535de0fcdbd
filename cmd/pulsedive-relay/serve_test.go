package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"pulsedive-relay/relay"
	"pulsedive-relay/relay/auth/authtest"
	"pulsedive-relay/relay/pulsedive/pulsedivetest"
	"pulsedive-relay/store"
	"pulsedive-relay/web"
)

func TestServe(t *testing.T) {
	t.Parallel()
	p := begin(t, nil, "serve", "--listen="+free)
	base := "http://" + p.serving()
	for _, c := range []struct{ method, path, want string }{
		{"GET", "/healthz", "ok\n"},
		{"GET", "/", "pulsedive-relay 3.0.0: "},
		{"POST", "/version", `{"version":"3.0.0"}`},
		{"POST", "/health", `"code":"authorization error"`},
		{"GET", "/static/admin.css", "body {"},
		{"POST", "/demo/token", `"code":404`},
		{"GET", "/static/", "not found"},
		{"POST", "/", `"code":404`},
	} {
		if got := send(t, c.method, base+c.path, "", ""); !strings.Contains(got.text, c.want) {
			t.Errorf("%s %s answers %d %s; want %q in it", c.method, c.path, got.status, got.text, c.want)
		}
	}
	if got := p.stderr.String(); !strings.Contains(got, "no public URL is set") || !strings.Contains(got, "RELAY_PUBLIC_URL") {
		t.Errorf("says at its start:\n%s\nwant a warning that no public URL is set", got)
	}
	if p.end(); p.err != nil || p.stdout.String() != "" {
		t.Errorf("ended with %v and %q on standard output; want nil and nothing", p.err, p.stdout.String())
	}
	if got := p.stderr.String(); !strings.Contains(got, `"msg":"ended"`) {
		t.Errorf("says at its end:\n%s\nwant the line ended", got)
	}
}

func TestAddressInUse(t *testing.T) {
	t.Parallel()
	first := begin(t, nil, "serve", "--listen="+free)
	address := first.serving()
	for _, command := range []string{"serve", "demo"} {
		p := runs(t, nil, command, "--listen="+address)
		got := p.stderr.String()
		if p.status != 1 || p.stdout.String() != "" || strings.Count(got, "\n") != 1 {
			t.Errorf("a second %s: exit status %d, standard output %q, standard error %q; want 1, nothing and one line", command, p.status, p.stdout.String(), got)
		}
		for _, want := range []string{address, "in use", "another instance", "--listen"} {
			if !strings.Contains(got, want) {
				t.Errorf("a second %s says %q; want %q in it", command, got, want)
			}
		}
	}
	if got := send(t, "GET", "http://"+address+"/healthz", "", ""); got.status != 200 {
		t.Errorf("after a second start the first instance answers %d; want 200", got.status)
	}
}

func TestNoSuchAddress(t *testing.T) {
	t.Parallel()
	p := runs(t, nil, "serve", "--listen=192.0.2.1:9090")
	got := p.stderr.String()
	if p.status != 1 || strings.Count(got, "\n") != 1 || strings.Count(got, "192.0.2.1:9090") != 1 || strings.Contains(got, "another instance") {
		t.Errorf("exit status %d, %q; want 1 and one line that names the address once and guesses no other instance", p.status, got)
	}
}

// TestSlowBodyIsAnswered: a request whose body still comes in is in work.
func TestSlowBodyIsAnswered(t *testing.T) {
	t.Parallel()
	p := begin(t, nil, "serve", "--listen="+free)
	address := p.serving()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(patience))
	fmt.Fprintf(conn, "POST /observe/observables HTTP/1.1\r\nHost: %s\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n", address)
	r := bufio.NewReader(conn)
	if line, err := r.ReadString('\n'); !strings.Contains(line, "100 Continue") {
		t.Fatalf("asked to go on with the body, got %q (%v); want 100 Continue", line, err)
	}
	r.ReadString('\n')
	p.cancel()
	p.refuseNew(address)
	fmt.Fprint(conn, "[]")
	resp, err := http.ReadResponse(r, nil)
	if err != nil {
		t.Fatalf("the request in work has no answer: %v", err)
	}
	if got := received(t, resp); got.status != 200 || got.text != `{"data":{}}` {
		t.Errorf(`the request in work is answered %d %s; want 200 {"data":{}}`, got.status, got.text)
	}
	if p.wait(); p.err != nil {
		t.Errorf("ended with %v; want nil", p.err)
	}
}

// refuseNew waits until nothing answers at the address any more.
func (p *program) refuseNew(address string) {
	p.t.Helper()
	p.stderr.await(p.t, `requests in work are finished first`)
	for deadline := time.Now().Add(patience); !refuses(address); {
		if time.Now().After(deadline) {
			p.t.Fatalf("%s still takes connections %s after the signal; want them refused", address, patience)
		}
	}
}

// gate is a Pulsedive that answers when it is released.
type gate struct {
	*pulsedivetest.Fake
	asked, open chan struct{}
	once        sync.Once
}

// ServeHTTP is called by the relay.
func (g *gate) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	g.once.Do(func() { close(g.asked) })
	<-g.open
	g.Fake.ServeHTTP(w, req)
}

// TestRequestInWorkIsAnswered: what Pulsedive is being asked when the signal
// comes is answered whole. The pieces are those of the command serve; it takes no
// token of an issuer of ours, so they are put together here.
func TestRequestInWorkIsAnswered(t *testing.T) {
	t.Parallel()
	issuer, err := authtest.NewIssuer()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(issuer.Close)
	g := &gate{Fake: pulsedivetest.New(pulsedivetest.Config{}), asked: make(chan struct{}), open: make(chan struct{})}
	g.LoadSample()
	slow := httptest.NewServer(g)
	t.Cleanup(slow.Close)

	p := &program{t: t, ended: make(chan struct{})}
	log := slog.New(slog.NewJSONHandler(&p.stderr, nil))
	settings := store.Defaults()
	settings.PulsediveURL, settings.JWKSHosts = slow.URL, []string{issuer.Host()}
	settings.UpstreamTimeout, settings.RequestTimeout = patience, patience
	live, err := relay.NewLive(relay.LiveConfig{KeysHTTP: issuer.Client(), Log: log}, settings)
	if err != nil {
		t.Fatal(err)
	}
	l, err := listen(t.Context(), free)
	if err != nil {
		t.Fatal(err)
	}
	base := baseURL(l.Addr())
	token, err := issuer.Token(map[string]any{"aud": base, "jwks_host": issuer.Host(), "key": "key", "exp": time.Now().Add(time.Hour).Unix()})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	p.cancel = cancel
	t.Cleanup(func() { p.end() })
	go func() {
		defer close(p.ended)
		p.err = serve(ctx, []site{{l, routes(live, web.Home{Version: relay.Version}, nil)}}, log)
	}()

	answers := make(chan string, 1)
	go func() {
		req, _ := http.NewRequest("POST", base+"/observe/observables", strings.NewReader(`[{"type":"domain","value":"qsnatch-c2.example.net"}]`))
		req.Header.Set("Authorization", "Bearer "+token)
		resp, err := client.Do(req)
		if err != nil {
			answers <- err.Error()
			return
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		answers <- fmt.Sprint(string(text), err)
	}()
	<-g.asked
	p.cancel()
	p.refuseNew(l.Addr().String())
	select {
	case <-p.ended:
		t.Fatalf("ended (%v) while a request was in work; want it to wait", p.err)
	case got := <-answers:
		t.Fatalf("answered %s while Pulsedive had not; want it to wait", got)
	default:
	}
	close(g.open)
	if got := <-answers; !strings.Contains(got, `"disposition_name":"Malicious"`) || !strings.HasSuffix(got, "}<nil>") || strings.Contains(got, `"errors"`) {
		t.Errorf("the request in work is answered %s; want the whole verdict and no errors", got)
	}
	if p.wait(); p.err != nil {
		t.Errorf("ended with %v; want nil", p.err)
	}
}

// TestServeTrustsNoDemo: a demo's tokens are good nowhere else, not even where
// its key host is on the allow list.
func TestServeTrustsNoDemo(t *testing.T) {
	t.Parallel()
	c := demoCommand{Listen: free, Plan: "none", Callers: store.Defaults().Callers, Bounds: store.Bounds{UpstreamTimeout: patience, RequestTimeout: patience, Parallel: 1}}
	var logged output
	d, err := c.start(&process{ctx: t.Context(), stdout: io.Discard, stderr: &logged}, slog.New(slog.NewJSONHandler(&logged, nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.close)
	for _, more := range [][]string{nil, {"--jwks-hosts=" + d.issuer.Host()}, {"--jwks-hosts=" + d.issuer.Host(), "--public-url=https://relay.example.com"}} {
		p := begin(t, nil, append([]string{"serve", "--listen=" + free}, more...)...)
		base := "http://" + p.serving()
		token, err := d.token(base, demoKey, 0)
		if err != nil {
			t.Fatal(err)
		}
		got := send(t, "POST", base+"/health", token, "")
		if len(got.Errors) != 1 || got.Errors[0].Code != "authorization error" || got.Data != nil {
			t.Errorf("serve %q answers a demo's token with %s; want an authorization error", more, got.text)
		}
		if n := d.issuer.Fetches(); n != 0 {
			t.Errorf("serve %q has the demo's keys, fetched %d times; want none", more, n)
		}
		if fetched := strings.Contains(p.stderr.String(), "keys"); more == nil && strings.Contains(p.stderr.String(), "keys not fetched") {
			t.Errorf("serve without flags tried to fetch keys (%v):\n%s", fetched, p.stderr.String())
		}
		p.end()
	}
}
