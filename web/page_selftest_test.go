package web_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"pulsedive-relay/relay/auth/authtest"
	"pulsedive-relay/relay/pulsedive/pulsedivetest"
	"pulsedive-relay/store"
	"pulsedive-relay/web"
)

// findings are the words of a page's checks, by name.
func findings(page string) map[string]string {
	found := map[string]string{}
	tags := regexp.MustCompile(`<svg.*?</svg>|<[^>]*>`)
	for _, row := range strings.Split(page, `<div class="finding-state">`)[1:] {
		row, _, _ = strings.Cut(row, "</li>")
		state, rest, _ := strings.Cut(row, "<h3>")
		name, text, _ := strings.Cut(rest, "</h3>")
		words := strings.Join(strings.Fields(tags.ReplaceAllString(state+" "+text, " ")), " ")
		found[strings.TrimSpace(tags.ReplaceAllString(name, ""))] = words
	}
	return found
}

// relayAt is a server that answers as a relay at its public URL does.
func relayAt(t *testing.T, start func(http.Handler) *httptest.Server) *httptest.Server {
	t.Helper()
	server := start(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.URL.Path == "/healthz" {
			w.Write([]byte("ok\n"))
			return
		}
		http.NotFound(w, req)
	}))
	t.Cleanup(server.Close)
	return server
}

// TestSelfTestWell: where all is well all is green, with and without scripts.
func TestSelfTestWell(t *testing.T) {
	t.Parallel()
	keys, err := authtest.NewIssuer()
	must(t, err)
	t.Cleanup(keys.Close)
	public := relayAt(t, httptest.NewTLSServer)
	log := &logged{}
	s := newSite(t, siteOptions{
		Keys: keys, Plan: pulsedivetest.ProPlan(), Log: log,
		Pins:   []store.Pin{{Name: "jwks-hosts", Text: keys.Host(), Origin: "a test"}, {Name: "public-url", Text: public.URL + "/", Origin: "a test"}},
		Change: func(c *web.Config) { c.HTTP = public.Client() },
	})
	fresh := s.get("/admin/self-test")
	wantIn(t, "before a run", fresh.text, "checks, none run yet", "Run all checks")
	wantNotIn(t, "before a run", fresh.text, "hx-trigger")
	if n := s.fake.Count(); n != 0 {
		t.Errorf("looking at the page made %d calls to Pulsedive; want none", n)
	}
	if got := s.post("/admin/self-test", nil); got.status != 303 || got.header.Get("Location") != "/admin/self-test" {
		t.Fatalf("running without scripts answers %d; want 303 to the page, after the run", got.status)
	}
	page := s.get("/admin/self-test").text
	for name, want := range map[string]string{
		public.URL + "/": "This relay answers there", "Certificate of " + strings.TrimPrefix(public.URL, "https://"): "days left",
		keys.Host(): "1 usable key. Our clock agrees", "API key": "of 10 000 left this day", "Sample round": "answered in CTIM",
		"CTIM of the answer": "keep the rules of CTIM", "Refer links": "2 links lead to Pulsedive", "Database": "A write worked", "Disk": "left", "History": "No exchange was lost",
	} {
		if got := findings(page)[name]; !strings.HasPrefix(got, "Fine ") || !strings.Contains(got, want) {
			t.Errorf("%s: %q; want it fine, and %q", name, got, want)
		}
	}
	wantIn(t, "the page", page, "All is well")
	wantNotIn(t, "the page", page, ownKey, "hx-trigger")
	wantNotIn(t, "the log", log.String(), ownKey)
	if n := s.store.Status().Exchanges; n != 0 {
		t.Errorf("the run left %d exchanges in the history; want none", n)
	}
	part := s.post("/admin/self-test", nil, "HX-Request", "true").text
	wantNotIn(t, "a part", part, "<html")
	for late := time.Now().Add(patience); strings.Contains(part, "hx-trigger"); {
		if part = s.get("/admin/self-test", "HX-Request", "true").text; time.Now().After(late) {
			t.Fatalf("%s after its start the run goes on:\n%s", patience, part)
		}
	}
	wantIn(t, "the last part", part, `id="self-test"`, "All is well")
}

// TestSelfTestOffline: without a network each check says so, in words, and what
// to do; no key is told.
func TestSelfTestOffline(t *testing.T) {
	t.Parallel()
	const gone = "http://" + nobody
	log := &logged{}
	s := newSite(t, siteOptions{NoKey: true, Log: log, Pins: []store.Pin{
		{Name: "public-url", Text: gone, Origin: "a test"}, {Name: "jwks-hosts", Text: nobody, Origin: "a test"},
		{Name: "pulsedive-url", Text: gone + "/api", Origin: "a test"}, {Name: "pulsedive-key", Text: ownKey, Origin: "a test"},
	}})
	s.post("/admin/self-test", nil)
	page := s.get("/admin/self-test").text
	for name, want := range map[string]string{
		gone: "Broken The connection was refused", nobody: "Broken The connection was refused", "Certificate of " + nobody: "Needs a look The address is not https",
		"API key": "Broken Pulsedive could not be reached.", "Sample round": "Broken Pulsedive could not be reached. There is no network, or the way to Pulsedive is closed",
		"CTIM of the answer": "Not checked There is no answer", "Refer links": "Fine 1 link leads", "Database": "Fine",
	} {
		if got := findings(page)[name]; !strings.HasPrefix(got, want) {
			t.Errorf("%s: %q; want %q", name, got, want)
		}
	}
	wantNotIn(t, "the page", page, ownKey)
	wantNotIn(t, "the log", log.String(), ownKey)
}

// TestSelfTestUnset: what is not set is said, with the way to set it.
func TestSelfTestUnset(t *testing.T) {
	t.Parallel()
	keys, err := authtest.NewIssuer()
	must(t, err)
	t.Cleanup(keys.Close)
	keys.SetDown(true)
	s := newSite(t, siteOptions{NoKey: true, Keys: keys, Pins: []store.Pin{
		{Name: "history-max", Text: "0", Origin: "a test"}, {Name: "jwks-hosts", Text: keys.Host(), Origin: "a test"},
	}})
	s.post("/admin/self-test", nil)
	page := s.get("/admin/self-test").text
	for name, want := range map[string]string{
		"Public URL": "Needs a look No public URL is set", keys.Host(): "Broken It did not answer with keys: status 503", "API key": "Needs a look You have no key here",
		"Sample round": "Not checked There is no key of your own", "History": "Needs a look The settings keep no history",
	} {
		if got := findings(page)[name]; !strings.HasPrefix(got, want) {
			t.Errorf("%s: %q; want %q", name, got, want)
		}
	}
	wantIn(t, "the page", page, `href="/admin/settings#public-url"`, `href="/admin/settings#pulsedive-key"`, "1 is broken, 3 need a look")
	if n := s.fake.Count(); n != 0 {
		t.Errorf("without a key there were %d calls to Pulsedive; want none", n)
	}
}
