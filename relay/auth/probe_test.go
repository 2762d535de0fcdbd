package auth_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"pulsedive-relay/relay/auth"
)

// dated sets the Date of every answer.
type dated struct {
	http.RoundTripper
	date string
}

func (d dated) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := d.RoundTripper.RoundTrip(r)
	if err == nil {
		answer.Header.Set("Date", d.date)
	}
	return answer, err
}

func TestProbeClock(t *testing.T) {
	t.Parallel()
	at := func(d time.Duration) string { return start.Add(d).UTC().Format(http.TimeFormat) }
	for _, c := range []struct {
		name, date string
		want       time.Duration
		told       bool
	}{
		{"the same second", at(0), 0, true},
		{"a second that is not over yet", at(-time.Second), 0, true},
		{"behind the host", at(90 * time.Second), -90 * time.Second, true},
		{"ahead of the host", at(-5 * time.Minute), 5 * time.Minute, true},
		{"no date", "", 0, false},
		{"nonsense", "soon", 0, false},
	} {
		r := relayOver(dated{issuer.Client().Transport, c.date}, issuer.Host())
		got, err := r.Probe(t.Context(), strings.ToUpper(issuer.Host()))
		if err != nil || got.Ahead != c.want || got.Dated != c.told || got.Keys != 1 {
			t.Errorf("%s: probing answers %+v, %v; want %s ahead, dated %v, 1 key", c.name, got, err, c.want, c.told)
		}
	}
}

// TestProbeOfStrangers: nothing but the allow list is ever asked.
func TestProbeOfStrangers(t *testing.T) {
	t.Parallel()
	r := newRelay(issuer)
	for _, host := range []string{"", "keys.example.com", issuer.Host() + "0", "user@" + issuer.Host(), issuer.Host() + "/x"} {
		if _, err := r.Probe(t.Context(), host); !errors.Is(err, auth.ErrHost) {
			t.Errorf("probing %q: %v; want ErrHost", host, err)
		}
	}
	if n := r.fetches.n.Load(); n != 0 {
		t.Errorf("probing strangers made %d requests; want none", n)
	}
}

// TestProbeFails: what is wrong is told, and what was known before stays.
func TestProbeFails(t *testing.T) {
	t.Parallel()
	own := newIssuer(t)
	r := newRelay(own)
	if _, err := r.Verify(t.Context(), "Bearer "+tokenOf(t, own, nil), relayURL); err != nil {
		t.Fatal(err)
	}
	own.SetDown(true)
	if _, err := r.Probe(t.Context(), own.Host()); !errors.Is(err, auth.ErrHost) || !strings.Contains(err.Error(), "status 503") {
		t.Errorf("probing a host that is down: %v; want ErrHost with its status", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Probe(ctx, own.Host()); !errors.Is(err, context.Canceled) {
		t.Errorf("probing without time: %v; want that it was cancelled", err)
	}
	if state := r.Hosts()[0]; state.Keys != 1 || state.Err != "" {
		t.Errorf("after the probes the host's state is %+v; want its key and no error", state)
	}
}
