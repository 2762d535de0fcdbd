package main

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"pulsedive-relay/relay/ctim"
)

const (
	// none stands in a cell that has nothing to say.
	none = "–"
	// nothingKnown and noAnswer are why a value has no verdict.
	nothingKnown = "nothing known"
	noAnswer     = "no answer"
)

// missing is why the value at a place of the list has no answer.
func (q *question) missing(i int) string {
	if q.failed[i] {
		return noAnswer
	}
	return nothingKnown
}

// observeTable is a row for each value asked about.
func (q *question) observeTable(bundles []ctim.Bundle) *table {
	t := &table{head: []string{"Observable", "Type", "Verdict", "Severity", "Valid until", "Why"}}
	of := q.attribute(bundles)
	for i, o := range q.list {
		if b, ok := of[i]; ok {
			t.add(observeRow(b)...)
		} else {
			t.add(texts(o.Value, o.Type, none, none, none, q.missing(i))...)
		}
	}
	return t
}

// attribute finds which value of the list each bundle is about. Bundles come in
// the order of the values, without those that have no answer; Pulsedive may
// spell a value otherwise.
func (q *question) attribute(bundles []ctim.Bundle) map[int]ctim.Bundle {
	of := map[int]ctim.Bundle{}
	var open, strange []int // values without a bundle, bundles without a value
	for i, o := range q.list {
		at := slices.IndexFunc(bundles, func(b ctim.Bundle) bool { return same(b.Verdicts[0].Observable.Value, o.Value) })
		if at >= 0 {
			of[i] = bundles[at]
		} else if !q.failed[i] {
			open = append(open, i)
		}
	}
	for at, b := range bundles {
		if !slices.ContainsFunc(q.list, func(o ctim.Observable) bool { return same(b.Verdicts[0].Observable.Value, o.Value) }) {
			strange = append(strange, at)
		}
	}
	for n, at := range strange {
		if n < len(open) {
			of[open[n]] = bundles[at]
		}
	}
	return of
}

// same says whether two spellings are of one value.
func same(a, b string) bool {
	if x, err := netip.ParseAddr(a); err == nil {
		y, err := netip.ParseAddr(b)
		return err == nil && x == y
	}
	return strings.EqualFold(strings.TrimRight(a, "/."), strings.TrimRight(b, "/."))
}

func observeRow(b ctim.Bundle) []cell {
	v, j := b.Verdicts[0], b.Judgements[0]
	row := texts(v.Observable.Value, v.Observable.Type, v.DispositionName, j.Severity, until(v, time.Now()), why(b))
	row[2].colour = colours[v.Disposition]
	return row
}

// until is the day to which a verdict holds. Where there is no opinion there is
// none to end.
func until(v ctim.Verdict, now time.Time) string {
	if v.Disposition == ctim.Unknown || v.ValidTime.End.IsZero() {
		return none
	}
	day := v.ValidTime.End.Format(time.DateOnly)
	if v.ValidTime.End.Before(now) {
		return day + " (over)"
	}
	return day
}

// why counts what a verdict rests on and names the first of it, so that a narrow
// terminal cuts names, not counts.
func why(b ctim.Bundle) string {
	const named = 3
	relations := 0
	for _, s := range b.Sightings {
		relations += len(s.Relations)
	}
	text := strings.Join(slices.DeleteFunc([]string{counted(len(b.Indicators), "indicator"), counted(relations, "DNS relation")},
		func(s string) bool { return s == "" }), ", ")
	if text == "" {
		return none
	}
	for i, x := range b.Indicators[:min(named, len(b.Indicators))] {
		text += []string{": ", ", "}[min(i, 1)] + cut(x.Title, widest)
	}
	return text
}

// counted is a number of things; empty for none.
func counted(n int, thing string) string {
	switch n {
	case 0:
		return ""
	case 1:
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// What the ids of links begin with; the value follows.
const (
	searchID = "ref-pulsedive-search-"
	browseID = "ref-pulsedive-detail-"
)

// referTable is two rows for each value asked about: where it is searched for,
// and the page about it.
func (q *question) referTable(links []ctim.Link) *table {
	t := &table{head: []string{"Observable", "Link", "Address"}, whole: true}
	addresses := map[string]string{}
	for _, l := range links {
		addresses[l.ID] = l.URL
	}
	for i, o := range q.list[:min(len(q.list), len(links))] {
		search := links[i] // the first links are these, one for each value
		value := strings.TrimPrefix(search.ID, searchID)
		page := addresses[browseID+value]
		if page == "" {
			page = q.missing(i)
		}
		t.add(texts(o.Value, "Page", page)...)
		t.add(texts(o.Value, "Search", search.URL)...)
	}
	return t
}
