package web

import (
	"bytes"
	"compress/gzip"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"pulsedive-relay/store"
)

// TestPagePanics: a page that panics is answered with an error, and logged.
func TestPagePanics(t *testing.T) {
	t.Parallel()
	s, err := store.Open(store.Config{Path: filepath.Join(t.TempDir(), "relay.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var log bytes.Buffer
	a, err := New(Config{Store: s, Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	got := httptest.NewRecorder()
	page := a.page(func(http.ResponseWriter, *http.Request) error { panic("lost a row") })
	a.access.load(page).ServeHTTP(got, httptest.NewRequest("GET", "/admin/x", nil))
	if got.Code != http.StatusInternalServerError || !strings.Contains(got.Body.String(), errUnknown.title) || strings.Contains(got.Body.String(), "lost a row") {
		t.Errorf("a page that panics answers %d %s; want 500 with %q alone", got.Code, got.Body, errUnknown.title)
	}
	if !strings.Contains(log.String(), "lost a row") {
		t.Errorf("the log says %q; want what panicked", &log)
	}
}

// TestPacked: pages are sent compressed to those who take that, other kinds as they
// are.
func TestPacked(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("a page of many words ", 1000)
	for kind, want := range map[string]string{"text/html; charset=utf-8": "gzip", "application/json": "gzip", "text/csv; charset=utf-8": "", "application/octet-stream": ""} {
		h := packed(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			io.WriteString(w, text)
		}))
		req := httptest.NewRequest("GET", "/admin", nil)
		req.Header.Set("Accept-Encoding", "gzip, br")
		got := httptest.NewRecorder()
		h.ServeHTTP(got, req)
		if coding := got.Header().Get("Content-Encoding"); coding != want {
			t.Errorf("%s asked for with gzip: got the coding %q, want %q", kind, coding, want)
			continue
		}
		body := io.Reader(got.Body)
		if want == "gzip" {
			var err error
			if body, err = gzip.NewReader(body); err != nil {
				t.Fatal(err)
			}
		}
		if all, err := io.ReadAll(body); string(all) != text || err != nil {
			t.Errorf("%s asked for with gzip: got %d bytes (%v), want the %d that were sent", kind, len(all), err, len(text))
		}
	}
}
