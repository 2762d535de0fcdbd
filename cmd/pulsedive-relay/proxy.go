package main

import (
	"net/http"
	"net/netip"
	"strings"
)

// trustedProxies are the networks of what stands in front of the relay.
type trustedProxies []netip.Prefix

// behind tells the handler who asks where a proxy does: the last address in
// X-Forwarded-For that is no trusted proxy's own. Without trusted proxies the
// header counts for nothing; with them what others say of a request's scheme
// does not count either.
func (t trustedProxies) behind(next http.Handler) http.Handler {
	if len(t) == 0 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		from, err := netip.ParseAddrPort(req.RemoteAddr)
		if err != nil || !t.has(from.Addr()) {
			req.Header.Del("X-Forwarded-Proto")
			next.ServeHTTP(w, req)
			return
		}
		hops := strings.Split(strings.Join(req.Header.Values("X-Forwarded-For"), ","), ",")
		for i := len(hops) - 1; i >= 0; i-- {
			address, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
			if err != nil {
				break // whoever wrote that is not to be believed
			}
			address = address.Unmap().WithZone("") // a zone is any text, and means nothing here
			req.RemoteAddr = netip.AddrPortFrom(address, 0).String()
			if !t.has(address) {
				break
			}
		}
		next.ServeHTTP(w, req)
	})
}

func (t trustedProxies) has(a netip.Addr) bool {
	for _, p := range t {
		if p.Contains(a.Unmap().WithZone("")) {
			return true
		}
	}
	return false
}
