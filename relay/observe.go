package relay

import (
	"context"
	"sync"
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
}

// reply is the answer for the wire. Once it is written the bundles are gone.
func (o Observed) reply() reply {
	rep := reply{errors: o.Errors, release: o.release}
	if len(o.Bundles) > 0 || len(o.Errors) == 0 {
		rep.data = func(b []byte) []byte { return ctim.AppendBundles(b, o.Bundles) }
	}
	return rep
}

// AppendJSON appends the answer as callers get it.
func (o Observed) AppendJSON(b []byte) []byte { return o.reply().appendJSON(b) }

// usedBundles are bundles whose memory serves again: they are most of what an
// answer takes.
var usedBundles = sync.Pool{New: func() any { return new(ctim.Bundle) }}

// release gives the bundles back; nobody may hold on to them.
func (o Observed) release() {
	for i := range o.Bundles {
		b := o.Bundles[i]
		clear(b.Indicators)
		clear(b.Sightings)
		clear(b.Relationships)
		if cap(b.Sightings) <= usualEntities {
			usedBundles.Put(&b)
		}
	}
}

const (
	// maxAnswer bounds one answer, in bytes, roughly. What does not fit is left
	// out, with an error.
	maxAnswer = 64 << 20
	// usualEntities is up to how many sightings a bundle's memory is kept.
	usualEntities = 256
)

// weight is about how long a record's part of the answer gets, in bytes.
func weight(r *pulsedive.Record, l *pulsedive.Links, limit int) int64 {
	const entity, relation = 1200, 200 // an indicator, its sighting and what ties them; a DNS entry
	n := 2048 + entity*min(entities(r), limit) + 5*r.TextSize()
	if l != nil {
		n += relation * len(l.ActiveDNS)
	}
	return int64(n)
}

// Step is what happens to an observable on its way.
type Step struct {
	pulsedive.Progress
	// Result is what came of it, where the state is done or failed.
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
	return run.observe(r.limit(c))
}

// observe asks everything and translates what is known.
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
			b := usedBundles.Get().(*ctim.Bundle)
			translate(b, o.record, o.links, limit, r.cfg.Now(), r.cfg.NewID)
			o.bundle = *b
		}
	}
	n.ask()
	known := make([]ctim.Bundle, 0, len(n.list))
	for i := range n.outcomes {
		if b := n.outcomes[i].bundle; len(b.Verdicts) > 0 {
			known = append(known, b)
		}
	}
	return Observed{Bundles: known, Errors: n.errors(len(known) > 0), Asked: askedOf(n.batch, n.results)}
}
