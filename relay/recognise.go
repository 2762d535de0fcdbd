package relay

import (
	"net/netip"
	"net/url"
	"strings"

	"pulsedive-relay/relay/ctim"
)

// Recognise tells what type of observable a value is, by its form; ok is false
// for what is none that Pulsedive knows of.
func Recognise(value string) (o ctim.Observable, ok bool) {
	value = strings.TrimSpace(value)
	if a, err := netip.ParseAddr(value); err == nil {
		if a.Is4() {
			return ctim.Observable{Type: "ip", Value: value}, true
		}
		return ctim.Observable{Type: "ipv6", Value: value}, a.Zone() == ""
	}
	if u, err := url.Parse(value); err == nil && u.Scheme != "" && u.Host != "" {
		return ctim.Observable{Type: "url", Value: value}, true
	}
	name := strings.TrimSuffix(value, ".")
	return ctim.Observable{Type: "domain", Value: name}, isDomain(name)
}

// isDomain says whether a name has the form of a domain: labels of letters,
// digits, hyphens and underscores, at least two, the last not a number.
func isDomain(name string) bool {
	labels := strings.Split(name, ".")
	if len(name) > 253 || len(labels) < 2 {
		return false
	}
	for _, label := range labels {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' || strings.ContainsFunc(label, notInLabel) {
			return false
		}
	}
	last := labels[len(labels)-1]
	return strings.Trim(last, "0123456789") != ""
}

func notInLabel(r rune) bool {
	return !(r == '-' || r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || r >= 0x80)
}
