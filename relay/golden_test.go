package relay_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pulsedive-relay/relay"
	"pulsedive-relay/relay/ctim"
	"pulsedive-relay/relay/pulsedive/pulsedivetest"
)

var update = flag.Bool("update", false, "write the golden files anew; look at the diff")

// goldenNow is the clock of the golden answers.
var goldenNow = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// goldenCase is a request about made-up records.
type goldenCase struct {
	path  string // empty: observe
	asked []ctim.Observable
	info  map[string]pulsedivetest.Answer
	links map[string]pulsedivetest.Answer
	limit int
}

// goldenLinks is Active DNS with recent and old entries of every type.
func goldenLinks(entries ...object) pulsedivetest.Answer {
	return pulsedivetest.Answer{Body: json.RawMessage(marshal(object{"Active DNS": entries, "Related URLs": []object{{"indicator": "https://www.example.com/"}}}))}
}

func linked(typ, value, stamp string) object {
	return object{"iid": 9, "indicator": value, "type": typ, "risk": "none", "stamp_linked": stamp, "summary": []any{}}
}

func goldenCases() map[string]goldenCase {
	hostile := "<script>alert('1')</script>\"\\\u0000\u0007\u2028\u202e[x](javascript:1) "
	return map[string]goldenCase{
		"domain-critical": {
			asked: observables("domain", "a.example"),
			info: map[string]pulsedivetest.Answer{"a.example": record("domain", "a.example", object{
				"risk":        "critical",
				"riskfactors": []object{{"description": "registered a week ago", "risk": "low"}, {"description": "found in threat feeds", "risk": "medium"}},
				"threats": []object{
					{"tid": 1, "name": "Old", "category": "malware", "stamp_linked": "2026-01-01 00:00:00"},
					{"tid": 2, "name": "New", "category": "botnet", "stamp_linked": "2026-05-01 00:00:00"},
					{"tid": 3, "name": "New too", "category": "", "stamp_linked": "2026-05-01 00:00:00"},
				},
				"feeds": []object{
					{"fid": 4, "name": "Feed of Feeds ", "category": "general", "organization": "Example Org", "stamp_linked": "2026-02-01 00:00:00"},
					{"fid": 5, "name": "Newest Feed", "category": "general", "organization": nil, "stamp_linked": "2026-05-31 23:59:59"},
				},
			})},
			links: map[string]pulsedivetest.Answer{"a.example": goldenLinks(
				linked("ip", "192.0.2.1", "2026-05-31 00:00:00"), linked("ipv6", "2001:db8::1", "2026-05-30 00:00:00"),
				linked("domain", "ns1.example.net", "2026-05-31 00:00:00"), linked("ip", "192.0.2.2", "2026-01-01 00:00:00"))},
		},
		"entities-limit": {
			limit: 2, asked: observables("domain", "a.example"),
			info:  map[string]pulsedivetest.Answer{"a.example": record("domain", "a.example", nil)},
			links: map[string]pulsedivetest.Answer{"a.example": goldenLinks(linked("ip", "192.0.2.1", "2026-05-31 00:00:00"))},
		},
		"ipv6-low": {
			asked: observables("ipv6", "2001:db8::1"),
			info:  map[string]pulsedivetest.Answer{"2001:db8::1": record("ipv6", "2001:db8::1", object{"risk": "low", "threats": nil, "feeds": nil})},
			links: map[string]pulsedivetest.Answer{"2001:db8::1": goldenLinks(linked("domain", "a.example", "2026-05-31 00:00:00"))},
		},
		"retired-none": {
			asked: observables("ip", "192.0.2.1"),
			info: map[string]pulsedivetest.Answer{"192.0.2.1": record("ip", "192.0.2.1", object{
				"risk": "none", "retired": "No recent activity", "stamp_retired": "2026-05-20 00:00:00"})},
		},
		"url-bare": {
			asked: observables("url", "https://a.example/?q=1"),
			info: map[string]pulsedivetest.Answer{"https://a.example/?q=1": record("url", "https://a.example/?q=1", object{
				"risk": nil, "riskfactors": nil, "threats": []any{}, "feeds": object{}})},
		},
		"hostile-texts": {
			asked: observables("domain", "a.example"),
			info: map[string]pulsedivetest.Answer{"a.example": record("domain", "a.example", object{
				"indicator":   "a.example" + hostile,
				"riskfactors": []object{{"description": hostile}, {"description": strings.Repeat("é", 6000)}},
				"threats":     []object{{"tid": "1\"}", "name": hostile, "category": hostile, "stamp_linked": "2026-05-01 00:00:00"}},
				"feeds":       []object{{"fid": -1, "name": hostile, "category": strings.Repeat("x", 2000), "organization": strings.Repeat("💣", 1500), "stamp_linked": "never"}},
			})},
		},
		"some-fail": {
			asked: observables("domain", "a.example", "broken.example", "unknown.example"),
			info: map[string]pulsedivetest.Answer{
				"a.example":      record("domain", "a.example", object{"risk": "medium", "threats": nil, "riskfactors": nil}),
				"broken.example": fault(500, "Database error."),
			},
			links: map[string]pulsedivetest.Answer{"a.example": fault(503, "Later.")},
		},
		"refer": {
			path: referPath,
			asked: []ctim.Observable{
				{Type: "ip", Value: "192.0.2.1"}, {Type: "ipv6", Value: "2001:db8::1"}, {Type: "domain", Value: "a.example"},
				{Type: "url", Value: `https://a.example/"x"\y?é=1`}, {Type: "domain", Value: "unknown.example"},
			},
			info: map[string]pulsedivetest.Answer{
				"192.0.2.1": record("ip", "192.0.2.1", object{"iid": 1}), "2001:db8::1": record("ipv6", "2001:db8::1", object{"iid": "2"}),
				"a.example": record("domain", "a.example", object{"iid": 3}), `https://a.example/"x"\y?é=1`: record("url", "x", object{"iid": 4}),
			},
		},
	}
}

// TestGolden compares whole answers about made-up records with the files in
// testdata/golden. Ids count up, so relationships are in the order in which they
// were made.
func TestGolden(t *testing.T) {
	t.Parallel()
	for name, c := range goldenCases() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var ids atomic.Int64
			w := newWorld(t, options{relay: relay.Config{Parallel: 1, Now: func() time.Time { return goldenNow }, NewID: func() string {
				return fmt.Sprintf("00000000-0000-4000-8000-%012d", ids.Add(1))
			}}})
			for value, a := range c.info {
				w.fake.SetInfo(value, a)
			}
			for value, a := range c.links {
				w.fake.SetLinks(value, a)
			}
			if c.path == "" {
				c.path = observePath
			}
			limit := any(nil)
			if c.limit > 0 {
				limit = c.limit
			}
			a := w.askWith(w.token(testKey, object{"CTR_ENTITIES_LIMIT": limit, "exp": nil}), c.path, marshal(c.asked))
			if c.path == observePath {
				for _, err := range ctim.Check(bundleOf(t, a)) {
					t.Errorf("%s: %v", name, err)
				}
			}
			golden(t, name, a.Text)
		})
	}
}

func golden(t *testing.T, name, answer string) {
	t.Helper()
	var got bytes.Buffer
	if err := json.Indent(&got, []byte(answer), "", " "); err != nil {
		t.Fatal(err)
	}
	got.WriteByte('\n')
	file := filepath.Join("testdata", "golden", name+".json")
	if *update {
		if err := os.WriteFile(file, got.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("%s: the answer differs from %s, which -update writes anew\n%s", name, file, firstDifference(got.String(), string(want)))
	}
}

// Every golden file belongs to a case.
func TestGoldenFilesAreInUse(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/golden/*")
	if err != nil || len(files) == 0 {
		t.Fatalf("golden files: %d, %v", len(files), err)
	}
	cases := goldenCases()
	for _, file := range files {
		if _, ok := cases[strings.TrimSuffix(filepath.Base(file), ".json")]; !ok {
			t.Errorf("%s belongs to no case", file)
		}
	}
}
