package relay

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// hostile is what a text may repeat to make a search look at the same bytes over
// and over.
var hostile = []string{
	"a", ".", ":", "/", "@", "[", "(", "\\", "&", ";", "-", "_", " ", "\n", "é", "中", "\u200b", "\xff", "0", "f",
	"a.", "a:", "::", ":/", "://", "a@", "@a.", "a+", "+=", "1.", "1:", "f:", "ff::", "a-", "中a", ". ", " -", "a\n",
	"http://", "http://-", "http://a", "http://a/", "http://a@", "http://a:", "http://[", "http://a/(", "\nhttp://a/,", "\x00http://a/,", ",http://a.b/",
	"h**p://", "a://b.c/", "http://a.com/x", "http://a.com/ [.] ", "a.com/", "a.com/a://", "a::/8", "\na.com/,", "a.com/(", "1.1.1.1/a.com", "hxxp://a .com ", "hxxp://a ", "hxxp://a. b", "http://a. b/", "a.com(", "a.com(1", "a.com=", " a.com", "%a.com", "/a.com", "a.com/1.1.1.1",
	`domain:"`, "domain:'", `domain: "a`, "domain:a", "ip:", "ip:1", "ipv6:f:", "ip:1.1.1.1/8", "1.1.1.1/", "1.1.1.1/1", "fe80::1%", "fe80::1/1", "v 1.1.1.1",
	"[.", "[.]", "a[.]", "a[.", " [dot] ", "a [dot] ", "[:]", "[://", "(at)", `\.`, `\/`, `\u0026`, `\u`, "&amp;", "&amp", "amp;", "&a", "=3D", "=\n",
	"a[.]com ", "Content-Transfer-Encoding:", "Content-Transfer-Encoding: quoted-printable\n", "。", "a。", "a。a", "：／", "d41d8cd98f00b204e9800998ecf8427e",
}

// TestFindIsLinear counts the bytes looked at: they grow as the text does.
func TestFindIsLinear(t *testing.T) {
	t.Parallel()
	const size, most = 1 << 13, 48 // bytes; looks at each
	for _, unit := range hostile {
		for _, begin := range []string{"", "{\"", "a", "http://a/", `domain:"`, "Content-Transfer-Encoding: quoted-printable\n"} {
			small := find(begin + strings.Repeat(unit, size/len(unit)))
			large := find(begin + strings.Repeat(unit, 4*size/len(unit)))
			if large.looked > 5*small.looked || large.looked > most*len(large.text) {
				t.Errorf("%q and then %q looks at %d bytes of %d, at %d of %d; want as many for each byte, at most %d",
					begin, unit, small.looked, len(small.text), large.looked, len(large.text), most)
			}
		}
	}
}

// BenchmarkFind reads texts of 1 MiB: people's, and the slowest made up for it.
func BenchmarkFind(b *testing.B) {
	texts := map[string]string{}
	names, err := filepath.Glob("testdata/find/*.txt")
	if err != nil {
		b.Fatal(err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			b.Fatal(err)
		}
		texts[strings.TrimSuffix(filepath.Base(name), ".txt")] = string(text)
	}
	for i, unit := range []string{"a.b.", "a:a@", "http://a@", "a[.]", "domain: 'a\" ", "a.com ", "é.com "} {
		texts[fmt.Sprintf("hostile-%d", i)] = unit
	}
	for name, text := range texts {
		b.Run(name, func(b *testing.B) {
			text := strings.Repeat(text, 1<<20/len(text))
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if f := find(text); f.looked < len(text) {
					b.Fatalf("looked at %d bytes of %d", f.looked, len(text))
				}
			}
		})
	}
}
