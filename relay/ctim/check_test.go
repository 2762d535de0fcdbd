package ctim_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pulsedive-relay/relay/ctim"
)

// goodBundle breaks no rule.
func goodBundle() ctim.Bundle {
	at := time.Date(2026, 5, 6, 7, 8, 9, 0, time.UTC)
	span := ctim.Span{Start: at, End: at.Add(time.Hour)}
	o := ctim.Observable{Type: "domain", Value: "a.example"}
	return ctim.Bundle{
		Verdicts: []ctim.Verdict{{Type: "verdict", Disposition: ctim.Malicious, DispositionName: "Malicious", Observable: o, ValidTime: span}},
		Judgements: []ctim.Judgement{{Type: "judgement", ID: "transient:judgement-1", SchemaVersion: "1.0.22", Source: "Pulsedive", SourceURI: "https://pulsedive.com/", TLP: "white",
			Observable: o, Disposition: ctim.Clean, DispositionName: "Clean", Severity: "None", Confidence: "Medium", Priority: 85, ValidTime: span}},
		Indicators: []ctim.Indicator{{Type: "indicator", ID: "transient:indicator-1", SchemaVersion: "1.0.22", Producer: "Pulsedive", Title: "t", Tags: []string{"x"}, Severity: "High", ValidTime: span}},
		Sightings: []ctim.Sighting{{Type: "sighting", ID: "transient:sighting-1", SchemaVersion: "1.0.22", Confidence: "High", Count: 1, Observables: []ctim.Observable{o},
			ObservedTime: span, Relations: []ctim.Relation{{Origin: "o", Relation: "Resolved_To", Source: o, Related: ctim.Observable{Type: "ip", Value: "192.0.2.1"}}}}},
		Relationships: []ctim.Relationship{{Type: "relationship", ID: "transient:relationship-1", SchemaVersion: "1.0.22", RelationshipType: "sighting-of",
			SourceRef: "transient:sighting-1", TargetRef: "transient:indicator-1"}},
	}
}

func TestCheckFindsNothingInAGoodBundle(t *testing.T) {
	t.Parallel()
	for name, b := range map[string]ctim.Bundle{"a whole bundle": goodBundle(), "an empty bundle": {}} {
		for _, err := range ctim.Check(b) {
			t.Errorf("%s: %v", name, err)
		}
	}
	long := goodBundle()
	long.Indicators[0].Title, long.Indicators[0].Producer = strings.Repeat("é", 1024), strings.Repeat("💣", 1024)
	long.Indicators[0].ShortDescription, long.Sightings[0].Description = strings.Repeat("é", 2048), strings.Repeat("é", 5000)
	for _, err := range ctim.Check(long) {
		t.Errorf("texts of the greatest length: %v", err)
	}
}

// Each rule, broken on its own: what is said names the place and the rule.
func TestCheckFindsEachBrokenRule(t *testing.T) {
	t.Parallel()
	start := goodBundle().Verdicts[0].ValidTime.Start
	for want, breaks := range map[string]func(*ctim.Bundle){
		`verdicts[0]: type is "x"`:                                             func(b *ctim.Bundle) { b.Verdicts[0].Type = "x" },
		`verdicts[0]: disposition 0 is not "Malicious"`:                        func(b *ctim.Bundle) { b.Verdicts[0].Disposition = 0 },
		`verdicts[0]: disposition 6 is not "Malicious"`:                        func(b *ctim.Bundle) { b.Verdicts[0].Disposition = 6 },
		`verdicts[0]: disposition 2 is not "Clean"`:                            func(b *ctim.Bundle) { b.Verdicts[0].DispositionName = "Clean" },
		`verdicts[0]: observable type is "artifact"`:                           func(b *ctim.Bundle) { b.Verdicts[0].Observable.Type = "artifact" },
		`verdicts[0]: observable value is missing`:                             func(b *ctim.Bundle) { b.Verdicts[0].Observable.Value = "" },
		`verdicts[0]: a verdict's valid_time needs an end_time`:                func(b *ctim.Bundle) { b.Verdicts[0].ValidTime.End = time.Time{} },
		`verdicts[0]: ends at`:                                                 func(b *ctim.Bundle) { b.Verdicts[0].ValidTime.End = start.Add(-time.Second) },
		`verdicts[0]: the wire has no form for a time of the year 10000`:       func(b *ctim.Bundle) { b.Verdicts[0].ValidTime.End = start.AddDate(7974, 0, 0) },
		`judgements[0]: type is ""`:                                            func(b *ctim.Bundle) { b.Judgements[0].Type = "" },
		`judgements[0]: id "1" does not begin`:                                 func(b *ctim.Bundle) { b.Judgements[0].ID = "1" },
		`judgements[0]: id "transient:sighting-1" does not begin`:              func(b *ctim.Bundle) { b.Judgements[0].ID = "transient:sighting-1" },
		`judgements[0]: id has 2049 characters`:                                func(b *ctim.Bundle) { b.Judgements[0].ID = "transient:judgement-" + strings.Repeat("1", 2029) },
		`judgements[0]: schema_version is "1.0.0"`:                             func(b *ctim.Bundle) { b.Judgements[0].SchemaVersion = "1.0.0" },
		`judgements[0]: source is missing`:                                     func(b *ctim.Bundle) { b.Judgements[0].Source = "" },
		`judgements[0]: source has 2049 characters`:                            func(b *ctim.Bundle) { b.Judgements[0].Source = strings.Repeat("é", 2049) },
		`judgements[0]: source_uri has 2049 characters`:                        func(b *ctim.Bundle) { b.Judgements[0].SourceURI = strings.Repeat("x", 2049) },
		`judgements[0]: tlp is "yellow"`:                                       func(b *ctim.Bundle) { b.Judgements[0].TLP = "yellow" },
		`judgements[0]: observable value is missing`:                           func(b *ctim.Bundle) { b.Judgements[0].Observable.Value = "" },
		`judgements[0]: disposition 1 is not ""`:                               func(b *ctim.Bundle) { b.Judgements[0].DispositionName = "" },
		`judgements[0]: severity is ""`:                                        func(b *ctim.Bundle) { b.Judgements[0].Severity = "" },
		`judgements[0]: confidence is "Critical"`:                              func(b *ctim.Bundle) { b.Judgements[0].Confidence = "Critical" },
		`judgements[0]: priority 101 is not`:                                   func(b *ctim.Bundle) { b.Judgements[0].Priority = 101 },
		`judgements[0]: priority -1 is not`:                                    func(b *ctim.Bundle) { b.Judgements[0].Priority = -1 },
		`judgements[0]: ends at`:                                               func(b *ctim.Bundle) { b.Judgements[0].ValidTime.End = start.Add(-1) },
		`indicators[0]: producer is missing`:                                   func(b *ctim.Bundle) { b.Indicators[0].Producer = "" },
		`indicators[0]: producer has 1025 characters`:                          func(b *ctim.Bundle) { b.Indicators[0].Producer = strings.Repeat("é", 1025) },
		`indicators[0]: title has 1025 characters`:                             func(b *ctim.Bundle) { b.Indicators[0].Title = strings.Repeat("é", 1025) },
		`indicators[0]: short_description has 2049 characters`:                 func(b *ctim.Bundle) { b.Indicators[0].ShortDescription = strings.Repeat("é", 2049) },
		`indicators[0]: a tag has 1025 characters`:                             func(b *ctim.Bundle) { b.Indicators[0].Tags[0] = strings.Repeat("é", 1025) },
		`indicators[0]: severity is "high"`:                                    func(b *ctim.Bundle) { b.Indicators[0].Severity = "high" },
		`indicators[0]: tlp is "WHITE"`:                                        func(b *ctim.Bundle) { b.Indicators[0].TLP = "WHITE" },
		`sightings[0]: description has 5001 characters`:                        func(b *ctim.Bundle) { b.Sightings[0].Description = strings.Repeat("é", 5001) },
		`sightings[0]: severity is "x"`:                                        func(b *ctim.Bundle) { b.Sightings[0].Severity = "x" },
		`sightings[0]: confidence is ""`:                                       func(b *ctim.Bundle) { b.Sightings[0].Confidence = "" },
		`sightings[0]: count is 0`:                                             func(b *ctim.Bundle) { b.Sightings[0].Count = 0 },
		`sightings[0]: observable type is ""`:                                  func(b *ctim.Bundle) { b.Sightings[0].Observables[0].Type = "" },
		`sightings[0]: observed_time needs a start_time`:                       func(b *ctim.Bundle) { b.Sightings[0].ObservedTime.Start = time.Time{} },
		`sightings[0]: a relation's origin is missing`:                         func(b *ctim.Bundle) { b.Sightings[0].Relations[0].Origin = "" },
		`sightings[0]: a relation's name is missing`:                           func(b *ctim.Bundle) { b.Sightings[0].Relations[0].Relation = "" },
		`sightings[0]: observable type is "host"`:                              func(b *ctim.Bundle) { b.Sightings[0].Relations[0].Source.Type = "host" },
		`sightings[0]: observable value is missing`:                            func(b *ctim.Bundle) { b.Sightings[0].Relations[0].Related.Value = "" },
		`relationships[0]: relationship_type is "based-on"`:                    func(b *ctim.Bundle) { b.Relationships[0].RelationshipType = "based-on" },
		`relationships[0]: tlp is "x"`:                                         func(b *ctim.Bundle) { b.Relationships[0].TLP = "x" },
		`relationships[0]: a reference leads nowhere: ""`:                      func(b *ctim.Bundle) { b.Relationships[0].SourceRef = "" },
		`relationships[0]: a reference leads nowhere: "transient:indicator-2"`: func(b *ctim.Bundle) { b.Relationships[0].TargetRef = "transient:indicator-2" },
		`relationships[0]: id "transient:1" does not begin`:                    func(b *ctim.Bundle) { b.Relationships[0].ID = "transient:1" },
	} {
		b := goodBundle()
		breaks(&b)
		faults := ctim.Check(b)
		if len(faults) != 1 || !strings.HasPrefix(faults[0].Error(), want) {
			t.Errorf("a bundle with one rule broken: faults %q, want one: %s …", faults, want)
		}
	}
}

func TestClip(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in   string
		most int
		want string
	}{
		{"", 3, ""}, {"abc", 3, "abc"}, {"abcd", 3, "ab…"}, {"äöü", 3, "äöü"}, {"äöüß", 3, "äö…"}, {"💣💣💣💣", 2, "💣…"}, {"abc", 1, "…"}, {"\xff\xff\xff\xff", 3, "\xff\xff…"},
	} {
		if got := ctim.Clip(c.in, c.most); got != c.want || utf8.RuneCountInString(got) > c.most {
			t.Errorf("Clip(%q, %d) is %q, want %q", c.in, c.most, got, c.want)
		}
	}
}

func TestDispositionNames(t *testing.T) {
	t.Parallel()
	for d, want := range map[ctim.Disposition]string{-1: "", 0: "", 1: "Clean", 2: "Malicious", 3: "Suspicious", 4: "Common", 5: "Unknown", 6: ""} {
		if got := d.String(); got != want {
			t.Errorf("disposition %d is called %q, want %q", int(d), got, want)
		}
	}
}
