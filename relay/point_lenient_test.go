package relay_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pulsedive-relay/relay/ctim"
	"pulsedive-relay/relay/pulsedive/pulsedivetest"
)

func TestPoint8Leniencies(t *testing.T) {
	t.Parallel()
	const seen, updated, added = "2026-05-06T07:08:09Z", "2026-03-04T05:06:07Z", "2026-01-02T03:04:05Z"
	whole := []string{"registered a week ago", "Threat: Gannet", "Feed: Example "}
	for name, c := range map[string]struct {
		record     object
		name       string // of the disposition
		start, end string // of the valid time
		indicators []string
	}{
		"as it ought to be":          {nil, "Malicious", seen, "2026-08-05T13:08:09Z", whole},
		"risk null":                  {object{"risk": nil}, "Unknown", seen, "2026-08-05T13:08:09Z", whole},
		"a risk never heard of":      {object{"risk": "purple"}, "Unknown", seen, "2026-08-05T13:08:09Z", whole},
		"a risk that is a number":    {object{"risk": 3}, "Unknown", seen, "2026-08-05T13:08:09Z", whole},
		"risk in capitals":           {object{"risk": "HIGH"}, "Malicious", seen, "2026-08-05T13:08:09Z", whole},
		"stamp_seen null":            {object{"stamp_seen": nil}, "Malicious", updated, "2026-06-03T11:06:07Z", whole},
		"stamp_seen empty":           {object{"stamp_seen": ""}, "Malicious", updated, "2026-06-03T11:06:07Z", whole},
		"stamp_updated null too":     {object{"stamp_seen": nil, "stamp_updated": nil}, "Malicious", added, "2026-04-03T09:04:05Z", whole},
		"retired later":              {object{"stamp_retired": "2026-05-07 00:00:00"}, "Malicious", seen, "2026-05-07T00:00:00Z", whole},
		"retired before it was seen": {object{"stamp_retired": "2026-05-01 00:00:00"}, "Malicious", seen, seen, whole},
		"stamp_retired empty":        {object{"stamp_retired": ""}, "Malicious", seen, "2026-08-05T13:08:09Z", whole},
		"lists null":                 {object{"riskfactors": nil, "threats": nil, "feeds": nil}, "Malicious", seen, "2026-08-05T13:08:09Z", nil},
		"lists that are none":        {object{"riskfactors": "", "threats": object{}, "feeds": 0}, "Malicious", seen, "2026-08-05T13:08:09Z", nil},
		"lists of other things":      {object{"riskfactors": []any{nil, 1, "x", []any{}}, "threats": []any{object{}}}, "Malicious", seen, "2026-08-05T13:08:09Z", whole[2:]},
		"numbers as strings":         {object{"iid": "4711", "threats": []object{{"tid": "2", "name": "Gannet", "stamp_linked": "2026-04-05 06:07:08"}}}, "Malicious", seen, "2026-08-05T13:08:09Z", whole},
		"retired and clean":          {object{"risk": "none", "retired": "No recent activity"}, "Unknown", seen, "2026-08-05T13:08:09Z", whole},
		"retired a number, clean":    {object{"risk": "none", "retired": 0}, "Clean", seen, "2026-08-05T13:08:09Z", whole},
		"a time beyond the calendar": {object{"stamp_seen": "9999-12-31 23:59:59"}, "Malicious", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z", whole},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, options{})
			w.fake.SetInfo("a.example", record("domain", "a.example", c.record))
			a := w.ask(observePath, bodyOf("domain", "a.example"))
			wantErrors(t, name, a)
			b := bundleOf(t, a)
			if len(b.Verdicts) != 1 {
				t.Fatalf("%s: %d verdicts, want one: %s", name, len(b.Verdicts), a.Text)
			}
			v := b.Verdicts[0]
			if v.DispositionName != c.name || stamp(v.ValidTime.Start) != c.start || stamp(v.ValidTime.End) != c.end {
				t.Errorf("%s: %s from %s to %s, want %s from %s to %s", name,
					v.DispositionName, stamp(v.ValidTime.Start), stamp(v.ValidTime.End), c.name, c.start, c.end)
			}
			var titles []string
			for _, x := range b.Indicators {
				titles = append(titles, x.Title)
			}
			if !slices.Equal(titles, c.indicators) {
				t.Errorf("%s: indicators %q, want %q", name, titles, c.indicators)
			}
			if got := b.Judgements[0].SourceURI; got != "https://pulsedive.com/indicator/?iid=4711" {
				t.Errorf("%s: source_uri %s, want that of 4711", name, got)
			}
			for _, err := range ctim.Check(b) {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// What is still a fault: a record that lacks what every answer is made of.
func TestPoint8LeniencyHasAnEnd(t *testing.T) {
	t.Parallel()
	broken := fatal("key error", "The data structure of Pulsedive API has changed. The module is broken.")
	for _, missing := range []object{
		{"iid": nil}, {"iid": "4711x"}, {"iid": -1}, {"indicator": nil}, {"indicator": ""}, {"type": nil}, {"type": "artifact"},
		{"stamp_seen": nil, "stamp_updated": nil, "stamp_added": nil}, {"stamp_seen": "yesterday", "stamp_updated": 1, "stamp_added": "2026-13-01 00:00:00"},
	} {
		w := newWorld(t, options{})
		w.fake.SetInfo("a.example", record("domain", "a.example", missing))
		a := w.ask(observePath, bodyOf("domain", "a.example"))
		wantErrors(t, marshal(missing), a, broken)
		wantVerdicts(t, marshal(missing), a)
	}
}

func TestPoint8ActiveDNSThatIsNoListOfObjectsIsIgnored(t *testing.T) {
	t.Parallel()
	now := time.Now().UTC().Format(time.DateTime)
	good := object{"indicator": "192.0.2.1", "type": "ip", "stamp_linked": now}
	for name, c := range map[string]struct {
		links string
		want  []string
	}{
		"null":               {`{"Active DNS":null}`, nil},
		"an object":          {`{"Active DNS":{"0":` + marshal(good) + `}}`, nil},
		"a text":             {`{"Active DNS":"192.0.2.1"}`, nil},
		"a list of texts":    {`{"Active DNS":["192.0.2.1",null,7,[]]}`, nil},
		"texts and one good": {`{"Active DNS":["192.0.2.1",` + marshal(good) + `,{}]}`, []string{"a.example>192.0.2.1"}},
		"an error":           {`{"error":"No links found."}`, nil},
		"no members":         {`{}`, nil},
		"no stamp":           {`{"Active DNS":[{"indicator":"192.0.2.1","type":"ip"}]}`, nil},
	} {
		w := newWorld(t, options{})
		w.know("domain", "a.example")
		w.fake.SetLinks("a.example", pulsedivetest.Answer{Body: json.RawMessage(c.links)})
		a := w.ask(observePath, bodyOf("domain", "a.example"))
		wantErrors(t, name, a)
		if got := relationsOf(t, a); !slices.Equal(got, c.want) {
			t.Errorf("Active DNS is %s: relations %q, want %q", name, got, c.want)
		}
	}
}

func TestPoint9RelationsOfIPv6(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	w.know("ipv6", "2001:db8::1")
	w.know("ip", "192.0.2.1")
	w.know("domain", "a.example")
	w.fake.SetLinks("2001:db8::1", dns("domain", "x.example", "y.example"))
	w.fake.SetLinks("192.0.2.1", dns("domain", "z.example"))
	w.fake.SetLinks("a.example", dns("ipv6", "2001:db8::2"))
	for _, c := range []struct {
		typ, value string
		want       []string
	}{
		{"ipv6", "2001:db8::1", []string{"x.example>2001:db8::1", "y.example>2001:db8::1"}},
		{"ip", "192.0.2.1", []string{"z.example>192.0.2.1"}},
		{"domain", "a.example", []string{"a.example>2001:db8::2"}},
	} {
		a := w.ask(observePath, bodyOf(c.typ, c.value))
		wantErrors(t, c.value, a)
		if got := relationsOf(t, a); !slices.Equal(got, c.want) {
			t.Errorf("%s: relations %q, want %q", c.value, got, c.want)
		}
		for _, s := range docs[ctim.Sighting](t, a, "sightings") {
			for _, r := range s.Relations {
				if r.Source.Type != "domain" || !strings.HasPrefix(r.Related.Type, "ip") || r.Relation != "Resolved_To" || r.Origin != "Pulsedive Enrichment Module" {
					t.Errorf("%s: relation %+v, want Resolved_To from a domain to an address", c.value, r)
				}
			}
		}
	}
}

// Which entries are relations: recent ones that pair a domain with an address.
func TestRelationsPairRecentDomainsAndAddresses(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	entry := func(value, typ string, age time.Duration) object {
		return object{"indicator": value, "type": typ, "stamp_linked": now.Add(-age).Format(time.DateTime)}
	}
	const days = 24 * time.Hour
	w := newWorld(t, options{relay: relayConfig(now)})
	w.know("domain", "a.example")
	w.fake.SetLinks("a.example", pulsedivetest.Answer{Body: json.RawMessage(marshal(object{"Active DNS": []object{
		entry("192.0.2.1", "ip", 90*days-time.Second), entry("192.0.2.2", "ip", 90*days), entry("192.0.2.3", "ip", -days),
		entry("ns.example", "domain", 0), entry("https://x.example/", "url", 0), entry("192.0.2.4", "artifact", 0), entry("2001:db8::4", "ipv6", 0),
	}, "Related Domains": []object{entry("192.0.2.5", "ip", 0)}}))})
	a := w.ask(observePath, bodyOf("domain", "a.example"))
	want := []string{"a.example>192.0.2.1", "a.example>192.0.2.3", "a.example>2001:db8::4"}
	if got := relationsOf(t, a); !slices.Equal(got, want) {
		t.Errorf("Active DNS of a domain: relations %q, want %q", got, want)
	}
}

func TestPoint10AnyValueMakesAValidSearchLink(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	values := []string{
		`https://a.example/"quoted"`, `https://a.example/a\b`, `https://a.example/\"`, "https://a.example/\u2028\x00\x1f\x7f\t\n", `https://a.example/<script>&'`,
		"https://bücher.example/💣", `\`, `"`, `"},"exact":false}],"x":[{"y":"`, "https://a.example/%22?q=1&r=2+3", strings.Repeat(`"\`, 5000),
	}
	links := linksOf(t, w.ask(referPath, bodyOf("url", values...)))
	if len(links) != len(values) {
		t.Fatalf("%d URLs: %d links, want as many", len(values), len(links))
	}
	for i, l := range links {
		query, ok := strings.CutPrefix(l.URL, "https://pulsedive.com/browse/?q=")
		text, err := base64.StdEncoding.DecodeString(query)
		if !ok || err != nil {
			t.Errorf("%q: link %s, want a search in base64: %v", values[i], l.URL, err)
			continue
		}
		type typed struct{ Type, Value string }
		var search struct {
			Indicator []struct {
				Raw, HTMLSafe typed
				Exact         bool
			}
			Type, Risk, LastSeen, Attribute, Property, Threat, Feed []string
		}
		if err := json.Unmarshal(text, &search); err != nil {
			t.Errorf("%q: the search is no JSON: %v\n%s", values[i], err, text)
			continue
		}
		want := typed{"indicator", values[i]}
		if len(search.Indicator) != 1 || search.Indicator[0].Raw != want || search.Indicator[0].HTMLSafe != want || !search.Indicator[0].Exact {
			t.Errorf("%q: the search is for %+v, want the value", values[i], search.Indicator)
		}
		if want := fmt.Sprintf("%v", []string{"unknown", "none", "low", "medium", "high", "critical", "retired"}); fmt.Sprint(search.Risk) != want {
			t.Errorf("%q: the search is among risks %v, want %s", values[i], search.Risk, want)
		}
		id := strings.TrimPrefix(l.ID, "ref-pulsedive-search-url-")
		if strings.Trim(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-~%") != "" {
			t.Errorf("%q: id %s, want nothing but letters, digits, _.-~ and percent signs", values[i], id)
		}
	}
}
