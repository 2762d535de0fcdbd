package relay

import (
	"sync"
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

// verdictOf is what a record's risk means; that of a retired one may be none for
// that reason alone.
func verdictOf(record *pulsedive.Record) opinion {
	if record.Retired != "" && record.Risk == "none" {
		return noOpinion
	}
	return opinionOf(record.Risk)
}

// translation is one record on its way to CTIM. It holds what differs from one
// entity to the next; the entities themselves are put together one at a time,
// where they are written or collected (encode.go). Texts of its own stand in one
// piece of memory, which serves again for the next record.
type translation struct {
	record     *pulsedive.Record
	observable [1]ctim.Observable
	valid      ctim.Span
	opinion    opinion // of the record's verdict
	threat     string  // severity of threat indicators: retirement does not soften it
	page       string
	judgement  string // its id
	activeDNS  string // the id of the sighting that tells of Active DNS
	parts      []part
	tags       []string        // a category for each part
	relations  []ctim.Relation // of Active DNS
	text       textArena
}

// part is an indicator, its sighting and what ties them.
type part struct {
	indicator, sighting, relationship string // ids
	text                              string
	kind                              string // of the relationship
	producer                          string
	uri, seenURI                      string // of the indicator, of the sighting
	severity, seenSeverity            string
	valid                             ctim.Span
	seen                              time.Time
}

// usedTranslations are translations whose memory serves again.
var usedTranslations = sync.Pool{New: func() any { return new(translation) }}

// usualEntities is up to how many entities a translation's memory is kept.
const usualEntities = 256

// release gives a translation back; nobody may hold on to it, nor to anything
// that was made of it.
func (t *translation) release() {
	if cap(t.parts) > usualEntities || cap(t.relations) > usualEntities {
		return
	}
	clear(t.parts)
	clear(t.tags)
	clear(t.relations)
	*t = translation{parts: t.parts[:0], tags: t.tags[:0], relations: t.relations[:0], text: t.text[:0]}
	usedTranslations.Put(t)
}

// translate maps what Pulsedive knows of one indicator to CTIM, with no more than
// limit indicators and as many sightings. links may be nil. The random part of ids
// is what newID gives; nil: random UUIDs. Nothing else but the arguments counts.
func (t *translation) translate(record *pulsedive.Record, links *pulsedive.Links, limit int, now time.Time, newID func() string) {
	t.record = record
	t.observable[0] = ctim.Observable{Type: record.Type, Value: record.Indicator}
	t.valid, t.opinion = validTime(record), verdictOf(record)
	t.page = t.text.add(site+"/indicator/?iid=", record.IID)
	t.threat = opinionOf(record.Risk).severity
	n := max(min(entities(record), limit), 0)
	if cap(t.parts) < n {
		t.parts, t.tags = make([]part, 0, n), make([]string, 0, n)
	}
	t.riskFactors(n)
	t.threats(n)
	t.feeds(n)
	t.identify(newID)
	if links != nil && len(t.parts) < limit {
		t.resolutions(links, now)
	}
}

// identify gives every entity its id. An indicator's is made of a name: the same
// in every answer.
func (t *translation) identify(newID func() string) {
	for i := range t.parts {
		t.parts[i].indicator = t.text.nameID("transient:indicator-", t.name(i))
	}
	for i := range t.parts {
		t.parts[i].sighting = t.text.randomID("transient:sighting-", newID)
	}
	t.activeDNS = t.text.randomID("transient:sighting-", newID)
	for i := range t.parts {
		t.parts[i].relationship = t.text.randomID("transient:relationship-", newID)
	}
	t.judgement = t.text.randomID("transient:judgement-", newID)
}

// name is what the i-th indicator's id is made of.
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

// add adds a part, whose tag is a category, where the limit of n leaves room.
func (t *translation) add(n int, category string, p part) {
	if len(t.parts) < n {
		t.parts = append(t.parts, p)
		t.tags = append(t.tags, category)
	}
}

func (t *translation) riskFactors(n int) {
	for i := range t.record.RiskFactors[:min(n, len(t.record.RiskFactors))] {
		t.add(n, "", part{
			text: t.record.RiskFactors[i].Description, kind: ctim.SightingOf, producer: source,
			seenURI: t.page, seenSeverity: t.opinion.severity, valid: t.valid, seen: t.record.Seen,
		})
	}
}

func (t *translation) threats(n int) {
	for i := range t.record.Threats[:min(n-len(t.parts), len(t.record.Threats))] {
		f := &t.record.Threats[i]
		linked, uri := t.linked(f.Linked), t.numbered(site+"/threat/?tid=", f.TID)
		t.add(n, f.Category, part{
			text: t.text.add("Threat: ", f.Name), kind: ctim.SightingOf, producer: source, uri: uri, seenURI: uri,
			severity: t.threat, seenSeverity: t.opinion.severity, valid: ctim.Span{Start: linked}, seen: linked,
		})
	}
}

func (t *translation) feeds(n int) {
	for i := range t.record.Feeds[:min(n-len(t.parts), len(t.record.Feeds))] {
		f := &t.record.Feeds[i]
		linked, uri := t.linked(f.Linked), t.numbered(site+"/feed/?fid=", f.FID)
		producer := f.Organization
		if producer == "" {
			producer = source // CTIM: an indicator needs a producer
		}
		t.add(n, f.Category, part{
			text: t.text.without("Feed: ", f.Name, "Feed"), kind: ctim.MemberOf, producer: producer,
			uri: uri, seenURI: uri, valid: ctim.Span{Start: linked}, seen: linked,
		})
	}
}

// resolutions takes in which names and addresses belong together.
func (t *translation) resolutions(links *pulsedive.Links, now time.Time) {
	for i := range links.ActiveDNS {
		if r, ok := t.relation(&links.ActiveDNS[i], now); ok {
			t.relations = append(t.relations, r)
		}
	}
}

// relation makes one of a DNS entry that is recent and pairs a domain with an
// address. Differs: an ipv6 has relations like an ip.
func (t *translation) relation(e *pulsedive.DNS, now time.Time) (ctim.Relation, bool) {
	other := ctim.Observable{Type: e.Type, Value: e.Indicator}
	r := ctim.Relation{Origin: origin, Relation: ctim.ResolvedTo, Source: t.observable[0], Related: other}
	if other.Type == "domain" {
		r.Source, r.Related = other, t.observable[0]
	}
	pairs := r.Source.Type == "domain" && (r.Related.Type == "ip" || r.Related.Type == "ipv6")
	return r, pairs && !e.Linked.IsZero() && now.Sub(e.Linked) < dnsAge
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

func (t *translation) numbered(path, id string) string {
	if id == "" {
		return ""
	}
	return t.text.add(path, id)
}
