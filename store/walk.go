package store

import (
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"
)

const (
	// maxLooked is how many entries a list, or a step of anything longer, looks
	// at before it comes back with what it found.
	maxLooked = 250_000
	// maxLooking is how long it looks: entries that are not in memory take a disk
	// much longer. The clock is asked once for every askClock entries.
	maxLooking = 200 * time.Millisecond
	askClock   = 512
	// maxCandidates is how many entries of the index a search gathers; one that
	// has more finds its exchanges by looking through them, newest first.
	maxCandidates = 50_000
)

// farFuture is later than all that is stored.
var farFuture = time.Unix(1<<40, 0)

// walk looks at stored summaries, one after the other.
type walk struct {
	match *match
	// low and high bound the numbers, both included.
	low, high uint64
	// up: from low to high; else down.
	up bool
	searchBounds
	// last is the entry that was looked at last, and at its time, in nanoseconds
	// since 1970. partial says that the bound was reached before the end.
	last    uint64
	at      int64
	partial bool
}

// searchBounds are maxLooked and maxCandidates, but in tests.
type searchBounds struct{ looked, candidates int }

// newWalk is a walk over all that a filter may mean.
func (s *Store) newWalk(f Filter) *walk {
	return &walk{match: newMatch(f), low: 1, high: 1<<64 - 1, searchBounds: s.searches}
}

// run gives the summaries that match, until found returns false.
func (w *walk) run(tx *bolt.Tx, found func(id uint64, summary []byte) bool) error {
	if w.match.never {
		return nil
	}
	if err := w.bound(tx); err != nil {
		return err
	}
	looked, start := 0, time.Now()
	visit := func(id uint64, v []byte) bool {
		if looked++; looked > w.looked || looked%askClock == 0 && time.Since(start) > maxLooking {
			w.partial = true
			return false
		}
		w.last = id
		if len(v) >= headSize {
			w.at = nanoseconds(v)
		}
		return !w.match.matches(v) || found(id, v)
	}
	if w.match.value != "" {
		if ids, ok := candidates(tx, w.match.value, w.low, w.high, w.candidates); ok {
			w.those(tx, ids, visit)
			return nil
		}
	}
	w.all(tx, visit)
	return nil
}

// step is run for walks in several transactions: it goes on behind the last step,
// until found says that this one is full. ended says that nothing is left.
func (w *walk) step(tx *bolt.Tx, found func(id uint64, summary []byte) (full bool)) (ended bool, err error) {
	full := false
	w.partial = false
	err = w.run(tx, func(id uint64, v []byte) bool {
		full = found(id, v)
		return !full
	})
	ended = !full && !w.partial || w.last <= 1
	w.high = w.last - 1
	return ended, err
}

// bound narrows the walk to the numbers that the filter's times can have.
// Numbers follow the clock only roughly, so the hours know theirs.
func (w *walk) bound(tx *bolt.Tx) error {
	f := w.match.filter
	if f.From.IsZero() && f.To.IsZero() {
		return nil
	}
	first, _ := bucket(tx, hoursBucket).Cursor().First()
	if first == nil || f.To.IsZero() && int64(numberOf(first)) >= f.From.Unix() {
		return nil
	}
	to := f.To
	if to.IsZero() {
		to = farFuture
	}
	low, high := uint64(1<<64-1), uint64(0)
	err := eachHour(tx, f.From, to, func(h *hourEntry) {
		if h.low > 0 {
			low, high = min(low, h.low), max(high, h.high)
		}
	})
	if hourKey(f.From) <= int64(numberOf(first)) {
		low = 1 // what came in before the first hour that is kept has no hour
	}
	w.low, w.high = max(w.low, low), min(w.high, high)
	return err
}

// those visits the exchanges of these numbers.
func (w *walk) those(tx *bolt.Tx, ids []uint64, visit func(uint64, []byte) bool) {
	if !w.up {
		slices.Reverse(ids)
	}
	b := bucket(tx, summariesBucket)
	for _, id := range ids {
		if v := b.Get(number(id)); v != nil && !visit(id, v) {
			return
		}
	}
}

// all visits every exchange.
func (w *walk) all(tx *bolt.Tx, visit func(uint64, []byte) bool) {
	c := bucket(tx, summariesBucket).Cursor()
	step := c.Prev
	from := w.high
	if w.up {
		step, from = c.Next, w.low
	}
	k, v := c.Seek(number(from))
	if !w.up && (k == nil || numberOf(k) > w.high) {
		if k == nil {
			k, v = c.Last()
		} else {
			k, v = c.Prev()
		}
	}
	for ; k != nil; k, v = step() {
		if id := numberOf(k); id < w.low || id > w.high || !visit(id, v) {
			return
		}
	}
}
