package relay

import (
	"strings"
	"time"

	"github.com/google/uuid"

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
	record     *pulsedive.Record
	now        time.Time
	newID      func() string
	limit      int
	observable ctim.Observable
	valid      ctim.Span
	opinion    opinion // of the record's verdict
	threat     string  // severity of threat indicators: retirement does not soften it
	page       string
	bundle     ctim.Bundle
}

// Translate maps what Pulsedive knows of one indicator to CTIM, with no more
// than limit indicators and as many sightings. links may be nil. ids are what
// newID gives: random UUIDs. Nothing else but the arguments counts.
func Translate(record *pulsedive.Record, links *pulsedive.Links, limit int, now time.Time, newID func() string) ctim.Bundle {
	t := translation{
		record: record, now: now, newID: newID, limit: limit,
		observable: ctim.Observable{Type: record.Type, Value: record.Indicator},
		valid:      validTime(record),
		opinion:    opinionOf(record.Risk),
		page:       site + "/indicator/?iid=" + record.IID,
	}
	t.threat = t.opinion.severity
	if record.Retired != "" && record.Risk == "none" {
		t.opinion = noOpinion
	}
	n := min(entities(record), limit)
	t.bundle = ctim.Bundle{
		Indicators:    make([]ctim.Indicator, 0, n),
		Sightings:     make([]ctim.Sighting, 0, n+1),
		Relationships: make([]ctim.Relationship, 0, n),
	}
	t.judge()
	t.riskFactors()
	t.threats()
	t.feeds()
	t.activeDNS(links)
	return t.bundle
}

// entities is how many indicators a record makes without a limit.
func entities(r *pulsedive.Record) int { return len(r.RiskFactors) + len(r.Threats) + len(r.Feeds) }

// validTime is how long the record holds. Differs: one that was retired before
// it was seen ends where it starts.
func validTime(r *pulsedive.Record) ctim.Span {
	s := ctim.Span{Start: r.Seen, End: r.RetiredAt}
	if s.End.IsZero() {
		s.End = s.Start.Add(validFor)
	}
	if s.End.Before(s.Start) {
		s.End = s.Start
	}
	return s
}

func (t *translation) judge() {
	t.bundle.Verdicts = []ctim.Verdict{{
		Type: ctim.TypeVerdict, Observable: t.observable, ValidTime: t.valid,
		Disposition: t.opinion.disposition, DispositionName: t.opinion.disposition.String(),
	}}
	t.bundle.Judgements = []ctim.Judgement{{
		Type: ctim.TypeJudgement, ID: "transient:judgement-" + t.newID(), SchemaVersion: ctim.SchemaVersion,
		Source: source, SourceURI: t.page, TLP: tlp, Observable: t.observable, ValidTime: t.valid,
		Disposition: t.opinion.disposition, DispositionName: t.opinion.disposition.String(),
		Severity: t.opinion.severity, Confidence: medium, Priority: priority,
	}}
}

func (t *translation) riskFactors() {
	for _, f := range t.record.RiskFactors[:t.room(len(t.record.RiskFactors))] {
		t.add(ctim.SightingOf, f.Description, ctim.Indicator{
			Title: f.Description, Producer: source, ValidTime: t.valid,
		}, ctim.Sighting{
			SourceURI: t.page, Severity: t.opinion.severity, ObservedTime: at(t.record.Seen),
		})
	}
}

func (t *translation) threats() {
	for _, x := range t.record.Threats[:t.room(len(t.record.Threats))] {
		linked, uri := t.linked(x.Linked), numbered("/threat/?tid=", x.TID)
		t.add(ctim.SightingOf, x.Name, ctim.Indicator{
			Title: "Threat: " + x.Name, Producer: source, ValidTime: ctim.Span{Start: linked},
			Tags: tags(x.Category), Severity: t.threat, SourceURI: uri,
		}, ctim.Sighting{
			SourceURI: uri, Severity: t.opinion.severity, ObservedTime: at(linked),
		})
	}
}

func (t *translation) feeds() {
	for _, x := range t.record.Feeds[:t.room(len(t.record.Feeds))] {
		linked, uri := t.linked(x.Linked), numbered("/feed/?fid=", x.FID)
		producer := x.Organization
		if producer == "" {
			producer = source // CTIM: an indicator needs a producer
		}
		t.add(ctim.MemberOf, x.Name, ctim.Indicator{
			Title: "Feed: " + strings.ReplaceAll(x.Name, "Feed", ""), Producer: ctim.Clip(producer, ctim.MaxTitle),
			ValidTime: ctim.Span{Start: linked}, Tags: tags(x.Category), SourceURI: uri,
		}, ctim.Sighting{
			SourceURI: uri, ObservedTime: at(linked),
		})
	}
}

// room is how many of n more entities the limit allows.
func (t *translation) room(n int) int {
	return min(n, t.limit-len(t.bundle.Sightings))
}

// add completes an indicator, its sighting and what ties them, and adds them.
// name is what the indicator's id is made of: the same in every answer.
func (t *translation) add(relationship, name string, x ctim.Indicator, s ctim.Sighting) {
	text := x.Title
	x.Type, x.ID = ctim.TypeIndicator, "transient:indicator-"+uuid.NewSHA1(uuid.NameSpaceX500, []byte(name)).String()
	x.SchemaVersion, x.Source, x.TLP = ctim.SchemaVersion, source, tlp
	x.Title, x.ShortDescription = ctim.Clip(text, ctim.MaxTitle), ctim.Clip(text, ctim.MaxShortDescription)
	s.Description = ctim.Clip(text, ctim.MaxDescription)
	t.bundle.Indicators = append(t.bundle.Indicators, x)
	t.sight(s)
	t.bundle.Relationships = append(t.bundle.Relationships, ctim.Relationship{
		Type: ctim.TypeRelationship, ID: "transient:relationship-" + t.newID(), SchemaVersion: ctim.SchemaVersion, TLP: tlp,
		RelationshipType: relationship, SourceRef: t.bundle.Sightings[len(t.bundle.Sightings)-1].ID, TargetRef: x.ID,
	})
}

func (t *translation) sight(s ctim.Sighting) {
	s.Type, s.ID, s.SchemaVersion = ctim.TypeSighting, "transient:sighting-"+t.newID(), ctim.SchemaVersion
	s.Source, s.Confidence, s.Count = source, medium, 1
	s.Observables = []ctim.Observable{t.observable}
	t.bundle.Sightings = append(t.bundle.Sightings, s)
}

// activeDNS adds the sighting that tells which names and addresses belong
// together.
func (t *translation) activeDNS(links *pulsedive.Links) {
	if links == nil || t.room(1) < 1 {
		return
	}
	var relations []ctim.Relation
	for _, e := range links.ActiveDNS {
		if r, ok := t.relation(e); ok {
			relations = append(relations, r)
		}
	}
	if len(relations) == 0 {
		return
	}
	t.sight(ctim.Sighting{
		Description: "Active DNS", SourceURI: t.page, ObservedTime: at(t.record.Seen), Relations: relations,
	})
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

func tags(category string) []string {
	if category == "" {
		return nil
	}
	return []string{ctim.Clip(category, ctim.MaxTitle)}
}
