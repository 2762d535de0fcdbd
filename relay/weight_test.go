package relay

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pulsedive-relay/relay/pulsedive"
)

// TestWeightIsABound: no answer gets longer than it weighs, whatever its texts are
// made of.
func TestWeightIsABound(t *testing.T) {
	t.Parallel()
	seen := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for name, text := range map[string]string{
		"nothing": "", "plain": strings.Repeat("x", 300), "quotes": strings.Repeat(`"`, 300), "controls": strings.Repeat("\x01", 300),
		"long": strings.Repeat("\x01", 30_000), "no UTF-8": strings.Repeat("\xff", 300),
	} {
		for _, n := range []int{0, 1, 50} {
			r := &pulsedive.Record{IID: "18446744073709551615", Indicator: text, Type: "domain", Risk: "critical", Retired: "yes", Seen: seen, RetiredAt: seen.AddDate(1, 0, 0)}
			l := &pulsedive.Links{}
			for i := range n {
				unlike := fmt.Sprint(text, i)
				r.RiskFactors = append(r.RiskFactors, pulsedive.RiskFactor{Description: unlike, Risk: text})
				r.Threats = append(r.Threats, pulsedive.Threat{TID: r.IID, Name: unlike, Category: text, Linked: seen})
				r.Feeds = append(r.Feeds, pulsedive.Feed{FID: r.IID, Name: unlike, Category: text, Organization: text, Linked: seen})
				l.ActiveDNS = append(l.ActiveDNS, pulsedive.DNS{Indicator: unlike, Type: "ip", Linked: seen})
			}
			known := &translation{}
			known.translate(r, l, 1000, seen, nil)
			if got, most := len(appendKnown(nil, []*translation{known})), weight(r, l, 1000); int64(got) > most || n > 0 && int64(got) < most/4 {
				t.Errorf("%s, %d of each: an answer of %d bytes weighs %d", name, n, got, most)
			}
		}
	}
}
