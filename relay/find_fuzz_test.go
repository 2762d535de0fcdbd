package relay_test

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pulsedive-relay/relay"
)

// FuzzFind: what is found stands in the text, in order, each once; it is found
// again on its own, as the same, and when asked for as one value.
func FuzzFind(f *testing.F) {
	texts, err := filepath.Glob("testdata/find/*.txt")
	if err != nil || len(texts) == 0 {
		f.Fatalf("no texts to begin with: %v", err)
	}
	for _, name := range texts {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
		for line := range strings.Lines(string(text)) {
			f.Add(line)
		}
	}
	for _, seed := range []string{
		"198.51.100[.]7:80", "[2001:DB8::1]:443", "hxxp[:]//a[.]example．com/b[.]c?d&amp;e", `domain:"a.corp"`, "a[at]example[dot]com",
		"‘http://exämple.com/(a)’", "hxxp://a .com/b hxxp://a[.] com hxxp://a b.com", "a.com:80/b,1.1.1.1/c.sh", "x.duckdns[.]org evil [.] zip", "Content-Transfer-Encoding: quoted-printable\n\nhttp://example.com/=3D=\na",
		`{"a":"b.example.com\nc.example.com \u0026"}`, "http://u:p@ex\u00adample.com:80/\\.a", "访问example.com。", "::ffff:192.0.2.1/x", `hxxps://中 co.uk#\.+_=`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		checkFound(t, text)
	})
}

func checkFound(t *testing.T, text string) {
	t.Helper()
	found, _ := relay.Find(text)
	seen, rest := map[relay.Found]bool{}, text
	for _, v := range found {
		o := v.Observable
		same := relay.Found{Observable: o, Torn: v.Torn}
		if seen[same] {
			t.Errorf("Find(%q) has %v twice", text, same)
		}
		seen[same] = true
		if v.Path != "" {
			checkWithPath(t, text, v)
		}
		if i := strings.Index(rest, v.Written); i < 0 || v.Written == "" {
			t.Errorf("Find(%q) has %v, written %q: that stands not in the text, or not in order", text, o, v.Written)
		} else {
			rest = rest[i+len(v.Written):]
		}
		if !utf8.ValidString(o.Value) || strings.ContainsFunc(o.Value, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }) {
			t.Errorf("Find(%q) has %q; want no blanks and nothing that cannot be seen", text, o.Value)
		}
		checkAgain(t, text, v)
	}
}

// checkWithPath: with http:// before it, what has a path is one URL.
func checkWithPath(t *testing.T, text string, v relay.Found) {
	o, ok := v.As("url")
	if again, _ := relay.Find(o.Value); !ok || len(again) != 1 || again[0].Observable != o {
		t.Errorf("Find(%q) has %q with the path %q, and Find(%q) is %+v; want that URL", text, v.Observable.Value, v.Path, o.Value, again)
	}
}

// fragments are what texts with observables are made of.
var fragments = strings.Fields(`SP SP NL http:// hxxps:// meow:// h**p:// x:// ldap:// :// [:]// [://] : / [/] // . . [.] (.) [dot] SP[.]SP [. .] \. \/ \u0026 \u003b \u002e , ; | ' " ( ) [ ] { } < > @ [at] SP(at)SP
	- _ + = % ? # & amp; &amp; &lt; &#46; &#x26; a b.c example.com EXAMPLE.net evil.zip duckdns.org co.uk setup.sh 例え exämple.com 中 ａ 。 ． é \u00ad
	198.51.100.7 1.2 :8080 /24 2001:db8::1 :: dead::beef ::ffff:192.0.2.1 fe80::1%eth0 domain: domain:" ip: ipv6: version 0123456789abcdef0123456789abcdef =3D {" Content-Transfer-Encoding:SPquoted-printableNL =NL`)

// TestFindMixed puts fragments together at random, which meets more odd
// neighbours than bytes changed at random do.
func TestFindMixed(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(4, 2))
	for range 20_000 {
		var b strings.Builder
		for range 1 + random.IntN(9) {
			b.WriteString(strings.NewReplacer("SP", " ", "NL", "\n").Replace(fragments[random.IntN(len(fragments))]))
		}
		checkFound(t, b.String())
	}
}

// checkAgain finds a value on its own: with its type, where that was why it was
// taken.
func checkAgain(t *testing.T, text string, v relay.Found) {
	o := v.Observable
	alone := o.Value
	if kind, _, _ := strings.Cut(strings.ToLower(v.Written), ":"); o.Type == "domain" && kind == "domain" {
		alone = `domain:"` + o.Value + `"`
	}
	if again, _ := relay.Find(alone); len(again) != 1 || again[0].Observable != o || again[0].Supported != v.Supported {
		t.Errorf("Find(%q) has %v, and Find(%q) is %+v; want the same", text, o, alone, again)
	}
	if again, ok := relay.Recognise(o.Value); v.Supported && (!ok || again != o) {
		t.Errorf("Find(%q) has %v, and Recognise(%q) is %v, %v; want the same", text, o, o.Value, again, ok)
	}
}
