package relay

import (
	"net/netip"
	"strings"

	"pulsedive-relay/relay/ctim"
)

// typed takes a value with its type before it: domain:"x", ipv6: 'x', ip:x. That
// the type is written says what the value is, so it needs no public suffix. URLs
// speak for themselves.
func (f *finder) typed(start, end int) bool {
	kind := strings.ToLower(f.s[start:min(end, start+len("domain")+1)])
	if f.at(end) != ':' || kind != "domain" && kind != "ip" && kind != "ipv6" {
		return false
	}
	from := end + 1
	if f.at(from) == ' ' && (f.at(from+1) == '"' || f.at(from+1) == '\'') {
		from++
	}
	a, b, after := from, from, from
	switch q := f.at(from); q {
	case '"', '\'':
		a = from + 1
		if b = f.closing(q, a); b < 0 {
			return false
		}
		after = b + 1
	default:
		if b = f.run(a); kind != "domain" {
			for b < len(f.s) && b-a <= mostAddress && inAddress6(f.s[b]) {
				b++
				f.looked++
			}
		}
		_, b = trimmed(f.s, a, b)
		after = b
	}
	if b-a > mostName || f.at(after) == '%' {
		return false
	}
	o, ok := recognise(f.s[a:b])
	if !ok || (o.Type == "domain") != (kind == "domain") || o.Type == "url" {
		return false
	}
	_, key, _ := domainName(o.Value)
	if o.Type != "domain" {
		key = o.Value
	}
	f.i = after
	if ip, err := netip.ParseAddr(o.Value); err == nil && f.network(ip, start, after) {
		return true
	}
	return f.add(o, key, start, after)
}

// closing is where a quote closes, on the same line; -1 where it does not.
func (f *finder) closing(quote byte, from int) int {
	which := 0
	if quote == '\'' {
		which = 1
	}
	if from < f.unclosed[which] {
		return -1
	}
	n := strings.IndexAny(f.s[from:], string(quote)+"\n")
	if n < 0 {
		n = len(f.s) - from
	}
	f.looked += n
	if f.at(from+n) == quote {
		return from + n
	}
	f.unclosed[which] = from + n
	return -1
}

// hash takes the hash of a file, by its length.
func (f *finder) hash(a, b int) bool {
	kind := ""
	switch b - a {
	case 32:
		kind = "md5"
	case 40:
		kind = "sha1"
	case 64:
		kind = "sha256"
	case 128:
		kind = "sha512"
	}
	value := strings.ToLower(f.s[a:b])
	if kind == "" || strings.Trim(value, "0123456789abcdef") != "" {
		return false
	}
	return f.add(ctim.Observable{Type: kind, Value: value}, value, a, b)
}

// mostLocal bounds the part of a mail address before the @.
const mostLocal = 64

// mail takes a mail address. One at a host that no domain is (root@localhost) is
// passed over: neither part is an observable. What comes before an IP address is
// not looked at as mail: people log in there.
func (f *finder) mail(start, end int) bool {
	if start < f.triedMail {
		return false
	}
	plus := false
	for end < len(f.s) && (f.s[end] == '+' || f.s[end] == '%' || f.s[end] == '=' && plus) {
		plus = plus || f.s[end] == '+'
		end = f.run(end + 1)
	}
	f.triedMail = end
	if f.at(end) != '@' {
		return false
	}
	stop := f.run(end + 1)
	a, b := trimmed(f.s, end+1, stop)
	if a != end+1 || a == b || b-a > mostName || strings.Trim(f.s[a:b], "0123456789.") == "" {
		return false
	}
	f.i = stop
	spelt, ascii, ok := domainName(f.s[a:b])
	local := strings.TrimLeft(f.s[start:end], ".-+%=")
	start = end - len(local)
	if !ok || standingOf(ascii) == unknown || local == "" || len(local) > mostLocal {
		return true
	}
	return f.add(ctim.Observable{Type: "email", Value: local + "@" + spelt}, local+"@"+ascii, start, b)
}
