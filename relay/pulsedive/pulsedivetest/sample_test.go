package pulsedivetest

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

// loaded is a fake that knows the sample intelligence.
func loaded(now time.Time) *Fake {
	f := New(Config{Now: at(now)})
	f.LoadSample()
	return f
}

// record is what the tests read of a sample record.
type record struct {
	IID                         any
	Indicator, Type, Risk       string
	Retired                     any
	Riskfactors, Threats, Feeds []map[string]any
	Attributes, Properties      any
}

// recordOf is the sample record of value, false where there is none.
func recordOf(f *Fake, value string) (record, bool) {
	var r record
	got := ask(f, "indicator", value, "key", "k")
	err := json.Unmarshal([]byte(got.body), &r)
	return r, err == nil && got.status == http.StatusOK && r.Indicator != ""
}

// linksOf is the links of value by category, empty where there are none.
func linksOf(f *Fake, value string) map[string][]linkEntry {
	var links map[string][]linkEntry
	if json.Unmarshal([]byte(ask(f, "indicator", value, "get", "links", "key", "k").body), &links) != nil {
		return nil
	}
	return links
}

// TestSampleShowsWhatItSays checks the start of each description against the answer.
func TestSampleShowsWhatItSays(t *testing.T) {
	t.Parallel()
	f := loaded(testNow)
	for _, e := range Sample() {
		r, known := recordOf(f, e.Value)
		word := strings.FieldsFunc(e.Shows, func(r rune) bool { return r == ':' || r == ',' })[0]
		got := strings.ToUpper(r.Risk[:min(1, len(r.Risk))]) + r.Risk[min(1, len(r.Risk)):]
		switch {
		case known && r.Risk == "none" && r.Retired != nil && r.Retired != 0.0:
			got = "None but retired"
		case !known && ask(f, "indicator", e.Value, "key", "k").status == http.StatusNotFound:
			got = "Not found"
		case !known:
			got = "Fails"
		}
		if got != word {
			t.Errorf("asked for %.60s, which is said to show %q: got %q", e.Value, e.Shows, got)
		}
		if known && (r.Indicator != e.Value || r.Type != e.Type) {
			t.Errorf("asked for %.60s of type %s: got %.60s of type %s", e.Value, e.Type, r.Indicator, r.Type)
		}
		if want := types[typeOf(e.Value)]; e.Type != want {
			t.Errorf("asked for the type of %.60s: got %s, want %s", e.Value, e.Type, want)
		}
	}
}

func TestSampleFaults(t *testing.T) {
	t.Parallel()
	f := loaded(testNow)
	for _, c := range []struct {
		value, get string
		status     int
		body       string
	}{
		{"unknown.example.com", "", 404, `{"error":"Indicator not found."}`},
		{"unknown.example.com", "links", 200, `{"error":"No links found."}`},
		{"bare.example.org", "links", 200, `{"error":"No links found."}`},
		{"limited.example.com", "", 429, `{"error":"API rate limit exceeded. Visit pulsedive.com/api to view limits and upgrade your plan."}`},
		{"broken.example.com", "", 500, `{"error":"Database error."}`},
		{"flaky-links.example.com", "links", 500, `{"error":"Database error."}`},
	} {
		got := ask(f, "indicator", c.value, "get", c.get, "key", "k")
		if got.status != c.status || got.body != c.body {
			t.Errorf("asked for %s %s\ngot  %d %s\nwant %d %s", c.value, c.get, got.status, got.body, c.status, c.body)
		}
	}
	page := ask(f, "indicator", "maintenance.example.com", "key", "k")
	if page.status != 200 || page.header.Get("Content-Type") != typeHTML || json.Valid([]byte(page.body)) {
		t.Errorf("asked for a web page: got %d %s %s", page.status, page.header.Get("Content-Type"), page.body)
	}
}

// TestSampleIsVaried holds the sample to what demos and screenshots need of it.
func TestSampleIsVaried(t *testing.T) {
	t.Parallel()
	f := loaded(testNow)
	seen := map[string]bool{}
	for _, e := range Sample() {
		r, _ := recordOf(f, e.Value)
		seen[e.Type], seen["risk "+r.Risk] = true, true
		if seen["value "+e.Value] {
			t.Errorf("asked for the values: got %s twice", e.Value)
		}
		seen["value "+e.Value] = true
		seen["long"] = seen["long"] || len(e.Value) > 1000
		entities := len(r.Riskfactors) + len(r.Threats) + len(r.Feeds)
		seen["rich"] = seen["rich"] || entities > 100 && len(linksOf(f, e.Value)["Active DNS"]) > 40
	}
	for _, want := range []string{"ip", "ipv6", "domain", "url", "risk none", "risk unknown", "risk low", "risk medium",
		"risk high", "risk critical", "risk retired", "long", "rich"} {
		if !seen[want] {
			t.Errorf("asked for a sample of %q: got none", want)
		}
	}
	r, _ := recordOf(f, "qsnatch-c2.example.net")
	if r.Risk != "critical" || len(r.Riskfactors) != 3 || len(r.Threats) != 2 || len(r.Feeds) != 4 {
		t.Errorf("asked for the C2 server: got %s with %d risk factors, %d threats, %d feeds, want critical with 3, 2, 4",
			r.Risk, len(r.Riskfactors), len(r.Threats), len(r.Feeds))
	}
}

// TestSampleFollows asks by iid for every sample record, and for what the first
// one points to.
func TestSampleFollows(t *testing.T) {
	t.Parallel()
	f := loaded(testNow)
	for _, e := range Sample() {
		r, known := recordOf(f, e.Value)
		if !known {
			continue
		}
		iid := iidOf([]byte(ask(f, "indicator", e.Value, "key", "k").body))
		var byIID record
		if err := json.Unmarshal([]byte(ask(f, "iid", iid, "key", "k").body), &byIID); err != nil || byIID.Indicator != e.Value {
			t.Errorf("asked for iid %s (%v): got %.60s, want %.60s", iid, r.IID, byIID.Indicator, e.Value)
		}
	}
	for _, l := range linksOf(f, Sample()[0].Value)["Active DNS"] {
		if _, known := recordOf(f, l.Indicator); !known && l.Type != "domain" {
			t.Errorf("asked for %s, which the first sample resolves to: got nothing", l.Indicator)
		}
	}
}

func TestSampleLosesToAnswersSetByHand(t *testing.T) {
	t.Parallel()
	f := loaded(testNow)
	f.SetInfo("www.example.com", Answer{Text: "mine"})
	if got := ask(f, "indicator", "www.example.com", "key", "k"); got.body != "mine" {
		t.Errorf("asked for what was set over the sample: got %s, want mine", got.body)
	}
	if got := ask(f, "indicator", "www.example.com", "get", "links", "key", "k"); got.body != `{"error":"No links found."}` {
		t.Errorf("asked for links of what was set over the sample: got %s, want none", got.body)
	}
}

func TestSampleStampsMove(t *testing.T) {
	t.Parallel()
	now := testNow
	f := New(Config{Now: func() time.Time { return now }})
	f.LoadSample()
	get := func() string { return ask(f, "indicator", "www.example.com", "key", "k").body }
	first := get()
	now = now.Add(12 * time.Minute) // 14:59:36, the same hour
	if get() != first {
		t.Error("asked twice within an hour: got two answers, want the same")
	}
	now = now.Add(24 * time.Minute)
	if get() == first {
		t.Error("asked an hour later: got the same stamps, want an hour more")
	}
}
