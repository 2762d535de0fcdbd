package web

import (
	"slices"

	"pulsedive-relay/store"
	"pulsedive-relay/web/view"
)

// mostSpans bounds how many calls the timing shows.
const mostSpans = 250

// timing is where the time went, with the first calls up to a bound.
func (l *looked) timing(most int) view.TimingView {
	t := view.TimingView{Took: l.Took, Quotas: l.quotas()}
	if l.Source == store.XDR && l.Token > 0 {
		t.Rows = append(t.Rows, view.TimingRow{Label: "Reading and token check", Took: l.Token, Tone: "ours", Outcome: l.tokenOutcome()})
	}
	spans := l.Spans
	if len(spans) > most {
		t.More, spans = len(spans)-most, spans[:most]
	}
	for i := range spans {
		t.Rows = append(t.Rows, l.timingRow(&spans[i]))
	}
	if l.Translated > 0 || len(l.Spans) > 0 {
		at := min(l.Token+l.Asked, l.Took)
		t.Rows = append(t.Rows, view.TimingRow{Label: l.translated(), From: at, Start: at, Took: l.Translated, Tone: "ours", Outcome: view.Bytes(int64(len(l.Answer) + len(l.Refer)))})
	}
	if l.hasEntities() {
		t.Hint = "Translation: what Pulsedive answers is mapped to CTIM as it comes, within the time of asking, as that takes some microseconds an observable. The bar is the writing of all of it as CTIM JSON."
	}
	if len(l.Quotas) == 0 {
		t.Note = "Nothing was known of the limits of this key: Pulsedive had not told any."
	}
	for _, one := range [][2]string{
		{"Id, as in the log and the answer's header", l.Exchange.Request}, {"Audience of the token", l.Audience}, {"Key host of the token", l.KeyHost},
	} {
		if one[1] != "" {
			t.Request = append(t.Request, view.FactView{Label: one[0], Value: one[1]})
		}
	}
	return t
}

// translated is what the last part of the time went into.
func (l *looked) translated() string {
	if l.hasEntities() {
		return "Translation into CTIM JSON"
	}
	return "Writing the answer"
}

func (l *looked) tokenOutcome() string {
	if l.Fingerprint == "" {
		return "refused"
	}
	return "ok"
}

// labels are what the kinds of questions are called.
var labels = map[string]string{"info": "Record", "links": "Links", "health": "Health check"}

// outcomes are what the outcomes of questions are called, and their colour, where
// these are not faults.
var outcomes = map[string]struct{ word, tone string }{
	"ok": {"ok", "ok"}, "not found": {"not found", "nothing"}, "cached": {"from the cache", "cached"},
	"joined": {"by another's call", "cached"}, "stale": {"old, from the cache", "cached"},
	"under way": {"not waited for", "nothing"},
}

func (l *looked) timingRow(s *store.Span) view.TimingRow {
	r := view.TimingRow{Label: labels[s.Kind], From: s.Queued, Start: s.Start, Took: s.Took, Tone: "failed", Outcome: s.Outcome}
	if r.Label == "" {
		r.Label = s.Kind
	}
	if s.Observable >= 0 && s.Observable < len(l.Results) {
		o := l.Results[s.Observable].Observable
		r.Value = o.Value
		if slices.ContainsFunc(l.Results, func(other store.Result) bool {
			return other.Observable.Value == o.Value && other.Observable.Type != o.Type
		}) {
			r.Type = o.Type
		}
	}
	if o, ok := outcomes[s.Outcome]; ok {
		r.Tone, r.Outcome = o.tone, o.word
	}
	r.Mark = r.Tone == "cached"
	return r
}
