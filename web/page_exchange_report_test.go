package web_test

import (
	"fmt"
	"strings"
	"testing"

	"pulsedive-relay/store"
)

// TestExchangeReport: the summary, and only that, carries what a print has
// besides, up to bounds.
func TestExchangeReport(t *testing.T) {
	t.Parallel()
	s := newSite(t, siteOptions{})
	one := s.ask(store.Observe, "domain:everything.example")
	got := s.exchange(one, "")
	_, report, _ := strings.Cut(got.text, `<div class="report">`)
	for _, want := range []string{"Verdicts", "Indicators, 50 of 100", "Sightings, 50 of 100", "Refer links", "https://pulsedive.com/browse/?q=", "ref-pulsedive-search-domain-everything.example", "Translation into CTIM JSON"} {
		if !strings.Contains(report, want) {
			t.Errorf("the report does not hold %q:\n%.3000s", want, report)
		}
	}
	holds(t, "print", got, fmt.Sprintf(`href="/admin/exchange/%d#print"`, one))
	for _, tab := range exchangeTabs[2:7] {
		if got := s.exchange(one, "?tab="+tab); strings.Contains(got.text, `class="report"`) {
			t.Errorf("the part %s carries the report", tab)
		}
	}

	var many []string
	for range 60 {
		many = append(many, "domain:x"+strings.Repeat("x", len(many))+".example")
	}
	refer := s.ask(store.Refer, many...)
	got = s.exchange(refer, "")
	holds(t, "many", got, "Above are observables 1 to 25 of 60", "Refer links, 50 of 60")
	// The page of the summary is printed, and is no page of the links.
	path := fmt.Sprintf("/admin/exchange/%d", refer)
	holds(t, "page 3", s.exchange(refer, "?page=3"), "Above are observables 51 to 60 of 60", "Refer links, 50 of 60", `href="`+path+`?page=3#print"`)
	holds(t, "page 2 of the links", s.exchange(refer, "?tab=links&page=2"), "51 to 60 of 60", `href="`+path+`#print"`)
	if strings.Contains(got.text, "Verdicts") {
		t.Error("the report of links has verdicts")
	}
	holds(t, "refused", s.exchange(s.add(&store.Exchange{Summary: store.Summary{Source: store.XDR, Endpoint: store.Observe, Outcome: store.Failed}}), ""), `<div class="report">`)
}

// TestExchangeReportShares: what is printed of several observables is of all that
// have cards, in their order, and of each not its risk factors alone.
func TestExchangeReportShares(t *testing.T) {
	t.Parallel()
	s := newSite(t, siteOptions{})
	got := s.exchange(s.ask(store.Observe, "domain:www.example.com", "domain:everything.example", "domain:qsnatch-c2.example.net"), "")
	holds(t, "several", got)
	_, report, _ := strings.Cut(got.text, `<div class="report">`)
	_, report, _ = strings.Cut(report, "Indicators, 50 of ")
	indicators, rest, _ := strings.Cut(report, "Sightings, 50 of ")
	for _, want := range []string{"known command and control endpoint", "Threat: QSnatch"} {
		first, last := strings.Index(indicators, "Threat: "), strings.LastIndex(indicators, want)
		if last < 0 || last < first {
			t.Errorf("the indicators do not end with %q of the second card:\n%.9000s", want, indicators)
		}
	}
	_, relationships, _ := strings.Cut(rest, "Relationships, 50 of ")
	relationships, _, _ = strings.Cut(relationships, "</table>")
	for _, want := range []string{"everything.example", "qsnatch-c2.example.net", "www.example.com", "Threat: QSnatch"} {
		if !strings.Contains(relationships, want) {
			t.Errorf("the relationships do not hold %q:\n%.9000s", want, relationships)
		}
	}
}

// TestExchangeReportLong: what is cut everywhere else is printed whole.
func TestExchangeReportLong(t *testing.T) {
	t.Parallel()
	s := newSite(t, siteOptions{})
	long := "https://long.example/" + strings.Repeat("x", 4000)
	for name, values := range map[string][]string{"one": {"url:" + long}, "several": {"url:" + long, "domain:short.example"}} {
		got := s.exchange(s.ask(store.Observe, values...), "")
		holds(t, name, got)
		_, report, _ := strings.Cut(got.text, `<div class="report">`)
		if n := strings.Count(report, ">"+long+"<"); n != 1 {
			t.Errorf("the report of %s holds the whole %d times; want 1:\n%.3000s", name, n, report)
		}
	}
}
