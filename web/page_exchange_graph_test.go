package web_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"pulsedive-relay/store"
)

// nodesOf are the titles of the observables that a page draws as asked about.
func nodesOf(t *testing.T, page string) []string {
	t.Helper()
	m := regexp.MustCompile(`(?s)<script id="graph-nodes" type="application/json">(.*?)</script>`).FindStringSubmatch(page)
	if m == nil {
		return nil
	}
	var drawn struct {
		Nodes []struct{ Kind, Title string }
	}
	must(t, json.Unmarshal([]byte(m[1]), &drawn))
	var list []string
	for _, n := range drawn.Nodes {
		if n.Kind == "observable" {
			list = append(list, n.Title)
		}
	}
	return list
}

// TestExchangeGraphs: of several observables one is drawn at a time, the worst at
// first, or a few together.
func TestExchangeGraphs(t *testing.T) {
	t.Parallel()
	s := newSite(t, siteOptions{})
	few := s.ask(store.Observe, "domain:www.example.com", "domain:qsnatch-c2.example.net", "domain:broken.example.com")
	many := s.ask(store.Observe, "domain:qsnatch-c2.example.net", "ip:198.51.100.23", "ipv6:2001:db8:51::23", "domain:login.example.org", "domain:www.example.com",
		"ip:192.0.2.80", "ipv6:2001:db8:80::80", "domain:ads-tracker.example", "domain:cdn-mirror.example.org", "ip:203.0.113.77", "ip:192.0.2.53", "domain:ns1.example.net",
		"domain:files.example.net", "ip:198.51.100.24")
	for _, c := range []struct {
		name, query, want, text string
		id                      uint64
	}{
		{"the worst", "?tab=graph", "qsnatch-c2.example.net", `of=1&amp;tab=graph#graph-part" aria-current="true"`, few},
		{"another", "?tab=graph&of=0", "www.example.com", `of=0&amp;tab=graph#graph-part" aria-current="true"`, few},
		{"together", "?tab=graph&of=all", "qsnatch-c2.example.net broken.example.com www.example.com", "All 3 together", few},
		{"nothing", "?tab=graph&of=2", "", "There is nothing to draw", few},
		{"nonsense", "?tab=graph&of=x", "qsnatch-c2.example.net", "All 3 together", few},
		{"one of them", "?tab=graph&o=0", "www.example.com", `id="graph-table"`, few},
		{"many", "?tab=graph", "qsnatch-c2.example.net", "The worst 12 together", many},
	} {
		got := s.exchange(c.id, c.query)
		holds(t, c.name, got, c.text)
		if drawn := strings.Join(nodesOf(t, got.text), " "); drawn != c.want {
			t.Errorf("%s: %q is drawn; want %q", c.name, drawn, c.want)
		}
	}
	if n := len(nodesOf(t, s.exchange(many, "?tab=graph&of=all").text)); n != 12 {
		t.Errorf("%d observables are drawn together; want 12", n)
	}
	if got := s.exchange(few, "?tab=graph&o=0"); strings.Contains(got.text, `class="card picks"`) {
		t.Error("a page about one observable offers to draw others")
	}
}
