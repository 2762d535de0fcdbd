package web

import (
	"slices"

	"pulsedive-relay/relay/ctim"
	"pulsedive-relay/web/view"
)

// The rows of the tables of entities, each in the order of the answer.

func verdictRows(l *looked) [][]view.CellView {
	var rows [][]view.CellView
	for i := range l.bundle.Verdicts {
		if v := &l.bundle.Verdicts[i]; l.chosenEntity(v.Observable) {
			rows = append(rows, []view.CellView{
				observableCell(v.Observable), dispositionCell(v.Disposition), l.timeCell(v.ValidTime.Start, false), l.timeCell(v.ValidTime.End, true),
			})
		}
	}
	return rows
}

func judgementRows(l *looked) [][]view.CellView {
	var rows [][]view.CellView
	for i := range l.bundle.Judgements {
		if j := &l.bundle.Judgements[i]; l.chosenEntity(j.Observable) {
			rows = append(rows, []view.CellView{
				observableCell(j.Observable), dispositionCell(j.Disposition), severityCell(j.Severity), shortCell(j.Confidence), numberCell(j.Priority),
				shortCell(j.TLP), l.timeCell(j.ValidTime.Start, false), l.timeCell(j.ValidTime.End, true), linkCell(j.Source, j.SourceURI), idCell(j.ID),
			})
		}
	}
	return rows
}

// sighted is the ids of the indicators that the page's observable is tied to; nil:
// the page is about all of them.
func (l *looked) sighted() map[*ctim.Indicator]bool {
	if l.one < 0 || len(l.subjects) == 1 {
		return nil
	}
	list := map[*ctim.Indicator]bool{}
	for _, r := range l.subjects[l.one].reasons {
		list[r.indicator] = true
	}
	return list
}

func indicatorRows(l *looked) [][]view.CellView {
	var rows [][]view.CellView
	chosen := l.sighted()
	for i := range l.bundle.Indicators {
		x := &l.bundle.Indicators[i]
		if chosen != nil && !chosen[x] {
			continue
		}
		tags := view.CellView{Kind: "chips", List: x.Tags}
		if len(x.Tags) > 0 {
			tags.Text = x.Tags[0]
		}
		rows = append(rows, []view.CellView{
			linkCell(x.Title, x.SourceURI), textCell(x.Producer), tags, severityCell(x.Severity), shortCell(x.TLP),
			l.timeCell(x.ValidTime.Start, false), l.timeCell(x.ValidTime.End, true), idCell(x.ID),
		})
	}
	return rows
}

func (l *looked) chosenSighting(s *ctim.Sighting) bool {
	return slices.ContainsFunc(s.Observables, l.chosenEntity)
}

func sightingRows(l *looked) [][]view.CellView {
	var rows [][]view.CellView
	for i := range l.bundle.Sightings {
		s := &l.bundle.Sightings[i]
		if !l.chosenSighting(s) {
			continue
		}
		var of ctim.Observable
		if len(s.Observables) > 0 {
			of = s.Observables[0]
		}
		rows = append(rows, []view.CellView{
			linkCell(s.Description, s.SourceURI), observableCell(of), l.timeCell(s.ObservedTime.Start, false), severityCell(s.Severity),
			shortCell(s.Confidence), numberCell(s.Count), numberCell(len(s.Relations)), idCell(s.ID),
		})
	}
	return rows
}

func relationshipRows(l *looked) [][]view.CellView {
	sightings := make(map[string]*ctim.Sighting, len(l.bundle.Sightings))
	for i := range l.bundle.Sightings {
		sightings[l.bundle.Sightings[i].ID] = &l.bundle.Sightings[i]
	}
	titles := make(map[string]string, len(l.bundle.Indicators))
	for i := range l.bundle.Indicators {
		titles[l.bundle.Indicators[i].ID] = l.bundle.Indicators[i].Title
	}
	var rows [][]view.CellView
	for i := range l.bundle.Relationships {
		r := &l.bundle.Relationships[i]
		source := textCell(r.SourceRef)
		if s := sightings[r.SourceRef]; s != nil {
			if !l.chosenSighting(s) {
				continue
			}
			if len(s.Observables) > 0 {
				source = observableCell(s.Observables[0])
			}
		}
		target := titles[r.TargetRef]
		if target == "" {
			target = r.TargetRef
		}
		rows = append(rows, []view.CellView{source, textCell(r.RelationshipType), textCell(target), shortCell(r.TLP), idCell(r.ID)})
	}
	return rows
}

func relationRows(l *looked) [][]view.CellView {
	var rows [][]view.CellView
	for i := range l.bundle.Sightings {
		if !l.chosenSighting(&l.bundle.Sightings[i]) {
			continue
		}
		for _, r := range l.bundle.Sightings[i].Relations {
			rows = append(rows, []view.CellView{observableCell(r.Source), textCell(r.Relation), observableCell(r.Related), textCell(r.Origin)})
		}
	}
	return rows
}
