package relay

import (
	"context"

	"pulsedive-relay/relay/pulsedive"
)

// HealthAt is a health check at an endpoint that need not be the one that holds:
// to look before it is set. Nothing of it is remembered.
func (l *Live) HealthAt(ctx context.Context, endpoint string, c Caller) (Health, error) {
	s := l.Settings()
	if endpoint == s.PulsediveURL {
		return l.Relay().Health(ctx, c), nil
	}
	client, err := newClient(pulsedive.Config{
		URL: endpoint, UserAgent: l.cfg.UserAgent, HTTP: l.cfg.PulsediveHTTP, Timeout: s.UpstreamTimeout, Parallel: 1, Log: l.cfg.Log,
	})
	if err != nil {
		return Health{}, err
	}
	return New(Config{Pulsedive: client, Log: l.cfg.Log}).Health(ctx, c), nil
}
