package store_test

import (
	"fmt"
	"strings"
	"testing"

	"pulsedive-relay/relay/ctim"
	"pulsedive-relay/store"
)

func TestFinds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text, kind, value string
		want              bool
	}{
		{"example.net", "domain", "example.net", true},
		{"example.net", "domain", "WWW.Example.net", true},
		{"EXAMPLE.net", "domain", "www.example.net.", true},
		{".example.net", "domain", "www.example.net", true},
		{".example.net", "domain", "example.net.example.org", true},
		{"example.net", "domain", "badexample.net", false},
		{"example.net", "domain", "example.org", false},
		{"net", "domain", "www.example.net", true},
		{"www.example", "domain", "www.example.net", true},
		{"example", "domain", "www.example.net", false},
		{"münchen.example", "domain", "WWW.MÜNCHEN.example", true},
		{"k.example", "domain", "www.\u212a.example", true},
		{".", "domain", "www.example.net", false},
		{"..", "domain", ".example.net", false},
		{"example.net", "url", "https://login.example.net/reset?x", true},
		{"example.net", "url", "https://example.net", true},
		{"example.net", "url", "HTTPS://USER:example.org@LOGIN.EXAMPLE.NET.:8443/x", true},
		{"example.net", "url", "https://login.example.net?at=x@example.org", true},
		{"example.net", "url", "login.example.net/x://example.org", true},
		{"example.net", "url", `https://example.net\@example.org/`, true},
		{"example.org", "url", `https://example.net\@example.org/`, false},
		{"example.net", "url", "https://example.org/example.net", false},
		{"example.net", "url", "https://example.net@example.org/", false},
		{"example.net:8443", "url", "https://www.example.net:8443/", false},
		{"https://login.", "url", "https://login.example.net/", true},
		{"example.net", "ip", "www.example.net", false},
		{"198.51.100.7", "ip", "198.51.100.7", true},
		{"198.51.100.", "ip", "198.51.100.7", true},
		{"100.7", "ip", "198.51.100.7", false},
		{"198.51.100.7", "url", "http://x@198.51.100.7:8080/bin", true},
		{"198.51.100.", "url", "http://198.51.100.7/bin", true},
		{"100.7", "url", "http://198.51.100.7/bin", false},
		{"2001:db8::7", "url", "http://[2001:DB8::7]:8080/bin", true},
		{"2001:db8:", "url", "http://[2001:db8::7]/bin", true},
		{"2001:db8::7", "url", "http://[2001:db8::7", true},
		{"x", "url", "http:///x", false},
		{"x", "odd", "www.x", false},
	} {
		if got := store.Finds(c.text, ctim.Observable{Type: c.kind, Value: c.value}); got != c.want {
			t.Errorf("%q finds the %s %q: got %v, want %v", c.text, c.kind, c.value, got, c.want)
		}
	}
}

// FuzzFinds: a text finds by the index what it finds by looking at each exchange,
// and both what is plainly meant.
func FuzzFinds(f *testing.F) {
	f.Add("example.net", "https://login.example.net:80/x")
	f.Add(".É.example", "www.é.EXAMPLE.")
	f.Add("192.0.2.1", "http://u:p@192.0.2.1/x")
	f.Add("2001:db8::1", "https://[2001:db8::1]/")
	f.Add("a\x00.b", "\xff.a\x00.b")
	f.Add("long.example", strings.Repeat("long.", 60)+"example")
	s := fresh(f)
	f.Fuzz(func(t *testing.T, text, value string) {
		if text == "" {
			return
		}
		for _, kind := range []string{"domain", "url", "ip", "odd"} {
			x := &store.Exchange{Summary: store.Summary{At: newClock().now(), Source: store.XDR, Endpoint: store.Observe, Outcome: store.OK}}
			x.Results = []store.Result{{Observable: ctim.Observable{Type: kind, Value: value}}}
			id := appendOne(t, s, x)
			var got []string
			for _, candidates := range []int{1 << 20, 0} { // the index's, then a look at each
				s.Search(1<<20, candidates)
				n, _, err := s.Count(store.Filter{Observable: text}, 10)
				got = append(got, fmt.Sprint(n, err))
			}
			want := fmt.Sprint(0, nil)
			if about(text, x.Results[0].Observable) {
				want = fmt.Sprint(1, nil)
			}
			if got[0] != want || got[1] != want {
				t.Errorf("%q in the %s %q: got %s by the index, %s by looking; want %s", text, kind, value, got[0], got[1], want)
			}
			if err := s.Delete(id); err != nil {
				t.Fatal(err)
			}
			if faults := s.Check(); len(faults) > 0 {
				t.Fatalf("the file after %s %q: %v", kind, value, faults)
			}
		}
	})
}
