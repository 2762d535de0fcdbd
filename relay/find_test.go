package relay_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pulsedive-relay/relay"
	"pulsedive-relay/relay/pulsedive/pulsedivetest"
)

// listed is what was found, one "type value" each.
func listed(found []relay.Found) []string {
	list := []string{}
	for _, f := range found {
		list = append(list, f.Observable.Type+" "+f.Observable.Value)
	}
	return list
}

// findCase is a text and what is in it, separated by blanks: types are told from
// values by the form of the values.
type findCase struct{ text, want string }

func checkFind(t *testing.T, cases []findCase) {
	t.Helper()
	for _, c := range cases {
		found, more := relay.Find(c.text)
		want := []string{}
		if c.want != "" {
			want = strings.Split(c.want, "|")
		}
		if got := listed(found); !slices.Equal(got, want) || more {
			t.Errorf("Find(%q) is %q, %v; want %q", c.text, got, more, want)
		}
	}
}

func TestFindAddresses(t *testing.T) {
	t.Parallel()
	checkFind(t, []findCase{
		{"198.51.100.7", "ip 198.51.100.7"},
		{"from 198.51.100.7.", "ip 198.51.100.7"},
		{"(198.51.100.7), '192.0.2.1'; <203.0.113.5>", "ip 198.51.100.7|ip 192.0.2.1|ip 203.0.113.5"},
		{"198.51.100.7:8080", "ip 198.51.100.7"},
		{"[198.51.100.7]:8080", "ip 198.51.100.7"},
		{"198.51.100.7/gate.php", "ip 198.51.100.7"},
		{"198.51.100.7/192.0.2.1", "ip 198.51.100.7|ip 192.0.2.1"},
		{`\\198.51.100.7\share`, "ip 198.51.100.7"},
		{"/198.51.100.7:4431 closed", "ip 198.51.100.7"},
		{"root@198.51.100.7", "ip 198.51.100.7"},
		{"地址是198.51.100.7的", "ip 198.51.100.7"},
		{"198.51.100.0/24", "network 198.51.100.0/24"},
		{"198.51.100.0[/]24, 203.0.113.4", "network 198.51.100.0/24|ip 203.0.113.4"},
		{"198.51.100.0/255.255.255.0", "network 198.51.100.0/255.255.255.0"},
		{"ip:198.51.100.0/24", "network 198.51.100.0/24"},
		{"2001:db8::/32 and (192[.]0[.]2[.]0/24).", "network 2001:db8::/32|network 192.0.2.0/24"},
		{"198.51.100.7/443 (198.51.100.7/443), ip:198.51.100.8/443 2001:db8::1/443", "ip 198.51.100.7|ip 198.51.100.8|ipv6 2001:db8::1"},
		{"198.51.100.7/255.php 198.51.100.8/255.255 198.51.100.0/33", "ip 198.51.100.7|ip 198.51.100.8|ip 198.51.100.0"},
		{"in face::/8 of", ""},
		{"face::/8", "network face::/8"},
		{"198.51.100.7/32, 2001:db8::1/128 ip:198.51.100.8/32", "ip 198.51.100.7|ipv6 2001:db8::1|ip 198.51.100.8"},
		{"198.51.100.1-198.51.100.9", ""},
		{"198.51.100.1-254", ""},
		{"10.0.0.0.1", ""},
		{"1.2.3", ""},
		{"256.1.1.1 192.0.2.01", ""},
		{"v1.2.3.4", ""},
		{"version 1.2.3.4, build: 1.2.3.5, server 192.0.2.7", "ip 192.0.2.7"},
		{"Mozilla/5.0 AppleWebKit/537.36 Chrome/120.0.0.0 Safari/537.36", ""},
		{"1.2.3[.]4 5[.]6[.]7[.]8 9(.)9{.}9[dot]9", "ip 1.2.3.4|ip 5.6.7.8|ip 9.9.9.9"},
		{"198．51．100．7", "ip 198.51.100.7"},
		{"2001:db8::1", "ipv6 2001:db8::1"},
		{"2001:DB8:0:0:0:0:0:1 2001:0db8::0001", "ipv6 2001:db8::1"},
		{"[2001:db8::1]:443", "ipv6 2001:db8::1"},
		{"[IPv6:2001:db8::7]", "ipv6 2001:db8::7"},
		{"by 2001:db8:a05::17 with, at 2001:db8::2: refused. 2001:db8::3.", "ipv6 2001:db8:a05::17|ipv6 2001:db8::2|ipv6 2001:db8::3"},
		{"2001[:]db8[:][:]5 2001:db8[::]6", "ipv6 2001:db8::5|ipv6 2001:db8::6"},
		{"::ffff:192.0.2.1", "ipv6 ::ffff:192.0.2.1"},
		{"2001:db8::192.0.2.33", "ipv6 2001:db8::c000:221"},
		{"fe80::1%eth0 [fe80::2%25en1]", ""},
		{"std::string a::b use dead::beef; foo::1", ""},
		{"[dead::beef]:80", "ipv6 dead::beef"},
		{"dead::beef", "ipv6 dead::beef"},
		{"at 10:11:12 and 23:59:59.123Z", ""},
		{"00:11:22:33:44:55 and eui 00:11:22:33:44:55:66:77 of", ""},
	})
}

func TestFindDomains(t *testing.T) {
	t.Parallel()
	checkFind(t, []findCase{
		{"example.com", "domain example.com"},
		{"See Example.COM. And example.com, EXAMPLE.com!", "domain example.com"},
		{"*.example.com, .example.org, @example.net", "domain example.com|domain example.org|domain example.net"},
		{"evil[.]example[.]com, evil(.)example{.}net", "domain evil.example.com|domain evil.example.net"},
		{"a[dot]example(dot)com b[ . ]example{ DOT }net", "domain a.example.com|domain b.example.net"},
		{"evil [.] example [dot] com", "domain evil.example.com"},
		{"example[.com and example.]org", "domain example.com|domain example.org"},
		{`evil\.example\.com`, "domain evil.example.com"},
		{"example dot com", ""},
		{"example[.]com/path", "domain example.com"},
		{"example.com/index.php?u=example.org&v=198.51.100.7 next", "domain example.com"},
		{"example.com?redirect=http://example.org/x", "domain example.com|url http://example.org/x"},
		{"example.com:8443", "domain example.com"},
		{"evil.example．com 例え。jp", "domain evil.example.com|domain 例え.jp"},
		{"访问example.com。然后", "domain example.com"},
		{"exämple.com and xn--exmple-cua.com", "domain exämple.com"},
		{"пример.рф", "domain пример.рф"},
		{"EXÄMPLE.com", "domain exämple.com"},
		{"ex\u200bample.com exam\u00adple.org", "domain example.com|domain example.org"},
		{"_dmarc.example.com and _example.org_ and **example.net**", "domain _dmarc.example.com|domain example.org|domain example.net"},
		{"a_b.com", ""},
		{"co.uk com", ""},
		{"we saw duckdns.org", ""},
		{"duckdns.org", "domain duckdns.org"},
		{"hostile.example\nsub[.]hostile[.]example", "domain hostile.example|domain sub.hostile.example"},
		{"we saw duckdns[.]org, and x.duckdns.org", "domain duckdns.org|domain x.duckdns.org"},
		{"file.txt e.g. i.e. a.m. node.js main.go foo.exe image.png 1.2.3-rc.1", ""},
		{"host.internal evil.example printer.local", "domain evil.example"},
		{"run setup.sh, see README.md and main.rs, unzip photos.zip", ""},
		{"visit get.example.sh or novosti.rs or allegro.pl", "domain get.example.sh|domain novosti.rs|domain allegro.pl"},
		{"point.md\n- evil.zip\n• setup.sh,", "domain point.md|domain evil.zip|domain setup.sh"},
		{"from evil[.]zip", "domain evil.zip"},
		{"foo.bar() and self.name = user.id, $user.com, host.name=web1", ""},
		{"query example.com(198.51.100.7)", "domain example.com|ip 198.51.100.7"},
		{"/etc/letsencrypt/live/example.com/key.pem", ""},
		{`C:\tools\example.com and src/net/example.dev`, ""},
		{`src="//cdn.example.com/x.js"`, "domain cdn.example.com"},
		{"It is done.In the end.Is it? System.Net ASP.NET", ""},
		{"Booking.Com", "domain booking.com"},
		{"u=https%3A%2F%2Fexample.com%2Fpath", ""},
		{"198.51.100.7/example.com and example.com/198.51.100.9:443", "ip 198.51.100.7|domain example.com|ip 198.51.100.9"},
		{"7.100.51.198.in-addr.arpa", "domain 7.100.51.198.in-addr.arpa"},
		{"x.onion", "domain x.onion"},
		{strings.Repeat("a", 64) + ".com", ""},
	})
}

func TestFindURLs(t *testing.T) {
	t.Parallel()
	checkFind(t, []findCase{
		{"https://example.com/a?b=c#d", "url https://example.com/a?b=c#d"},
		{"see https://example.com/a. Or http://example.com/b, (http://example.com/c) <http://example.com/d>!", "url https://example.com/a|url http://example.com/b|url http://example.com/c|url http://example.com/d"},
		{`"https://example.com/a" 'https://example.com/b' “https://example.com/c”`, "url https://example.com/a|url https://example.com/b|url https://example.com/c"},
		{"[text](https://example.com/a)[more](https://example.com/b).", "url https://example.com/a|url https://example.com/b"},
		{"[https://example.com/x](https://example.com/y)", "url https://example.com/x|url https://example.com/y"},
		{"https://example.com/wiki/A_(b) (see https://example.com/wiki/C_(d))", "url https://example.com/wiki/A_(b)|url https://example.com/wiki/C_(d)"},
		{"https://example.com/?a[]=1&b={c}", "url https://example.com/?a[]=1&b={c}"},
		{"https://user:p%40ss@example.com:8443/x", "url https://user:p%40ss@example.com:8443/x"},
		{"HTTP://Example.com/A http://example.com./A http://example.com/A http://example.com/a", "url HTTP://Example.com/A|url http://example.com/a"},
		{"http://exämple.com/ä http://xn--exmple-cua.com/ä", "url http://exämple.com/ä"},
		{"http://[2001:db8::1]:8080/x http://198.51.100.7:80", "url http://[2001:db8::1]:8080/x|url http://198.51.100.7:80"},
		{"http://[fe80::1%25eth0]/x", ""},
		{"http://intranet/a http://localhost:8080", "url http://intranet/a|url http://localhost:8080"},
		{"hxxp://evil[.]example[.]com/a hXXps://example.org/b", "url http://evil.example.com/a|url https://example.org/b"},
		{"meow://example.com/a h**ps://example.com/b h__p://example.com/c", "url http://example.com/a|url https://example.com/b|url http://example.com/c"},
		{"hxxp[:]//example.com/a hxxp[://]example.com/b hxxp[:/]/example.com/c http:[/][/]example.com/d http[:][//]example.com[/]e", "url http://example.com/a|url http://example.com/b|url http://example.com/c|url http://example.com/d|url http://example.com/e"},
		{`hxxp:\\example.com/a`, "url http://example.com/a"},
		{"http：／／example．com/a", "url http://example.com/a"},
		{"hxxps[://]example[.]com/index[.]php", "url https://example.com/index.php"},
		{"http://example.com/a[.]b", "url http://example.com/a[.]b"},
		{"http://example.com/a [.] b", "url http://example.com/a"},
		{"hxxp://user[at]example[.]com/a", "url http://user@example.com/a"},
		{"see:http://example.com/a Link-http://example.com/b git+https://example.com/c", "url http://example.com/a|url http://example.com/b|url https://example.com/c"},
		{"http://example.com/a,http://example.com/b;hxxp://example.com/c", "url http://example.com/a|url http://example.com/b|url http://example.com/c"},
		{"http://example.com/a,b", "url http://example.com/a,b"},
		{"mysql://db.example.com/x chrome://settings C://Windows file:///etc/x", "url mysql://db.example.com/x"},
		{"http:// http:///a http://-/ http://${host}/ http://$HOST/ http://api.{env}/", ""},
		{"http://example.com请看 http://example.com/路径，然后", "url http://example.com|url http://example.com/路径"},
		{"http://example.com/a\u202egpj.exe", "url http://example.com/a"},
		{"https://example.com and example.com", "url https://example.com|domain example.com"},
		{"https://r.example.com/?u=https://example.org/x", "url https://r.example.com/?u=https://example.org/x"},
		{"http://example.com/?a=1&amp;b=2 &lt;http://example.org/x&gt; http://example.net/&amp;amp;", "url http://example.com/?a=1&b=2|url http://example.org/x|url http://example.net/&"},
		{`{"u":"http:\/\/example.com\/a","v":"http://example.com/?a=1\u0026b=2"}`, "url http://example.com/a|url http://example.com/?a=1&b=2"},
		{"**http://example.com/a** | http://example.com/b | _http://example.com_", "url http://example.com/a|url http://example.com/b|url http://example.com"},
		{"ldap://198.51.100.7:1389/a", "url ldap://198.51.100.7:1389/a"},
	})
}

func TestFindOthers(t *testing.T) {
	t.Parallel()
	const md5 = "0123456789abcdef0123456789ABCDEF"
	checkFind(t, []findCase{
		{"", ""},
		{" \n\t", ""},
		{"\x00\xff\xfe...:::///@@@[[[", ""},
		{"Alice@Example.com and alice[at]example[.]org, bob (at) example (dot) net", "email Alice@example.com|email alice@example.org|email bob@example.net"},
		{"mailto:first.last+tag@example.com?subject=x", "email first.last+tag@example.com"},
		{"smtp.mailfrom=a@example.com a@example.com", "email a@example.com"},
		{"mary.me@corp.local root@localhost", ""},
		{"md5:" + md5 + " " + strings.ToLower(md5), "md5 " + strings.ToLower(md5)},
		{md5 + "01234567", "sha1 " + strings.ToLower(md5) + "01234567"},
		{"(" + md5 + md5 + ")", "sha256 " + strings.ToLower(md5+md5)},
		{md5 + md5 + md5 + md5, "sha512 " + strings.ToLower(md5+md5+md5+md5)},
		{md5 + "0 " + md5 + ".exe", ""},
		{`domain:"Example.com" ip:"198.51.100.7" url:"hxxp://example.com/a" ipv6:'2001:db8::1'`, "domain example.com|ip 198.51.100.7|url http://example.com/a|ipv6 2001:db8::1"},
		{"domain:example.com ip:198.51.100.7 ipv6:2001:db8::1 url:http://example.com/a.", "domain example.com|ip 198.51.100.7|ipv6 2001:db8::1|url http://example.com/a"},
		{`domain:"file.txt" domain:host.internal, domain: "a[.]corp"`, "domain file.txt|domain host.internal|domain a.corp"},
		{`domain:"co.uk" Domain: example.com`, "domain co.uk|domain example.com"},
		{`domain:"not one" domain:"x ip:300.1.1.1 ip:198.51.100.7:80`, "ip 198.51.100.7"},
		{`ipv6:"fe80::1%eth0" ipv6:fe80::1%eth0 ip:fe80::2`, "ipv6 fe80::2"},
		{`[{"type":"domain","value":"example.com"},{"type":"ip","value":"198.51.100.7"}]`, "domain example.com|ip 198.51.100.7"},
		{`{"log":"a.example.com\nnext.example.com\tC:\\temp\\example.org"}`, "domain a.example.com|domain next.example.com"},
		{`{"name":"ex\u00e4mple.com"}`, "domain exämple.com"},
		{"198.51.100.7,example.com,Chrome", "ip 198.51.100.7|domain example.com"},
	})
}

// TestFindTexts reads whole texts as people paste them; what is in each stands in
// the file beside it.
func TestFindTexts(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("testdata/find/*.txt")
	if err != nil || len(names) == 0 {
		t.Fatalf("no texts in testdata/find: %v", err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(strings.TrimSuffix(name, ".txt") + ".found")
		if err != nil {
			t.Fatal(err)
		}
		found, _ := relay.Find(string(text))
		if got := strings.Join(listed(found), "\n") + "\n"; got != string(want) {
			t.Errorf("Find of %s is\n%s\nwant\n%s", name, got, want)
		}
	}
}

// TestFindSample: what the demo knows is found as one pastes it, on a line of its
// own and within a sentence. The one URL with quotes ends at the first, as in any
// text.
func TestFindSample(t *testing.T) {
	t.Parallel()
	for _, e := range pulsedivetest.Sample() {
		e.Value, _, _ = strings.Cut(e.Value, `"`)
		for _, text := range []string{e.Value, "first:\n" + e.Value + "\nlast", "We saw " + e.Value + " in the logs.", "It went to " + e.Value + ", then on."} {
			found, _ := relay.Find(text)
			if got, want := listed(found), []string{e.Type + " " + e.Value}; !slices.Equal(got, want) {
				t.Errorf("Find(%q) is %q; want %q", text, got, want)
			}
		}
	}
}

func TestFoundSaysHow(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text, kind, written string
		supported           bool
	}{
		{"a hXXp[:]//evil[.]example[.]com/x[.]php.", "url", "hXXp[:]//evil[.]example[.]com/x[.]php", true},
		{"at EVIL [.] example [.] com!", "domain", "EVIL [.] example [.] com", true},
		{"x domain:\"A[.]corp\" y", "domain", `domain:"A[.]corp"`, true},
		{"[2001:DB8::0:1]:443", "ipv6", "2001:DB8::0:1", true},
		{"http://example.com/?a&amp;amp;b end", "url", "http://example.com/?a&amp;amp;b", true},
		{"ex\u200bample.com\u200b", "domain", "ex\u200bample.com", true},
		{"to Bob[at]example(dot)com", "email", "Bob[at]example(dot)com", false},
		{"0123456789ABCDEF0123456789abcdef", "md5", "0123456789ABCDEF0123456789abcdef", false},
		{"block 192[.]0[.]2[.]0/24.", "network", "192[.]0[.]2[.]0/24", false},
		{"at evil[.]example/gate[.]php.", "domain", "evil[.]example/gate[.]php", true},
	} {
		found, _ := relay.Find(c.text)
		if len(found) != 1 || found[0].Kind != c.kind || found[0].Written != c.written || found[0].Supported != c.supported {
			t.Errorf("Find(%q) is %+v; want one %s, written %q, supported %v", c.text, found, c.kind, c.written, c.supported)
		}
	}
}

func TestFindBound(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for i := range relay.MostFound {
		fmt.Fprintf(&b, "a%d.example.com\n", i)
	}
	if found, more := relay.Find(b.String() + "a0.example.com"); len(found) != relay.MostFound || more {
		t.Errorf("Find of %d domains, one twice, is %d, more: %v; want all, and no more", relay.MostFound, len(found), more)
	}
	if found, more := relay.Find(b.String() + "one.example.com two.example.com"); len(found) != relay.MostFound || !more {
		t.Errorf("Find of two domains more is %d, more: %v; want %d and true", len(found), more, relay.MostFound)
	}
	var paths strings.Builder
	for i := range relay.MostFound + 1 {
		fmt.Fprintf(&paths, "GET cdn.example.com/x%d\n", i)
	}
	found, more := relay.Find(paths.String() + "example.net")
	if got, want := listed(found), []string{"domain cdn.example.com", "domain example.net"}; !slices.Equal(got, want) || more || found[0].Path != "/x0" {
		t.Errorf("Find of many paths of one host is %q, %v, with %q; want %q and the first path", got, more, found[0].Path, want)
	}
}
