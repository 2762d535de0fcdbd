package relay_test

import (
	"strings"
	"testing"

	"pulsedive-relay/relay"
	"pulsedive-relay/relay/ctim"
)

// TestFindPath: what stands behind a domain or an address without a scheme is
// told beside it, and is a URL if asked for.
func TestFindPath(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, want string }{
		{"evil[.]example/path/x", "evil.example /path/x http://evil.example/path/x"},
		{"example.com/login", "example.com /login http://example.com/login"},
		{"(example.com/a?b=c#d).", "example.com /a?b=c#d http://example.com/a?b=c#d"},
		{"example.com/a_(b), example.org/c;example.net/d", "example.com /a_(b) http://example.com/a_(b)|example.org /c http://example.org/c|example.net /d http://example.net/d"},
		{"[see example.com/a](https://example.org)", "example.com /a http://example.com/a|https://example.org - -"},
		{"evil[.]example/gate[.]php and example.com/a[.]b", "evil.example /gate.php http://evil.example/gate.php|example.com /a[.]b http://example.com/a[.]b"},
		{"example.com:8443/x 192.0.2.1:8080/y.sh", "example.com :8443/x http://example.com:8443/x|192.0.2.1 :8080/y.sh http://192.0.2.1:8080/y.sh"},
		{"192.0.2.1/gate.php 192.0.2.2/a.example.com", "192.0.2.1 /gate.php http://192.0.2.1/gate.php|192.0.2.2 - -|a.example.com - -"},
		{"example.com/24 example.net?x=1 is it example.org?", "example.com /24 http://example.com/24|example.net ?x=1 http://example.net?x=1|example.org - -"},
		{"192.0.2.1/51324 192.0.2.2:53/udp example.com/ example.com:80", "192.0.2.1 - -|192.0.2.2 - -|example.com - -"},
		{"example.com example.com/a example.com/a example.com/b", "example.com /a http://example.com/a"},
		{"example.com/a?u=http://example.org/x example.net/(ldap://192.0.2.1:389/y)", "example.com /a?u= http://example.com/a?u=|http://example.org/x - -|example.net - -|ldap://192.0.2.1:389/y - -"},
		{"192.0.2.1/443 (192.0.2.1/443) 192.0.2.2/255.php", "192.0.2.1 - -|192.0.2.2 /255.php http://192.0.2.2/255.php"},
	} {
		found, _ := relay.Find(c.text)
		var got []string
		for _, v := range found {
			path, as := "-", "-"
			if v.Path != "" {
				o, ok := v.As("url")
				if path, as = v.Path, o.Value; !ok || o.Type != "url" {
					t.Errorf("Find(%q) has %+v, as URL %v, %v; want one", c.text, v, o, ok)
				}
			}
			got = append(got, v.Observable.Value+" "+path+" "+as)
		}
		if got := strings.Join(got, "|"); got != c.want {
			t.Errorf("Find(%q) is %q; want %q", c.text, got, c.want)
		}
	}
}

// TestFindTorn: a URL with a blank in it is told as such; its first part is no host
// that anybody wrote.
func TestFindTorn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, want string }{
		{"hxxp://example .com", "torn http://example.com"},
		{"see http://example .com/a?b now", "torn http://example.com/a?b"},
		{"hxxp://example. com/a", "torn http://example.com/a"},
		{"hxxps://example [.]com:8443/a", "torn https://example.com:8443/a"},
		{"hxxps://example[.] com.", "torn https://example.com"},
		{"hxxp://www. example.com now", "torn http://www.example.com"},
		{"hxxp://exam ple.com/a.", "torn http://example.com/a"},
		{"hxxp:// example.com/a", "domain example.com"},
		{"hxxp://example.com /etc/passwd", "url http://example.com"},
		{"hxxp://example[.]com example[.]org", "url http://example.com|domain example.org"},
		{"hxxp://192[.]0[.]2[.]1 example[.]com", "url http://192.0.2.1|domain example.com"},
		{"hxxps://example[.]com payload.zip", "url https://example.com"},
		{"hxxp://example[.]com. to do", "url http://example.com"},
		{"hxxp://example[.]com. me too, hxxp://example[.]net. IT staff", "url http://example.com|url http://example.net"},
		{"hxxp://192[.]0[.]2[.]1. in the", "url http://192.0.2.1"},
		{"http://intranet. in the", "url http://intranet"},
		{"hxxps://中 co.uk/", "url https://中"},
		{"http://example.com /a/b and hxxp://example.net / x", "url http://example.com|url http://example.net"},
		{"h xxp://example.com/a ht tp://example.net", "url http://example.com/a|url http://example.net"},
		{"http://intranet example.com", "url http://intranet|domain example.com"},
		{"http://intranet. It is", "url http://intranet"},
		{"http://intranet .", "url http://intranet"},
		{"http://example.com .net is a framework", "url http://example.com"},
		{"http://intranet\nexample.com", "url http://intranet|domain example.com"},
	} {
		found, _ := relay.Find(c.text)
		var got []string
		for _, v := range found {
			kind := v.Kind
			if v.Torn {
				kind = "torn"
			}
			got = append(got, kind+" "+v.Observable.Value)
		}
		if got := strings.Join(got, "|"); got != c.want {
			t.Errorf("Find(%q) is %q; want %q", c.text, got, c.want)
		}
	}
}

func TestFoundAs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, kind, want string }{
		{"192.0.2.1", "ip", "192.0.2.1"},
		{"192.0.2.1", "ipv6", ""},
		{"192.0.2.1", "url", ""},
		{"192.0.2.1", "domain", ""},
		{"example.com", "url", ""},
		{"example.com", "ip", ""},
		{"https://u:p@Example.com:8443/%zz?q=http://192.0.2.1/", "domain", "example.com"},
		{"https://example.com", "ip", ""},
		{"https://192.0.2.1/x", "ip", "192.0.2.1"},
		{"https://192.0.2.1/x", "domain", ""},
		{"https://[2001:db8::1]:443/x", "ipv6", "2001:db8::1"},
		{"https://intranet/x", "domain", ""},
	} {
		found, _ := relay.Find(c.text)
		got, ok := found[0].As(c.kind)
		if got.Type != c.kind || ok != (c.want != "") || ok && got.Value != c.want {
			t.Errorf("%q as %s is %v, %v; want %q", c.text, c.kind, got, ok, c.want)
		}
	}
}

func TestNotPublic(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"10.0.0.1": "private", "172.16.3.4": "private", "172.32.0.1": "", "192.168.1.1": "private", "fd00::1": "private",
		"127.0.0.1": "loopback", "::1": "loopback", "169.254.1.1": "link-local", "fe80::1": "link-local",
		"192.0.2.1": relay.Documentation, "198.51.100.7": relay.Documentation, "203.0.113.9": relay.Documentation, "2001:db8::1": relay.Documentation,
		"100.64.0.1": "shared by a carrier", "224.0.0.1": "multicast", "ff02::1": "multicast", "0.0.0.0": "reserved", "255.255.255.255": "reserved",
		"::ffff:10.0.0.1": "private", "9.9.9.9": "", "2620:fe::fe": "",
		"example.com": "", "evil.example": relay.Documentation, "a.corp": "internal name", "localhost": "internal name", "db.internal": "internal name", "local.example.com": "",
		"http://10.0.0.1:8080/x": "private", "http://[::1]/": "loopback", "http://LOCALHOST:8080": "internal name", "http://intranet/x": "internal name", "http://example": "internal name",
		"http://2130706433/": "loopback", "http://0x0A000001:8080/x": "private", "http://134744072/": "", "http://4294967296/": "internal name",
		"http://user@evil.example/%zz": relay.Documentation, "https://9.9.9.9/10.0.0.1": "", "https://example.com/?u=http://localhost/": "",
	} {
		o, ok := relay.Recognise(value)
		if !ok {
			o = ctim.Observable{Type: "domain", Value: value}
		}
		if got := relay.NotPublic(o); got != want {
			t.Errorf("%v is not public: %q; want %q", o, got, want)
		}
	}
}
