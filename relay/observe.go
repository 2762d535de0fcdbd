package relay

import (
	"context"
	"slices"
	"sync/atomic"

	"pulsedive-relay/relay/ctim"
	"pulsedive-relay/relay/pulsedive"
	"pulsedive-relay/store"
)

// Observed is the answer to observe.
type Observed struct {
	// Bundles holds a bundle for each observable that Pulsedive knows, in the
	// order of the request.
	Bundles []ctim.Bundle
	// Errors holds one error for each different fault.
	Errors []Error
	Asked

	known []*translation // what Bundles is collected from
	size  int            // about how long the answer gets, in bytes
}

// reply is the answer for the wire. Once it is released it is gone, and with it
// what Bundles holds.
func (o Observed) reply() reply {
	rep := reply{errors: o.Errors, release: o.release}
	if len(o.known) > 0 || len(o.Errors) == 0 {
		rep.data = func(b []byte) []byte { return appendKnown(slices.Grow(b, o.size), o.known) }
	}
	return rep
}

// AppendJSON appends the answer as callers get it.
func (o Observed) AppendJSON(b []byte) []byte { return o.reply().appendJSON(b) }

// release gives back what the answer was made of.
func (o Observed) release() {
	for _, t := range o.known {
		t.release()
	}
}

// collected is the answer with its bundles.
func (o Observed) collected() Observed {
	o.Bundles = make([]ctim.Bundle, len(o.known))
	for i, t := range o.known {
		o.Bundles[i] = t.bundle()
	}
	return o
}

// maxAnswer bounds the documents of one answer, in bytes. What does not fit is left
// out, with an error.
const maxAnswer = 64 << 20

// weight is how long a record's part of the answer gets at most, in bytes. The
// indicator stands in every sighting and relation, its number in their addresses,
// what describes a part in its title, short description and sighting. What translate
// leaves out weighs nothing.
func weight(r *pulsedive.Record, l *pulsedive.Links, limit int) int64 {
	const entity, relation = 1200, 200 // an indicator, its sighting and what ties them; a DNS entry
	parts := max(min(entities(r), limit), 0)
	each := ctim.StringLength(r.Indicator) + ctim.StringLength(r.Type)
	n := 2048 + (entity+each+len(r.IID))*parts + 3*each
	factors := r.RiskFactors[:min(parts, len(r.RiskFactors))]
	for i := range factors {
		n += 3 * ctim.StringLength(factors[i].Description)
	}
	parts -= len(factors)
	threats := r.Threats[:min(parts, len(r.Threats))]
	for i := range threats {
		n += 3*ctim.StringLength(threats[i].Name) + ctim.StringLength(threats[i].Category)
	}
	parts -= len(threats)
	feeds := r.Feeds[:min(parts, len(r.Feeds))]
	for i := range feeds {
		f := &feeds[i]
		n += 3*ctim.StringLength(f.Name) + ctim.StringLength(f.Category) + ctim.StringLength(f.Organization)
	}
	if l != nil && entities(r) < limit {
		n += (relation + each) * len(l.ActiveDNS)
		for i := range l.ActiveDNS {
			n += ctim.StringLength(l.ActiveDNS[i].Indicator)
		}
	}
	return int64(n)
}

// Step is what happens to an observable on its way.
type Step struct {
	pulsedive.Progress
	// Result is what came of it, where the state is done or failed. Where it is
	// queued once more, for its relations, it is what is known so far.
	Result *store.Result
}

// Listener is told what happens to an observable, by its place in the request,
// and of each at last that it is done or failed. It is called from several
// goroutines, one at a time, never after the answer, and must be quick.
type Listener func(observable int, s Step)

// Observe asks about observables, none of which may be in the list twice, and
// answers with what came of it by the end of ctx: an observable that fails does
// not void the others. listen may be nil.
func (r *Relay) Observe(ctx context.Context, c Caller, list []ctim.Observable, listen Listener) Observed {
	run := newRun(ctx, r, c, list, listen)
	defer run.batch.Close()
	return run.observe(r.limit(c)).collected()
}

// observe asks everything and translates what is known, without bundles.
func (n *run) observe(limit int) Observed {
	r := n.relay
	var room atomic.Int64
	room.Store(maxAnswer)
	n.links = func(record *pulsedive.Record) bool {
		return record.Complete() == nil && record.Type != "url" && entities(record) < limit
	}
	n.finish = func(o *outcome) {
		if o.err == nil {
			o.err = o.record.Complete()
		}
		if o.err == nil && room.Add(-weight(o.record, o.links, limit)) < 0 {
			o.err = errTooMuch
		}
		if o.err == nil {
			t := usedTranslations.Get().(*translation)
			t.translate(o.record, o.links, limit, r.cfg.Now(), r.cfg.NewID)
			o.known = t
		}
	}
	n.ask()
	known := make([]*translation, 0, len(n.list))
	for i := range n.outcomes {
		if t := n.outcomes[i].known; t != nil {
			known = append(known, t)
		}
	}
	size := min(maxAnswer, maxAnswer-room.Load())
	return Observed{known: known, size: int(size), Errors: n.errors(len(known) > 0), Asked: askedOf(n.batch, n.results)}
}
