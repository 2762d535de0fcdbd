package relay

import (
	"context"

	"pulsedive-relay/relay/auth"
	"pulsedive-relay/store"
)

// What people who run the relay ask of it, beside observables.

// ProbeKeyHost asks a key host of the allow list for its keys, for people who
// want to know whether it answers.
func (r *Relay) ProbeKeyHost(ctx context.Context, host string) (auth.Probe, error) {
	return r.cfg.Verifier.Probe(ctx, host)
}

// Fault is what a health check came to, as callers see it; nil: it is well.
func (h Health) Fault() *Error {
	if h.Err == nil {
		return nil
	}
	e := errorFor(h.Err)
	return &e
}

// KeyHosts is the state of every key host on the allow list.
func (r *Relay) KeyHosts() []auth.HostState { return r.cfg.Verifier.Hosts() }

// Quotas is what is known of the limits of a key.
func (r *Relay) Quotas(key string) []store.Quota {
	b := r.cfg.Pulsedive.Batch(key, 0)
	defer b.Close()
	return quotasOf(b.Quotas())
}
