package relay

import (
	"testing"

	"pulsedive-relay/store"
)

// TestLiveSharesPlaces: other settings make no further places for requests while
// those of before are still in work.
func TestLiveSharesPlaces(t *testing.T) {
	t.Parallel()
	s := store.Defaults()
	live, err := NewLive(LiveConfig{}, s)
	if err != nil {
		t.Fatal(err)
	}
	before := live.Relay()
	before.inWork <- struct{}{}
	before.largeBodies <- struct{}{}
	s.MaxObservables++
	if err := live.Apply(s); err != nil {
		t.Fatal(err)
	}
	after := live.Relay()
	if n, m := len(after.inWork), len(after.largeBodies); after == before || n != 1 || m != 1 {
		t.Errorf("settings applied with one request and one large body under way: got %d and %d places taken, want 1 and 1", n, m)
	}
}
