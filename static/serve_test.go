package static_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"pulsedive-relay/static"
)

// get asks the handler; headers come in pairs.
func get(method, target string, header ...string) *httptest.ResponseRecorder {
	req := httptest.NewRequest(method, target, nil)
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	static.Handler().ServeHTTP(w, req)
	return w
}

func TestHandler(t *testing.T) {
	t.Parallel()
	const forGood = "public, max-age=31536000, immutable"
	tag := get("GET", "/static/admin.css").Header().Get("ETag")
	packed := get("GET", "/static/admin.css", "Accept-Encoding", "gzip").Header().Get("ETag")
	if tag == "" || tag == packed {
		t.Fatalf("the tags are %q and, packed, %q; want two", tag, packed)
	}
	for _, c := range []struct {
		method, target string
		header         []string
		status         int
		kind, keep     string
	}{
		{"GET", "/static/admin.css", nil, 200, "text/css; charset=utf-8", "no-cache"},
		{"HEAD", "/static/admin.css", nil, 200, "text/css; charset=utf-8", "no-cache"},
		{"GET", static.URL("admin.css"), nil, 200, "text/css; charset=utf-8", forGood},
		{"GET", "/static/admin.css?v=000000000000", nil, 200, "text/css; charset=utf-8", "no-cache"},
		{"GET", static.URL("mark.svg"), nil, 200, "image/svg+xml", forGood},
		{"GET", static.URL(static.HTMX), nil, 200, "text/javascript; charset=utf-8", forGood},
		{"GET", "/static/lib/manifest.json", nil, 200, "application/json", "no-cache"},
		{"GET", "/static/lib/htmx-2.0.11.LICENSE.txt", nil, 200, "text/plain; charset=utf-8", "no-cache"},
		{"GET", "/static/admin.css", []string{"If-None-Match", tag}, 304, "", "no-cache"},
		{"GET", "/static/admin.css", []string{"If-None-Match", packed}, 200, "text/css; charset=utf-8", "no-cache"},
		{"GET", "/static/admin.css", []string{"If-None-Match", packed, "Accept-Encoding", "gzip"}, 304, "", "no-cache"},
		{"GET", static.URL("gone.css"), nil, 404, "text/plain; charset=utf-8", "no-store"},
		{"GET", "/static/", nil, 404, "text/plain; charset=utf-8", "no-store"},
		{"GET", "/static/lib", nil, 404, "text/plain; charset=utf-8", "no-store"},
		{"GET", "/static/lib/", nil, 404, "text/plain; charset=utf-8", "no-store"},
		{"GET", "/static/lib/update.sh", nil, 404, "text/plain; charset=utf-8", "no-store"},
		{"GET", "/static/../static/admin.css", nil, 404, "text/plain; charset=utf-8", "no-store"},
		{"GET", "/admin.css", nil, 404, "text/plain; charset=utf-8", "no-store"},
		{"POST", "/static/admin.css", nil, 405, "text/plain; charset=utf-8", ""},
	} {
		w := get(c.method, c.target, c.header...)
		h := w.Result().Header
		if w.Code != c.status || h.Get("Content-Type") != c.kind || h.Get("Cache-Control") != c.keep || h.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s %s %q: %d, %v; want %d, type %q, Cache-Control %q and nosniff", c.method, c.target, c.header, w.Code, h, c.status, c.kind, c.keep)
		}
		if empty := w.Body.Len() == 0; empty != (c.method == "HEAD" || c.status == 304) {
			t.Errorf("%s %s %q: %d bytes of a body", c.method, c.target, c.header, w.Body.Len())
		}
	}
}

// TestEncodings: gzip for who takes it, and the same content.
func TestEncodings(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		accept string
		packed bool
	}{
		{"", false},
		{"gzip, deflate, br, zstd", true},
		{"br, GZIP", true},
		{"gzip;q=0.5", true},
		{"gzip; q=0", false},
		{"gzip;q=nonsense", false},
		{"br", false},
	} {
		w := get("GET", static.URL(static.Cytoscape), "Accept-Encoding", c.accept)
		h := w.Header()
		if got := h.Get("Content-Encoding") == "gzip"; got != c.packed || h.Get("Vary") != "Accept-Encoding" {
			t.Errorf("Accept-Encoding %q: packed %v, Vary %q; want %v, and by Accept-Encoding", c.accept, got, h.Get("Vary"), c.packed)
		}
		if c.packed && w.Body.Len() > 200_000 {
			t.Errorf("Accept-Encoding %q: %d bytes; want less than half of cytoscape", c.accept, w.Body.Len())
		}
	}
}

// TestAllServed: each file is served as it is, plain and packed, with a type.
func TestAllServed(t *testing.T) {
	t.Parallel()
	err := fs.WalkDir(static.Files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		want, err := fs.ReadFile(static.Files, name)
		if err != nil {
			return err
		}
		for _, accept := range []string{"", "gzip"} {
			w := get("GET", static.URL(name), "Accept-Encoding", accept)
			if got := unpacked(t, w); !bytes.Equal(got, want) || w.Header().Get("Content-Type") == "" {
				t.Errorf("%s, Accept-Encoding %q: %d bytes of type %q; want its %d bytes, and a type", name, accept, len(got), w.Header().Get("Content-Type"), len(want))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func unpacked(t *testing.T, w *httptest.ResponseRecorder) []byte {
	t.Helper()
	if w.Header().Get("Content-Encoding") == "" {
		return w.Body.Bytes()
	}
	r, err := gzip.NewReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestOverHTTP: what a real client gets, its transport's gzip included.
func TestOverHTTP(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	mux.Handle("/static/", static.Handler())
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	resp, err := http.Get(server.URL + static.URL("admin.css"))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != 200 || !resp.Uncompressed || !strings.Contains(string(b), ":root") {
		t.Errorf("status %d, uncompressed %v, %d bytes; want 200 and the style, packed on the way", resp.StatusCode, resp.Uncompressed, len(b))
	}
}
