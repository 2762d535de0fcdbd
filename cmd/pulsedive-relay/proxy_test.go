package main

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
)

func TestTrustedProxies(t *testing.T) {
	t.Parallel()
	proxies := trustedProxies{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8:1::/48")}
	for _, c := range []struct {
		name    string
		trusted trustedProxies
		from    string
		forward []string
		want    string
		proto   string
	}{
		{"nobody is trusted", nil, "10.0.0.1:5", []string{"192.0.2.1"}, "10.0.0.1:5", "https"},
		{"by a proxy", proxies, "10.0.0.1:5", []string{"192.0.2.1"}, "192.0.2.1:0", "https"},
		{"by two proxies", proxies, "10.0.0.1:5", []string{"192.0.2.1, 10.0.0.2"}, "192.0.2.1:0", "https"},
		{"by two proxies, two lines", proxies, "10.0.0.1:5", []string{"192.0.2.1", "10.0.0.2"}, "192.0.2.1:0", "https"},
		{"who pretends to be another", proxies, "10.0.0.1:5", []string{"198.51.100.1, 192.0.2.1"}, "192.0.2.1:0", "https"},
		{"a proxy itself", proxies, "10.0.0.1:5", nil, "10.0.0.1:5", "https"},
		{"only proxies", proxies, "10.0.0.1:5", []string{"10.0.0.9"}, "10.0.0.9:0", "https"},
		{"nonsense", proxies, "10.0.0.1:5", []string{"192.0.2.1, unknown"}, "10.0.0.1:5", "https"},
		{"IPv6", proxies, "[2001:db8:1::7]:5", []string{"2001:db8:2::1"}, "[2001:db8:2::1]:0", "https"},
		{"IPv6 with a zone", proxies, "[2001:db8:1::7]:5", []string{"2001:db8:2::1%any <text>, 2001:db8:1::8%eth0"}, "[2001:db8:2::1]:0", "https"},
		{"IPv4 within IPv6", proxies, "[::ffff:10.0.0.1]:5", []string{"::ffff:192.0.2.1"}, "192.0.2.1:0", "https"},
		{"past the proxies", proxies, "192.0.2.9:5", []string{"198.51.100.1"}, "192.0.2.9:5", ""},
	} {
		req := httptest.NewRequest("GET", "/", nil)
		req.RemoteAddr, req.Header["X-Forwarded-For"] = c.from, c.forward
		req.Header.Set("X-Forwarded-Proto", "https")
		var got, proto string
		c.trusted.behind(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
			got, proto = req.RemoteAddr, req.Header.Get("X-Forwarded-Proto")
		})).ServeHTTP(httptest.NewRecorder(), req)
		if got != c.want || proto != c.proto {
			t.Errorf("%s: a request of %s with X-Forwarded-For %q comes from %q, scheme %q; want %q, %q", c.name, c.from, c.forward, got, proto, c.want, c.proto)
		}
	}
}
