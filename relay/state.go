package relay

import (
	"context"

	"pulsedive-relay/relay/auth"
	"pulsedive-relay/relay/pulsedive"
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

// Latest is the call to Pulsedive that ended last, of any key, and what is known by
// now of the limits of that key. Its Outcome is empty where none ended yet.
func (r *Relay) Latest() (pulsedive.Call, []store.Quota) {
	call, quotas := r.cfg.Pulsedive.Latest()
	return call, quotasOf(quotas)
}
