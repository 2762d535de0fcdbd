package relay

import (
	"pulsedive-relay/relay/ctim"
)

// What a translation holds is put together here, entity by entity: to collect
// them in a bundle, or to write each on its own, which spares an answer most of
// its memory. Both go through the same functions, so they say the same.

func (t *translation) verdict() ctim.Verdict {
	return ctim.Verdict{
		Type: ctim.TypeVerdict, Observable: t.observable[0], ValidTime: t.valid,
		Disposition: t.opinion.disposition, DispositionName: t.opinion.disposition.String(),
	}
}

func (t *translation) judge() ctim.Judgement {
	return ctim.Judgement{
		Type: ctim.TypeJudgement, ID: t.judgement, SchemaVersion: ctim.SchemaVersion,
		Source: source, SourceURI: t.page, TLP: tlp, Observable: t.observable[0], ValidTime: t.valid,
		Disposition: t.opinion.disposition, DispositionName: t.opinion.disposition.String(),
		Severity: t.opinion.severity, Confidence: medium, Priority: priority,
	}
}

func (t *translation) indicator(i int) ctim.Indicator {
	p := &t.parts[i]
	return ctim.Indicator{
		Type: ctim.TypeIndicator, ID: p.indicator, SchemaVersion: ctim.SchemaVersion, Source: source, SourceURI: p.uri, TLP: tlp,
		Producer: ctim.Clip(p.producer, ctim.MaxTitle), Title: ctim.Clip(p.text, ctim.MaxTitle),
		ShortDescription: ctim.Clip(p.text, ctim.MaxShortDescription), Severity: p.severity, Tags: t.tag(i), ValidTime: p.valid,
	}
}

// tag is the tags of an indicator: its category.
func (t *translation) tag(i int) []string {
	if t.tags[i] == "" {
		return nil
	}
	t.tags[i] = ctim.Clip(t.tags[i], ctim.MaxTitle)
	return t.tags[i : i+1 : i+1]
}

// sightings is how many sightings there are: one of each indicator, and one that
// tells of Active DNS.
func (t *translation) sightings() int { return len(t.parts) + min(len(t.relations), 1) }

func (t *translation) sighting(i int) ctim.Sighting {
	s := ctim.Sighting{
		Type: ctim.TypeSighting, SchemaVersion: ctim.SchemaVersion, Source: source,
		Confidence: medium, Count: 1, Observables: t.observable[:],
	}
	if i == len(t.parts) {
		s.ID, s.SourceURI, s.Description = t.activeDNS, t.page, "Active DNS"
		s.ObservedTime, s.Relations = at(t.record.Seen), t.relations
		return s
	}
	p := &t.parts[i]
	s.ID, s.SourceURI, s.Description = p.sighting, p.seenURI, ctim.Clip(p.text, ctim.MaxDescription)
	s.Severity, s.ObservedTime = p.seenSeverity, at(p.seen)
	return s
}

func (t *translation) relationship(i int) ctim.Relationship {
	p := &t.parts[i]
	return ctim.Relationship{
		Type: ctim.TypeRelationship, ID: p.relationship, SchemaVersion: ctim.SchemaVersion, TLP: tlp,
		RelationshipType: p.kind, SourceRef: p.sighting, TargetRef: p.indicator,
	}
}

// bundle collects all entities. They share the translation's memory.
func (t *translation) bundle() ctim.Bundle {
	n := len(t.parts)
	b := ctim.Bundle{
		Verdicts: []ctim.Verdict{t.verdict()}, Judgements: []ctim.Judgement{t.judge()},
		Indicators: make([]ctim.Indicator, n), Sightings: make([]ctim.Sighting, t.sightings()), Relationships: make([]ctim.Relationship, n),
	}
	for i := range n {
		b.Indicators[i], b.Relationships[i] = t.indicator(i), t.relationship(i)
	}
	for i := range b.Sightings {
		b.Sightings[i] = t.sighting(i)
	}
	return b
}

// appendKnown appends the member data of an observe answer, as
// ctim.AppendBundles does of the bundles.
func appendKnown(b []byte, known []*translation) []byte {
	var parts, sightings int
	for _, t := range known {
		parts += len(t.parts)
		sightings += t.sightings()
	}
	w := ctim.NewDocs(b)
	w.Open("verdicts", len(known))
	for _, t := range known {
		x := t.verdict()
		w.Verdict(&x)
	}
	w.Open("judgements", len(known))
	for _, t := range known {
		x := t.judge()
		w.Judgement(&x)
	}
	w.Open("indicators", parts)
	for _, t := range known {
		for i := range t.parts {
			x := t.indicator(i)
			w.Indicator(&x)
		}
	}
	w.Open("sightings", sightings)
	for _, t := range known {
		for i := range t.sightings() {
			x := t.sighting(i)
			w.Sighting(&x)
		}
	}
	w.Open("relationships", parts)
	for _, t := range known {
		for i := range t.parts {
			x := t.relationship(i)
			w.Relationship(&x)
		}
	}
	return w.End()
}
