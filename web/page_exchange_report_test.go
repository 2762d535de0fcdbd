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
	got = s.exchange(s.ask(store.Refer, many...), "")
	holds(t, "many", got, "Above are observables 1 to 25 of 60", "Refer links, 50 of 60")
	if strings.Contains(got.text, "Verdicts") {
		t.Error("the report of links has verdicts")
	}
	holds(t, "refused", s.exchange(s.add(&store.Exchange{Summary: store.Summary{Source: store.XDR, Endpoint: store.Observe, Outcome: store.Failed}}), ""), `<div class="report">`)
}
