package relay

import (
	"context"

	"pulsedive-relay/relay/auth"
)

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
