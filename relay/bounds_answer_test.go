package relay_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"pulsedive-relay/relay"
)

// TestAnAnswerOfLongIndicatorsIsBounded: the indicator's name stands in every
// sighting, so a long one weighs as often.
func TestAnAnswerOfLongIndicatorsIsBounded(t *testing.T) {
	t.Parallel()
	factors := strings.Repeat(`{"description":"x","risk":"low"},`, 999)
	for name, long := range map[string]string{"plain": strings.Repeat("x", 50_000), "escaped": strings.Repeat(`\"`, 25_000)} {
		upstream := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprintf(w, `{"iid":1,"indicator":"%s","type":"domain","risk":"high","stamp_seen":"2026-01-01 00:00:00","riskfactors":[%s{}]}`, long, factors)
		})
		w := newWorld(t, options{upstream: upstream, quiet: true})
		o := w.relay.Observe(t.Context(), relay.Caller{Key: testKey, EntitiesLimit: 1000}, observables("domain", numbered(4)...), nil)
		if n := len(o.AppendJSON(nil)); n == 0 || n > 80<<20 || len(o.Bundles) == 4 {
			t.Errorf("four records with %s names of 50,000 bytes: got %d bundles in %d bytes, want fewer in at most 80 MiB", name, len(o.Bundles), n)
		}
	}
}
