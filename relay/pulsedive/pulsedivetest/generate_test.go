package pulsedivetest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
)

var generatedValues = []struct{ value, kind string }{
	{"192.0.2.1", "ip"}, {"203.0.113.250", "ip"}, {"2001:db8::7", "ipv6"}, {"a.example", "domain"}, {"b.example", "domain"},
	{"xn--exmple-cua.example", "domain"}, {"bücher.example", "domain"}, {"https://example.org/?a=b&c=<d>", "url"},
	{`quote".example\`, "domain"}, {"http://[2001:db8::1]/", "url"}, {"999.1.1.1", "domain"},
}

func TestGeneratedRecord(t *testing.T) {
	t.Parallel()
	for _, c := range generatedValues {
		body := ask(New(Config{Now: at(testNow), Generate: true}), "indicator", c.value, "key", "k").body
		if again := ask(New(Config{Now: at(testNow), Generate: true}), "indicator", c.value, "key", "k2").body; again != body {
			t.Errorf("asked twice for %s\ngot  %s\nwant %s", c.value, again, body)
		}
		var r struct {
			IID                         int
			Indicator, Type, Risk       string
			Stamp_seen                  string //nolint:revive // as the wire has it
			Riskfactors, Threats, Feeds []any
			Attributes, Properties      map[string]any
		}
		if err := json.Unmarshal([]byte(body), &r); err != nil {
			t.Fatalf("asked for %s: got %v in %s, want JSON", c.value, err, body)
		}
		if r.Indicator != c.value || r.Type != c.kind || r.IID <= 0 || !slices.Contains(madeUpRisks, r.Risk) {
			t.Errorf("asked for %s: got %+v, want it as a %s", c.value, r, c.kind)
		}
		if len(r.Riskfactors) != 5 || len(r.Threats) != 4 || len(r.Feeds) != 8 || r.Properties["whois"] == nil || r.Attributes["port"] == nil {
			t.Errorf("asked for %s: got %s, want 5 risk factors, 4 threats, 8 feeds, whois and ports", c.value, body)
		}
		if len(body) < 3500 || len(body) > 5500 {
			t.Errorf("asked for %s: got %d bytes, want about 4 KiB", c.value, len(body))
		}
		if age := stampAge(t, r.Stamp_seen); age < 0 || age > 6*24*time.Hour {
			t.Errorf("asked for %s: seen %v ago, want lately", c.value, age)
		}
	}
}

func TestGeneratedLinks(t *testing.T) {
	t.Parallel()
	f := New(Config{Now: at(testNow), Generate: true})
	for _, c := range generatedValues {
		body := ask(f, "indicator", c.value, "get", "links", "key", "k").body
		var links map[string][]linkEntry
		if err := json.Unmarshal([]byte(body), &links); err != nil {
			t.Fatalf("asked for links of %s: got %v in %s, want JSON", c.value, err, body)
		}
		if dns := links["Active DNS"]; len(dns) != 12 {
			t.Errorf("asked for links of %s: got %d Active DNS entries, want 12", c.value, len(dns))
		}
		for _, e := range links["Active DNS"] {
			if age := stampAge(t, e.Stamp); age < 0 || age >= 90*24*time.Hour {
				t.Errorf("asked for links of %s: %s linked %v ago, want 0 to 90 days", c.value, e.Indicator, age)
			}
			if want := types[typeOf(e.Indicator)]; e.Type != want {
				t.Errorf("asked for links of %s: %s has type %s, want %s", c.value, e.Indicator, e.Type, want)
			}
		}
		if urls := links["Related URLs"]; len(urls) != 1 || !strings.Contains(urls[0].Indicator, c.value) {
			t.Errorf("asked for links of %s: got related URLs %v, want one that holds the value", c.value, urls)
		}
		if len(body) < 2500 || len(body) > 4500 {
			t.Errorf("asked for links of %s: got %d bytes, want about 3 KiB", c.value, len(body))
		}
	}
}

// linkEntry is one entry of a category of links.
type linkEntry struct {
	IID       json.Number
	Indicator string
	Type      string
	Risk      string
	Stamp     string `json:"stamp_linked"`
}

// stampAge is how long before testNow a stamp is.
func stampAge(t *testing.T, stamp string) time.Duration {
	t.Helper()
	when, err := time.Parse(stampLayout, stamp)
	if err != nil {
		t.Errorf("asked for a stamp: got %q, want the form %s", stamp, stampLayout)
	}
	return testNow.Sub(when)
}

func TestGeneratedRecordsDiffer(t *testing.T) {
	t.Parallel()
	f := New(Config{Now: at(testNow), Generate: true})
	tails := map[string]bool{}
	for c := 'a'; c <= 'z'; c++ {
		_, tail, _ := strings.Cut(ask(f, "indicator", string(c)+".example", "key", "k").body, `"type"`)
		tails[tail] = true
	}
	if len(tails) < variants-2 {
		t.Errorf("asked for 26 values: got %d different records, want about %d", len(tails), variants)
	}
}

// unread takes an answer and forgets it.
type unread struct{ h http.Header }

func (w unread) Header() http.Header         { return w.h }
func (w unread) WriteHeader(int)             {}
func (w unread) Write(b []byte) (int, error) { return len(b), nil }

func BenchmarkGenerated(b *testing.B) {
	for _, c := range []struct{ name, query, accept string }{
		{"info", "indicator=a.example&key=k", ""},
		{"info-gzip", "indicator=a.example&key=k", "gzip"},
		{"links", "indicator=a.example&get=links&key=k", ""},
		{"url", "indicator=https%3A%2F%2Fexample.org%2F%3Fa%3D1&key=k", ""},
	} {
		b.Run(c.name, func(b *testing.B) {
			f := New(Config{Generate: true})
			f.RecordCalls(false)
			r := httptest.NewRequest(http.MethodGet, "/api/info.php?"+c.query, nil)
			if c.accept != "" {
				r.Header.Set("Accept-Encoding", c.accept)
			}
			w := unread{http.Header{}}
			b.ReportAllocs()
			for b.Loop() {
				f.ServeHTTP(w, r)
			}
		})
	}
}
