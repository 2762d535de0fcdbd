package relay

import (
	"net/netip"
	"strings"
)

// host reads who is asked, behind name and password if they are there: the host in
// the one spelling of all that mean the same, and where it stands. It is empty
// where there is none.
func (f *finder) host(i int) (host string, begin, end int) {
	begin = f.login(i)
	if f.at(begin) == '[' {
		end = begin + 1
		for end < len(f.s) && end-begin <= mostAddress && inAddress6(f.s[end]) {
			end++
			f.looked++
		}
		if f.at(end) != ']' {
			return "", begin, end
		}
		return sameHost(f.s[begin : end+1]), begin, end + 1
	}
	end = f.run(begin)
	if end-begin > mostName || strings.IndexByte("{$%+~^=", f.at(end)) >= 0 { // a template, not a URL
		return "", begin, end
	}
	if next := f.at(end); end == len(f.s) || strings.IndexByte(":/?#", next) < 0 || next == ':' && f.port(end) == end {
		host, end = f.lastHost(begin, end)
		return host, begin, end
	}
	return sameHost(f.s[begin:end]), begin, end
}

// lastHost is the host in s[begin:end] with nothing behind it: without what is
// the sentence's.
func (f *finder) lastHost(begin, end int) (string, int) {
	if f.at(begin) == '[' {
		return sameHost(f.s[begin:end]), end
	}
	for end > begin && strings.IndexByte(".-_", f.s[end-1]) >= 0 {
		end--
	}
	return sameHost(f.s[begin:end]), end
}

// sameHost is a host in the one spelling of all that mean the same, empty for what
// is none.
func sameHost(host string) string {
	if literal, ok := strings.CutPrefix(host, "["); ok {
		a, err := netip.ParseAddr(strings.TrimSuffix(literal, "]"))
		if err != nil || !a.Is6() || !strings.HasSuffix(host, "]") {
			return ""
		}
		return "[" + a.String() + "]"
	}
	if !isHost(host) {
		return ""
	}
	if _, ascii, ok := domainName(host); ok {
		return ascii
	}
	return strings.ToLower(strings.TrimSuffix(host, "."))
}

// mostLogin bounds the bytes of a name and password before a host.
const mostLogin = 256

// login is where the host begins, behind the last @.
func (f *finder) login(i int) int {
	host := i
	for end := i; end < len(f.s) && end-i <= mostLogin; end++ {
		f.looked++
		switch b := f.s[end]; {
		case b == '@':
			host = end + 1
		case !inName(b) && strings.IndexByte(".:%+~!$&*=", b) < 0:
			return host
		}
	}
	return host
}

// port is where the port that begins at i ends; i where none does.
func (f *finder) port(i int) int {
	end := i
	if f.at(i) == ':' {
		end++
	}
	for end > i && end < len(f.s) && end-i <= len("65535") && '0' <= f.s[end] && f.s[end] <= '9' {
		end++
	}
	if end == i+1 {
		return i
	}
	return end
}

// certain says whether a host is an address or below a public suffix.
func certain(host string) bool {
	if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return true
	}
	_, ascii, ok := domainName(host)
	return ok && standingOf(ascii) != unknown
}
