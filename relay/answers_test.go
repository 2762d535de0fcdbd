package relay_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"pulsedive-relay/relay"
	"pulsedive-relay/relay/ctim"
	"pulsedive-relay/relay/pulsedive/pulsedivetest"
)

const (
	observePath = "/observe/observables"
	referPath   = "/refer/observables"
)

// object is a JSON object.
type object map[string]any

// bodyOf asks about values of one type.
func bodyOf(typ string, values ...string) string {
	list := make([]object, len(values))
	for i, v := range values {
		list[i] = object{"type": typ, "value": v}
	}
	return marshal(list)
}

func marshal(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // of maps, lists and strings only
	}
	return string(text)
}

// record is Pulsedive's answer about a made-up indicator with one risk factor,
// one threat and one feed; more goes over it.
func record(typ, value string, more object) pulsedivetest.Answer {
	r := object{
		"iid": 4711, "indicator": value, "type": typ, "risk": "high", "retired": nil,
		"stamp_added": "2026-01-02 03:04:05", "stamp_updated": "2026-03-04 05:06:07", "stamp_seen": "2026-05-06 07:08:09", "stamp_retired": nil,
		"riskfactors": []object{{"rfid": 1, "description": "registered a week ago", "risk": "low"}},
		"threats":     []object{{"tid": 2, "name": "Gannet", "category": "malware", "risk": "high", "stamp_linked": "2026-04-05 06:07:08"}},
		"feeds":       []object{{"fid": 3, "name": "Example Feed", "category": "general", "organization": "Example Org", "stamp_linked": "2026-04-06 06:07:08"}},
	}
	for name, v := range more {
		r[name] = v
	}
	return pulsedivetest.Answer{Body: json.RawMessage(marshal(r))}
}

// dns is Pulsedive's answer with an entry of Active DNS, an hour old, for each
// value.
func dns(typ string, values ...string) pulsedivetest.Answer {
	list := make([]object, len(values))
	for i, v := range values {
		list[i] = object{"iid": 100 + i, "indicator": v, "type": typ, "risk": "none", "stamp_linked": time.Now().Add(-time.Hour).UTC().Format(time.DateTime)}
	}
	return pulsedivetest.Answer{Body: json.RawMessage(marshal(object{"Active DNS": list}))}
}

// fault is an answer of Pulsedive's that tells a fault.
func fault(status int, text string) pulsedivetest.Answer {
	return pulsedivetest.Answer{Status: status, Body: json.RawMessage(marshal(object{"error": text}))}
}

// know makes the fake know values of one type, with the same record.
func (w *world) know(typ string, values ...string) {
	for _, v := range values {
		w.fake.SetInfo(v, record(typ, v, nil))
	}
}

// fatal is an error as callers see it.
func fatal(code, message string) relay.Error {
	return relay.Error{Type: "fatal", Code: code, Message: message}
}

func wantErrors(t testing.TB, asked string, a answer, want ...relay.Error) {
	t.Helper()
	if a.Status != http.StatusOK {
		t.Errorf("%s: status %d, want 200", asked, a.Status)
	}
	if !slices.Equal(a.Errors, want) {
		t.Errorf("%s: errors\n got %q\nwant %q", asked, a.Errors, want)
	}
}

// wantVerdicts checks which observables an answer has a verdict on.
func wantVerdicts(t testing.TB, asked string, a answer, want ...string) {
	t.Helper()
	var got []string
	for _, v := range docs[ctim.Verdict](t, a, "verdicts") {
		got = append(got, v.Observable.Value)
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s: verdicts on %q, want %q", asked, got, want)
	}
}

// wantCalls checks how often Pulsedive was asked.
func wantCalls(t testing.TB, asked string, w *world, want int) {
	t.Helper()
	if got := w.fake.Count(); got != want {
		t.Errorf("%s: Pulsedive was asked %d times, want %d: %v", asked, got, want, w.fake.Calls())
	}
}

// linksOf decodes a refer answer.
func linksOf(t testing.TB, a answer) []ctim.Link {
	t.Helper()
	var links []ctim.Link
	if len(a.Data) > 0 {
		if err := json.Unmarshal(a.Data, &links); err != nil {
			t.Fatalf("data of %s: %v", a.Text, err)
		}
	}
	return links
}

// wantLinks checks the ids of a refer answer, without their common start.
func wantLinks(t testing.TB, asked string, a answer, want ...string) {
	t.Helper()
	var got []string
	for _, l := range linksOf(t, a) {
		got = append(got, strings.TrimPrefix(l.ID, "ref-pulsedive-"))
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s: links %q, want %q", asked, got, want)
	}
}

// relationsOf lists the relations of an observe answer as source>related.
func relationsOf(t testing.TB, a answer) []string {
	t.Helper()
	var list []string
	for _, s := range docs[ctim.Sighting](t, a, "sightings") {
		for _, r := range s.Relations {
			list = append(list, r.Source.Value+">"+r.Related.Value)
		}
	}
	return list
}

// bundleOf decodes an observe answer into one bundle.
func bundleOf(t testing.TB, a answer) ctim.Bundle {
	t.Helper()
	return ctim.Bundle{
		Verdicts:      docs[ctim.Verdict](t, a, "verdicts"),
		Judgements:    docs[ctim.Judgement](t, a, "judgements"),
		Indicators:    docs[ctim.Indicator](t, a, "indicators"),
		Sightings:     docs[ctim.Sighting](t, a, "sightings"),
		Relationships: docs[ctim.Relationship](t, a, "relationships"),
	}
}

// relayConfig is one whose clock stands still.
func relayConfig(now time.Time) relay.Config {
	return relay.Config{Now: func() time.Time { return now }}
}

// patience is how long a test waits for what must happen.
const patience = time.Minute

// poll waits until something holds; otherwise tells what it found instead.
func poll(t testing.TB, holds func() bool, otherwise func() string) {
	t.Helper()
	again := time.NewTicker(2 * time.Millisecond)
	defer again.Stop()
	for end := time.Now().Add(patience); !holds(); <-again.C {
		if time.Now().After(end) {
			t.Fatal(otherwise())
		}
	}
}
