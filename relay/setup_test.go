package relay_test

import (
	"cmp"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"pulsedive-relay/relay"
	"pulsedive-relay/relay/auth"
	"pulsedive-relay/relay/auth/authtest"
	"pulsedive-relay/relay/pulsedive"
	"pulsedive-relay/relay/pulsedive/pulsedivetest"
	"pulsedive-relay/store"
)

// testKey is the Pulsedive key in the tokens of tests.
const testKey = "0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9" // as long as Pulsedive's

// world is a relay on a socket, with a fake Pulsedive and a key host of its own;
// see inBubble for one without sockets.
type world struct {
	t      testing.TB
	fake   *pulsedivetest.Fake
	issuer *authtest.Issuer
	server *httptest.Server
	client *http.Client // asks the relay
	relay  *relay.Relay
	store  *store.Store // where options.kept
	logs   *logBuffer
	// upstream is the address of the fake.
	upstream string
}

// issuer serves all tests of the package: making its keys takes long.
var issuer = sync.OnceValues(authtest.NewIssuer)

// options changes what a world is made of.
type options struct {
	fake      pulsedivetest.Config
	pulsedive pulsedive.Config
	relay     relay.Config
	hosts     []string
	audiences []string
	upstream  http.Handler             // instead of the fake
	gated     func(*http.Request) bool // which calls are never answered; nil: none
	issuer    *authtest.Issuer         // instead of the one that all tests share
	quiet     bool                     // log as in production, to nowhere
	kept      bool                     // with a history, in world.store
	keys      string                   // the issuer's key set, where nothing may be a socket
	folder    string                   // for the history; empty: a new one
}

func newWorld(t testing.TB, o options) *world {
	t.Helper()
	w := &world{t: t, fake: pulsedivetest.New(o.fake), logs: &logBuffer{}}
	log := slog.New(slog.NewTextHandler(w.logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
	if o.quiet {
		log = slog.New(slog.NewJSONHandler(io.Discard, nil))
	}
	var err error
	if w.issuer = o.issuer; w.issuer == nil {
		if w.issuer, err = issuer(); err != nil {
			t.Fatal(err)
		}
	}
	if o.upstream == nil {
		o.upstream = w.fake
	}
	if o.gated != nil { // made here, within the bubble where there is one
		g := newGate(o.upstream)
		g.holds, o.upstream = o.gated, g
	}
	keys := w.issuer.Client()
	if o.keys != "" {
		o.pulsedive.URL, o.pulsedive.HTTP = "http://pulsedive.example/api/info.php", &http.Client{Transport: within{o.upstream}}
		keys = &http.Client{Transport: within{http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, o.keys) })}}
	}
	if o.pulsedive.URL == "" {
		upstream := httptest.NewServer(o.upstream)
		t.Cleanup(upstream.Close)
		o.pulsedive.URL = upstream.URL + "/api/info.php"
	}
	w.upstream = o.pulsedive.URL
	if o.keys == "" { // in real time, where a machine may be slow
		o.pulsedive.Timeout, o.relay.RequestTimeout = cmp.Or(o.pulsedive.Timeout, patience), cmp.Or(o.relay.RequestTimeout, 2*patience)
	}
	o.pulsedive.UserAgent, o.pulsedive.Log = "pulsedive-relay/test", log
	if o.relay.Pulsedive, err = pulsedive.New(o.pulsedive); err != nil {
		t.Fatal(err)
	}
	o.relay.Verifier = auth.New(auth.Config{
		Hosts: append(o.hosts, w.issuer.Host()), Audiences: o.audiences, HTTP: keys, Now: o.relay.Now, Log: log,
	})
	o.relay.Log = log
	if o.kept {
		if o.folder == "" {
			o.folder = t.TempDir()
		}
		path := filepath.Join(o.folder, "relay.db")
		if w.store, err = store.Open(store.Config{Path: path, Log: log}); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { w.store.Close() })
		o.relay.Store = w.store
	}
	w.relay = relay.New(o.relay)
	if o.keys != "" {
		w.server = &httptest.Server{URL: "http://relay.example.com"} // where it is said to be
		w.client = &http.Client{Transport: within{w.relay.Handler()}}
		return w
	}
	w.server = httptest.NewServer(w.relay.Handler())
	t.Cleanup(w.server.Close)
	w.client = w.server.Client()
	return w
}

// token is a good token for the key, with further claims over it; nil takes one
// away.
func (w *world) token(key string, more map[string]any) string {
	w.t.Helper()
	claims := map[string]any{"key": key, "jwks_host": w.issuer.Host(), "aud": w.server.URL, "exp": time.Now().Add(time.Hour).Unix()}
	for k, v := range more {
		if claims[k] = v; v == nil {
			delete(claims, k)
		}
	}
	token, err := w.issuer.Token(claims)
	if err != nil {
		w.t.Fatal(err)
	}
	return token
}

// ask posts a body with a good token and reads the answer.
func (w *world) ask(path, body string) answer {
	w.t.Helper()
	return w.askWith(w.token(testKey, nil), path, body)
}

func (w *world) askWith(token, path, body string) answer {
	w.t.Helper()
	req, err := http.NewRequest(http.MethodPost, w.server.URL+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	return w.do(req)
}

func (w *world) do(req *http.Request) answer {
	w.t.Helper()
	resp, err := w.client.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	a := answer{Status: resp.StatusCode, Text: string(text)}
	if err := json.Unmarshal(text, &a); err != nil {
		w.t.Fatalf("%s %s: the answer is no JSON: %v\n%s", req.Method, req.URL, err, text)
	}
	return a
}

// answer is an answer as its readers decode it.
type answer struct {
	Status int             `json:"-"`
	Text   string          `json:"-"`
	Data   json.RawMessage `json:"data"`
	Errors []relay.Error   `json:"errors"`
}

// docs decodes the documents of one kind of an observe answer.
func docs[T any](t testing.TB, a answer, kind string) []T {
	t.Helper()
	var data map[string]struct {
		Count int `json:"count"`
		Docs  []T `json:"docs"`
	}
	if len(a.Data) == 0 {
		return nil
	}
	if err := json.Unmarshal(a.Data, &data); err != nil {
		t.Fatalf("data of %s: %v", a.Text, err)
	}
	if got := data[kind]; got.Count != len(got.Docs) {
		t.Errorf("%s: count is %d beside %d documents", kind, got.Count, len(got.Docs))
	}
	return data[kind].Docs
}
