package pulsedivetest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// each calls do for every object in v, however deep.
func each(v any, do func(map[string]any)) {
	switch v := v.(type) {
	case []any:
		for _, one := range v {
			each(one, do)
		}
	case map[string]any:
		do(v)
		for _, name := range slices.Sorted(maps.Keys(v)) {
			each(v[name], do)
		}
	}
}

// sampleDocs is every JSON answer of the sample, by what was asked.
func sampleDocs(f *Fake) map[string]any {
	docs := map[string]any{}
	for _, e := range Sample() {
		for _, get := range []string{"", "links"} {
			var doc any
			if json.Unmarshal([]byte(ask(f, "indicator", e.Value, "get", get, "key", "k").body), &doc) == nil {
				docs[get+" "+e.Value] = doc
			}
		}
	}
	return docs
}

func TestSampleStamps(t *testing.T) {
	t.Parallel()
	for asked, doc := range sampleDocs(loaded(testNow)) {
		each(doc, func(o map[string]any) {
			for name, v := range o {
				if s, _ := v.(string); strings.HasPrefix(name, "stamp_") && s != "" {
					if age := stampAge(t, s); age < 0 {
						t.Errorf("asked for %.60s: %s is %s, which is to come", asked, name, s)
					}
				}
			}
		})
		if text := fmt.Sprint(doc); regexp.MustCompile(`[+-]\d+d\d`).MatchString(text) {
			t.Errorf("asked for %.60s: got a stamp that was not told from now in %s", asked, text)
		}
	}
}

// TestSampleDNSIsRecent starts the sample at several moments: relations are lost
// after 90 days, so only retired records may have older ones.
func TestSampleDNSIsRecent(t *testing.T) {
	t.Parallel()
	for _, now := range []time.Time{testNow, testNow.AddDate(4, 5, 6).Add(23 * time.Minute)} {
		f := loaded(now)
		for _, e := range Sample() {
			r, _ := recordOf(f, e.Value)
			if text, _ := r.Retired.(string); text != "" {
				continue
			}
			for _, l := range linksOf(f, e.Value)["Active DNS"] {
				when, err := time.Parse(stampLayout, l.Stamp)
				if age := now.Sub(when); err != nil || age < 0 || age >= 90*24*time.Hour {
					t.Errorf("asked for Active DNS of %.60s at %v: %s was linked %s, want less than 90 days before", e.Value, now, l.Indicator, l.Stamp)
				}
			}
		}
	}
}

// TestSampleAgreesWithItself: one id is one thing, wherever it turns up.
func TestSampleAgreesWithItself(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		id   string
		same []string
	}{
		{"iid", []string{"indicator"}},
		{"tid", []string{"name", "category", "risk"}},
		{"fid", []string{"name", "category", "organization", "pricing"}},
		{"rfid", []string{"description", "risk"}},
	} {
		first := map[string]string{}
		for asked, doc := range sampleDocs(loaded(testNow)) {
			each(doc, func(o map[string]any) {
				if o[c.id] == nil {
					return
				}
				id, is := fmt.Sprint(o[c.id]), ""
				for _, name := range c.same {
					is += fmt.Sprintf("%s=%v ", name, o[name])
				}
				if was, ok := first[id]; ok && was != is {
					t.Errorf("asked for %.60s: %s %s is %s, elsewhere %s", asked, c.id, id, is, was)
				}
				first[id] = is
			})
		}
	}
}

// TestSampleLinksTellTheRiskOfTheRecord: a link to a sample has its type and risk.
func TestSampleLinksTellTheRiskOfTheRecord(t *testing.T) {
	t.Parallel()
	f := loaded(testNow)
	for _, e := range Sample() {
		for category, list := range linksOf(f, e.Value) {
			for _, l := range list {
				if r, known := recordOf(f, l.Indicator); known && (r.Risk != l.Risk || r.Type != l.Type) {
					t.Errorf("asked for %s of %.60s: %.60s is %s %s, its record says %s %s", category, e.Value, l.Indicator, l.Type, l.Risk, r.Type, r.Risk)
				}
			}
		}
	}
}

var (
	name     = regexp.MustCompile(`(?i)\b(?:[a-z0-9-]+\.)+[a-z]{2,}\b`)
	madeUp4  = regexp.MustCompile(`^(192\.0\.2|198\.51\.100|203\.0\.113)\.\d+$`)
	dotted4  = regexp.MustCompile(`\b\d+\.\d+\.\d+\.\d+\b`)
	word6    = regexp.MustCompile(`(?i)[0-9a-f]*:[0-9a-f:]*:[0-9a-f:]+`)
	ours     = regexp.MustCompile(`(?i)(^|\.)(example|example\.(com|net|org)|pulsedive\.com)$`)
	fileName = regexp.MustCompile(`\.(bin|php|js|exe|pdf)$`)
)

// TestSampleIsMadeUp: no name or address of it can belong to anybody.
func TestSampleIsMadeUp(t *testing.T) {
	t.Parallel()
	text := strings.ReplaceAll(string(sampleJSON), `"`, "\n")
	for _, n := range name.FindAllString(text, -1) {
		if !ours.MatchString(n) && !fileName.MatchString(n) {
			t.Errorf("asked for names: got %s, want names that are set aside for examples", n)
		}
	}
	for _, a := range dotted4.FindAllString(text, -1) {
		if !madeUp4.MatchString(a) {
			t.Errorf("asked for addresses: got %s, want the documentation ranges", a)
		}
	}
	examples := netip.MustParsePrefix("2001:db8::/32")
	for _, a := range word6.FindAllString(text, -1) {
		if ip, err := netip.ParseAddr(a); err == nil && !examples.Contains(ip) {
			t.Errorf("asked for addresses: got %s, want the documentation range", a)
		}
	}
}
