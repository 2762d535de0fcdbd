package relay_test

import (
	"encoding/base64"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"pulsedive-relay/relay"
	"pulsedive-relay/relay/auth/authtest"
	"pulsedive-relay/relay/pulsedive"
	"pulsedive-relay/relay/pulsedive/pulsedivetest"
)

// markers stand for API keys: one that is the same in every encoding, and one
// that is not.
var markers = []string{"MarkMarkMarkMark", `mark/+ &=%é"\mark`}

// echo is an upstream that tells the key in whatever it says.
func echo(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		key := req.URL.Query().Get("key")
		quoted := marshal("API rate limit exceeded: 50 requests per day for " + key + " in " + req.URL.String() + " and " + req.RequestURI)
		w.Header().Set("X-Key", url.QueryEscape(key))
		w.Header().Set("Content-Type", "application/json; key="+url.QueryEscape(key))
		w.WriteHeader(status)
		fmt.Fprintf(w, body, quoted)
	}
}

// hijack is an upstream that writes bytes of its own, with %s for the escaped
// key.
func hijack(format string) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		defer conn.Close()
		fmt.Fprintf(conn, format, url.QueryEscape(req.URL.Query().Get("key")))
	}
}

// TestKeyAndTokenLeakNowhere has everything go right and wrong that can, and
// looks for the key and the token in every answer and every line of the log.
func TestKeyAndTokenLeakNowhere(t *testing.T) {
	t.Parallel()
	good := pulsedivetest.New(pulsedivetest.Config{Generate: true})
	untrusted := httptest.NewUnstartedServer(good)
	untrusted.Config.ErrorLog = log.New(io.Discard, "", 0)
	untrusted.StartTLS()
	t.Cleanup(untrusted.Close)
	worlds := map[string]options{
		"good":          {upstream: good},
		"with a cache":  {upstream: good, pulsedive: pulsedive.Config{CacheTTL: time.Hour, CacheBytes: 1 << 20}},
		"unreachable":   {pulsedive: pulsedive.Config{URL: unreachable(t)}},
		"untrusted":     {pulsedive: pulsedive.Config{URL: untrusted.URL + "/api/info.php"}},
		"slow":          {upstream: newGate(nil), pulsedive: pulsedive.Config{Timeout: 50 * time.Millisecond}},
		"slower":        {upstream: newGate(nil), relay: relay.Config{RequestTimeout: 50 * time.Millisecond}},
		"panics":        {upstream: good, relay: relay.Config{NewID: func() string { panic("no more ids") }}},
		"a clock fails": {upstream: good, relay: relay.Config{Now: clockThatFails()}},
		"redirects": {upstream: http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			http.Redirect(w, req, "http://127.0.0.1:9/elsewhere?"+req.URL.RawQuery, http.StatusFound)
		})},
		"cut":                  {upstream: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })},
		"status of its own":    {upstream: hijack("HTTP/1.1 599 Key %s\r\nContent-Length: 0\r\n\r\n")},
		"no HTTP":              {upstream: hijack("Key %s\r\n\r\n")},
		"a broken header":      {upstream: hijack("HTTP/1.1 200 OK\r\nKey %s\r\n\r\n")},
		"a broken length":      {upstream: hijack("HTTP/1.1 200 OK\r\nContent-Length: %s\r\n\r\n")},
		"a broken encoding":    {upstream: hijack("HTTP/1.1 200 OK\r\nTransfer-Encoding: %s\r\n\r\n")},
		"a broken chunk":       {upstream: hijack("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%s\r\n")},
		"a broken compression": {upstream: hijack("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n%s")},
		"half an answer":       {upstream: hijack("HTTP/1.1 500 Sorry\r\nContent-Length: 900\r\n\r\n{\"error\":\"%s")},
		"a text":               {upstream: echo(200, `%s`)},
		"no JSON":              {upstream: echo(200, `{"iid":%s`)},
		"another shape":        {upstream: echo(200, `{"iid":%s,"risk":"low"}`)},
		"an error with 200":    {upstream: echo(200, `{"error":%s}`)},
	}
	for _, status := range []int{204, 301, 400, 401, 403, 404, 405, 406, 418, 429, 500, 501, 502, 599} {
		worlds[fmt.Sprint("status ", status)] = options{upstream: echo(status, `{"error":%s}`)}
	}
	var all sync.WaitGroup // much of it is waiting
	for name, o := range worlds {
		for _, marker := range markers {
			l := newLeakTest(t, name, o, marker)
			all.Go(func() {
				if name == "good" {
					l.ask(allPaths, l.badTokens()...)
				}
				var asking sync.WaitGroup
				for i, path := range allPaths { // each with a key of its own, so that none waits for another
					asking.Go(func() { l.ask([]string{path}, "Bearer "+l.token(fmt.Sprint(marker, i), nil)) })
				}
				asking.Wait()
				l.search()
			})
		}
	}
	all.Wait()
}

// clockThatFails works for the checks of the token alone.
func clockThatFails() func() time.Time {
	return func() time.Time { return time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC) }
}

// allPaths are those that are asked, whether or not they need a token.
var allPaths = []string{"/health", observePath, referPath, "/watchdog", "/healthz", "/version", "/nowhere"}

// leakTest is one relay, asked with keys that begin with the marker, and what
// must not be found.
type leakTest struct {
	*world
	name, marker string

	mu      sync.Mutex
	answers strings.Builder
	secrets []string
}

func newLeakTest(t *testing.T, name string, o options, marker string) *leakTest {
	aligned := []byte(marker)[:len(marker)/3*3] // the rest depends on what follows
	return &leakTest{world: newWorld(t, o), name: name, marker: marker, secrets: []string{
		marker, url.QueryEscape(marker), url.PathEscape(marker), strings.Trim(marshal(marker), `"`), strings.Trim(fmt.Sprintf("%q", marker), `"`),
		base64.StdEncoding.EncodeToString(aligned), base64.RawURLEncoding.EncodeToString(aligned), fmt.Sprintf("%x", marker),
	}}
}

// ask asks with Authorization headers and keeps the answers with their headers.
func (l *leakTest) ask(paths []string, authorizations ...string) {
	l.t.Helper()
	for _, authorization := range authorizations {
		for _, path := range paths {
			for _, body := range []string{endpoints[path], `[{"type":"domain"}]`} {
				req := l.request(http.MethodPost, path, body)
				if path == "/watchdog" || path == "/healthz" {
					req.Method = http.MethodGet
				}
				req.Header.Set("Authorization", authorization)
				l.keep(req, strings.Split(authorization, "."))
			}
		}
	}
}

func (l *leakTest) keep(req *http.Request, token []string) {
	l.t.Helper()
	resp, err := l.server.Client().Do(req)
	if err != nil {
		l.t.Fatal(err)
	}
	defer resp.Body.Close()
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := resp.Write(&l.answers); err != nil {
		l.t.Fatal(err)
	}
	if n := len(token); n > 2 { // the head holds no secret
		l.secrets = append(l.secrets, token[n-2], token[n-1])
	}
}

// search looks for the secrets in what was answered and logged.
func (l *leakTest) search() {
	l.wantLogged("route="+referPath, "msg=request")
	for what, text := range map[string]string{"an answer": l.answers.String(), "the log": l.logs.String()} {
		folded := strings.ToLower(text) // as codes of errors are
		for _, secret := range l.secrets {
			if at := strings.Index(folded, strings.ToLower(secret)); at >= 0 {
				l.t.Errorf("Pulsedive: %s: %s holds %q: …%s…", l.name, what, secret, folded[max(at-300, 0):min(at+len(secret)+100, len(folded))])
			}
		}
	}
}

// badTokens hold the key and are refused, each for another reason.
func (l *leakTest) badTokens() []string {
	l.t.Helper()
	list := []string{"Bearer " + l.marker, "Basic " + l.marker, l.marker, "Bearer " + l.token(l.marker, nil) + "x", "Bearer x." + l.token(l.marker, nil)}
	for _, claims := range []object{
		{"aud": nil}, {"aud": "https://elsewhere.example.com"}, {"exp": 1}, {"nbf": 4102444800}, {"exp": "tomorrow"},
		{"jwks_host": nil}, {"jwks_host": "elsewhere.example.com"}, {"jwks_host": l.marker}, {"aud": l.marker}, {"key": []string{l.marker}},
	} {
		list = append(list, "Bearer "+l.token(l.marker, claims))
	}
	for _, kind := range []string{authtest.OtherKey, authtest.UnknownKID} {
		token, err := l.issuer.TokenSignedBy(kind, object{"key": l.marker, "jwks_host": l.issuer.Host(), "aud": l.server.URL})
		if err != nil {
			l.t.Fatal(err)
		}
		list = append(list, "Bearer "+token)
	}
	return list
}
