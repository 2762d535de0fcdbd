package relay_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"testing"
	"time"

	"pulsedive-relay/relay"
	"pulsedive-relay/relay/ctim"
	"pulsedive-relay/relay/pulsedive"
	"pulsedive-relay/relay/pulsedive/pulsedivetest"
)

func madeUpRecord() *pulsedive.Record {
	seen := time.Date(2026, 5, 6, 7, 8, 9, 0, time.UTC)
	return &pulsedive.Record{
		IID: "4711", Indicator: "a.example", Type: "domain", Risk: "high", Seen: seen,
		RiskFactors: []pulsedive.RiskFactor{{Description: "registered a week ago"}},
		Threats:     []pulsedive.Threat{{TID: "2", Name: "Gannet", Category: "malware", Linked: seen}},
		Feeds:       []pulsedive.Feed{{FID: "3", Name: "Example Feed", Organization: "Example Org", Linked: seen}},
	}
}

// Risk factors, threats, feeds, Active DNS: what the limit leaves room for.
func TestTranslateKeepsTheLimit(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 7, 0, 0, 0, 0, time.UTC)
	links := &pulsedive.Links{ActiveDNS: []pulsedive.DNS{{Indicator: "192.0.2.1", Type: "ip", Linked: now}}}
	for limit, want := range map[int]struct{ indicators, sightings int }{
		-1: {0, 0}, 0: {0, 0}, 1: {1, 1}, 2: {2, 2}, 3: {3, 3}, 4: {3, 4}, 1000: {3, 4},
	} {
		b := relay.Translate(madeUpRecord(), links, limit, now, nil)
		if len(b.Indicators) != want.indicators || len(b.Sightings) != want.sightings || len(b.Relationships) != want.indicators || len(b.Verdicts) != 1 || len(b.Judgements) != 1 {
			t.Errorf("limit %d: %d indicators, %d sightings, %d relationships, %d verdicts, %d judgements, want %+v, one verdict and judgement", limit,
				len(b.Indicators), len(b.Sightings), len(b.Relationships), len(b.Verdicts), len(b.Judgements), want)
		}
		for _, err := range ctim.Check(b) {
			t.Errorf("limit %d: %v", limit, err)
		}
	}
}

// The same arguments make the same CTIM, but for random ids; without NewID they
// are random UUIDs, no two the same. Those of indicators are made of names.
func TestTranslateIDs(t *testing.T) {
	t.Parallel()
	now := time.Now()
	counting := func() func() string {
		n := 0
		return func() string { n++; return fmt.Sprint(n) }
	}
	a, b := relay.Translate(madeUpRecord(), nil, 100, now, counting()), relay.Translate(madeUpRecord(), nil, 100, now, counting())
	if !reflect.DeepEqual(a, b) {
		t.Errorf("translated twice:\n%+v\n%+v\nwant the same", a, b)
	}
	seen := map[string]bool{}
	for range 100 {
		b := relay.Translate(madeUpRecord(), nil, 100, now, nil)
		for i, x := range b.Indicators {
			if x.ID != a.Indicators[i].ID {
				t.Errorf("indicator %d: id %s, then %s, want the same", i, a.Indicators[i].ID, x.ID)
			}
		}
		random := []string{b.Judgements[0].ID[len("transient:judgement-"):]}
		for _, s := range b.Sightings {
			random = append(random, s.ID[len("transient:sighting-"):])
		}
		for _, r := range b.Relationships {
			random = append(random, r.ID[len("transient:relationship-"):])
		}
		for _, id := range random {
			if seen[id] || !uuidForm.MatchString(id) {
				t.Errorf("random id %s, want a UUID of its own", id)
			}
			seen[id] = true
		}
	}
	// UUIDv5 of the names in the X.500 namespace, worked out elsewhere.
	for i, want := range []string{"f76ddd8a-5d08-582f-aff1-617a48446114", "aa155bc4-11b8-5565-91e3-02aaeb5c0183", "8dd539d7-bdb9-5e63-aaea-94d30062ca5f"} {
		if got := a.Indicators[i].ID; got != "transient:indicator-"+want {
			t.Errorf("indicator %d: id %s, want that of %s", i, got, want)
		}
	}
}

// An answer is written without its bundles, and yet says what they say: for any
// number of observables, known or not, with entities and without.
func TestBytesAreThoseOfTheBundles(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{fake: pulsedivetest.Config{Generate: true}})
	w.fake.SetInfo("unknown.example", pulsedivetest.Answer{Status: http.StatusNotFound})
	w.fake.SetInfo("bare.example", record("domain", "bare.example", object{"riskfactors": nil, "threats": nil, "feeds": nil}))
	list := append(observables("domain", "bare.example", "unknown.example", "a.example", "b.example"), ctim.Observable{Type: "url", Value: "https://c.example/"})
	list = append(list, observables("ip", "192.0.2.1", "192.0.2.2")...)
	for _, limit := range []int{1, 3, 1000} {
		for n := range len(list) + 1 {
			o := w.relay.Observe(t.Context(), relay.Caller{Key: testKey, EntitiesLimit: limit}, list[len(list)-n:], nil)
			var a answer
			if err := json.Unmarshal(o.AppendJSON(nil), &a); err != nil {
				t.Fatal(err)
			}
			want := string(ctim.AppendBundles(nil, o.Bundles))
			if string(a.Data) != want {
				t.Fatalf("%d observables, limit %d: got %s\nwant %s", n, limit, a.Data, want)
			}
		}
	}
}
