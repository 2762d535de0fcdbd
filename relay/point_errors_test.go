package relay_test

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"pulsedive-relay/relay/auth/authtest"
	"pulsedive-relay/relay/pulsedive"
)

// unreachable is an address on this machine where nobody listens: a port that
// only root may take, unlike one just given back.
func unreachable(testing.TB) string { return "http://127.0.0.1:1/api/info.php" }

// endpoints are those that need a token and ask Pulsedive, with a body each.
var endpoints = map[string]string{
	"/health": "", observePath: bodyOf("domain", "a.example"), referPath: bodyOf("domain", "a.example"),
}

func TestPoint4BadTokensAreErrorsInTheEnvelope(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	now := time.Now().Unix()
	badlySigned, err := w.issuer.TokenSignedBy(authtest.OtherKey, map[string]any{"key": testKey, "jwks_host": w.issuer.Host(), "aud": w.server.URL})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ authorization, want string }{
		"no header":          {"", "Authorization header is missing"},
		"Bearer alone":       {"Bearer", "Wrong JWT structure"},
		"Bearer and a blank": {"Bearer ", "Wrong JWT structure"},
		"two tokens":         {"Bearer a.b.c d.e.f", "Wrong JWT structure"},
		"Basic":              {"Basic dXNlcjpwYXNz", "Wrong authorization type"},
		"no JWT":             {"Bearer something", "Wrong JWT structure"},
		"expired":            {"Bearer " + w.token(testKey, object{"exp": now - 3600}), "The JWT has expired"},
		"not yet valid":      {"Bearer " + w.token(testKey, object{"nbf": now + 3600}), "The JWT is not valid yet. Compare the clock of the relay's host"},
		"issued tomorrow":    {"Bearer " + w.token(testKey, object{"iat": now + 86400}), "The JWT is not valid yet. Compare the clock of the relay's host"},
		"no audience":        {"Bearer " + w.token(testKey, object{"aud": nil}), "Wrong configuration-token-audience"},
		"badly signed":       {"Bearer " + badlySigned, "Failed to decode JWT with provided key. Make sure domain in custom_jwks_host corresponds to your SecureX instance region."},
		"no key":             {"Bearer " + w.token(testKey, object{"key": nil}), "Wrong JWT payload structure"},
		"a number as key":    {"Bearer " + w.token(testKey, object{"key": 5}), "Wrong JWT payload structure"},
		"no key host":        {"Bearer " + w.token(testKey, object{"jwks_host": nil}), "jwks_host is missing in JWT payload. Make sure custom_jwks_host field is present in module_type"},
	} {
		for path, body := range endpoints {
			req := w.request(http.MethodPost, path, body)
			if c.authorization != "" {
				req.Header.Set("Authorization", c.authorization)
			}
			a := w.do(req)
			wantErrors(t, name+" at "+path, a, fatal("authorization error", "Authorization failed: "+c.want))
			if a.Data != nil {
				t.Errorf("%s at %s: data %s beside the error", name, path, a.Data)
			}
		}
	}
	wantCalls(t, "bad tokens", w, 0)
}

// request is one to the relay, without a token.
func (w *world) request(method, path, body string) *http.Request {
	w.t.Helper()
	req, err := http.NewRequest(method, w.server.URL+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	return req
}

func TestPoint4FaultsOfPulsediveAreErrorsInTheEnvelope(t *testing.T) {
	t.Parallel()
	untrusted := httptest.NewUnstartedServer(http.NotFoundHandler())
	untrusted.Config.ErrorLog = log.New(io.Discard, "", 0)
	untrusted.StartTLS()
	t.Cleanup(untrusted.Close)
	answering := func(text string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, text) })
	}
	for name, c := range map[string]struct {
		options       options
		code, message string
		health        bool // a health check tells it too
	}{
		"unreachable": {options{pulsedive: pulsedive.Config{URL: unreachable(t)}}, "connection error", "Pulsedive could not be reached.", true},
		"slow": {options{
			pulsedive: pulsedive.Config{Timeout: 50 * time.Millisecond},
			upstream:  http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) { <-req.Context().Done() }),
		}, "timeout", "Pulsedive took too long to answer.", true},
		"hung up on":              {options{upstream: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })}, "connection error", "Pulsedive could not be reached.", true},
		"a page":                  {options{upstream: answering("<html><h1>Maintenance</h1></html>")}, "invalid response", "Pulsedive answered with something that is no JSON.", false},
		"half a JSON":             {options{upstream: answering(`{"iid":`)}, "invalid response", "Pulsedive answered with something that is no JSON.", false},
		"nothing":                 {options{upstream: answering("")}, "invalid response", "Pulsedive answered with something that is no JSON.", false},
		"a redirect":              {options{upstream: http.RedirectHandler("https://www.example.com/", http.StatusFound)}, "found", "The Pulsedive API error.", true},
		"a status without a name": {options{upstream: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(599) })}, "status code 599", "The Pulsedive API error.", true},
		"a foreign certificate": {options{pulsedive: pulsedive.Config{URL: untrusted.URL + "/api/info.php"}}, "unknown",
			"Unable to verify SSL certificate: certificate signed by unknown authority", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, c.options)
			for path, body := range endpoints {
				if path == "/health" && !c.health {
					continue
				}
				a := w.ask(path, body)
				wantErrors(t, path+", Pulsedive is "+name, a, fatal(c.code, c.message))
				if (a.Data != nil) != (path == referPath) {
					t.Errorf("%s, Pulsedive is %s: data %s, want some at %s alone", path, name, a.Data, referPath)
				}
				for _, secret := range []string{testKey, "indicator=", "key="} {
					if strings.Contains(a.Text, secret) {
						t.Errorf("%s, Pulsedive is %s: the answer holds %q: %s", path, name, secret, a.Text)
					}
				}
			}
		})
	}
}
