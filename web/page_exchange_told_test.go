package web_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"pulsedive-relay/relay/ctim"
	"pulsedive-relay/store"
)

// TestExchangeFactors: the risk factors with the highest risk come first, whatever
// the order of the answer.
func TestExchangeFactors(t *testing.T) {
	t.Parallel()
	s := newSite(t, siteOptions{})
	one := s.ask(store.Observe, "ip:198.51.100.23")
	many := s.ask(store.Observe, "ip:198.51.100.23", "domain:unknown.example.com")
	for name, got := range map[string]answered{"one": s.exchange(one, ""), "many": s.exchange(many, "")} {
		cards, _, _ := strings.Cut(got.text, `<div class="report">`)
		var risks []string
		for _, m := range regexp.MustCompile(`<span class="badge is-[a-z]+">(critical|high|medium|low|none)<`).FindAllStringSubmatch(cards, -1) {
			risks = append(risks, m[1])
		}
		if want := "critical medium low low"; strings.Join(risks, " ") != want {
			t.Errorf("%s: the risks are %q; want %s", name, risks, want)
		}
	}
}

// TestExchangeUnrelated: what has no relations because something went wrong says
// so itself, and why.
func TestExchangeUnrelated(t *testing.T) {
	t.Parallel()
	s := newSite(t, siteOptions{})
	flaky := s.ask(store.Observe, "domain:flaky-links.example.com")
	many := s.ask(store.Observe, "domain:flaky-links.example.com", "domain:qsnatch-c2.example.net")
	const failed = "sking for them failed (internal server error)."
	holds(t, "one", s.exchange(flaky, ""), "No DNS relations", "A"+failed)
	got := s.exchange(many, "")
	holds(t, "many", got, "No DNS relations: a"+failed)
	if n := strings.Count(got.text, "No DNS relations"); n != 1 {
		t.Errorf("%d cards lack relations; want the one that failed", n)
	}
	x, err := s.store.Exchange(flaky)
	must(t, err)
	for code, want := range map[string]string{"too many requests": "Pulsedive’s limit was used up.", "timeout": "The request ended before they came."} {
		other := *x
		other.Results = []store.Result{x.Results[0]}
		other.Results[0].Error = code
		holds(t, code, s.exchange(s.add(&other), ""), want)
	}
	cut := *x
	cut.Results = []store.Result{x.Results[0]}
	cut.Results[0].Error, cut.EntitiesLimit = "", 4
	holds(t, "limit", s.exchange(s.add(&cut), ""), "Not asked for, as the entities limit of 4 was reached.")
	if got := s.exchange(s.ask(store.Observe, "domain:sinkholed.example"), ""); strings.Contains(got.text, "No DNS relations") {
		t.Errorf("nothing went wrong, but relations are told to be missing:\n%s", got.text)
	}
}

// TestExchangeFolded: what went wrong is told whole once, and in one line above
// the other parts.
func TestExchangeFolded(t *testing.T) {
	t.Parallel()
	s := newSite(t, siteOptions{})
	id := s.ask(store.Observe, "domain:broken.example.com", "domain:qsnatch-c2.example.net")
	for _, tab := range exchangeTabs {
		got := s.exchange(id, "?tab="+tab)
		summary := tab == "" || tab == "summary" || tab == "nonsense"
		holds(t, tab, got, "Internal server error, 1 of 2 observables.", "Pulsedive says: Database error.")
		if folded := strings.Contains(got.text, `<details class="told">`); folded == summary {
			t.Errorf("%s: hints folded: %v; want only the summary to have them whole", tab, folded)
		}
	}
	if got := s.exchange(s.ask(store.Observe, "domain:www.example.com"), "?tab=timing"); strings.Contains(got.text, `class="told"`) {
		t.Error("nothing went wrong, but something is told of it")
	}
}

// TestExchangeTiming: the last part of the time is called what it is.
func TestExchangeTiming(t *testing.T) {
	t.Parallel()
	s := newSite(t, siteOptions{})
	for _, c := range []struct {
		name       string
		id         uint64
		translated bool
	}{
		{"observe", s.ask(store.Observe, "domain:www.example.com"), true},
		{"both", s.ask(store.Both, "domain:www.example.com"), true},
		{"refer", s.ask(store.Refer, "domain:www.example.com"), false},
		{"health", s.add(&store.Exchange{Summary: store.Summary{At: time.Now(), Source: store.XDR, Endpoint: store.Health, Outcome: store.OK, Took: time.Second}, Translated: time.Millisecond}), false},
	} {
		got := s.exchange(c.id, "?tab=timing")
		holds(t, c.name, got, map[bool]string{true: "Translation into CTIM JSON", false: "Writing the answer"}[c.translated])
		if explained := strings.Contains(got.text, "mapped to CTIM as it comes"); explained != c.translated {
			t.Errorf("%s: translation is explained: %v", c.name, explained)
		}
	}
}

// TestExchangeTimingOfEqualValues: calls about one value stand beside the
// observable that they were made for.
func TestExchangeTimingOfEqualValues(t *testing.T) {
	t.Parallel()
	s := newSite(t, siteOptions{})
	same := func(kind string) store.Result {
		return store.Result{Observable: ctim.Observable{Type: kind, Value: "same.example"}, State: store.Nothing}
	}
	id := s.add(&store.Exchange{
		Summary: store.Summary{At: time.Now(), Source: store.Try, Endpoint: store.Observe, Outcome: store.OK, Took: time.Second, Results: []store.Result{same("domain"), same("url")}},
		Answer:  []byte(`{"data":{}}`), Spans: []store.Span{{Observable: 0, Kind: "info", Outcome: "ok"}, {Observable: 1, Kind: "info", Outcome: "joined"}},
	})
	got := s.exchange(id, "?tab=timing").text
	_, table, _ := strings.Cut(got, "<tbody>")
	first, second := strings.Index(table, `<span class="chip">domain`), strings.Index(table, `<span class="chip">url`)
	if first < 0 || second < first {
		t.Errorf("the types of equal values are not told in order (%d, %d):\n%s", first, second, table)
	}
}
