package relay

import (
	"net/netip"
	"net/url"
	"strings"
	"unicode"

	"pulsedive-relay/relay/ctim"
)

// refang undoes how analysts write values so that nobody follows them by
// accident: 198.51.100[.]23, hxxps://evil[.]example.
var refang = strings.NewReplacer("[.]", ".", "(.)", ".", "[dot]", ".", "[:]", ":", "[://]", "://")

// Recognise tells what type of observable a value is, by its form, in the
// spelling that Pulsedive is asked with: addresses in their short form, domains
// in lower case without a last dot. A value that was made harmless to click
// (hxxp, [.]) is taken for what it stands for. ok is false for what is none that
// Pulsedive knows of.
func Recognise(value string) (o ctim.Observable, ok bool) {
	value = strings.TrimSpace(value)
	if o, ok = recognise(value); ok {
		return o, true
	}
	return recognise(refang.Replace(value))
}

func recognise(value string) (o ctim.Observable, ok bool) {
	if a, err := netip.ParseAddr(value); err == nil {
		if a.Is4() {
			return ctim.Observable{Type: "ip", Value: a.String()}, true
		}
		return ctim.Observable{Type: "ipv6", Value: a.String()}, a.Zone() == ""
	}
	if u, err := url.Parse(value); err == nil && u.Scheme != "" && u.Host != "" {
		return ctim.Observable{Type: "url", Value: followable(value, u.Scheme)}, isHost(u.Hostname())
	}
	name := strings.ToLower(strings.TrimSuffix(value, "."))
	return ctim.Observable{Type: "domain", Value: name}, isDomain(name)
}

// followable is a URL with its scheme as browsers know it.
func followable(value, scheme string) string {
	switch scheme { // url.Parse has it in lower case
	case "hxxp", "hxxps":
		return "http" + value[len("hxxp"):]
	}
	return value
}

// isHost says whether a URL's host is a name or an address. Names of one label
// are good here: what the URL leads to is Pulsedive's to judge.
func isHost(host string) bool {
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	return isName(strings.TrimSuffix(host, "."))
}

// isDomain says whether a name is one of a domain: of two labels at least, the
// last not a number.
func isDomain(name string) bool {
	last := name[strings.LastIndexByte(name, '.')+1:]
	return isName(name) && len(last) < len(name) && strings.Trim(last, "0123456789") != ""
}

// isName says whether a text is made of labels: letters, digits, hyphens and
// underscores of any script.
func isName(name string) bool {
	if len(name) > 253 {
		return false
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' || strings.ContainsFunc(label, notInLabel) {
			return false
		}
	}
	return true
}

func notInLabel(r rune) bool {
	return r != '-' && r != '_' && !unicode.In(r, unicode.Letter, unicode.Digit, unicode.Mark)
}
