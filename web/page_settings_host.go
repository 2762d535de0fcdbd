package web

import (
	"fmt"
	"net"
	"net/url"
	"strings"
)

// A stored key is for the host that it was stored for. Another endpoint gets it
// only from whoever types it again: a browser that somebody left open, or an
// address mistyped, must not give it away.

// hostOf is whom the calls to an endpoint reach: the same host in clear text, or
// on another port, is another one.
func hostOf(endpoint string) string {
	u, err := url.Parse(endpoint)
	if err != nil {
		return endpoint
	}
	port := u.Port()
	if port == map[string]string{"https": "443", "http": "80"}[u.Scheme] {
		port = ""
	}
	host := strings.ToLower(u.Hostname())
	if port != "" || strings.Contains(host, ":") {
		host = strings.TrimSuffix(net.JoinHostPort(host, port), ":")
	}
	return u.Scheme + "://" + host
}

// elsewhere says whether a form has another host get the key that holds already.
func (f *settingsForm) elsewhere() bool {
	return f.key == "" && f.next.PulsediveKey != "" && hostOf(f.next.PulsediveURL) != hostOf(f.before.PulsediveURL)
}

// keepKeyHere refuses to save a form that has another host get the stored key.
func (a *Admin) keepKeyHere(f *settingsForm) {
	if !f.elsewhere() {
		return
	}
	from, to := hostOf(f.before.PulsediveURL), hostOf(f.next.PulsediveURL)
	if origin, pinned := a.cfg.Store.Pinned(keyField); pinned {
		f.faults[endpointField] = fmt.Errorf("%s fixes a key for %s; have the endpoint set there, too, to send it to %s", origin, from, to)
		return
	}
	f.again = true
	f.faults[keyField] = fmt.Errorf("the stored key is for %s; to send it to %s type it again, or remove it", from, to)
}
