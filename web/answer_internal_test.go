package web

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"pulsedive-relay/relay"
	"pulsedive-relay/relay/ctim"
	"pulsedive-relay/relay/pulsedive"
	"pulsedive-relay/relay/pulsedive/pulsedivetest"
	"pulsedive-relay/store"
)

// sampled is a real exchange about observables of the sample, type:value each.
func sampled(t testing.TB, endpoint store.Endpoint, values ...string) *store.Exchange {
	t.Helper()
	fake := pulsedivetest.New(pulsedivetest.Config{})
	fake.LoadSample()
	client, err := pulsedive.New(pulsedive.Config{HTTP: &http.Client{Transport: fake.Transport()}})
	if err != nil {
		t.Fatal(err)
	}
	var list []ctim.Observable
	for _, one := range values {
		kind, value, _ := strings.Cut(one, ":")
		list = append(list, ctim.Observable{Type: kind, Value: value})
	}
	r := relay.New(relay.Config{Pulsedive: client})
	return r.Try(t.Context(), relay.Question{Caller: relay.Caller{Key: "a-key"}, Source: store.Try, Observables: list, Endpoint: endpoint}, nil).Exchange
}

// TestBySubject: each observable gets what is its own, also where indicators are
// shared, observables are spelled twice, fail, or are not known.
func TestBySubject(t *testing.T) {
	t.Parallel()
	x := sampled(t, store.Observe, "domain:qsnatch-c2.example.net", "domain:unknown.example.com", "ip:198.51.100.23", "domain:broken.example.com",
		"domain:QSNATCH-C2.example.net", "domain:hostile.example", "domain:bare.example.org")
	b, err := takeBundle(x.Answer)
	if err != nil {
		t.Fatal(err)
	}
	subjects := bySubject(x.Results, b)
	if len(subjects) != len(x.Results) {
		t.Fatalf("%d subjects of %d results", len(subjects), len(x.Results))
	}
	for _, s := range subjects {
		known := s.State == store.Known
		if (s.verdict != nil) != known || (s.judgement != nil) != known {
			t.Errorf("%s is %s: verdict %v, judgement %v; want both where it is known", s.Observable.Value, s.State, s.verdict, s.judgement)
		}
		if known && (s.verdict.Observable != s.name() || s.verdict.Disposition != s.Disposition) {
			t.Errorf("%s has the verdict %+v; want its own", s.Observable.Value, s.verdict)
		}
		counts := [3]int{}
		var risks []string
		for _, r := range s.reasons {
			counts[r.kind]++
			if r.kind == factor {
				risks = append(risks, r.risk)
			}
			if !slices.Contains(r.sighting.Observables, s.name()) {
				t.Errorf("%s has a sighting of %v", s.Observable.Value, r.sighting.Observables)
			}
		}
		worstFirst := slices.Clone(s.FactorRisks)
		slices.SortStableFunc(worstFirst, func(a, b string) int { return severity(b) - severity(a) })
		if want := [3]int{s.Factors, s.Threats, s.Feeds}; counts != want || len(s.relations()) != s.Relations || !slices.Equal(risks, worstFirst) {
			t.Errorf("%s has %v reasons with risks %q and %d relations; want %v, %q and %d", s.Observable.Value, counts, risks, len(s.relations()), want, worstFirst, s.Relations)
		}
	}
	first, ip := subjects[0], subjects[2]
	for i := range first.reasons {
		for j := range ip.reasons {
			if a, b := first.reasons[i], ip.reasons[j]; a.indicator.ID == b.indicator.ID && a.indicator == b.indicator {
				t.Errorf("%q of two observables is one indicator; want each its own words", a.name())
			}
		}
	}
}

// TestGuessedKinds: without counts kinds come from the looks of indicators.
func TestGuessedKinds(t *testing.T) {
	t.Parallel()
	x := sampled(t, store.Observe, "domain:qsnatch-c2.example.net")
	want := bySubject(x.Results, bundleOf(t, x))[0]
	x.Results[0].Factors, x.Results[0].FactorRisks = 0, nil
	got := bySubject(x.Results, bundleOf(t, x))[0]
	for i := range want.reasons {
		if want.reasons[i].kind != got.reasons[i].kind || got.reasons[i].risk != "" {
			t.Errorf("reason %d is of kind %d, risk %q; want %d and none", i, got.reasons[i].kind, got.reasons[i].risk, want.reasons[i].kind)
		}
	}
}

func bundleOf(t *testing.T, x *store.Exchange) *ctim.Bundle {
	t.Helper()
	b, err := takeBundle(x.Answer)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestTakeBroken: what cannot be taken apart is an error and leaves nothing
// half done.
func TestTakeBroken(t *testing.T) {
	t.Parallel()
	whole := string(sampled(t, store.Observe, "domain:qsnatch-c2.example.net").Answer)
	for _, c := range []struct {
		name, sent string
		fails      bool
	}{
		{"nothing", "", false},
		{"no data", `{"errors":[{"type":"fatal"}]}`, false},
		{"data without entities", `{"data":{}}`, false},
		{"null", `null`, false},
		{"cut off", whole[:len(whole)/2], true},
		{"no JSON", "<html>", true},
		{"another shape", `{"data":[1,2]}`, true},
		{"docs of another shape", `{"data":{"verdicts":{"docs":{"a":1}}}}`, true},
		{"a time that is none", `{"data":{"verdicts":{"docs":[{"valid_time":{"end_time":"soon"}}]}}}`, true},
		{"a number for a text", `{"data":{"indicators":{"docs":[{"title":7}]}}}`, true},
		{"too large", `{"data":"` + strings.Repeat("x", maxTaken) + `"}`, true},
	} {
		b, err := takeBundle([]byte(c.sent))
		if (err != nil) != c.fails || b == nil || c.fails && len(b.Verdicts) > 0 {
			t.Errorf("%s: %+v, %v; want a bundle, and an error: %v", c.name, b, err, c.fails)
		}
	}
	if links, err := takeLinks([]byte(`{"data":[{"id":"a","url":"javascript:alert(1)"}]}`)); err != nil || len(links) != 1 {
		t.Errorf("links: %v, %v; want the one, as it is", links, err)
	}
}

// FuzzBySubject: whatever an answer holds, what a subject gets is from the answer,
// and about it.
func FuzzBySubject(f *testing.F) {
	x := sampled(f, store.Observe, "domain:qsnatch-c2.example.net", "domain:hostile.example")
	results, _ := json.Marshal(x.Results)
	f.Add([]byte(x.Answer), results)
	f.Add([]byte(`{"data":{"sightings":{"docs":[{"id":"s","observables":[{"type":"a","value":"b"}]}]},"relationships":{"docs":[{"source_ref":"s","target_ref":"t"}]}}}`), []byte(`[{"Observable":{"type":"a","value":"b"},"State":"known","Factors":9}]`))
	f.Fuzz(func(t *testing.T, sent, results []byte) {
		var list []store.Result
		if json.Unmarshal(results, &list) != nil {
			return
		}
		b, _ := takeBundle(sent)
		for _, s := range bySubject(list, b) {
			for _, r := range s.reasons {
				if !slices.Contains(r.sighting.Observables, s.name()) {
					t.Errorf("%v has a sighting of %v", s.name(), r.sighting.Observables)
				}
				_ = r.name()
			}
			if s.verdict != nil && s.verdict.Observable != s.name() {
				t.Errorf("%v has the verdict on %v", s.name(), s.verdict.Observable)
			}
		}
	})
}
