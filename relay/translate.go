package relay

import (
	"slices"
	"strings"
	"time"

	"pulsedive-relay/relay/ctim"
	"pulsedive-relay/relay/pulsedive"
)

const (
	source   = "Pulsedive"
	origin   = "Pulsedive Enrichment Module"
	tlp      = "white"
	medium   = "Medium"
	priority = 85
	site     = "https://pulsedive.com"

	// validFor is how long a record without an end is taken to hold (contract:
	// valid_time).
	validFor = 91*24*time.Hour + 6*time.Hour
	// dnsAge is the age from which a DNS entry is no relation any more.
	dnsAge = 90 * 24 * time.Hour
)

// opinion is what a risk means in CTIM (contract: risk).
type opinion struct {
	disposition ctim.Disposition
	severity    string
}

var (
	noOpinion = opinion{ctim.Unknown, "Unknown"}
	opinions  = map[string]opinion{
		"none": {ctim.Clean, "None"}, "unknown": noOpinion, "retired": noOpinion,
		"low": {ctim.Suspicious, "Low"}, "medium": {ctim.Suspicious, "Medium"},
		"high": {ctim.Malicious, "High"}, "critical": {ctim.Malicious, "High"},
	}
)

// opinionOf maps a risk. Differs: a risk that the table does not have counts as
// unknown instead of failing the request.
func opinionOf(risk string) opinion {
	if o, ok := opinions[risk]; ok {
		return o
	}
	return noOpinion
}

// translation is one record on its way to CTIM.
type translation struct {
	record      *pulsedive.Record
	now         time.Time
	limit       int
	observable  ctim.Observable
	observables []ctim.Observable // the one, for every sighting
	valid       ctim.Span
	opinion     opinion // of the record's verdict
	threat      string  // severity of threat indicators: retirement does not soften it
	page        string
	tags        []string // of all indicators, one after the other
	ids         struct{ indicators, sightings, relationships []string }
	bundle      ctim.Bundle
}

// Translate maps what Pulsedive knows of one indicator to CTIM, with no more
// than limit indicators and as many sightings. links may be nil. The random part
// of ids is what newID gives; nil: random UUIDs. Nothing else but the arguments
// counts.
func Translate(record *pulsedive.Record, links *pulsedive.Links, limit int, now time.Time, newID func() string) ctim.Bundle {
	var bundle ctim.Bundle
	translate(&bundle, record, links, limit, now, newID)
	return bundle
}

// translate is Translate into a bundle whose memory is used again.
func translate(into *ctim.Bundle, record *pulsedive.Record, links *pulsedive.Links, limit int, now time.Time, newID func() string) {
	t := translation{
		record: record, now: now, limit: limit, bundle: *into,
		observable: ctim.Observable{Type: record.Type, Value: record.Indicator},
		valid:      validTime(record),
		opinion:    opinionOf(record.Risk),
		page:       site + "/indicator/?iid=" + record.IID,
	}
	t.observables = []ctim.Observable{t.observable}
	t.threat = t.opinion.severity
	if record.Retired != "" && record.Risk == "none" {
		t.opinion = noOpinion
	}
	t.reserve(max(min(entities(record), limit), 0), newID)
	t.judge(newID)
	t.riskFactors()
	t.threats()
	t.feeds()
	t.activeDNS(links)
	*into = t.bundle
}

// reserve makes room and ids for n indicators, and one sighting more.
func (t *translation) reserve(n int, newID func() string) {
	b := &t.bundle
	b.Indicators = slices.Grow(b.Indicators[:0], n)
	b.Sightings = slices.Grow(b.Sightings[:0], n+1)
	b.Relationships = slices.Grow(b.Relationships[:0], n)
	t.tags = make([]string, 0, n)
	t.ids.indicators = ids(n, "transient:indicator-", func(b []byte, i int) []byte { return appendUUID(b, nameUUID(t.name(i)), 5) })
	t.ids.sightings = randomIDs(n+1, "transient:sighting-", newID)
	t.ids.relationships = randomIDs(n, "transient:relationship-", newID)
}

// name is what the i-th indicator's id is made of: the same in every answer.
func (t *translation) name(i int) string {
	r := t.record
	if i < len(r.RiskFactors) {
		return r.RiskFactors[i].Description
	}
	if i -= len(r.RiskFactors); i < len(r.Threats) {
		return r.Threats[i].Name
	}
	return r.Feeds[i-len(r.Threats)].Name
}

// entities is how many indicators a record makes without a limit.
func entities(r *pulsedive.Record) int { return len(r.RiskFactors) + len(r.Threats) + len(r.Feeds) }

// lastTime is the last that the wire has a form for.
var lastTime = time.Date(9999, time.December, 31, 23, 59, 59, 0, time.UTC)

// validTime is how long the record holds. Differs: one that was retired before
// it was seen ends where it starts.
func validTime(r *pulsedive.Record) ctim.Span {
	end := r.RetiredAt
	if end.IsZero() {
		end = r.Seen.Add(validFor)
	}
	switch {
	case end.Before(r.Seen):
		end = r.Seen
	case end.After(lastTime):
		end = lastTime
	}
	return ctim.Span{Start: r.Seen, End: end}
}

func (t *translation) judge(newID func() string) {
	t.bundle.Verdicts = append(t.bundle.Verdicts[:0], ctim.Verdict{
		Type: ctim.TypeVerdict, Observable: t.observable, ValidTime: t.valid,
		Disposition: t.opinion.disposition, DispositionName: t.opinion.disposition.String(),
	})
	t.bundle.Judgements = append(t.bundle.Judgements[:0], ctim.Judgement{
		Type: ctim.TypeJudgement, ID: randomIDs(1, "transient:judgement-", newID)[0], SchemaVersion: ctim.SchemaVersion,
		Source: source, SourceURI: t.page, TLP: tlp, Observable: t.observable, ValidTime: t.valid,
		Disposition: t.opinion.disposition, DispositionName: t.opinion.disposition.String(),
		Severity: t.opinion.severity, Confidence: medium, Priority: priority,
	})
}

func (t *translation) riskFactors() {
	for _, f := range t.record.RiskFactors[:t.room(len(t.record.RiskFactors))] {
		x, s := t.add(ctim.SightingOf, f.Description)
		x.Producer, x.ValidTime = source, t.valid
		s.SourceURI, s.Severity, s.ObservedTime = t.page, t.opinion.severity, at(t.record.Seen)
	}
}

func (t *translation) threats() {
	for i := range t.record.Threats[:t.room(len(t.record.Threats))] {
		f := &t.record.Threats[i]
		linked, uri := t.linked(f.Linked), numbered("/threat/?tid=", f.TID)
		x, s := t.add(ctim.SightingOf, "Threat: "+f.Name)
		x.Producer, x.ValidTime, x.SourceURI = source, ctim.Span{Start: linked}, uri
		x.Tags, x.Severity = t.tag(f.Category), t.threat
		s.SourceURI, s.Severity, s.ObservedTime = uri, t.opinion.severity, at(linked)
	}
}

func (t *translation) feeds() {
	for i := range t.record.Feeds[:t.room(len(t.record.Feeds))] {
		f := &t.record.Feeds[i]
		linked, uri := t.linked(f.Linked), numbered("/feed/?fid=", f.FID)
		x, s := t.add(ctim.MemberOf, "Feed: "+strings.ReplaceAll(f.Name, "Feed", ""))
		x.Producer, x.ValidTime, x.SourceURI = ctim.Clip(f.Organization, ctim.MaxTitle), ctim.Span{Start: linked}, uri
		if x.Producer == "" {
			x.Producer = source // CTIM: an indicator needs a producer
		}
		x.Tags = t.tag(f.Category)
		s.SourceURI, s.ObservedTime = uri, at(linked)
	}
}

// room is how many of n more entities the limit allows.
func (t *translation) room(n int) int {
	return max(min(n, t.limit-len(t.bundle.Sightings)), 0)
}

// add adds an indicator, its sighting and what ties them, and hands out the two
// to be completed.
func (t *translation) add(relationship, text string) (*ctim.Indicator, *ctim.Sighting) {
	s := t.sight(text)
	b, i := &t.bundle, len(t.bundle.Indicators)
	b.Indicators = append(b.Indicators, ctim.Indicator{
		Type: ctim.TypeIndicator, ID: t.ids.indicators[i], SchemaVersion: ctim.SchemaVersion, Source: source, TLP: tlp,
		Title: ctim.Clip(text, ctim.MaxTitle), ShortDescription: ctim.Clip(text, ctim.MaxShortDescription),
	})
	b.Relationships = append(b.Relationships, ctim.Relationship{
		Type: ctim.TypeRelationship, ID: t.ids.relationships[i], SchemaVersion: ctim.SchemaVersion, TLP: tlp,
		RelationshipType: relationship, SourceRef: s.ID, TargetRef: t.ids.indicators[i],
	})
	return &b.Indicators[i], s
}

// sight adds a sighting and hands it out to be completed.
func (t *translation) sight(text string) *ctim.Sighting {
	b, i := &t.bundle, len(t.bundle.Sightings)
	b.Sightings = append(b.Sightings, ctim.Sighting{
		Type: ctim.TypeSighting, ID: t.ids.sightings[i], SchemaVersion: ctim.SchemaVersion, Source: source,
		Description: ctim.Clip(text, ctim.MaxDescription), Confidence: medium, Count: 1, Observables: t.observables,
	})
	return &b.Sightings[i]
}

// activeDNS adds the sighting that tells which names and addresses belong
// together.
func (t *translation) activeDNS(links *pulsedive.Links) {
	if links == nil || t.room(1) < 1 {
		return
	}
	relations := make([]ctim.Relation, 0, len(links.ActiveDNS))
	for _, e := range links.ActiveDNS {
		if r, ok := t.relation(e); ok {
			relations = append(relations, r)
		}
	}
	if len(relations) == 0 {
		return
	}
	s := t.sight("Active DNS")
	s.SourceURI, s.ObservedTime, s.Relations = t.page, at(t.record.Seen), relations
}

// relation makes one of a DNS entry that is recent and pairs a domain with an
// address. Differs: an ipv6 has relations like an ip.
func (t *translation) relation(e pulsedive.DNS) (ctim.Relation, bool) {
	other := ctim.Observable{Type: e.Type, Value: e.Indicator}
	r := ctim.Relation{Origin: origin, Relation: ctim.ResolvedTo, Source: t.observable, Related: other}
	if other.Type == "domain" {
		r.Source, r.Related = other, t.observable
	}
	pairs := r.Source.Type == "domain" && (r.Related.Type == "ip" || r.Related.Type == "ipv6")
	return r, pairs && !e.Linked.IsZero() && t.now.Sub(e.Linked) < dnsAge
}

// linked is when a threat or feed was linked; where Pulsedive does not say, when
// the observable was seen.
func (t *translation) linked(stamp time.Time) time.Time {
	if stamp.IsZero() {
		return t.record.Seen
	}
	return stamp
}

func at(instant time.Time) ctim.Span { return ctim.Span{Start: instant, End: instant} }

func numbered(path, id string) string {
	if id == "" {
		return ""
	}
	return site + path + id
}

// tag is the tags of an indicator: its category.
func (t *translation) tag(category string) []string {
	if category == "" {
		return nil
	}
	t.tags = append(t.tags, ctim.Clip(category, ctim.MaxTitle))
	n := len(t.tags)
	return t.tags[n-1 : n : n]
}
