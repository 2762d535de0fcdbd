package pulsedive

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pulsedive-relay/relay/pulsedive/pulsedivetest"
)

// serve is a client of a Pulsedive on a socket.
func serve(t *testing.T, h http.HandlerFunc, cfg Config) *world {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.Start()
	t.Cleanup(s.Close)
	return dial(t, s.URL+"/api/info.php", cfg)
}

// dial is a client of whatever listens at an address.
func dial(t *testing.T, address string, cfg Config) *world {
	t.Helper()
	cfg.URL = address
	transport := newTransport(4)
	t.Cleanup(transport.CloseIdleConnections)
	cfg.HTTP = &http.Client{Transport: transport}
	return newWorld(t, pulsedivetest.Config{}, cfg)
}

func TestACallAsItIsSent(t *testing.T) {
	t.Parallel()
	var got []string
	var agents []string
	w := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got = append(got, r.Method+" "+r.URL.String())
		agents = append(agents, r.UserAgent()+", "+r.Header.Get("Accept")+", "+r.Header.Get("Accept-Encoding"))
		if r.FormValue("get") != "" {
			fmt.Fprint(w, `{"Active DNS":[]}`)
			return
		}
		fmt.Fprint(w, record(r.FormValue("indicator")))
	}, Config{UserAgent: "relay/1"})
	const value = "http://a.example/?q=1&r=ü +%#"
	key := "k&y=+/ü"
	b := w.client.Batch(key, 1)
	defer b.Close()
	q := b.Ask(value)
	r, err := q.Info(t.Context())
	if err != nil || r.Indicator != value {
		t.Errorf("info of %s: got %+v, %v; want its record", value, r, err)
	}
	if _, err := q.Links(t.Context()); err != nil {
		t.Errorf("links of %s: got %v, want no error", value, err)
	}
	if err := b.Health(t.Context()); err != nil {
		t.Errorf("health: got %v, want no error", err)
	}
	query := "indicator=" + url.QueryEscape(value)
	end := "key=" + url.QueryEscape(key)
	want := "GET /api/info.php?" + query + "&" + end + "\nGET /api/info.php?" + query + "&get=links&" + end + "\nGET /api/info.php?iid=2&" + end
	equal(t, "calls", strings.Join(got, "\n"), want)
	equal(t, "headers", agents[0], "relay/1, application/json, gzip")
	equal(t, "Batch.Calls", b.Calls(), 3)
}

func TestConnectionsAreKept(t *testing.T) {
	t.Parallel()
	var connections atomic.Int32
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.FormValue("indicator"), "not") {
			w.WriteHeader(http.StatusNotFound)
		}
		fmt.Fprint(w, record(r.FormValue("indicator")))
	}))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	s.Start()
	t.Cleanup(s.Close)
	w := dial(t, s.URL, Config{})
	for _, v := range append(domains("d", 10), domains("not", 10)...) {
		_, _, err := w.info(t.Context(), testKey, v)
		if err != nil && !errors.Is(err, ErrNotFound) {
			t.Errorf("info of %s: got %v, want an answer", v, err)
		}
	}
	equal(t, "connections for 20 calls in a row", connections.Load(), 1)
}

func TestCompressedAnswers(t *testing.T) {
	t.Parallel()
	mebibyte := squeeze(strings.Repeat(" ", 1<<20)) // what is squeezed may come in pieces
	for name, c := range map[string]struct {
		body []byte
		want error
	}{
		"a record":                   {squeeze(record("a.example")), nil},
		"a bomb":                     {bytes.Repeat(mebibyte, 2000), ErrTooLarge},
		"cut short":                  {squeeze(record("a.example"))[:40], ErrConnection},
		"nothing that was squeezed":  {[]byte(record("a.example")), ErrConnection},
		"a checksum that is not its": {append(squeeze(record("a.example"))[:len(squeeze(record("a.example")))-8], 1, 2, 3, 4, 5, 6, 7, 8), ErrConnection},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := serve(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Encoding", "gzip")
				w.Write(c.body)
			}, Config{})
			_, r, err := w.info(t.Context(), testKey, "a.example")
			if !errors.Is(err, c.want) || (err == nil && r.IID != "7") {
				t.Errorf("an answer of %d bytes with gzip: got %+v, %v; want %v", len(c.body), r, err, c.want)
			}
			w.hidden(err)
			w.atRest()
		})
	}
}

func squeeze(s string) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = io.WriteString(z, s) // a bytes.Buffer takes everything
	_ = z.Close()
	return b.Bytes()
}

func TestAnswersAreBounded(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status, n int
		good      func(*Record, error) bool
	}{
		"10 MiB":      {http.StatusOK, MaxAnswer, func(r *Record, err error) bool { return err == nil && r.IID == "7" }},
		"a byte more": {http.StatusOK, MaxAnswer + 1, func(_ *Record, err error) bool { return errors.Is(err, ErrTooLarge) }},
		"a fault of 1 MiB": {http.StatusInternalServerError, 1 << 20, func(_ *Record, err error) bool {
			var status *StatusError
			return errors.As(err, &status)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := serve(t, func(w http.ResponseWriter, r *http.Request) {
				w.WriteHeader(c.status)
				blank, body := bytes.Repeat([]byte(" "), 64<<10), record("a.example")
				for sent := len(body); sent < c.n; {
					n, err := w.Write(blank[:min(len(blank), c.n-sent)])
					if sent += n; err != nil {
						return
					}
				}
				io.WriteString(w, body)
			}, Config{})
			if _, r, err := w.info(t.Context(), testKey, "a.example"); !c.good(r, err) {
				t.Errorf("an answer of %d bytes with status %d: got %+v, %v", c.n, c.status, r, err)
			}
			w.atRest()
		})
	}
}

// An answer without a body may say that it is compressed.
func TestCompressedNothing(t *testing.T) {
	t.Parallel()
	w := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "GZIP")
		w.WriteHeader(http.StatusNotFound)
	}, Config{})
	if _, r, err := w.info(t.Context(), testKey, "a.example"); !errors.Is(err, ErrNotFound) {
		t.Errorf("404 with gzip and no body: got %+v, %v; want ErrNotFound", r, err)
	}
}

// Long answers do not meet in memory in numbers.
func TestLongAnswersTakeTurns(t *testing.T) {
	body := `{` + whole + `,"comments":"` + strings.Repeat("x", 2*largeAnswer) + `"}`
	var w *world
	var mu sync.Mutex
	most := 0
	see := func() {
		mu.Lock()
		defer mu.Unlock()
		most = max(most, len(w.client.large))
	}
	h := handler(func(rw http.ResponseWriter, r *http.Request) { io.WriteString(rw, body) })
	reads := roundTrip(func(r *http.Request) (*http.Response, error) {
		resp, err := h.RoundTrip(r)
		if err == nil {
			resp.Body = slowly{resp.Body, see}
		}
		return resp, err
	})
	simulate(t, pulsedivetest.Config{}, Config{HTTP: &http.Client{Transport: reads}, Timeout: time.Minute}, func(world *world) {
		w = world
		for i, o := range w.observe(w.Context(), testKey, domains("d", 8)...) {
			if o.err != nil {
				w.Errorf("long answer %d: got %v, want no error", i, o.err)
			}
		}
	})
	equal(t, "long answers in memory at once", most, largeAtOnce)
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// slowly is a body that takes a while.
type slowly struct {
	io.ReadCloser
	see func()
}

func (s slowly) Read(b []byte) (int, error) {
	time.Sleep(time.Millisecond)
	s.see()
	return s.ReadCloser.Read(b[:min(len(b), 64<<10)])
}

func TestStatuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status  int
		body    string
		reason  string // empty: nothing known
		message string
	}{
		{400, `{"error":"Invalid request."}`, "", ""},
		{404, `{"error":"Indicator not found."}`, "", ""},
		{404, `<html>`, "", ""},
		{406, ``, "", ""},
		{401, `{"error":"Your API key is invalid."}`, "Unauthorized", "Your API key is invalid."},
		{403, `{"error":"Forbidden."}`, "Forbidden", "Forbidden."},
		{429, `{"error":"Slow down, at most 9 requests per day."}`, "Too Many Requests", "Slow down, at most 9 requests per day."},
		{418, ``, "I'm a teapot", ""},
		{500, `{"error":"Database error."}`, "Internal Server Error", "Database error."},
		{500, `{"error":"` + strings.Repeat("ü", 2000) + `"}`, "Internal Server Error", strings.Repeat("ü", maxMessage/2) + "…"},
		{501, `{"message":"no"}`, "Not Implemented", ""},
		{201, record("a.example"), "Created", ""},
		{204, ``, "No Content", ""},
		{302, `{"error":"Moved."}`, "Found", "Moved."},
	} {
		t.Run(fmt.Sprint(c.status, " ", c.body[:min(len(c.body), 20)]), func(t *testing.T) {
			t.Parallel()
			asked := 0
			w := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				asked++
				w.WriteHeader(c.status)
				io.WriteString(w, c.body)
			}, Config{})
			_, r, err := w.info(t.Context(), testKey, "a.example")
			var status *StatusError
			switch {
			case c.reason == "" && !errors.Is(err, ErrNotFound):
				t.Errorf("status %d: got %+v, %v; want ErrNotFound", c.status, r, err)
			case c.reason != "" && (!errors.As(err, &status) || *status != StatusError{c.status, c.reason, c.message}):
				t.Errorf("status %d: got %+v, %v; want a StatusError %q, %q", c.status, r, err, c.reason, c.message)
			}
			equal(t, fmt.Sprint("calls for a status ", c.status), asked, 1)
		})
	}
}

func TestHealth(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		body   string
		want   any // nil, or where errors.As finds its like
	}{
		"known":     {200, record("pulsedive.com"), nil},
		"not found": {404, `{"error":"Indicator not found."}`, nil},
		"an error":  {200, `{"error":"Indicator not found."}`, nil},
		"refused":   {401, `{"error":"Your API key is invalid."}`, new(*StatusError)},
		"limited":   {429, `{"error":"50 requests per day"}`, new(*LimitError)},
		"no JSON":   {200, `<html>Please log in`, ErrNotJSON},
		"no object": {200, `[]`, ErrShape},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := serve(t, func(w http.ResponseWriter, r *http.Request) {
				equal(t, "what health asks", r.URL.RawQuery, "iid=2&key="+testKey)
				w.WriteHeader(c.status)
				io.WriteString(w, c.body)
			}, cached())
			for range 2 {
				b := w.client.Batch(testKey, 0)
				err := b.Health(t.Context())
				equal(t, "calls for a health check", b.Calls(), min(1, b.Calls()))
				b.Close()
				sentinel, _ := c.want.(error)
				if target := c.want; (target == nil && err != nil) || (sentinel != nil && !errors.Is(err, sentinel)) ||
					(target != nil && sentinel == nil && !errors.As(err, target)) {
					t.Errorf("health where Pulsedive answers %d %s: got %v, want %v", c.status, c.body, err, c.want)
				}
			}
			w.atRest()
		})
	}
}

// Health is not answered out of the cache, nor mixed up with a value.
func TestHealthIsAskedEachTime(t *testing.T) {
	simulate(t, pulsedivetest.Config{Latency: time.Second}, cached(), func(w *world) {
		w.fake.SetInfo("iid=2", pulsedivetest.Answer{Body: []byte(record("iid=2"))})
		b := w.client.Batch(testKey, 1)
		defer b.Close()
		q, done := b.Ask("iid=2"), make(chan struct{})
		go func() {
			defer close(done)
			if err := b.Health(w.Context()); err != nil {
				w.Errorf("health: got %v, want no error", err)
			}
		}()
		w.wantInfoOf(q)
		<-done
		if err := b.Health(w.Context()); err != nil {
			w.Errorf("health again: got %v, want no error", err)
		}
		w.wantCalls("two health checks and a value", 3)
	})
}

// A value too long for any address is unknown without a call.
func TestLongValues(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pulsedivetest.Config{Generate: true}, cached())
	for _, c := range []struct {
		length, calls int
		want          error
	}{{mostValue, 1, nil}, {mostValue + 1, 1, ErrNotFound}, {1 << 20, 1, ErrNotFound}} {
		b := w.client.Batch(testKey, 1)
		_, err := b.Ask("https://a.example/" + strings.Repeat("x", c.length-len("https://a.example/"))).Info(t.Context())
		if b.Close(); !errors.Is(err, c.want) || w.fake.Count() != c.calls || len(b.Trace()) != 1 {
			t.Errorf("a value of %d bytes: got %v after %d calls, a trace of %d; want %v after %d, and one", c.length, err, w.fake.Count(), len(b.Trace()), c.want, c.calls)
		}
	}
}
