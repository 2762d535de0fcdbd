package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"pulsedive-relay/web"
)

func TestOtherSites(t *testing.T) {
	t.Parallel()
	d := newDoor(t, "", nil)
	d.setPassword(password)
	session := d.signIn(password)
	for _, path := range []string{"/admin/login", "/admin/logout", "/admin/logout-everywhere", "/admin/settings", "/admin/settings/password", "/admin/history/purge", "/admin/try"} {
		for _, header := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://elsewhere.example"}} {
			got := d.visit("POST", path, url.Values{"password": {password}}, append(header, "Cookie", session)...)
			if got.Code != http.StatusForbidden {
				t.Errorf("POST %s with %v answers %d; want 403", path, header, got.Code)
			}
		}
	}
	d.wantInside("after what other sites tried", session, true)
	for _, to := range []string{"//elsewhere.example", "https://elsewhere.example", `/admin\elsewhere`, "/administrator", "/other", "javascript:alert(1)", "/admin/../other", "/admin/..//elsewhere.example", "/admin/%2e%2e/other", "/admin/logout"} {
		got := d.visit("POST", "/admin/login", url.Values{"password": {password}, "to": {to}})
		if at := got.Header().Get("Location"); at != "/admin" {
			t.Errorf("signing in to go to %q leads to %q; want /admin", to, at)
		}
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	d := newDoor(t, "", nil)
	for _, c := range []struct{ method, path string }{{"GET", "/admin"}, {"GET", "/admin/login"}, {"GET", "/admin/nothing"}, {"PUT", "/admin/login"}, {"POST", "/admin/login"}} {
		h := d.visit(c.method, c.path, nil).Header()
		if !strings.HasPrefix(h.Get("Content-Security-Policy"), "default-src 'none';") || h.Get("X-Content-Type-Options") != "nosniff" ||
			h.Get("Referrer-Policy") != "no-referrer" || h.Get("Cache-Control") != "no-store" {
			t.Errorf("%s %s has the headers %v; want policy, nosniff, no-referrer, no-store", c.method, c.path, h)
		}
	}
}

func TestPartsWithoutSession(t *testing.T) {
	t.Parallel()
	d := newDoor(t, "", nil)
	got := d.visit("GET", "/admin/history", nil, "HX-Request", "true")
	if got.Code != 401 || got.Header().Get("HX-Refresh") != "true" {
		t.Errorf("a script's request without session answers %d with %v; want 401 and HX-Refresh", got.Code, got.Header())
	}
}

func TestDemoDoor(t *testing.T) {
	t.Parallel()
	d := newDoor(t, "", func(c *web.Config) { c.Demo = true })
	for _, c := range []struct {
		name, from, host, forwarded string
		inside                      bool
	}{
		{"this machine", "127.0.0.1:4000", "localhost:9090", "", true},
		{"this machine by number", "127.0.0.1:4000", "127.0.0.1:9090", "", true},
		{"this machine, IPv6", "[::1]:4000", "[::1]:9090", "", true},
		{"another machine", "192.0.2.9:4000", "localhost:9090", "", false},
		{"a name of elsewhere that leads here", "127.0.0.1:4000", "elsewhere.example:9090", "", false},
		{"by way of a proxy", "127.0.0.1:4000", "localhost:9090", "X-Forwarded-For: 192.0.2.9", false},
		{"by way of a proxy that says so otherwise", "127.0.0.1:4000", "localhost:9090", "Forwarded: for=192.0.2.9", false},
		{"by way of a proxy that names itself", "127.0.0.1:4000", "localhost:9090", "Via: 1.1 proxy", false},
	} {
		header := []string{"From", c.from, "Host", c.host}
		if c.forwarded != "" {
			name, value, _ := strings.Cut(c.forwarded, ": ")
			header = append(header, name, value)
		}
		if got := d.visit("GET", "/admin/module", nil, header...); (got.Code != 303) != c.inside {
			t.Errorf("%s: GET /admin/module answers %d; inside should be %v", c.name, got.Code, c.inside)
		}
	}
}
