package web_test

import (
	"flag"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pulsedive-relay/static"
	"pulsedive-relay/web"
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

// The states of the page.
var (
	plain = web.Home{Version: "1.2.3"}
	demo  = web.Home{Version: "1.2.3", Demo: true, Admin: true, Address: "127.0.0.1:9090"}
)

// browser is how a browser asks.
const browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

func get(h http.Handler, method, path, accept string) *httptest.ResponseRecorder {
	req := httptest.NewRequest(method, path, nil)
	if accept != "" {
		req.Header.Set("Accept", accept)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, req)
	return w
}

func TestHome(t *testing.T) {
	t.Parallel()
	page := http.Header{
		"Content-Type":            {"text/html; charset=utf-8"},
		"Content-Security-Policy": {"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"},
		"X-Content-Type-Options":  {"nosniff"},
		"Referrer-Policy":         {"no-referrer"},
		"Cache-Control":           {"no-store"},
		"Vary":                    {"Accept"},
	}
	text := http.Header{"Content-Type": {"text/plain; charset=utf-8"}, "Cache-Control": {"no-store"}, "X-Content-Type-Options": {"nosniff"}, "Vary": {"Accept"}}
	for _, c := range []struct {
		name, accept string
		home         web.Home
		header       http.Header
		want         string // the beginning
	}{
		{"a browser", browser, plain, page, "<!doctype html>"},
		{"a browser at the demo", browser, demo, page, "<!doctype html>"},
		{"curl", "*/*", plain, text, "pulsedive-relay 1.2.3: "},
		{"curl at the demo", "*/*", demo, text, "pulsedive-relay 1.2.3: "},
		{"nothing said", "", plain, text, "pulsedive-relay 1.2.3: "},
		{"JSON wanted", "application/json", plain, text, "pulsedive-relay 1.2.3: "},
	} {
		got := get(c.home, "GET", "/", c.accept)
		if got.Code != 200 || !strings.HasPrefix(got.Body.String(), c.want) {
			t.Errorf("%s gets %d\n%s\nwant 200 and %q first", c.name, got.Code, got.Body, c.want)
		}
		if !maps.EqualFunc(got.Header(), c.header, slices.Equal) {
			t.Errorf("%s gets the headers\n%v\nwant\n%v", c.name, got.Header(), c.header)
		}
		if madeUp := strings.Contains(got.Body.String(), "made up"); madeUp != c.home.Demo {
			t.Errorf("%s is told that all is made up: %v; want %v", c.name, madeUp, c.home.Demo)
		}
		if c.header["Content-Type"][0] == "text/plain; charset=utf-8" && (strings.Count(got.Body.String(), "\n") != 1 || strings.Contains(got.Body.String(), "<")) {
			t.Errorf("%s gets %q; want one line of text", c.name, got.Body)
		}
	}
}

// version is what the address of an asset says of its content.
var version = regexp.MustCompile(`\?v=[0-9a-f]+`)

// TestHomeGolden: the page in each of its states.
func TestHomeGolden(t *testing.T) {
	t.Parallel()
	for file, home := range map[string]web.Home{"home.html": plain, "home-demo.html": demo} {
		path := filepath.Join("testdata", file)
		// One element a line: a diff shows what changed.
		page := version.ReplaceAllString(get(home, "GET", "/", browser).Body.String(), "")
		got := strings.ReplaceAll(page, "><", ">\n<") + "\n"
		if *update {
			if err := os.MkdirAll("testdata", 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatalf("%v; go test ./web -update makes it", err)
		}
		if got != string(want) {
			t.Errorf("the page is not that of %s; go test ./web -update rewrites it. got:\n%s\nwant:\n%s", path, got, want)
		}
	}
}

// attribute finds what a page loads or leads to.
var attribute = regexp.MustCompile(`\s(?:href|src|action|srcset|data|poster)="([^"]*)"`)

// inline finds what the content security policy forbids, and what only a page
// with code in it needs.
var inline = regexp.MustCompile(`(?i)<style|<script(?: defer)?>|<iframe|<object|<base|\sstyle=|\son[a-z]+=|javascript:|data:|//`)

func TestHomeLoads(t *testing.T) {
	t.Parallel()
	for _, home := range []web.Home{plain, demo} {
		page := get(home, "GET", "/", browser).Body.String()
		found := attribute.FindAllStringSubmatch(page, -1)
		if len(found) < 3 {
			t.Errorf("the page (demo: %v) names %v; want its style, its icon and its picture", home.Demo, found)
		}
		for _, one := range found {
			if one[1] == "/admin" || one[1] == "#main" {
				continue
			}
			path, _, _ := strings.Cut(one[1], "?")
			name, ok := strings.CutPrefix(path, "/static/")
			if _, err := fs.Stat(static.Files, name); !ok || err != nil {
				t.Errorf("the page (demo: %v) names %q: %v; want an asset below /static/", home.Demo, one[1], err)
			}
			if got := get(static.Handler(), "GET", one[1], ""); got.Code != 200 || got.Body.Len() == 0 {
				t.Errorf("GET %s answers %d with %d bytes; want the asset", one[1], got.Code, got.Body.Len())
			}
		}
		if bad := inline.FindString(page); bad != "" {
			t.Errorf("the page (demo: %v) holds %q; want nothing inline and nothing of another origin:\n%s", home.Demo, bad, page)
		}
	}
}

func TestHomeEscapes(t *testing.T) {
	t.Parallel()
	const hostile = `"><script>alert(1)</script>`
	page := get(web.Home{Version: hostile, Demo: true, Admin: true, Address: hostile}, "GET", "/", browser).Body.String()
	if strings.Contains(page, "<script>") || strings.Count(page, "&lt;script&gt;") != 2 {
		t.Errorf("the page takes a text for markup; want it escaped, in both places:\n%s", page)
	}
}
