package relay_test

import (
	"net/netip"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pulsedive-relay/relay"
	"pulsedive-relay/relay/ctim"
)

func TestRecognise(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, kind, value string }{
		{"198.51.100.23", "ip", "198.51.100.23"},
		{" 198.51.100.23\n", "ip", "198.51.100.23"},
		{"198.51.100[.]23", "ip", "198.51.100.23"},
		{"2001:DB8:0::23", "ipv6", "2001:db8::23"},
		{"::ffff:192.0.2.1", "ipv6", "::ffff:192.0.2.1"},
		{"2001[:]db8::23", "ipv6", "2001:db8::23"},
		{"example.com", "domain", "example.com"},
		{"Example.COM.", "domain", "example.com"},
		{"evil[.]example(.)com", "domain", "evil.example.com"},
		{"_dmarc.example.com", "domain", "_dmarc.example.com"},
		{"xn--exmple-cua.example", "domain", "xn--exmple-cua.example"},
		{"exämple.example", "domain", "exämple.example"},
		{"例え.example", "domain", "例え.example"},
		{"1.2.3.com", "domain", "1.2.3.com"},
		{"https://login.example.org/reset?session=44", "url", "https://login.example.org/reset?session=44"},
		{"HTTP://Example.com/A", "url", "HTTP://Example.com/A"},
		{"http://198.51.100.23:8080/x", "url", "http://198.51.100.23:8080/x"},
		{"http://[2001:db8::23]/", "url", "http://[2001:db8::23]/"},
		{"http://intranet/", "url", "http://intranet/"},
		{"ftp://files.example.net/a", "url", "ftp://files.example.net/a"},
		{"hxxp://evil[.]example/a", "url", "http://evil.example/a"},
		{"hXXps[://]evil.example", "url", "https://evil.example"},
		{"http://example.com/a[.]b", "url", "http://example.com/a[.]b"},
	} {
		got, ok := relay.Recognise(c.in)
		if want := (ctim.Observable{Type: c.kind, Value: c.value}); !ok || got != want {
			t.Errorf("Recognise(%q) is %v, %v; want %v, true", c.in, got, ok, want)
		}
	}
}

func TestRecogniseNothing(t *testing.T) {
	t.Parallel()
	for _, in := range []string{
		"", " ", ".", "..", "localhost", "example", "example..com", ".example.com", "-a.example", "a-.example",
		"1.2.3", "1.2.3.4.5", "256.1.1.1", "1.2.3.4:80", "fe80::1%eth0", "[2001:db8::1]", "2001:db8", "10.0.0.0/8",
		"user@example.com", "example.com/path", "http://", "http:///path", "https://a b/", "mailto:a@example.com",
		"d41d8cd98f00b204e9800998ecf8427e", "exa mple.com", "hxxp://exa mple.com", "hxxp://example .com/a", "exa\nmple.com", "exa\u202emple.com", "exa\u00a0mple.com",
		"exa\x1b[2Jmple.com", "http://exa\u202emple.com/", "http://-/", "💥.example", strings.Repeat("a", 64) + ".example",
		strings.Repeat("abcdefg.", 32) + "example",
	} {
		if got, ok := relay.Recognise(in); ok {
			t.Errorf("Recognise(%q) is %v; want it refused", in, got)
		}
	}
}

// FuzzRecognise: what is recognised is recognised again as the same, and is of
// the form that its type says.
func FuzzRecognise(f *testing.F) {
	for _, seed := range []string{"198.51.100.23", "2001:DB8::1", "Example.com.", "hxxp://a[.]b/c", "http://[::1]/", "fe80::1%a", "a[dot]b", "\xff.a"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		got, ok := relay.Recognise(in)
		if !ok {
			return
		}
		if again, ok := relay.Recognise(got.Value); !ok || again != got {
			t.Errorf("Recognise(%q) is %v, and of that %v, %v; want the same", in, got, again, ok)
		}
		a, err := netip.ParseAddr(got.Value)
		if isIP := got.Type == "ip" || got.Type == "ipv6"; isIP != (err == nil) || isIP && a.Is4() != (got.Type == "ip") {
			t.Errorf("Recognise(%q) is %v, which is of another type (%v)", in, got, err)
		}
		if got.Type == "domain" && (!utf8.ValidString(got.Value) || strings.ContainsFunc(got.Value, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) })) {
			t.Errorf("Recognise(%q) is the domain %q; want no blanks, no control characters", in, got.Value)
		}
	})
}
