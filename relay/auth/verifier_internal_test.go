package auth

import (
	"context"
	"crypto/rsa"
	"errors"
	"math/big"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"pulsedive-relay/relay/auth/authtest"
)

// What is remembered is forgotten after ten minutes, or when its token has ended, whichever comes first. Nobody outside
// can see that: a token that was forgotten is verified again, with the same result.
func TestRememberedUntil(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, time.November, 23, 10, 54, 1, 0, time.UTC)
	for _, test := range []struct {
		name string
		ends time.Time
		want time.Duration
	}{
		{"a token without exp", latest, 10 * time.Minute},
		{"a token of an hour", start.Add(time.Hour), 10 * time.Minute},
		{"a token of five minutes", start.Add(5 * time.Minute), 6 * time.Minute},
	} {
		now := start
		v := New(Config{Hosts: []string{"keys.example"}, Now: func() time.Time { return now }})
		signer := &rsa.PublicKey{N: big.NewInt(1), E: 65537}
		v.hosts["keys.example"].known.Store(&keySet{keys: map[string]*rsa.PublicKey{"kid": signer}, fetched: start, tried: start})
		v.remember(digest{}, &grant{host: "keys.example", kid: "kid", signer: signer, ends: test.ends}, start)
		for _, step := range []struct {
			after time.Duration
			want  bool
		}{{0, true}, {test.want - time.Nanosecond, true}, {test.want, false}, {0, false}} {
			now = start.Add(step.after)
			if _, got := v.recall(context.Background(), digest{}); got != step.want {
				t.Errorf("%s, remembered after %s: got %t, want %t", test.name, step.after, got, step.want)
			}
		}
	}
}

// What is remembered holds a caller's key, and goes within a minute after its time is over, though nobody asks. What is
// remembered anew goes when its new time is over.
func TestRememberedGoesByItself(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := New(Config{})
		v.remember(digest{1}, &grant{ends: time.Now().Add(5 * time.Minute)}, time.Now())
		v.remember(digest{2}, &grant{ends: latest}, time.Now())
		v.remember(digest{3}, &grant{ends: latest}, time.Now())
		after := func(wait time.Duration, want int) {
			t.Helper()
			time.Sleep(wait)
			synctest.Wait()
			if got := v.accepted.EstimatedSize(); got != want {
				t.Errorf("%s later: %d are remembered, want %d", wait, got, want)
			}
		}
		after(6*time.Minute-time.Nanosecond, 3)
		v.remember(digest{3}, &grant{ends: latest}, time.Now())
		after(sweepEvery+time.Nanosecond, 2)
		after(3*time.Minute-time.Nanosecond, 2)
		after(sweepEvery+time.Nanosecond, 1)
		after(5*time.Minute-2*time.Nanosecond, 1)
		after(sweepEvery+time.Nanosecond, 0)
		if v.sweeping.Load() {
			t.Error("nothing is remembered, and yet a sweep is to come")
		}
		v.remember(digest{4}, &grant{ends: latest}, time.Now())
		after(rememberedFor-time.Nanosecond, 1)
		after(sweepEvery+time.Nanosecond, 0)
	})
}

// Only what was accepted is remembered, so that tokens for others do not push out our own.
func TestRefusedAreNotRemembered(t *testing.T) {
	t.Parallel()
	issuer, err := authtest.NewIssuer()
	if err != nil {
		t.Fatalf("starting an issuer: %v", err)
	}
	t.Cleanup(issuer.Close)
	v := New(Config{Hosts: []string{issuer.Host()}, HTTP: issuer.Client()})
	token, err := issuer.Token(map[string]any{"jwks_host": issuer.Host(), "aud": "https://relay.example", "key": "k"})
	if err != nil {
		t.Fatalf("signing: %v", err)
	}
	for _, step := range []struct {
		asked string
		err   error
		want  int
	}{{"https://other.example", ErrAudience, 0}, {"https://relay.example", nil, 1}, {"https://other.example", ErrAudience, 1}} {
		_, err := v.Verify(context.Background(), "Bearer "+token, step.asked)
		if got := v.accepted.EstimatedSize(); got != step.want || !errors.Is(err, step.err) {
			t.Errorf("asked at %s: got %d remembered, %v, want %d, %v", step.asked, got, err, step.want, step.err)
		}
	}
}

// A caller that found a fetch due, and whose turn comes when it was just made, makes none.
func TestFetchedMeanwhile(t *testing.T) {
	t.Parallel()
	v := New(Config{Hosts: []string{"keys.example"}, HTTP: &http.Client{Transport: refusing{}}})
	host, now := v.hosts["keys.example"], time.Now()
	known := &keySet{keys: map[string]*rsa.PublicKey{}, fetched: now, tried: now}
	host.known.Store(known)
	if got := host.fetch("unknown"); got != known || got.err != nil {
		t.Errorf("fetching what was just fetched: got %+v, want the same as before", got)
	}
}

// refusing is a transport that fails.
type refusing struct{}

func (refusing) RoundTrip(*http.Request) (*http.Response, error) { return nil, errors.New("refused") }
