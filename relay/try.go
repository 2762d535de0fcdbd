package relay

import (
	"context"

	"pulsedive-relay/relay/ctim"
	"pulsedive-relay/store"
)

// Question is what the operator asks, with the operator's own key.
type Question struct {
	// Caller is the key and the entities limit.
	Caller
	// Source is Try or Terminal, From the address that asks; empty: none.
	Source store.Source
	From   string
	// Observables is what is asked about, each once.
	Observables []ctim.Observable
	// Endpoint is which of the two questions is asked, or both at once.
	Endpoint store.Endpoint
	// Anew asks Pulsedive although the cache has an answer.
	Anew bool
}

// Tried is the answer to a Question.
type Tried struct {
	// Exchange is what the history has; its ID is 0 where it was not kept.
	Exchange *store.Exchange
	// Bundles and Links are the answers: to observe, and to refer.
	Bundles []ctim.Bundle
	Links   []ctim.Link
	// Errors holds one error for each different fault.
	Errors []Error
	// Unkept is why the exchange is not in the history; nil where it is, or
	// where none is kept.
	Unkept error
}

// Try asks about observables as a request with a token would, and keeps the
// exchange. It ends when ctx does; cancelled, with what is there.
func (r *Relay) Try(ctx context.Context, q Question, listen Listener) Tried {
	x := newExchange(q.Source, q.Endpoint, q.From)
	x.Fingerprint = r.cfg.Pulsedive.Fingerprint(q.Key)
	run := newRun(ctx, r, q.Caller, q.Observables, listen)
	defer run.batch.Close()
	run.batch.Anew = q.Anew
	t := Tried{Exchange: x}
	var answer reply
	if q.Endpoint == store.Refer {
		o := run.refer()
		take(x, o.Asked)
		t.Links, answer = o.Links, o.reply()
	} else {
		x.EntitiesLimit = r.limit(q.Caller)
		o := run.observe(x.EntitiesLimit).collected()
		take(x, o.Asked)
		t.Bundles, answer = o.Bundles, o.reply()
	}
	if q.Endpoint == store.Both {
		t.Links = run.referLinks()
		x.Refer = Referred{Links: t.Links}.AppendJSON(nil)
	}
	x.Answer, t.Errors = answer.appendJSON(nil), answer.errors
	t.Unkept = r.keep(ctx, x, outcomeOf(answer), answer.errors)
	return t
}
