package store

import (
	"math"
	"time"
)

// Histogram counts durations in buckets that grow by a quarter: from 1 ms to
// about two minutes, with all that is longer in the last one. What it tells is
// right to a quarter.
type Histogram [54]uint32

// growth is how much longer each bucket's durations are than the last one's.
const growth = 1.25

// Add counts a duration.
func (h *Histogram) Add(d time.Duration) { h[h.place(d)]++ }

// place is the bucket of a duration.
func (h *Histogram) place(d time.Duration) int {
	i := 0
	if ms := d.Seconds() * 1000; ms > 1 {
		i = int(math.Ceil(math.Log(ms) / math.Log(growth)))
	}
	return min(i, len(h)-1)
}

// Remove counts a duration n times less: where its bucket does not have so many,
// the nearest ones that have.
func (h *Histogram) Remove(d time.Duration, n int) {
	at := h.place(d)
	for away := range h {
		for _, i := range []int{at - away, at + away} {
			if i >= 0 && i < len(h) {
				taken := min(n, int(h[i]))
				h[i] -= uint32(taken)
				n -= taken
			}
		}
	}
}

// Merge adds what another one counted.
func (h *Histogram) Merge(o *Histogram) {
	for i, n := range o {
		h[i] += n
	}
}

// Percentile is the duration that a share p (0 to 1) of those counted did not
// exceed, about; 0 where none were counted.
func (h *Histogram) Percentile(p float64) time.Duration {
	var all, below float64
	for _, n := range h {
		all += float64(n)
	}
	if all == 0 {
		return 0
	}
	for i, n := range h {
		if below += float64(n); below >= p*all {
			return time.Duration(math.Pow(growth, float64(i)) * float64(time.Millisecond))
		}
	}
	return 0
}
