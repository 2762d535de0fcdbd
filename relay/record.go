package relay

import (
	"context"
	"net"
	"time"

	"github.com/google/uuid"

	"pulsedive-relay/relay/pulsedive"
	"pulsedive-relay/store"
)

const (
	// recordTimeout bounds how long an answer waits for its exchange to be written.
	recordTimeout = 2 * time.Second
	// tryTimeout is the same for tries: without its exchange there is no page to show
	// what came of one, and a slow disk is worth a wait.
	tryTimeout = 30 * time.Second
)

// newExchange begins the exchange of a request that came in just now.
func newExchange(source store.Source, endpoint store.Endpoint, caller string) *store.Exchange {
	x := &store.Exchange{Request: uuid.NewString()}
	x.At, x.Source, x.Endpoint, x.Caller = time.Now(), source, endpoint, caller
	return x
}

// CallerOf is the address of a connection's other end, without the port.
func CallerOf(remote string) string {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		return remote
	}
	return host
}

// take notes how the questions went.
func take(x *store.Exchange, a Asked) {
	x.Asked = time.Since(x.At) - x.Token
	x.Results, x.Calls = a.Results, a.Calls
	x.Spans = spansOf(a.Trace, x.Results, x.At)
	for i := range x.Spans {
		if x.Spans[i].FromCache() {
			x.Cached++
		}
	}
	x.Quotas = quotasOf(a.Quotas)
}

func quotasOf(list []pulsedive.Quota) []store.Quota {
	quotas := make([]store.Quota, len(list))
	for i, q := range list {
		quotas[i] = store.Quota{Period: q.Period.String(), Limit: q.Limit, Left: q.Left, Ends: q.Ends}
	}
	return quotas
}

// keep writes the exchange, which its answer waits for. That it cannot be
// written is the store's to tell, and costs nobody an answer.
func (r *Relay) keep(ctx context.Context, x *store.Exchange, outcome store.Outcome, faults []Error) error {
	x.Outcome, x.Took = outcome, time.Since(x.At)
	x.Translated = max(x.Took-x.Token-x.Asked, 0)
	for _, e := range faults {
		x.Errors = append(x.Errors, store.Fault(e))
	}
	if len(faults) > 0 {
		x.Code = faults[0].Code
	}
	if x.Source == store.XDR && x.Fingerprint == "" {
		x.Results = nil // without a token anybody may ask about anything: it is not kept
	}
	if r.cfg.Store == nil || x.Endpoint == "" {
		return nil
	}
	patience := recordTimeout
	if x.Source != store.XDR {
		patience = tryTimeout
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	if x.Source != store.XDR {
		_, err := r.cfg.Store.Append(ctx, x)
		return err
	}
	return r.cfg.Store.Record(ctx, x)
}
