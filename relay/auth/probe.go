package auth

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Probe is how a key host answered just now, for people to look at.
type Probe struct {
	// Keys is how many usable keys it published.
	Keys int
	// Ahead is how far our clock is ahead of the host's, to about a second; below zero: behind. Dated is whether the
	// host said what time it has.
	Ahead time.Duration
	Dated bool
	// Took is how long it took to answer.
	Took time.Duration
}

// Probe asks a host of the allow list for its keys, in the way that tokens have it asked. What Verify knows stays as it
// is. The error is ErrHost.
func (v *Verifier) Probe(ctx context.Context, host string) (Probe, error) {
	allowed, ok := v.hosts[strings.ToLower(host)]
	if !ok {
		return Probe{}, fmt.Errorf("%w: not on the allow list", ErrHost)
	}
	asked, began := v.now(), time.Now()
	keys, header, err := fetchKeySet(ctx, allowed.client, allowed.name)
	p := Probe{Keys: len(keys), Took: time.Since(began)}
	if err != nil {
		return p, fmt.Errorf("%w: %s: %w", ErrHost, allowed.name, err)
	}
	p.Ahead, p.Dated = ahead(asked, v.now(), header)
	return p, nil
}

// ahead is how far the clock is ahead of the time in a header that came between asked and answered. The header tells
// whole seconds: what may be no difference at all is none.
func ahead(asked, answered time.Time, header http.Header) (time.Duration, bool) {
	told, err := http.ParseTime(header.Get("Date"))
	switch {
	case err != nil:
		return 0, false
	case asked.After(told.Add(time.Second)):
		return asked.Sub(told).Truncate(time.Second), true
	case answered.Before(told):
		return answered.Sub(told).Truncate(time.Second), true
	}
	return 0, true
}
