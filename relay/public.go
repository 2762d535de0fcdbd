package relay

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"pulsedive-relay/relay/ctim"
)

// Documentation is what NotPublic says of the addresses and names that are kept
// for examples (RFC 2606, 3849, 5737).
const Documentation = "documentation"

// notPublic is the ranges of IANA's registries of special-purpose addresses that
// nobody is reached at from elsewhere, the narrower before the wider that holds it.
var notPublic = []struct {
	why    string
	ranges []netip.Prefix
}{
	{Documentation, prefixes("192.0.2.0/24 198.51.100.0/24 203.0.113.0/24 2001:db8::/32 3fff::/20")},
	{"private", prefixes("10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 fc00::/7")},
	{"loopback", prefixes("127.0.0.0/8 ::1/128")},
	{"link-local", prefixes("169.254.0.0/16 fe80::/10")},
	{"shared by a carrier", prefixes("100.64.0.0/10")},
	{"multicast", prefixes("224.0.0.0/4 ff00::/8")},
	{"reserved", prefixes("0.0.0.0/8 192.0.0.0/24 192.88.99.0/24 198.18.0.0/15 240.0.0.0/4 ::/128 100::/64 2001:2::/48 fec0::/10")},
}

// ownNames are the endings that the public DNS has nothing below (RFC 2606, 6761,
// 6762, 8375), and those that networks use all the same.
var ownNames = strings.Fields("localhost local internal intranet home.arpa lan home corp private localdomain test invalid")

func prefixes(list string) []netip.Prefix {
	var all []netip.Prefix
	for _, one := range strings.Fields(list) {
		all = append(all, netip.MustParsePrefix(one))
	}
	return all
}

// NotPublic says why an observable means nothing outside of its own network: its
// address, or that of its URL, is kept for other uses, or its name is none of the
// public DNS. It is empty for what is public.
func NotPublic(o ctim.Observable) string {
	host := strings.ToLower(o.Value)
	if o.Type == "url" {
		host = strings.ToLower(hostOf(o.Value))
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		return notPublicAddress(ip.Unmap().WithZone(""))
	}
	host = strings.TrimSuffix(host, ".")
	if n, err := strconv.ParseUint(host, 0, 32); err == nil { // as browsers read http://2130706433/
		return notPublicAddress(netip.AddrFrom4([4]byte(binary.BigEndian.AppendUint32(nil, uint32(n)))))
	}
	within := func(ending string) bool { return host == ending || strings.HasSuffix(host, "."+ending) }
	switch {
	case !strings.Contains(host, ".") || slices.ContainsFunc(ownNames, within):
		return "internal name"
	case within(reserved):
		return Documentation
	}
	return ""
}

func notPublicAddress(ip netip.Addr) string {
	for _, one := range notPublic {
		if slices.ContainsFunc(one.ranges, func(p netip.Prefix) bool { return p.Contains(ip) }) {
			return one.why
		}
	}
	return ""
}
