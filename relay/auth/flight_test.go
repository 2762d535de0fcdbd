package auth_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pulsedive-relay/relay/auth"
	"pulsedive-relay/relay/auth/authtest"
)

// gate is a key host that answers when it is opened.
type gate struct {
	body string
	open chan struct{}
}

func (g gate) RoundTrip(r *http.Request) (*http.Response, error) {
	select {
	case <-g.open:
		return answer(r, http.StatusOK, g.body), nil
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

// Fifty callers at once make one fetch.
func TestSingleFlight(t *testing.T) {
	t.Parallel()
	set, token := published(t, issuer), tokenOf(t, issuer, nil)
	unknown := wrongToken(t, issuer, authtest.UnknownKID, nil)
	synctest.Test(t, func(t *testing.T) {
		host := gate{body: set, open: make(chan struct{})}
		r := relayOver(host, issuer.Host())
		var callers sync.WaitGroup
		for n := range 50 {
			callers.Go(func() {
				if n%2 == 0 {
					r.wants(t, "one of fifty callers", token, nil)
				} else {
					r.wants(t, "one of fifty callers, unknown key id", unknown, auth.ErrKeyID)
				}
			})
		}
		synctest.Wait()
		r.wantFetches(t, "fifty callers waiting", 1)
		close(host.open)
		callers.Wait()
		r.wantFetches(t, "fifty callers answered", 1)
	})
}

// The caller that started a fetch gives up; those who joined it, and those who come later, have its keys.
func TestCallerGivesUp(t *testing.T) {
	t.Parallel()
	set, header := published(t, issuer), "Bearer "+tokenOf(t, issuer, nil)
	synctest.Test(t, func(t *testing.T) {
		host := gate{body: set, open: make(chan struct{})}
		r := relayOver(host, issuer.Host())
		var callers sync.WaitGroup
		ctx, giveUp := context.WithCancel(t.Context())
		callers.Go(func() {
			_, err := r.Verify(ctx, header, relayURL)
			if !errors.Is(err, auth.ErrHost) || !errors.Is(err, context.Canceled) {
				t.Errorf("the caller that gave up: got %v, want both %v and %v", err, auth.ErrHost, context.Canceled)
			}
		})
		synctest.Wait()
		callers.Go(func() {
			if _, err := r.Verify(t.Context(), header, relayURL); err != nil {
				t.Errorf("the caller that joined: got %v, want no error", err)
			}
		})
		synctest.Wait()
		giveUp()
		synctest.Wait()
		close(host.open)
		callers.Wait()
		if _, err := r.Verify(ctx, header, relayURL); err != nil {
			t.Errorf("a caller who has given up, keys known: got %v, want no error", err)
		}
		r.wantFetches(t, "three callers", 1)
	})
}

// A host that never answers is given five seconds, or less where the client says so, and no others are kept waiting by
// an unknown key id.
func TestSlowHost(t *testing.T) {
	t.Parallel()
	set, token := published(t, issuer), tokenOf(t, issuer, nil)
	for _, test := range []struct{ client, want time.Duration }{
		{0, 5 * time.Second}, {time.Minute, 5 * time.Second}, {-1, 5 * time.Second}, {time.Second, time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			host := gate{body: set, open: make(chan struct{})}
			r := relayOver(host, issuer.Host(), func(config *auth.Config) { config.HTTP.Timeout = test.client })
			began := time.Now()
			r.wants(t, "a host that never answers", token, auth.ErrHost)
			if got := time.Since(began); got != test.want {
				t.Errorf("waiting with a client's timeout of %s: got %s, want %s", test.client, got, test.want)
			}
		})
	}
}

// A known key is at hand while a fetch for an unknown one is under way.
func TestKnownKeyNeverWaits(t *testing.T) {
	t.Parallel()
	set, token := published(t, issuer), tokenOf(t, issuer, nil)
	unknown := wrongToken(t, issuer, authtest.UnknownKID, nil)
	synctest.Test(t, func(t *testing.T) {
		host := gate{body: set, open: make(chan struct{}, 1)}
		host.open <- struct{}{}
		r := relayOver(host, issuer.Host())
		r.wants(t, "the first token", token, nil)
		r.clock.move(time.Minute)
		began := time.Now()
		var caller sync.WaitGroup
		caller.Go(func() { r.wants(t, "an unknown key id", unknown, auth.ErrKeyID) })
		synctest.Wait()
		r.wantFetches(t, "an unknown key id", 2)
		r.wants(t, "a known key id meanwhile", token, nil)
		if got := time.Since(began); got != 0 {
			t.Errorf("a known key id meanwhile: got an answer after %s, want at once", got)
		}
		caller.Wait()
	})
}
