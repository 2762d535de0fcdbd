package web

import (
	"cmp"
	"slices"

	"pulsedive-relay/relay/ctim"
	"pulsedive-relay/web/view"
)

const (
	// mostPrinted bounds how many entities of a type, and how many links, a print
	// lists: all are in the JSON.
	mostPrinted = 50
	// mostSpansPrinted bounds how many calls a print lists.
	mostSpansPrinted = 50
)

// unprinted are the columns that paper has no room for.
var unprinted = []string{"Id", "Page", "Priority", "Count", "TLP", "Origin"}

// report is what a print has besides the summary, such that it can be attached to
// a ticket: the entities, the links and where the time went.
func (l *looked) report() view.ReportView {
	cards, pager := l.cards()
	r := view.ReportView{Cards: pager.Text, Timing: l.timing(mostSpansPrinted)}
	for _, one := range cards {
		if value := one.Observable.Value; view.Clip(value, view.MaxShown) != value {
			r.Long = append(r.Long, value)
		}
	}
	if l.hasEntities() {
		r.Tables = l.printedTables(cards)
	}
	if len(l.subjects) > 0 {
		r.Links = l.listLinks(l.chosenLinks(), 0, mostPrinted)
	}
	return r
}

// printedTables are the entities as they are printed: of several observables those
// of the ones with cards.
func (l *looked) printedTables(cards []*subject) []view.ReportTable {
	from, totals := l, l.counts()
	if l.one < 0 {
		some := *l
		some.bundle = printedBundle(cards)
		from = &some
	}
	var tables []view.ReportTable
	for i := range entityTables {
		rows := entityTables[i].rows(from)
		if len(rows) == 0 {
			continue
		}
		p := printed(&entityTables[i], rows)
		if l.one < 0 {
			p.Total = totals[i]
		}
		tables = append(tables, p)
	}
	return tables
}

// printedBundle is what a print lists of several observables, in the order of their
// cards.
func printedBundle(cards []*subject) *ctim.Bundle {
	b := &ctim.Bundle{}
	for _, s := range cards {
		if s.verdict != nil {
			b.Verdicts = append(b.Verdicts, *s.verdict)
		}
		if s.judgement != nil {
			b.Judgements = append(b.Judgements, *s.judgement)
		}
	}
	listed := map[any]bool{}
	sighting := func(s *ctim.Sighting) {
		if !listed[s] {
			listed[s] = true
			b.Sightings = append(b.Sightings, *s)
		}
	}
	for _, r := range inTurns(cards) {
		if !listed[r.indicator] {
			listed[r.indicator] = true
			b.Indicators = append(b.Indicators, *r.indicator)
		}
		sighting(r.sighting)
		b.Relationships = append(b.Relationships, *r.tied)
	}
	for _, s := range cards {
		for _, one := range s.sightings {
			sighting(one)
		}
	}
	return b
}

// inTurns are the reasons that a print lists: the observables take turns up to the
// bound, and of each the kinds of reasons do, such that nobody's risk factors crowd
// out its own threats, or another's.
func inTurns(cards []*subject) []*reason {
	type turn struct {
		*reason
		round, place int
	}
	byRound := func(a, b turn) int { return cmp.Compare(a.round, b.round) }
	var all []turn
	for _, s := range cards {
		var own []turn
		var nth [feed + 1]int
		for i := range s.reasons {
			r := &s.reasons[i]
			own = append(own, turn{r, nth[r.kind], len(all) + i})
			nth[r.kind]++
		}
		slices.SortStableFunc(own, byRound)
		for i := range own {
			own[i].round = i
		}
		all = append(all, own...)
	}
	slices.SortStableFunc(all, byRound)
	all = all[:min(len(all), mostPrinted)]
	slices.SortFunc(all, func(a, b turn) int { return cmp.Compare(a.place, b.place) })
	list := make([]*reason, len(all))
	for i := range all {
		list[i] = all[i].reason
	}
	return list
}

// printed is a table of entities as it is printed.
func printed(t *entityTable, rows [][]view.CellView) view.ReportTable {
	p := view.ReportTable{Label: t.label, Total: len(rows)}
	for _, row := range rows[:min(len(rows), mostPrinted)] {
		var kept []view.CellView
		for i, cell := range row {
			if !slices.Contains(unprinted, t.columns[i]) {
				kept = append(kept, cell)
			}
		}
		p.Rows = append(p.Rows, kept)
	}
	for _, label := range t.columns {
		if !slices.Contains(unprinted, label) {
			p.Columns = append(p.Columns, label)
		}
	}
	return p
}
