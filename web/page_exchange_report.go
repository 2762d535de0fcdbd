package web

import (
	"slices"

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
// a ticket: the entities, the links and where the time went. cards says which of
// several observables the summary shows; empty: all of them.
func (l *looked) report(cards string) view.ReportView {
	r := view.ReportView{Cards: cards, Timing: l.timing(mostSpansPrinted)}
	if l.hasEntities() {
		for _, t := range entityTables {
			if rows := t.rows(l); len(rows) > 0 {
				r.Tables = append(r.Tables, printed(&t, rows))
			}
		}
	}
	if len(l.subjects) > 0 {
		r.Links = l.linksView()
		r.Links.List = r.Links.List[:min(len(r.Links.List), mostPrinted)]
	}
	return r
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
