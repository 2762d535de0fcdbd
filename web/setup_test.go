package web_test

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"golang.org/x/crypto/bcrypt"

	"pulsedive-relay/relay"
	"pulsedive-relay/relay/auth/authtest"
	"pulsedive-relay/relay/ctim"
	"pulsedive-relay/relay/pulsedive/pulsedivetest"
	"pulsedive-relay/store"
	"pulsedive-relay/web"
)

// patience is how long a test waits for what must happen.
const patience = time.Minute

// nobody is an address on this machine where nobody listens: a port that only root
// may take, unlike one just given back.
const nobody = "127.0.0.1:1"

// password signs in to the sites of tests.
const password = "correct horse battery"

// ownKey is the operator's Pulsedive key at the sites of tests.
const ownKey = "operators-own-key"

// siteOptions changes what a site is made of. The zero value is a relay with a
// key of its own, an empty history and no public URL.
type siteOptions struct {
	// Plan is the fake Pulsedive's; zero: without limits.
	Plan pulsedivetest.Plan
	// Pins fix settings.
	Pins []store.Pin
	// NoKey leaves the operator's key away.
	NoKey bool
	// OwnEndpoint saves Pulsedive's endpoint as a setting, instead of fixing it.
	OwnEndpoint bool
	// Now is the clock; nil: time.Now.
	Now func() time.Time
	// Path is the database's; empty: a new one.
	Path string
	// Log takes the log, whole; nil: nothing is logged.
	Log io.Writer
	// Keys issues tokens; nil: nobody does.
	Keys *authtest.Issuer
	// Change changes what the admin UI is made of; nil: nothing does.
	Change func(*web.Config)
}

// site is an admin UI on a socket, with a real store in a folder of its own, a
// fake Pulsedive, and a browser that is signed in.
type site struct {
	t     testing.TB
	fake  *pulsedivetest.Fake
	store *store.Store
	live  *relay.Live
	// base is where it is, client a browser with a session.
	base   string
	client *http.Client
}

func newSite(t testing.TB, o siteOptions) *site {
	t.Helper()
	s := &site{t: t, fake: pulsedivetest.New(pulsedivetest.Config{Plan: o.Plan})}
	s.fake.LoadSample()
	upstream := httptest.NewServer(s.fake)
	t.Cleanup(upstream.Close)
	log := slog.New(slog.DiscardHandler)
	if o.Log != nil {
		log = slog.New(slog.NewJSONHandler(o.Log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	if o.Path == "" {
		o.Path = filepath.Join(t.TempDir(), "relay.db")
	}
	keys := relay.LiveConfig{UserAgent: "pulsedive-relay/test", Log: log}
	if o.Keys != nil {
		keys.KeysHTTP = o.Keys.Client()
	}
	endpoint := upstream.URL + "/api/info.php"
	var pins []store.Pin
	if !o.OwnEndpoint {
		pins = append(pins, store.Pin{Name: "pulsedive-url", Text: endpoint, Origin: "a test"})
	}
	if !o.NoKey {
		pins = append(pins, store.Pin{Name: "pulsedive-key", Text: ownKey, Origin: "a test"})
	}
	var err error
	s.store, err = store.Open(store.Config{Path: o.Path, Pins: append(pins, o.Pins...), Now: o.Now, Log: log})
	must(t, err)
	t.Cleanup(func() { s.store.Close() })
	if s.store.Status().Writable {
		hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
		must(t, err)
		must(t, s.store.SetPassword(hash))
	}
	if o.OwnEndpoint {
		set := s.store.Settings()
		set.PulsediveURL = endpoint
		must(t, s.store.SaveSettings(set))
	}
	keys.Store = s.store
	s.live, err = relay.NewLive(keys, s.store.Settings())
	must(t, err)
	cfg := web.Config{Live: s.live, Store: s.store, Address: "127.0.0.1:9090", Now: o.Now, Log: log}
	if o.Change != nil {
		o.Change(&cfg)
	}
	admin, err := web.New(cfg)
	must(t, err)
	t.Cleanup(admin.Close)
	m := chi.NewRouter()
	m.Mount("/admin", admin.Handler())
	m.NotFound(s.live.ServeHTTP)
	server := httptest.NewServer(m)
	t.Cleanup(server.Close)
	jar, err := cookiejar.New(nil)
	must(t, err)
	s.base, s.client = server.URL, server.Client()
	s.client.Jar = jar
	s.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if got := s.post("/admin/login", url.Values{"password": {password}}); got.status != http.StatusSeeOther {
		t.Fatalf("signing in is answered %d; want 303:\n%s", got.status, got.text)
	}
	return s
}

// answered is what a request got.
type answered struct {
	status int
	text   string
	header http.Header
}

// get asks for a path, with headers in pairs.
func (s *site) get(path string, header ...string) answered {
	s.t.Helper()
	return s.send(http.MethodGet, path, nil, header...)
}

// post sends a form.
func (s *site) post(path string, form url.Values, header ...string) answered {
	s.t.Helper()
	return s.send(http.MethodPost, path, strings.NewReader(form.Encode()), append(header, "Content-Type", "application/x-www-form-urlencoded")...)
}

func (s *site) send(method, path string, body io.Reader, header ...string) answered {
	s.t.Helper()
	req, err := http.NewRequest(method, s.base+path, body)
	must(s.t, err)
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := s.client.Do(req)
	must(s.t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	must(s.t, err)
	return answered{resp.StatusCode, string(text), resp.Header}
}

// ask has the relay ask about values, as the page Try does, and is the number of
// the exchange. Values of the sample are type:value.
func (s *site) ask(endpoint store.Endpoint, values ...string) uint64 {
	s.t.Helper()
	var list []ctim.Observable
	for _, one := range values {
		kind, value, _ := strings.Cut(one, ":")
		list = append(list, ctim.Observable{Type: kind, Value: value})
	}
	tried := s.live.Relay().Try(s.t.Context(), relay.Question{
		Caller: relay.Caller{Key: s.live.Settings().PulsediveKey}, Source: store.Try, From: "127.0.0.1", Observables: list, Endpoint: endpoint,
	}, nil)
	must(s.t, tried.Unkept)
	return tried.Exchange.ID
}

// add puts an exchange into the history.
func (s *site) add(x *store.Exchange) uint64 {
	s.t.Helper()
	id, err := s.store.Append(s.t.Context(), x)
	must(s.t, err)
	return id
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// visit sends one request to a handler, without a socket, with header lines in
// pairs. Host and From among them are where it goes to and comes from.
func visit(h http.Handler, method, path string, form url.Values, header ...string) *httptest.ResponseRecorder {
	req := httptest.NewRequest(method, "http://relay.example.com"+path, strings.NewReader(form.Encode()))
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(header); i += 2 {
		switch header[i] {
		case "Host":
			req.Host = header[i+1]
		case "From":
			req.RemoteAddr = header[i+1]
		default:
			req.Header.Set(header[i], header[i+1])
		}
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, req)
	return rec
}

// logged takes a log.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// clock stands until it is moved. Goroutines of the store look at it at any time.
type clock struct{ nanos atomic.Int64 }

func (c *clock) now() time.Time { return time.Unix(0, c.nanos.Load()) }

func (c *clock) set(now time.Time) { c.nanos.Store(now.UnixNano()) }

func (c *clock) pass(d time.Duration) { c.nanos.Add(int64(d)) }
