package relay

import (
	"time"

	"pulsedive-relay/relay/ctim"
	"pulsedive-relay/relay/pulsedive"
	"pulsedive-relay/store"
)

// Asked is how the questions to Pulsedive went that an answer is made of.
type Asked struct {
	// Results is what came of each observable, in the order of the request.
	Results []store.Result
	// Trace lists the calls to Pulsedive, and what came instead of some.
	Trace []pulsedive.Call
	// Quotas is what is known of the limits of the caller's key.
	Quotas []pulsedive.Quota
	// Calls is how many calls to Pulsedive it took.
	Calls int
}

func askedOf(b *pulsedive.Batch, results []store.Result) Asked {
	return Asked{Results: results, Trace: b.Trace(), Quotas: b.Quotas(), Calls: b.Calls()}
}

// resultsOf is a result for each observable, before anything came of it.
func resultsOf(list []ctim.Observable) []store.Result {
	results := make([]store.Result, len(list))
	for i, o := range list {
		results[i] = store.Result{Observable: o, State: store.Errored}
	}
	return results
}

// resultOf sums up what came of one observable.
func resultOf(asked ctim.Observable, o *outcome) store.Result {
	r := store.Result{Observable: asked, State: store.Known}
	switch {
	case isNothing(o.err):
		r.State = store.Nothing
		return r
	case o.err != nil:
		r.State, r.Error = store.Errored, errorFor(o.err).Code
		if late(o.err) {
			r.Error = codeTimeout
		}
		return r
	}
	if answered := (ctim.Observable{Type: o.record.Type, Value: o.record.Indicator}); answered != asked {
		r.Answered = answered
	}
	r.Disposition = verdictOf(o.record).disposition
	r.Risk, r.Retired, r.Seen = o.record.Risk, o.record.Retired, o.record.Seen
	r.Factors, r.Threats, r.Feeds = len(o.record.RiskFactors), len(o.record.Threats), len(o.record.Feeds)
	if o.linksErr != nil {
		r.Error = errorFor(o.linksErr).Code
		if late(o.linksErr) {
			r.Error = codeTimeout
		}
	}
	if o.known != nil {
		count(&r, o.known)
	}
	return r
}

// count takes in what the answer holds of a record.
func count(r *store.Result, t *translation) {
	r.Relations = len(t.relations)
	left := len(t.parts) // the limit may have cut them
	r.Factors = min(r.Factors, left)
	r.Threats = min(r.Threats, left-r.Factors)
	r.Feeds = min(r.Feeds, left-r.Factors-r.Threats)
	r.FactorRisks = make([]string, r.Factors)
	for i := range r.FactorRisks {
		r.FactorRisks[i] = t.record.RiskFactors[i].Risk
	}
}

// spansOf places the calls in time, from at, and by observable. It adds to each
// result how long it took.
func spansOf(trace []pulsedive.Call, results []store.Result, at time.Time) []store.Span {
	spans := make([]store.Span, len(trace))
	for i, c := range trace {
		place := c.Place
		if c.Kind == "health" {
			place = -1
		}
		s := store.Span{Observable: place, Kind: c.Kind, Queued: c.Queued.Sub(at), Took: c.Took, Outcome: c.Outcome}
		if s.Start = s.Queued; !c.Start.IsZero() {
			s.Start = c.Start.Sub(at)
		}
		if place >= 0 {
			results[place].Took = max(results[place].Took, s.Start+s.Took-s.Queued)
		}
		spans[i] = s
	}
	return spans
}
