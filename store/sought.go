package store

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"pulsedive-relay/relay/ctim"
)

// sought is a text that observables are looked for by, as it is compared: without
// regard to case, and to dots before it.
type sought string

func newSought(text string) sought {
	text = folded(text)
	if rest := strings.TrimLeft(text, "."); rest != "" {
		text = rest
	}
	return sought(text)
}

// Finds says whether a text that is looked for (see Filter.Observable) finds an
// observable.
func Finds(text string, o ctim.Observable) bool {
	return newSought(text).finds(o.Type, []byte(o.Value))
}

// finds says whether an observable is meant: its value begins with the text, or
// its host is the text or below it. A host that is an IP address has nothing above
// it, and is found as an address is: by how it begins. What is found here must be
// found by the index, too (see places.add).
func (s sought) finds(kind string, value []byte) bool {
	if begins(value, string(s)) {
		return true
	}
	host, address := hostOf(kind, value)
	if address {
		return begins(host, string(s))
	}
	return ends(host, string(s))
}

// hostOf is the host that an observable names: a domain is one, a URL has one
// without user and port. There may be none. address says that it is an IP address.
func hostOf(kind string, value []byte) (host []byte, address bool) {
	switch kind {
	case "domain":
		return bytes.TrimRight(value, "."), false
	case "url":
		host = value
	default:
		return nil, false
	}
	if i := bytes.Index(host, []byte("://")); i >= 0 && bytes.IndexAny(host[:i], "/?#") < 0 {
		host = host[i+3:]
	}
	if i := bytes.IndexAny(host, `/\?#`); i >= 0 {
		host = host[:i]
	}
	host = host[bytes.LastIndexByte(host, '@')+1:]
	if bytes.HasPrefix(host, []byte("[")) {
		host, _, _ = bytes.Cut(host[1:], []byte("]"))
		return host, true
	}
	host, _, _ = bytes.Cut(host, []byte(":"))
	host = bytes.TrimRight(host, ".")
	return host, len(bytes.Trim(host, "0123456789.")) == 0
}

// ends says whether a host is a folded text, or below it, without regard to case.
func ends(host []byte, text string) bool {
	for _, c := range host {
		if c >= utf8.RuneSelf {
			host = []byte(folded(string(host)))
			break
		}
	}
	n := len(host) - len(text)
	return (n == 0 || n > 0 && host[n-1] == '.') && begins(host[n:], text)
}

// begins says whether a value begins with a folded text, without regard to case.
func begins(value []byte, text string) bool {
	for i := range min(len(value), len(text)) {
		c := value[i]
		if c >= utf8.RuneSelf {
			return strings.HasPrefix(folded(string(value)), text)
		}
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != text[i] {
			return false
		}
	}
	return len(value) >= len(text)
}

// folded is a value as it is compared.
func folded(value string) string { return strings.ToLower(value) }
