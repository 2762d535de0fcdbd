package auth

import (
	"cmp"
	"context"
	"crypto/rsa"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"
)

// How often the keys of a host are fetched.
const (
	// keysLifetime is how long a key set is good without asking again.
	keysLifetime = time.Hour
	// warmRetry is the least time between two fetches from a host whose keys we have, whether they are old or a
	// token names one that is not among them.
	warmRetry = time.Minute
	// coldRetry is the least time between two fetches from a host that has never answered: short, because until
	// then all its tokens are refused; not nothing, because each of them would have it asked again.
	coldRetry = 5 * time.Second
)

// keyHost is a host on the allow list, and what is known of its keys. Readers take no lock; the one fetch that may
// be under way replaces what they read.
type keyHost struct {
	name   string // in lower case
	client *http.Client
	now    func() time.Time
	log    *slog.Logger

	known  atomic.Pointer[keySet]
	flight singleflight.Group
}

// keySet is what a host published, and how the last fetch went. It does not change.
type keySet struct {
	keys    map[string]*rsa.PublicKey // by key id; nil: never fetched
	fetched time.Time                 // when keys were
	tried   time.Time                 // when the last fetch ended
	err     error                     // why the last fetch failed
}

// due says whether a token with this key id is a reason to fetch. An empty kid is none by itself.
func (s *keySet) due(now time.Time, kid string) bool {
	if s == nil {
		return true
	}
	rested := now.Sub(s.tried)
	if s.keys == nil {
		return rested >= coldRetry
	}
	old := now.Sub(s.fetched) >= keysLifetime
	unknown := kid != "" && s.keys[kid] == nil
	return (old || unknown) && rested >= warmRetry
}

// key is the host's key of that id, fetched where that is due. The error is ErrHost or ErrKeyID.
func (h *keyHost) key(ctx context.Context, kid string) (*rsa.PublicKey, error) {
	known := h.known.Load()
	if known.due(h.now(), kid) {
		var err error
		if known, err = h.refresh(ctx, kid); err != nil {
			return nil, err
		}
	}
	if known.keys == nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrHost, h.name, known.err)
	}
	if key := known.keys[kid]; key != nil {
		return key, nil
	}
	return nil, fmt.Errorf("%w: not published by %s", ErrKeyID, h.name)
}

// refresh waits for the one fetch that is under way, and starts it where there is none. The fetch belongs to no
// caller: it goes on for the others when the one that started it gives up.
func (h *keyHost) refresh(ctx context.Context, kid string) (*keySet, error) {
	landed := h.flight.DoChan("", func() (any, error) { return h.fetch(kid), nil })
	select {
	case result := <-landed:
		return result.Val.(*keySet), nil
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: %s: gave up waiting for its keys: %w", ErrHost, h.name, ctx.Err())
	}
}

// fetch replaces what is known of the keys. Where it fails, the old ones stay.
func (h *keyHost) fetch(kid string) *keySet {
	known := h.known.Load()
	if !known.due(h.now(), kid) {
		return known // fetched between the caller's look and its turn
	}
	next := keySet{}
	if known != nil {
		next = *known
	}
	keys, err := fetchKeys(h.client, h.name)
	next.tried, next.err = h.now(), err
	if err == nil {
		next.keys, next.fetched = keys, next.tried
		h.log.Info("keys fetched", "host", h.name, "keys", len(keys))
	} else {
		h.log.Warn("keys not fetched", "host", h.name, "error", err, "stale", next.keys != nil)
	}
	h.known.Store(&next)
	return &next
}

// HostState is how a key host does, for people to look at.
type HostState struct {
	Host    string    // as on the allow list, in lower case
	Keys    int       // how many usable keys it published
	Fetched time.Time // when; zero: never
	Err     string    // why the last fetch failed; empty: it did not
}

// Hosts is the state of every host on the allow list, sorted by name.
func (v *Verifier) Hosts() []HostState {
	states := make([]HostState, 0, len(v.hosts))
	for name, host := range v.hosts {
		state := HostState{Host: name}
		if known := host.known.Load(); known != nil {
			state.Keys, state.Fetched = len(known.keys), known.fetched
			if known.err != nil {
				state.Err = known.err.Error()
			}
		}
		states = append(states, state)
	}
	slices.SortFunc(states, func(a, b HostState) int { return cmp.Compare(a.Host, b.Host) })
	return states
}
