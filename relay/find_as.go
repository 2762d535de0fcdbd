package relay

import (
	"net/url"
	"strings"

	"pulsedive-relay/relay/ctim"
)

// As is what was found as an observable of another type, if it can be one: a URL
// as the domain or the address that is its host; a domain or an address with a path
// behind it as the URL that it is with http:// before it.
func (v Found) As(kind string) (o ctim.Observable, ok bool) {
	o = v.Observable
	switch {
	case kind == o.Type:
		return o, true
	case kind == "url" && v.Path != "":
		return ctim.Observable{Type: kind, Value: "http://" + o.Value + v.Path}, true
	case o.Type == "url":
		if host, ok := recognise(hostOf(o.Value)); ok && host.Type == kind {
			return host, true
		}
	}
	o.Type = kind
	return o, false
}

// hostOf is the host of a URL, without port, name and password; empty where it has
// none.
func hostOf(value string) string {
	scheme, rest, _ := strings.Cut(value, "://")
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	rest = rest[strings.LastIndexByte(rest, '@')+1:]
	u, err := url.Parse(scheme + "://" + rest)
	if err != nil {
		return ""
	}
	return u.Hostname()
}
