package web

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"pulsedive-relay/relay/ctim"
	"pulsedive-relay/web/view"
)

// entitiesPage is how many entities a page of a table has.
const entitiesPage = 50

// entityTable is a table of entities of one type.
type entityTable struct {
	name, label string
	columns     []string
	rows        func(l *looked) [][]view.CellView
}

// entityTables are those of CTIM's types, and the relations within sightings.
var entityTables = []entityTable{
	{"verdicts", "Verdicts", []string{"Observable", "Disposition", "Valid from", "Valid until"}, verdictRows},
	{"judgements", "Judgements", []string{"Observable", "Disposition", "Severity", "Confidence", "Priority", "TLP", "Valid from", "Valid until", "Page", "Id"}, judgementRows},
	{"indicators", "Indicators", []string{"Title", "Producer", "Tags", "Severity", "TLP", "Valid from", "Valid until", "Id"}, indicatorRows},
	{"sightings", "Sightings", []string{"Description", "Observable", "Observed", "Severity", "Confidence", "Count", "Relations", "Id"}, sightingRows},
	{"relationships", "Relationships", []string{"Sighting", "Type", "Indicator", "TLP", "Id"}, relationshipRows},
	{"relations", "Relations", []string{"Source", "Relation", "Related", "Origin"}, relationRows},
}

// counts are how many entities there are of each type, in the order of the tables.
func (l *looked) counts() []int {
	b, relations := l.bundle, 0
	for i := range b.Sightings {
		relations += len(b.Sightings[i].Relations)
	}
	return []int{len(b.Verdicts), len(b.Judgements), len(b.Indicators), len(b.Sightings), len(b.Relationships), relations}
}

// countEntities is how many entities of CTIM there are in all.
func (l *looked) countEntities() int {
	n := 0
	for _, one := range l.counts()[:5] {
		n += one
	}
	return n
}

// entities is the table that the address asks for, filtered, sorted and cut into
// pages as it says.
func (l *looked) entities() view.EntitiesView {
	counts := l.counts()
	kind := slices.IndexFunc(entityTables, func(t entityTable) bool { return t.name == l.query.Get("type") })
	if kind < 0 {
		kind = 2
		for kind > 0 && counts[kind] == 0 {
			kind--
		}
	}
	table := &entityTables[kind]
	query := strings.TrimSpace(l.query.Get("q"))
	column, descending := sorting(l.query.Get("sort"), len(table.columns))
	rows := filter(table.rows(l), query)
	arrange(rows, column, descending)
	v := view.EntitiesView{Label: strings.ToLower(table.label), Query: query, Action: l.path(), Count: view.Plural(len(rows), "entry", "entries")}
	base := []string{"tab", "entities", "type", table.name, "q", query}
	from, pager := l.page(len(rows), entitiesPage, append(base, "sort", l.query.Get("sort"))...)
	v.Pager, v.Rows = pager, rows[from:min(from+entitiesPage, len(rows))]
	for i, t := range entityTables {
		v.Kinds = append(v.Kinds, view.TabView{Label: t.label, Count: view.Count(counts[i]), Href: l.href("tab", "entities", "type", t.name), Current: i == kind})
	}
	for i, label := range table.columns {
		v.Columns = append(v.Columns, l.column(i, label, column, descending, base))
	}
	hidden := func(name, value string) {
		if value != "" {
			v.Hidden = append(v.Hidden, view.OptionView{Value: name, Label: value})
		}
	}
	hidden("tab", "entities")
	hidden("type", table.name)
	hidden("sort", l.query.Get("sort"))
	hidden("o", l.query.Get("o"))
	hidden("before", l.query.Get("before"))
	return v
}

// column is the head of a column: a link that sorts by it, the other way round
// where the table is sorted by it.
func (l *looked) column(i int, label string, sorted int, descending bool, base []string) view.ColumnView {
	c := view.ColumnView{Label: label, Num: label == "Count" || label == "Priority" || label == "Relations"}
	sort := strconv.Itoa(i + 1)
	if i == sorted {
		if c.Sorted = "ascending"; descending {
			c.Sorted = "descending"
		} else {
			sort = "-" + sort
		}
	}
	c.Href = l.href(append(slices.Clone(base), "sort", sort)...)
	return c
}

// sorting reads what to sort by: the number of a column from 1, below 0 for
// descending. Of what is none of them it is -1: the order of the answer.
func sorting(text string, columns int) (column int, descending bool) {
	n, err := strconv.Atoi(text)
	if err != nil || n == 0 || max(n, -n) > columns {
		return -1, false
	}
	return max(n, -n) - 1, n < 0
}

// filter leaves the rows with a text in them.
func filter(rows [][]view.CellView, query string) [][]view.CellView {
	if query == "" {
		return rows
	}
	query = strings.ToLower(query)
	return slices.DeleteFunc(rows, func(row []view.CellView) bool {
		return !slices.ContainsFunc(row, func(c view.CellView) bool {
			return strings.Contains(strings.ToLower(c.Text), query) || strings.Contains(strings.ToLower(strings.Join(c.List, " ")), query)
		})
	})
}

func arrange(rows [][]view.CellView, column int, descending bool) {
	if column < 0 {
		return
	}
	slices.SortStableFunc(rows, func(a, b []view.CellView) int {
		x, y := &a[column], &b[column]
		by := cmp.Or(x.Time.Compare(y.Time), cmp.Compare(x.Number, y.Number), strings.Compare(strings.ToLower(x.Text), strings.ToLower(y.Text)))
		if descending {
			return -by
		}
		return by
	})
}

func textCell(text string) view.CellView { return view.CellView{Text: text} }

// shortCell is a word that needs little room.
func shortCell(text string) view.CellView { return view.CellView{Kind: "short", Text: text} }

func numberCell(n int) view.CellView {
	return view.CellView{Kind: "num", Text: view.Count(n), Number: n}
}

func observableCell(o ctim.Observable) view.CellView {
	return view.CellView{Kind: "observable", Text: o.Value, Type: o.Type}
}

func (l *looked) timeCell(t time.Time, end bool) view.CellView {
	return view.CellView{Kind: "time", Time: t, Text: view.StampText(t), Ended: end && !t.IsZero() && t.Before(l.now)}
}

// severities order the words for it.
var severities = []string{"", "Unknown", "None", "Info", "Low", "Medium", "High", "Critical"}

// severity is the place of a word for it, or for a risk; -1: it is none of them.
func severity(word string) int { return slices.Index(severities, view.Capital(word)) }

func severityCell(word string) view.CellView {
	return view.CellView{Kind: "severity", Text: word, Number: severity(word)}
}

func dispositionCell(d ctim.Disposition) view.CellView {
	v := view.VerdictOf(d)
	return view.CellView{Kind: "verdict", Verdict: v, Text: v.Word()}
}
func idCell(id string) view.CellView { return view.CellView{Kind: "id", Text: id} }
func linkCell(text, uri string) view.CellView {
	return view.CellView{Kind: "link", Text: text, URI: uri}
}

// chosenEntity says whether an entity on an observable is among those that the
// page is about.
func (l *looked) chosenEntity(o ctim.Observable) bool {
	return l.one < 0 || len(l.subjects) == 1 || o == l.subjects[l.one].name()
}
