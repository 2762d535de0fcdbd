package web

import (
	"net/url"
	"strconv"
	"strings"

	"pulsedive-relay/store"
	"pulsedive-relay/web/view"
)

// othersNamed is how many of an exchange's further observables a row names on
// hover.
const othersNamed = 10

// rowsOf are exchanges as lists show them. Where a filter is about observables,
// each row shows one that it means.
func rowsOf(list []store.Summary, f store.Filter) []view.ExchangeRow {
	rows := make([]view.ExchangeRow, len(list))
	for i := range list {
		rows[i] = rowOf(&list[i], f)
	}
	return rows
}

func rowOf(x *store.Summary, f store.Filter) view.ExchangeRow {
	r := view.ExchangeRow{
		Href: exchangePath(x.ID), At: x.At, Last: x.Last, Count: x.Count, Asked: askedBy(x.Source, x.Endpoint),
		Outcome: string(x.Outcome), Code: x.Code, Calls: x.Calls, Cached: x.Cached, Took: x.Took, What: "No observable",
	}
	if x.Endpoint == store.Health {
		r.What = "Health check"
	}
	lead := leadOf(x.Results, f)
	if lead < 0 {
		return r
	}
	first := &x.Results[lead]
	r.Observable, r.Verdict, r.More = first.Observable.Value, verdictOf(first), len(x.Results)-1
	var others []string
	for i := range x.Results {
		if i != lead && len(others) < othersNamed {
			others = append(others, x.Results[i].Observable.Value)
		}
	}
	r.Others = strings.Join(others, ", ")
	return r
}

// leadOf is the place of the result that leads a row: the worst one, of those about
// the observable and with the verdict that were looked for, where that is one; else
// of those about the observable; -1: there is none.
func leadOf(list []store.Result, f store.Filter) int {
	lead, meant, worst := -1, false, view.Verdict("")
	for i := range list {
		r := &list[i]
		if !isAbout(r, f.Observable) {
			continue
		}
		v, means := verdictOf(r), (f.State == "" || r.State == f.State) && (f.Disposition == 0 || r.Disposition == f.Disposition)
		if lead < 0 || means && !meant || means == meant && v != "" && v != worst && (worst == "" || view.Worst(v, worst) == v) {
			lead, meant, worst = i, means, v
		}
	}
	if lead < 0 && len(list) > 0 {
		return 0
	}
	return lead
}

// isAbout says whether what is looked for finds a result's observable, as asked or
// as answered.
func isAbout(r *store.Result, observable string) bool {
	return store.Finds(observable, r.Observable) || r.Answered.Value != "" && store.Finds(observable, r.Answered)
}

// verdictOf is the verdict of a result.
func verdictOf(r *store.Result) view.Verdict {
	switch r.State {
	case store.Errored:
		return view.VerdictFailed
	case store.Nothing:
		return view.VerdictNothing
	}
	return view.VerdictOf(r.Disposition)
}

// sourceNames and endpointNames are how people read them, in the order of the
// filters.
var (
	sourceNames   = []named[store.Source]{{store.XDR, "XDR"}, {store.Try, "Try"}, {store.Terminal, "Terminal"}}
	endpointNames = []named[store.Endpoint]{{store.Observe, "observe"}, {store.Refer, "refer"}, {store.Both, "observe and refer"}, {store.Health, "health"}}
	outcomeNames  = []named[store.Outcome]{{store.OK, "ok"}, {store.Partial, "partial"}, {store.Failed, "error"}}
)

// named is a value with the word for it.
type named[T ~string] struct {
	value T
	word  string
}

// wordFor is the word for a value, or the value itself.
func wordFor[T ~string](list []named[T], value T) string {
	for _, one := range list {
		if one.value == value {
			return one.word
		}
	}
	return string(value)
}

func askedBy(s store.Source, e store.Endpoint) string {
	return wordFor(sourceNames, s) + ", " + wordFor(endpointNames, e)
}

// exchangePath is the address of an exchange's page.
func exchangePath(id uint64) string { return "/admin/exchange/" + strconv.FormatUint(id, 10) }

// historyPath is the address of the history by a query.
func historyPath(q url.Values) string {
	if len(q) == 0 {
		return "/admin/history"
	}
	return "/admin/history?" + q.Encode()
}
