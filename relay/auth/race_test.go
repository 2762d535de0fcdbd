package auth_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"pulsedive-relay/relay/auth"
	"pulsedive-relay/relay/auth/authtest"
)

// Many callers, a clock that runs, a host that comes and goes: once keys are known, a good token is always accepted
// and a bad one never.
func TestManyCallers(t *testing.T) {
	t.Parallel()
	by := newIssuer(t)
	r := newRelay(by)
	cases := []struct {
		name, token string
		want        error
	}{
		{"good", tokenOf(t, by, nil), nil},
		{"another good one", tokenOf(t, by, map[string]any{"CTR_ENTITIES_LIMIT": 7}), nil},
		{"another key", wrongToken(t, by, authtest.OtherKey, nil), auth.ErrSignature},
		{"unknown key id", wrongToken(t, by, authtest.UnknownKID, nil), auth.ErrKeyID},
		{"another audience", tokenOf(t, by, map[string]any{"aud": "https://other.example"}), auth.ErrAudience},
		{"expired", tokenOf(t, by, map[string]any{"exp": start.Unix() - 3600}), auth.ErrExpired},
		{"no key", tokenOf(t, by, map[string]any{"key": absent}), auth.ErrNoKey},
	}
	r.wants(t, "the first token", cases[0].token, nil)
	const rounds = 150
	var callers sync.WaitGroup
	for _, one := range cases {
		for range 3 {
			callers.Go(func() {
				for round := range rounds {
					if got, err := r.ask(one.token); !errors.Is(err, one.want) {
						t.Errorf("%s, round %d: got %v, %v, want error %v", one.name, round, got, err, one.want)
						return
					}
				}
			})
		}
	}
	callers.Go(func() {
		for round := range rounds {
			by.SetDown(round%3 == 0)
			r.clock.move(7 * time.Minute)
			if got := len(r.Hosts()); got != 1 {
				t.Errorf("hosts, round %d: got %d, want 1", round, got)
			}
		}
	})
	callers.Wait()
	if got := r.fetches.n.Load(); got < 1 || got > rounds+1 {
		t.Errorf("%d minutes of fetching: got %d fetches, want 1 to %d", 7*rounds, got, rounds+1)
	}
}
