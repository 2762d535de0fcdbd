package relay

import (
	"net/netip"
	"net/url"
	"strings"

	"pulsedive-relay/relay/ctim"
)

// Recognise tells what type of observable one value is, by its form, in the
// spelling that Pulsedive is asked with: addresses in their short form, domains
// in lower case without a last dot. A value that was made harmless to click
// (hxxp, [.]) is taken for what it stands for. ok is false for what is none that
// Pulsedive knows of. Whoever gives one value means it: unlike Find, it takes
// names below no public suffix.
func Recognise(value string) (o ctim.Observable, ok bool) {
	value = strings.TrimSpace(value)
	if o, ok = recognise(value); ok {
		return o, true
	}
	return recognise(refang(value).s)
}

func recognise(value string) (o ctim.Observable, ok bool) {
	if a, err := netip.ParseAddr(value); err == nil {
		return address(a), a.Zone() == ""
	}
	if o, ok := wholeURL(value); ok {
		return o, true
	}
	if u, err := url.Parse(value); err == nil && u.Scheme != "" && u.Host != "" {
		return ctim.Observable{Type: "url", Value: followable(value, u.Scheme)}, isHost(u.Hostname())
	}
	name, _, ok := domainName(value)
	return ctim.Observable{Type: "domain", Value: name}, ok
}

// wholeURL takes a value that Find would take as one URL. Its path may have what
// url.Parse does not like, such as a bare percent sign.
func wholeURL(value string) (o ctim.Observable, ok bool) {
	end := strings.Index(value, "://")
	if end <= 0 {
		return o, false
	}
	f := &finder{plain: &plain{text: value, s: value}, seen: map[Found]int{}}
	f.url(0, end)
	if len(f.found) != 1 || f.found[0].Torn || f.found[0].Written != value {
		return o, false
	}
	return f.found[0].Observable, true
}

// harmless is the schemes that analysts write, and what is left of them where a
// blank got in, and what they stand for.
var harmless = map[string]string{
	"hxxp": "http", "hxxps": "https", "hxtp": "http", "hxtps": "https", "htxp": "http", "htxps": "https",
	"hxxxp": "http", "hxxxps": "https", "hzzp": "http", "hzzps": "https", "hppt": "http", "hppts": "https",
	"ttp": "http", "ttps": "https", "xxp": "http", "xxps": "https", "tp": "http", "tps": "https", "xp": "http", "xps": "https", "xxxp": "http", "xxxps": "https", "meow": "http", "meows": "https",
	"fxp": "ftp", "fxps": "ftps", "sfxp": "sftp", "wxs": "ws", "wxss": "wss",
}

// followable is a URL with its scheme as browsers know it.
func followable(value, scheme string) string {
	if is, ok := harmless[strings.ToLower(scheme)]; ok {
		return is + value[len(scheme):]
	}
	return value
}

// isHost says whether a URL's host is a name or an address. Names of one label
// are good here: what the URL leads to is Pulsedive's to judge.
func isHost(host string) bool {
	if a, err := netip.ParseAddr(host); err == nil {
		return a.Zone() == ""
	}
	return isName(strings.TrimSuffix(host, "."))
}
