package web

import (
	"slices"
	"time"

	"pulsedive-relay/store"
)

// lastWord is how the call to Pulsedive went that ended last, and what its answer
// told of the limits of its key.
type lastWord struct {
	at      time.Time
	took    time.Duration
	outcome string // empty: nothing is known
	quotas  []store.Quota
	whose   string // the key it was asked with
}

// lastWord is what the relay knows by itself, also where the history is off, or what
// the history tells of before its start: the newer of both.
func (a *Admin) lastWord(latest []store.Summary) lastWord {
	call, quotas := a.cfg.Live.Relay().Latest()
	word := lastWord{at: call.Start.Add(call.Took), took: call.Took, outcome: call.Outcome, quotas: quotas, whose: "the key asked with last"}
	at := slices.IndexFunc(latest, func(x store.Summary) bool { return x.Calls > 0 })
	if at < 0 || call.Outcome != "" && !lastAt(latest[at]).After(word.at) {
		return word
	}
	x, err := a.cfg.Store.Exchange(latest[at].ID)
	if err != nil { // it may have been deleted just now
		return word
	}
	// Of requests that are folded into one entry the last ended as the first did.
	if span := lastCall(x.Spans); span != nil {
		whose := "your own key"
		if x.Source == store.XDR {
			whose = "a caller's key"
		}
		return lastWord{lastAt(x.Summary).Add(span.Start + span.Took), span.Took, span.Outcome, x.Quotas, whose}
	}
	return word
}

// lastCall is the call that ended last; nil: none was made, or waited for.
func lastCall(spans []store.Span) *store.Span {
	var last *store.Span
	for i := range spans {
		s := &spans[i]
		if s.Called() && (last == nil || s.Start+s.Took > last.Start+last.Took) {
			last = s
		}
	}
	return last
}
