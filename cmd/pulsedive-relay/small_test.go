package main

import (
	"encoding/base64"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// closed is an address on this machine where nothing listens: a port that only
// root may take, unlike one just given back.
const closed = "127.0.0.1:1"

func TestToken(t *testing.T) {
	t.Parallel()
	d := beginDemo(t)
	address := strings.TrimPrefix(d.base, "http://")
	for _, c := range []struct {
		args   []string
		claims []string
		not    string
	}{
		{nil, []string{`"key":"demo-key"`}, "CTR_ENTITIES_LIMIT"},
		{[]string{"--key=my-own", "--entities-limit=3"}, []string{`"key":"my-own"`, `"CTR_ENTITIES_LIMIT":3`}, "demo-key"},
	} {
		p := runs(t, []string{"RELAY_LISTEN=" + address}, append([]string{"token"}, c.args...)...)
		token, whole := strings.CutSuffix(p.stdout.String(), "\n")
		if p.status != 0 || p.stderr.String() != "" || !whole || strings.ContainsAny(token, " \n") {
			t.Fatalf("token %q: exit status %d, %q, %q; want 0, one line, nothing", c.args, p.status, p.stdout.String(), p.stderr.String())
		}
		part := strings.Split(token, ".")
		claims, err := base64.RawURLEncoding.DecodeString(part[1])
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range c.claims {
			if !strings.Contains(string(claims), want) || strings.Contains(string(claims), c.not) {
				t.Errorf("token %q states %s; want %s in it and no %s", c.args, claims, want, c.not)
			}
		}
		got := send(t, "POST", d.base+"/observe/observables", token, lines[1][1])
		if len(got.Errors) > 0 || !strings.Contains(got.text, "Malicious") {
			t.Errorf("token %q is answered %s; want a verdict", c.args, got.text)
		}
		if n := strings.Count(got.text, `"type":"indicator"`); c.not == "demo-key" && n != 3 {
			t.Errorf("with an entities limit of 3 there are %d indicators; want 3", n)
		}
	}
}

func TestTokenWithoutDemo(t *testing.T) {
	t.Parallel()
	served := begin(t, nil, "serve", "--listen="+free)
	for name, c := range map[string]struct{ address, want string }{
		"nothing there": {closed, "connection refused"},
		"no demo there": {served.serving(), "status 404"},
	} {
		p := runs(t, nil, "token", "--listen="+c.address)
		got := p.stderr.String()
		if p.status != 1 || p.stdout.String() != "" || strings.Count(got, "\n") != 1 {
			t.Errorf("%s: exit status %d, %q, %q; want 1, nothing, one line", name, p.status, p.stdout.String(), got)
		}
		for _, want := range []string{c.want, c.address, "pulsedive-relay demo starts one"} {
			if strings.Count(got, want) != 1 {
				t.Errorf("%s: says %q; want %q in it, once", name, got, want)
			}
		}
	}
}

func TestHealthcheck(t *testing.T) {
	t.Parallel()
	served := begin(t, nil, "serve", "--listen="+free)
	_, port, err := net.SplitHostPort(served.serving())
	if err != nil {
		t.Fatal(err)
	}
	sick := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "sick", http.StatusServiceUnavailable) }))
	t.Cleanup(sick.Close)
	hangsUp := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	t.Cleanup(hangsUp.Close)
	for _, c := range []struct {
		listen string
		status int
		want   string
	}{
		{"127.0.0.1:" + port, 0, "http://127.0.0.1:" + port + " answers\n"},
		{":" + port, 0, "answers"},
		{"0.0.0.0:" + port, 0, "answers"},
		{"localhost:" + port, 0, "answers"},
		{closed, 1, "no answer from"},
		{strings.TrimPrefix(sick.URL, "http://"), 1, "status 503"},
		{strings.TrimPrefix(hangsUp.URL, "http://"), 1, "no answer from"},
	} {
		p := runs(t, []string{"RELAY_LISTEN=" + c.listen}, "healthcheck")
		got := p.stdout.String() + p.stderr.String()
		if p.status != c.status || !strings.Contains(got, c.want) || strings.Count(got, "\n") != 1 {
			t.Errorf("healthcheck of %s: exit status %d, %q; want %d and one line with %q", c.listen, p.status, got, c.status, c.want)
		}
	}
}
