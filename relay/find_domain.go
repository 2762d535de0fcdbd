package relay

import (
	"net/netip"
	"strings"

	"pulsedive-relay/relay/ctim"
)

// domain takes a name below a public suffix.
func (f *finder) domain(a, b int) bool {
	name := f.s[a:b]
	if len(name) > mostName || !strings.Contains(name, ".") {
		return false
	}
	spelt, ascii, ok := domainName(name)
	if !ok {
		return false
	}
	switch standingOf(ascii) {
	case unknown:
		return false
	case offered:
		if !f.explicit(a, b) {
			return false
		}
	case registered:
		if (f.inCode(a, b) || likeCode(name)) && !f.explicit(a, b) {
			return false
		}
	}
	v := Found{Observable: ctim.Observable{Type: "domain", Value: spelt}}
	v.Path, b = f.path(a, b)
	return f.addFound(v, ascii, a, b)
}

// explicit says whether a name was surely meant as one.
func (f *finder) explicit(a, b int) bool { return f.defanged(a, b) || f.alone(a, b) }

// inCode says whether what stands around a name makes it part of a path
// (src/main.rs), a variable ($user.name), an escape (%2Fexample.com), an option
// (--user.name), a call (foo.bar()) or a key (user.name=x).
func (f *finder) inCode(a, b int) bool {
	before, next := f.at(a-1), f.at(b)
	switch {
	case (before == '/' || before == '\\') && f.at(a-2) != before && f.end != a-1:
		return true
	case before == '$' || before == '%' || before == '{' && f.at(a-2) == '$' || before == '-' && f.at(a-2) == '-':
		return true
	case next == '(' && !f.addressAt(b+1):
		return true
	}
	return next == '='
}

// addressAt says whether an IPv4 address begins at i.
func (f *finder) addressAt(i int) bool {
	end := i
	for end < len(f.s) && end-i <= len("255.255.255.255") && (f.s[end] == '.' || '0' <= f.s[end] && f.s[end] <= '9') {
		end++
		f.looked++
	}
	_, err := netip.ParseAddr(f.s[i:end])
	return err == nil
}

// path is what stands behind the name or address in s[start:b] as in a URL, where
// it ends, and f.i as well. A port alone is no path, neither is the protocol behind
// one (198.51.100.7:53/udp) or the port behind an address (198.51.100.7/51324), nor
// an address there: that is one of its own, as a URL is within the path.
func (f *finder) path(start, b int) (path string, end int) {
	from := f.port(b)
	if next := f.at(from); next != '?' && next != '/' || f.addressAt(from+1) {
		return "", b
	}
	stop := f.tail(start, from, ",;|'")
	f.i = max(stop, from+1)
	switch path = f.tailText(start, from, stop); {
	case stop-start > mostURL, path == "", path == "/", path == "/tcp", path == "/udp":
		return "", b
	case strings.Trim(f.s[start:b]+path, "./0123456789") == "":
		return "", b
	}
	return f.s[b:from] + path, stop
}

// another says whether a domain of its own begins at i, behind an address:
// 198.51.100.7/example.com.
func (f *finder) another(i int) bool {
	if f.at(i-1) != '/' {
		return false
	}
	a, b := trimmed(f.s, i, f.run(i))
	_, ascii, ok := domainName(f.s[a:max(a, b)])
	return ok && standingOf(ascii) == registered && !likeCode(f.s[a:b])
}
