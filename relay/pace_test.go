package relay_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pulsedive-relay/relay"
	"pulsedive-relay/relay/pulsedive"
	"pulsedive-relay/relay/pulsedive/pulsedivetest"
)

// freeKey observes n domains within a time with a key that costs nothing: one
// call a second.
func freeKey(t *testing.T, n int, within time.Duration) (relay.Observed, *pulsedivetest.Fake) {
	t.Helper()
	fake := pulsedivetest.New(pulsedivetest.Config{Generate: true, Plan: pulsedivetest.FreePlan()})
	client, err := pulsedive.New(pulsedive.Config{URL: "http://pulsedive.example/api/info.php", HTTP: &http.Client{Transport: fake.Transport()}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	return relay.New(relay.Config{Pulsedive: client}).Observe(ctx, relay.Caller{Key: testKey}, observables("domain", numbered(n)...), nil), fake
}

// With a free key calls wait for their second instead of failing.
func TestFreeKeyWaitsForItsTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, fake := freeKey(t, 8, 25*time.Second)
		if len(o.Errors) != 0 || len(o.Bundles) != 8 || relations(o) == 0 {
			t.Errorf("8 domains with a free key: %d bundles, %d relations, errors %q, want 8, some, none", len(o.Bundles), relations(o), o.Errors)
		}
		if fake.Count() > o.Calls || o.Calls > 18 {
			t.Errorf("8 domains with a free key: %d calls, %d arrived, want 16 or few more", o.Calls, fake.Count())
		}
	})
}

// What does not fit into the time: verdicts come before relations, and what is
// missing is said, with the limit that is the reason.
func TestFreeKeyAnswersWhatTheTimeAllows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, _ := freeKey(t, 16, 20*time.Second)
		if len(o.Bundles) != 16 || len(o.Errors) != 1 || o.Errors[0].Type != "warning" || !strings.HasPrefix(o.Errors[0].Message, "Relations of ") ||
			!strings.HasSuffix(o.Errors[0].Message, " of 16 observables are missing: the request's time was over (the API key allows 1 call a second).") {
			t.Errorf("16 domains in 20 s: %d bundles, errors %q, want 16 and a warning that relations are missing", len(o.Bundles), o.Errors)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		o, _ := freeKey(t, 40, 10*time.Second)
		n := len(o.Bundles)
		const reason = " (the API key allows 1 call a second)."
		want := []relay.Error{
			{Type: "warning", Code: "timeout", Message: fmt.Sprintf("The request's time was over before Pulsedive had answered for %d of 40 observables"+reason, 40-n)},
			{Type: "warning", Code: "timeout", Message: fmt.Sprintf("Relations of %d of 40 observables are missing: the request's time was over"+reason, n)},
		}
		if n < 8 || n > 10 || relations(o) != 0 || !slices.Equal(o.Errors, want) {
			t.Errorf("40 domains in 10 s: %d bundles, %d relations, errors\n%q, want about nine, none,\n%q", n, relations(o), o.Errors, want)
		}
	})
}

func relations(o relay.Observed) int {
	n := 0
	for _, b := range o.Bundles {
		for _, s := range b.Sightings {
			n += len(s.Relations)
		}
	}
	return n
}
