package auth_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"pulsedive-relay/relay/auth"
	"pulsedive-relay/relay/auth/authtest"
)

// Keys are fetched once an hour, however many tokens they verify.
func TestKeysAreFetchedOnceAnHour(t *testing.T) {
	t.Parallel()
	r := newRelay(issuer)
	one, two := tokenOf(t, issuer, nil), tokenOf(t, issuer, map[string]any{"iss": "another"})
	for _, step := range []struct {
		name    string
		after   time.Duration
		fetches int64
	}{
		{"at first", 0, 1},
		{"half an hour later", 30 * time.Minute, 1},
		{"just before the hour", 30*time.Minute - time.Nanosecond, 1},
		{"at the hour", time.Nanosecond, 2},
		{"after the hour", 30 * time.Minute, 2},
		{"at the second hour", 30 * time.Minute, 3},
		{"days later", 72 * time.Hour, 4},
	} {
		r.clock.move(step.after)
		r.wants(t, step.name, one, nil)
		r.wants(t, step.name, two, nil)
		r.wants(t, step.name, one, nil)
		r.wantFetches(t, step.name, step.fetches)
	}
}

// An unknown key id has the keys fetched at most once a minute, counted from any fetch.
func TestUnknownKeyID(t *testing.T) {
	t.Parallel()
	r := newRelay(issuer)
	unknown := wrongToken(t, issuer, authtest.UnknownKID, nil)
	for _, step := range []struct {
		name    string
		after   time.Duration
		fetches int64
	}{
		{"at first", 0, 1},
		{"at once again", 0, 1},
		{"just before a minute", time.Minute - time.Nanosecond, 1},
		{"after a minute", time.Nanosecond, 2},
		{"at once again", 0, 2},
		{"after another minute", time.Minute, 3},
	} {
		r.clock.move(step.after)
		r.wants(t, step.name, unknown, auth.ErrKeyID)
		r.wantFetches(t, step.name, step.fetches)
		r.wants(t, step.name+", a known one", tokenOf(t, issuer, nil), nil)
		r.wantFetches(t, step.name+", a known one", step.fetches)
	}
}

// A token without a key id is no reason to fetch again.
func TestNoKeyID(t *testing.T) {
	t.Parallel()
	key := newKey(t, 2048)
	r := relayOver(answering(http.StatusOK, keySetOf(t, &key.PublicKey, map[string]any{})), ownHost)
	token := ownToken(t, jwt.SigningMethodRS256, key, map[string]any{"kid": nil})
	r.wants(t, "at first", token, auth.ErrKeyID)
	r.clock.move(59 * time.Minute)
	r.wants(t, "within the hour", token, auth.ErrKeyID)
	r.wantFetches(t, "no key id", 1)
}

// While the host is down, old keys keep serving, and the host is asked once a minute until it is back.
func TestStaleKeysServe(t *testing.T) {
	t.Parallel()
	by := newIssuer(t)
	r := newRelay(by)
	token := tokenOf(t, by, nil)
	r.wants(t, "while the host is up", token, nil)
	by.SetDown(true)
	for _, step := range []struct {
		name    string
		after   time.Duration
		fetches int64
	}{
		{"within the hour", 59 * time.Minute, 1},
		{"at the hour", time.Minute, 2},
		{"half a minute later", 30 * time.Second, 2},
		{"a minute later", 30 * time.Second, 3},
		{"two days later", 48 * time.Hour, 4},
	} {
		r.clock.move(step.after)
		r.wants(t, "host down, "+step.name, token, nil)
		r.wantFetches(t, "host down, "+step.name, step.fetches)
	}
	unknown := wrongToken(t, by, authtest.UnknownKID, nil)
	r.wants(t, "host down, unknown key id", unknown, auth.ErrKeyID)
	by.SetDown(false)
	r.clock.move(time.Minute)
	r.wants(t, "host up again", token, nil)
	r.wantFetches(t, "host up again", 5)
	r.clock.move(59 * time.Minute)
	r.wants(t, "within the hour after that", token, nil)
	r.wantFetches(t, "within the hour after that", 5)
}

// A host that never answered is asked once in five seconds, so that its recovery is soon seen.
func TestHostThatNeverAnswered(t *testing.T) {
	t.Parallel()
	by := newIssuer(t)
	by.SetDown(true)
	r := newRelay(by)
	token := tokenOf(t, by, nil)
	for _, step := range []struct {
		name    string
		after   time.Duration
		fetches int64
	}{
		{"at first", 0, 1},
		{"at once again", 0, 1},
		{"just before five seconds", 5*time.Second - time.Nanosecond, 1},
		{"after five seconds", time.Nanosecond, 2},
	} {
		r.clock.move(step.after)
		r.wants(t, "host down, "+step.name, token, auth.ErrHost)
		r.wantFetches(t, "host down, "+step.name, step.fetches)
	}
	by.SetDown(false)
	r.wants(t, "host up, within five seconds", token, auth.ErrHost)
	r.clock.move(5 * time.Second)
	r.wants(t, "host up, after five seconds", token, nil)
}

// One host's trouble is not another's, and the states tell them apart.
func TestHostsAreApart(t *testing.T) {
	t.Parallel()
	const dead = "127.0.0.1:9"
	r := newRelay(issuer, func(config *auth.Config) { config.Hosts = append(config.Hosts, dead) })
	r.wants(t, "a host that does not answer", tokenOf(t, issuer, map[string]any{"jwks_host": dead}), auth.ErrHost)
	r.wants(t, "the other host", tokenOf(t, issuer, nil), nil)
	states := map[string]auth.HostState{}
	for _, state := range r.Hosts() {
		states[state.Host] = state
	}
	if got := states[dead]; got.Err == "" || !got.Fetched.IsZero() || got.Keys != 0 {
		t.Errorf("state of the host that does not answer: got %+v, want an error and no keys", got)
	}
	if got, want := states[issuer.Host()], (auth.HostState{Host: issuer.Host(), Keys: 1, Fetched: start}); got != want {
		t.Errorf("state of the other host: got %+v, want %+v", got, want)
	}
}

// Before any token there is nothing to tell of a host but its name.
func TestHostsBeforeAnyToken(t *testing.T) {
	t.Parallel()
	v := auth.New(auth.Config{Hosts: []string{"b.example", "A.example", "b.example"}})
	want := []auth.HostState{{Host: "a.example"}, {Host: "b.example"}}
	if got := v.Hosts(); !slices.Equal(got, want) {
		t.Errorf("states before any token: got %+v, want %+v", got, want)
	}
}
