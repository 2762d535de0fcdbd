package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/playwright-community/playwright-go"
)

// bad are pages that do what ours must not, and what is to be said of each.
var bad = []struct{ path, body, want string }{
	{"/inline-style", `<p style="color:red">x</p>`, "inline style"},
	{"/inline-script", `<script>window.x = 1</script>`, "inline script"},
	{"/console", `<script src="/console.js"></script>`, "console: not well"},
	{"/throws", `<script src="/throws.js"></script>`, "a script failed: thrown"},
	{"/throws-later", `<script src="/later.js"></script>`, "a script failed: rejected"},
	{"/elsewhere", `<img src="https://elsewhere.example.com/x.png" alt="">`, "left the origin: GET https://elsewhere.example.com/x.png"},
	{"/other-port", `<img src="http://127.0.0.1:1/x.png" alt="">`, "left the origin: GET http://127.0.0.1:1/x.png"},
	{"/no-style", `<link rel="stylesheet" href="/gone.css">`, "console: Refused to apply style"},
	{"/no-script", `<script src="/gone.js"></script>`, "/gone.js"},
	{"/no-picture", `<img src="/gone.png" alt="">`, "answered Not Found: image http"},
	{"/fetches", `<script src="/fetch.js"></script>`, "answered Internal Server Error: fetch http"},
}

// misbehaving serves the bad pages and good ones.
func misbehaving(t *testing.T) string {
	mux := http.NewServeMux()
	page := func(path, policy, body string) {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Security-Policy", policy)
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprint(w, `<!doctype html><html lang="en"><title>x</title><main><h1>x</h1>`+body+`</main></html>`)
		})
	}
	script := func(path, body string) {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/javascript")
			fmt.Fprint(w, body)
		})
	}
	for _, b := range bad {
		page(b.path, "default-src 'self'; img-src *", b.body)
	}
	page("/good", "default-src 'self'", `<p>well</p>`)
	page("/wide", "default-src 'self'", `<pre class="long">`+strings.Repeat("x", 400)+`</pre>`)
	page("/closed", "default-src 'self'", `<input type="text"><button></button>`)
	page("/on-purpose", "default-src 'self'", `<script src="/on-purpose.js"></script>`)
	script("/on-purpose.js", `console.error('on purpose'); console.log('no error')`)
	script("/console.js", `console.error('not well')`)
	script("/throws.js", `throw new Error('thrown')`)
	script("/later.js", `Promise.reject(new Error('rejected'))`)
	script("/fetch.js", `fetch('/fails')`)
	mux.HandleFunc("GET /fails", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) })
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

// TestWatcher: it notes what pages may not do, and only that.
func TestWatcher(t *testing.T) {
	t.Parallel()
	base := misbehaving(t)
	context := newContext(t, base, pageOptions{})
	w := watch(context, base, []string{"on purpose"})
	page, err := context.NewPage()
	must(t, err)
	for _, path := range []string{"/good", "/nothing-here", "/on-purpose", "/good"} {
		visit(t, page, path)
	}
	if found := w.problems(); len(found) != 0 {
		t.Errorf("pages that do no wrong: noted %q; want nothing", found)
	}
	for _, c := range bad {
		visit(t, page, c.path)
		noted := func() bool { return strings.Contains(strings.Join(w.problems(), "\n"), c.want) }
		for deadline := time.Now().Add(patience); !noted(); {
			if _, err := page.Evaluate("1"); err != nil || time.Now().After(deadline) { // else it is the browser's turn
				t.Fatalf("%s: noted %q (%v); want %q", c.path, w.problems(), err, c.want)
			}
		}
	}
	must(t, context.Close())
}

// TestChecks: the checks of pages find what they are for.
func TestChecks(t *testing.T) {
	t.Parallel()
	page := newPage(t, misbehaving(t), phone)
	visit(t, page, "/wide")
	if got := overflow(t, page); !strings.Contains(got, "of 375 px") || !strings.Contains(got, "pre.long ends at") {
		t.Errorf("a page too wide: %q; want by how much, and what sticks out", got)
	}
	visit(t, page, "/closed")
	var ids []string
	for _, v := range violations(t, page) {
		ids = append(ids, v.ID+" "+v.Impact)
	}
	if got := strings.Join(ids, ", "); !strings.Contains(got, "button-name critical") || !strings.Contains(got, "label critical") {
		t.Errorf("a button and a field without names: axe finds %q; want both", got)
	}
	visit(t, page, "/good")
	noOverflow(t, page)
	checkAccessible(t, page)
}

// TestKeep: of a failed test there are a picture and a trace, and their names.
func TestKeep(t *testing.T) {
	t.Parallel()
	context := newContext(t, misbehaving(t), pageOptions{})
	must(t, context.Tracing().Start(playwright.TracingStartOptions{Snapshots: playwright.Bool(true)}))
	page, err := context.NewPage()
	must(t, err)
	visit(t, page, "/good")
	got := keep(page, "TestKeep/a page, and more")
	must(t, context.Close())
	folder := "e2e/" + failures + "/TestKeep-a-page-and-more/"
	if !strings.Contains(got, folder+"page-1.png") || !strings.Contains(got, folder+"trace-1.zip") {
		t.Errorf("kept as %q; want a picture and a trace in %s", got, folder)
	}
	t.Cleanup(func() { os.RemoveAll(strings.TrimPrefix(folder, "e2e/")) })
	for _, name := range []string{"page-1.png", "trace-1.zip"} {
		path := strings.TrimPrefix(folder, "e2e/") + name
		if file, err := os.Stat(path); err != nil || file.Size() == 0 {
			t.Errorf("%s: %v, %v; want something in it", path, file, err)
		}
	}
}
