package relay

import (
	"net/netip"
	"strconv"
	"strings"

	"pulsedive-relay/relay/ctim"
)

// mostAddress bounds the bytes of an address.
const mostAddress = len("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255")

// address is an address as Pulsedive is asked about it.
func address(a netip.Addr) ctim.Observable {
	if a.Is4() {
		return ctim.Observable{Type: "ip", Value: a.String()}
	}
	return ctim.Observable{Type: "ipv6", Value: a.String()}
}

// address4 takes a run of digits and dots: an address, or nothing that is worth
// another look.
func (f *finder) address4(a, b int) bool {
	if b-a > mostAddress || strings.Trim(f.s[a:b], "0123456789.") != "" {
		return false
	}
	ip, err := netip.ParseAddr(f.s[a:b])
	switch {
	case err != nil:
	case f.network(ip, a, b):
	case f.version(a, b) && !f.alone(a, b):
	default:
		v := Found{Observable: address(ip)}
		if !f.another(b + 1) {
			v.Path, b = f.path(a, b)
		}
		return f.addFound(v, ip.String(), a, b)
	}
	return true
}

// network takes a network, 198.51.100.0/24: its address is none that anybody asks
// about, unless it is all there is (198.51.100.7/32).
func (f *finder) network(ip netip.Addr, a, b int) bool {
	end := f.mask(ip, b)
	if end == b {
		return false
	}
	f.i = end
	bits := f.s[b+1 : end]
	if bits == strconv.Itoa(ip.BitLen()) {
		return f.add(address(ip), ip.String(), a, end)
	}
	value := ip.String() + "/" + bits
	return f.add(ctim.Observable{Type: "network", Value: value}, value, a, end)
}

// mask is where the mask of a network ends, behind the address that ends at b; b
// where there is none. It is written as bits or like an address. A number beyond
// the address's bits is a port, as in the logs of firewalls (192.0.2.1/443).
func (f *finder) mask(ip netip.Addr, b int) int {
	if f.at(b) != '/' {
		return b
	}
	_, end := trimmed(f.s, b+1, f.run(b+1))
	if end <= b+1 || end-b > mostAddress {
		return b
	}
	bits := f.s[b+1 : end]
	if n, err := strconv.Atoi(bits); err == nil && 0 <= n && n <= ip.BitLen() && len(bits) <= 3 {
		return end
	}
	if mask, err := netip.ParseAddr(bits); err == nil && mask.Is4() && strings.HasPrefix(bits, "255.") {
		return end
	}
	return b
}

// version says whether what looks like an address is the version of a product:
// Chrome/120.0.0.0, version 1.2.3.4.
func (f *finder) version(a, b int) bool {
	before := f.s[max(0, a-len(`version": "`)):a]
	if n := len(before); n > 1 && before[n-1] == '/' && isAlnum(before[n-2]) && f.end != a-1 {
		return f.at(b) != ':' || f.at(b+1) < '0' || f.at(b+1) > '9'
	}
	word := strings.ToLower(strings.TrimRight(before, ` :=."'`))
	if len(word) == len(before) {
		return false
	}
	for _, v := range []string{"version", "ver", "v", "build", "release", "firmware"} {
		if rest, ok := strings.CutSuffix(word, v); ok && (rest == "" || !inName(rest[len(rest)-1])) {
			return true
		}
	}
	return false
}

// address6 takes an IPv6 address that begins here. Addresses with zones are passed
// over.
func (f *finder) address6() bool {
	if f.i < f.triedIPv6 || !inAddress6(f.at(f.i)) || f.at(f.i) == '.' {
		return false
	}
	a, b := f.i, f.i
	for b < len(f.s) && inAddress6(f.s[b]) {
		b++
	}
	f.looked += b - a
	f.triedIPv6 = b
	name := a > 0 && inName(f.s[a-1])
	if f.s[a] == ':' && f.at(a+1) != ':' {
		a, name = a+1, false
	}
	for b > a && f.s[b-1] == '.' || b-a > 1 && f.s[b-1] == ':' && f.s[b-2] != ':' {
		b--
	}
	if name || b-a > mostAddress || inName(f.at(b)) {
		return false
	}
	ip, err := netip.ParseAddr(f.s[a:b])
	if err != nil || !ip.Is6() {
		return false
	}
	if doubtful6(f.s[a:b]) && !(f.at(a-1) == '[' && f.at(b) == ']') && !f.alone(a, f.mask(ip, b)) {
		return false
	}
	if f.network(ip, a, b) {
		return true
	}
	f.i = b
	if f.at(b) == '%' {
		f.i = f.run(b + 1)
		return true
	}
	return f.add(address(ip), ip.String(), a, b)
}

func inAddress6(b byte) bool {
	return b == ':' || b == '.' || '0' <= b && b <= '9' || 'a' <= b|0x20 && b|0x20 <= 'f'
}

// doubtful6 says whether an IPv6 address may well be something else: a scope in a
// program (a::b), or the eight bytes of a device or a fingerprint.
func doubtful6(s string) bool {
	if !strings.ContainsAny(s, "0123456789") {
		return true
	}
	if strings.Count(s, ":") != 7 {
		return false
	}
	for group := range strings.SplitSeq(s, ":") {
		if len(group) != 2 {
			return false
		}
	}
	return true
}
