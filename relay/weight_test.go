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
			for _, limit := range []int{0, 1, 70, 120, 1000} {
				known := &translation{}
				known.translate(r, l, limit, seen, nil)
				if got, most := len(appendKnown(nil, []*translation{known})), weight(r, l, limit); int64(got) > most || n > 0 && int64(got) < most/4 {
					t.Errorf("%s, %d of each, at most %d: an answer of %d bytes weighs %d", name, n, limit, got, most)
				}
			}
		}
	}
}

// weighed is a record of so many threats with long texts.
func weighed(threats int) *pulsedive.Record {
	r := &pulsedive.Record{Indicator: "a.example", Type: "domain"}
	for range threats {
		r.Threats = append(r.Threats, pulsedive.Threat{Name: strings.Repeat("a long name, ", 80), Category: "malware"})
	}
	return r
}

// TestWeightIsCheap: weighing takes no memory, and no look at what is left out.
func TestWeightIsCheap(t *testing.T) { // not parallel: it counts allocations
	r := weighed(100)
	if n := testing.AllocsPerRun(10, func() { weight(r, nil, 100) }); n != 0 {
		t.Errorf("weighing allocates %.0f times, want none", n)
	}
	if all, few := weight(r, nil, 10), weight(weighed(10), nil, 10); all != few {
		t.Errorf("ten of a hundred threats weigh %d, ten of ten %d; want the same", all, few)
	}
}

func BenchmarkWeight(b *testing.B) {
	r := weighed(100)
	b.ReportAllocs()
	for b.Loop() {
		weight(r, nil, 100)
	}
}
