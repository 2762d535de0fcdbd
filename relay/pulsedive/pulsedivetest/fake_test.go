package pulsedivetest

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"testing/synctest"
	"time"
)

var testNow = time.Date(2026, 3, 31, 14, 47, 36, 0, time.UTC)

func at(t time.Time) func() time.Time { return func() time.Time { return t } }

// answer is what one call got.
type answer struct {
	status int
	header http.Header
	body   string
}

// ask calls f without a network; query is name, value, name, value, …
func ask(f *Fake, query ...string) answer {
	v := url.Values{}
	for i := 0; i < len(query); i += 2 {
		v.Set(query[i], query[i+1])
	}
	w := httptest.NewRecorder()
	f.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/api/info.php?"+v.Encode(), nil))
	return answer{w.Code, w.Header(), w.Body.String()}
}

// handmade is a fake with answers set by hand.
func handmade() *Fake {
	f := New(Config{Now: at(testNow)})
	f.SetInfo("d.example", Answer{Body: json.RawMessage(`{"iid":77,"indicator":"d.example"}`)})
	f.SetLinks("d.example", Answer{Body: json.RawMessage(`{"Active DNS":[]}`)})
	f.SetInfo("text.example", Answer{Body: json.RawMessage(`{"iid":"78","indicator":"text.example"}`)})
	f.SetInfo("2001:db8::5", Answer{Body: json.RawMessage(`{"iid":79}`)})
	f.SetInfo("https://u.example/A?b=c&d=e f+g", Answer{Body: json.RawMessage(`{"iid":80}`)})
	f.SetInfo("html.example", Answer{Text: "<p>hello</p>"})
	f.SetInfo("down.example", Answer{Status: 503, Text: "down", Header: http.Header{"Retry-After": {"7"}}})
	f.RefuseKey("bad")
	return f
}

func TestProtocol(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		query  []string
		status int
		body   string
	}{
		{"record", []string{"indicator", "d.example", "key", "k"}, 200, `{"iid":77,"indicator":"d.example"}`},
		{"links", []string{"indicator", "d.example", "get", "links", "key", "k"}, 200, `{"Active DNS":[]}`},
		{"record by iid", []string{"iid", "77", "key", "k"}, 200, `{"iid":77,"indicator":"d.example"}`},
		{"links by iid", []string{"iid", "77", "get", "links", "key", "k"}, 200, `{"Active DNS":[]}`},
		{"record by iid that is text", []string{"iid", "78", "key", "k"}, 200, `{"iid":"78","indicator":"text.example"}`},
		{"name in capitals with a dot", []string{"indicator", " D.Example. ", "key", "k"}, 200, `{"iid":77,"indicator":"d.example"}`},
		{"long form of an ipv6", []string{"indicator", "2001:DB8:0::0005", "key", "k"}, 200, `{"iid":79}`},
		{"url with reserved characters", []string{"indicator", "https://u.example/A?b=c&d=e f+g", "key", "k"}, 200, `{"iid":80}`},
		{"url in another case", []string{"indicator", "https://u.example/a?b=c&d=e f+g", "key", "k"}, 404, `{"error":"Indicator not found."}`},
		{"web page", []string{"indicator", "html.example", "key", "k"}, 200, `<p>hello</p>`},
		{"status set by hand", []string{"indicator", "down.example", "key", "k"}, 503, `down`},
		{"record without links", []string{"indicator", "text.example", "get", "links", "key", "k"}, 200, `{"error":"No links found."}`},
		{"unknown value", []string{"indicator", "x.example", "key", "k"}, 404, `{"error":"Indicator not found."}`},
		{"links of an unknown value", []string{"indicator", "x.example", "get", "links", "key", "k"}, 200, `{"error":"No links found."}`},
		{"unknown iid", []string{"iid", "999", "key", "k"}, 404, `{"error":"Indicator not found."}`},
		{"sample that is not loaded", []string{"indicator", "www.example.com", "key", "k"}, 404, `{"error":"Indicator not found."}`},
		{"nothing asked", []string{"key", "k"}, 400, `{"error":"Invalid request."}`},
		{"something else asked", []string{"indicator", "d.example", "get", "properties", "key", "k"}, 400, `{"error":"Invalid request."}`},
		{"no key", []string{"indicator", "d.example"}, 401, `{"error":"Your API key is missing."}`},
		{"refused key", []string{"indicator", "d.example", "key", "bad"}, 401, `{"error":"Your API key is invalid."}`},
		{"health with a refused key", []string{"iid", "2", "key", "bad"}, 401, `{"error":"Your API key is invalid."}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := ask(handmade(), c.query...)
			if got.status != c.status || got.body != c.body {
				t.Errorf("asked %q\ngot  %d %s\nwant %d %s", c.query, got.status, got.body, c.status, c.body)
			}
		})
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ value, header, want string }{
		{"d.example", "Content-Type", "application/json"},
		{"d.example", "Content-Length", "34"},
		{"d.example", "X-Requests-Remaining-Day", ""},
		{"html.example", "Content-Type", "text/html; charset=utf-8"},
		{"down.example", "Retry-After", "7"},
	} {
		if got := ask(handmade(), "indicator", c.value, "key", "k").header.Get(c.header); got != c.want {
			t.Errorf("asked for %s: header %s\ngot  %q\nwant %q", c.value, c.header, got, c.want)
		}
	}
}

func TestHealth(t *testing.T) {
	t.Parallel()
	f := handmade()
	var record struct{ Indicator string }
	got := ask(f, "iid", "2", "key", "k")
	if err := json.Unmarshal([]byte(got.body), &record); err != nil || record.Indicator != "pulsedive.com" {
		t.Errorf("asked for iid=2\ngot  %s (%v)\nwant the record of pulsedive.com", got.body, err)
	}
	f.SetHealth(Answer{Status: 500, Body: json.RawMessage(`{"error":"Database error."}`)})
	if got := ask(f, "iid", "2", "key", "k"); got.status != 500 || got.body != `{"error":"Database error."}` {
		t.Errorf("asked for iid=2 after SetHealth\ngot  %d %s\nwant the 500 that was set", got.status, got.body)
	}
}

func TestMethod(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	New(Config{}).ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/?indicator=a&key=k", nil))
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("asked by POST: got %d, want 405", w.Code)
	}
}

func TestLatency(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := New(Config{Latency: 300 * time.Millisecond})
		client := &http.Client{Transport: f.Transport()}
		took := func() time.Duration {
			start := time.Now()
			resp, err := client.Get("https://pulsedive.example/?indicator=x&key=k")
			if err != nil {
				t.Fatalf("asked with latency: got error %v", err)
			}
			_ = resp.Body.Close()
			return time.Since(start)
		}
		if got := took(); got != 300*time.Millisecond {
			t.Errorf("asked with a latency of 300ms: took %v", got)
		}
		f.SetLatency(time.Minute)
		if got := took(); got != time.Minute {
			t.Errorf("asked with a latency of 1m: took %v", got)
		}
	})
}

func TestCallerLeavesWhileWaiting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := New(Config{Latency: time.Hour})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		r, _ := http.NewRequestWithContext(ctx, http.MethodGet, "https://pulsedive.example/?indicator=x&key=k", nil)
		start := time.Now()
		resp, err := (&http.Client{Transport: f.Transport()}).Do(r)
		if err == nil {
			_ = resp.Body.Close()
		}
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second {
			t.Errorf("asked with a deadline of 1s\ngot  %v after %v\nwant deadline exceeded after 1s", err, time.Since(start))
		}
		if calls := f.Calls(); len(calls) != 1 || calls[0].Status != 0 {
			t.Errorf("asked for the calls: got %+v, want one without a status", calls)
		}
	})
}

// TestOverTheNetwork asks by a real server, where a cut is a cut connection.
func TestOverTheNetwork(t *testing.T) {
	t.Parallel()
	f := New(Config{Failure: 1, FailureStatus: -1})
	server := httptest.NewServer(f)
	defer server.Close()
	resp, err := server.Client().Get(server.URL + "/?indicator=x&key=k")
	if err == nil {
		_ = resp.Body.Close()
		t.Fatalf("asked for a cut connection: got %d, want an error", resp.StatusCode)
	}
	if !errors.Is(err, io.EOF) {
		t.Errorf("asked for a cut connection: got %v, want EOF", err)
	}
}
