package relay

import (
	"net/netip"
	"strings"

	"pulsedive-relay/relay/ctim"
)

// domain takes a name below a public suffix, and passes over the path behind it.
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
	f.add(ctim.Observable{Type: "domain", Value: spelt}, ascii, a, b)
	f.path(b)
	return true
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

// path passes over a path behind a domain. An address there (example.com/192.0.2.1)
// is one of its own.
func (f *finder) path(b int) {
	if f.at(b) != '/' || f.addressAt(b+1) {
		return
	}
	for b < len(f.s) && f.s[b] > ' ' && strings.IndexByte("\"'<>\\,;|()[]{}`", f.s[b]) < 0 {
		b++
		f.looked++
	}
	f.i = b
}
