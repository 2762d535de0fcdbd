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

// rowsOf are exchanges as lists show them. Where the list is of those that a text
// found, each row shows an observable that it found.
func rowsOf(list []store.Summary, observable string) []view.ExchangeRow {
	rows := make([]view.ExchangeRow, len(list))
	for i := range list {
		rows[i] = rowOf(&list[i], observable)
	}
	return rows
}

func rowOf(x *store.Summary, observable string) view.ExchangeRow {
	r := view.ExchangeRow{
		Href: exchangePath(x.ID), At: x.At, Last: x.Last, Count: x.Count, Asked: askedBy(x.Source, x.Endpoint),
		Outcome: string(x.Outcome), Code: x.Code, Calls: x.Calls, Cached: x.Cached, Took: x.Took, What: "No observable",
	}
	if x.Endpoint == store.Health {
		r.What = "Health check"
	}
	lead := leadOf(x.Results, observable)
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

// leadOf is the place of the result that leads a row: the worst one, of those
// about the observable that was looked for; -1: there is none.
func leadOf(list []store.Result, observable string) int {
	lead, worst := -1, view.Verdict("")
	for i := range list {
		if !isAbout(&list[i], observable) {
			continue
		}
		v := verdictOf(&list[i])
		if lead < 0 || v != "" && v != worst && (worst == "" || view.Worst(v, worst) == v) {
			lead, worst = i, v
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
