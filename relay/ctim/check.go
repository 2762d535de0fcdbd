package ctim

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// The longest texts that CTIM takes, in characters (CTIM: lengths).
const (
	MaxTitle            = 1024 // title, producer, reason, a tag
	MaxShortDescription = 2048 // short_description, source
	MaxDescription      = 5000
	MaxURI              = 2048 // ids and URIs
)

var (
	severities  = []string{"Info", "Low", "Medium", "High", "Critical", "None", "Unknown"}
	confidences = []string{"Info", "Low", "Medium", "High", "None", "Unknown"}
	tlps        = []string{"white", "green", "amber", "red"}
)

// Clip cuts s to at most n characters, never within one; what is cut is marked
// by an ellipsis.
func Clip(s string, n int) string {
	if len(s) <= n || utf8.RuneCountInString(s) <= n {
		return s
	}
	end := 0
	for range n - 1 {
		_, size := utf8.DecodeRuneInString(s[end:])
		end += size
	}
	return s[:end] + "…"
}

// Check tells what in the bundle breaks a rule of CTIM or of Cisco XDR:
// required members, values of the vocabularies, lengths, the order of times,
// references that lead nowhere. Nil means that XDR takes it.
func Check(bundle Bundle) []error {
	c := checker{ids: map[string]bool{}}
	for i, v := range bundle.Verdicts {
		c.verdict(fmt.Sprintf("verdicts[%d]", i), v)
	}
	for i, j := range bundle.Judgements {
		c.judgement(fmt.Sprintf("judgements[%d]", i), j)
	}
	for i, x := range bundle.Indicators {
		c.indicator(fmt.Sprintf("indicators[%d]", i), x)
	}
	for i, s := range bundle.Sightings {
		c.sighting(fmt.Sprintf("sightings[%d]", i), s)
	}
	for i, r := range bundle.Relationships {
		c.relationship(fmt.Sprintf("relationships[%d]", i), r)
	}
	return c.faults
}

type checker struct {
	ids    map[string]bool
	faults []error
}

func (c *checker) fail(where, format string, a ...any) {
	c.faults = append(c.faults, fmt.Errorf("%s: %s", where, fmt.Sprintf(format, a...)))
}

func (c *checker) verdict(where string, v Verdict) {
	c.oneOf(where, "type", v.Type, TypeVerdict)
	c.disposition(where, v.Disposition, v.DispositionName)
	c.observable(where, v.Observable)
	c.span(where, v.ValidTime)
	if v.ValidTime.End.IsZero() {
		c.fail(where, "a verdict's valid_time needs an end_time")
	}
}

func (c *checker) judgement(where string, j Judgement) {
	c.head(where, j.Type, TypeJudgement, j.ID, j.SchemaVersion)
	c.source(where, j.Source, j.SourceURI)
	c.needed(where, "source", j.Source)
	c.tlp(where, j.TLP)
	c.observable(where, j.Observable)
	c.disposition(where, j.Disposition, j.DispositionName)
	c.oneOf(where, "severity", j.Severity, severities...)
	c.oneOf(where, "confidence", j.Confidence, confidences...)
	if j.Priority < 0 || j.Priority > 100 {
		c.fail(where, "priority %d is not between 0 and 100", j.Priority)
	}
	c.span(where, j.ValidTime)
}

func (c *checker) indicator(where string, x Indicator) {
	c.head(where, x.Type, TypeIndicator, x.ID, x.SchemaVersion)
	c.source(where, x.Source, x.SourceURI)
	c.tlp(where, x.TLP)
	c.needed(where, "producer", x.Producer)
	c.length(where, "producer", x.Producer, MaxTitle)
	c.length(where, "title", x.Title, MaxTitle)
	c.length(where, "short_description", x.ShortDescription, MaxShortDescription)
	for _, t := range x.Tags {
		c.length(where, "a tag", t, MaxTitle)
	}
	if x.Severity != "" {
		c.oneOf(where, "severity", x.Severity, severities...)
	}
	c.span(where, x.ValidTime)
}

func (c *checker) sighting(where string, s Sighting) {
	c.head(where, s.Type, TypeSighting, s.ID, s.SchemaVersion)
	c.source(where, s.Source, s.SourceURI)
	c.length(where, "description", s.Description, MaxDescription)
	if s.Severity != "" {
		c.oneOf(where, "severity", s.Severity, severities...)
	}
	c.oneOf(where, "confidence", s.Confidence, confidences...)
	if s.Count < 1 {
		c.fail(where, "count is %d", s.Count)
	}
	for _, o := range s.Observables {
		c.observable(where, o)
	}
	c.span(where, s.ObservedTime)
	if s.ObservedTime.Start.IsZero() {
		c.fail(where, "observed_time needs a start_time")
	}
	for _, r := range s.Relations {
		c.needed(where, "a relation's origin", r.Origin)
		c.needed(where, "a relation's name", r.Relation)
		c.observable(where, r.Source)
		c.observable(where, r.Related)
	}
}

func (c *checker) relationship(where string, r Relationship) {
	c.head(where, r.Type, TypeRelationship, r.ID, r.SchemaVersion)
	c.tlp(where, r.TLP)
	c.oneOf(where, "relationship_type", r.RelationshipType, SightingOf, MemberOf)
	for _, ref := range []string{r.SourceRef, r.TargetRef} {
		if !c.ids[ref] {
			c.fail(where, "a reference leads nowhere: %q", ref)
		}
	}
}

func (c *checker) head(where, typ, want, id, version string) {
	c.oneOf(where, "type", typ, want)
	c.oneOf(where, "schema_version", version, SchemaVersion)
	c.length(where, "id", id, MaxURI)
	if !strings.HasPrefix(id, "transient:"+want+"-") {
		c.fail(where, "id %q does not begin with transient:%s-", id, want)
	}
	c.ids[id] = true
}

func (c *checker) source(where, source, uri string) {
	c.length(where, "source", source, MaxShortDescription)
	c.length(where, "source_uri", uri, MaxURI)
}

func (c *checker) disposition(where string, d Disposition, name string) {
	if d.String() == "" || d.String() != name {
		c.fail(where, "disposition %d is not %q", d, name)
	}
}

func (c *checker) observable(where string, o Observable) {
	c.oneOf(where, "observable type", o.Type, "ip", "ipv6", "domain", "url")
	c.needed(where, "observable value", o.Value)
}

func (c *checker) span(where string, s Span) {
	if !s.End.IsZero() && s.End.Before(s.Start) {
		c.fail(where, "ends at %s before it starts at %s", s.End, s.Start)
	}
	for _, t := range []time.Time{s.Start, s.End} {
		if t.Year() < 1 || t.Year() > 9999 {
			c.fail(where, "the wire has no form for a time of the year %d", t.Year())
		}
	}
}

func (c *checker) tlp(where, tlp string) {
	if tlp != "" {
		c.oneOf(where, "tlp", tlp, tlps...)
	}
}

func (c *checker) needed(where, name, s string) {
	if s == "" {
		c.fail(where, "%s is missing", name)
	}
}

func (c *checker) length(where, name, s string, most int) {
	if n := utf8.RuneCountInString(s); n > most {
		c.fail(where, "%s has %d characters, at most %d may be", name, n, most)
	}
}

func (c *checker) oneOf(where, name, s string, words ...string) {
	if !slices.Contains(words, s) {
		c.fail(where, "%s is %q, want one of %q", name, s, words)
	}
}
