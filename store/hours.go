package store

import (
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"
)

const (
	// hourFormat is the first byte of a stored hour.
	hourFormat = 1
	// hoursKept is how long hours are kept at least, however short the history
	// is: the overview shows a week of them.
	hoursKept = 8 * 24 * time.Hour
	// hoursTrimmed is how many hours a transaction deletes at most.
	hoursTrimmed = 8
)

// Hour is what happened in one hour.
type Hour struct {
	Start               time.Time
	OK, Partial, Failed int
	// Calls to Pulsedive, and answers that the cache gave instead.
	Calls, Cached int
	// Dispositions counts verdicts, by disposition; 0 counts observables that
	// Pulsedive does not know.
	Dispositions [6]int
	// Times is a histogram of Took: requests by bucket (see Percentile).
	Times Histogram
}

// hourEntry is a stored hour: the counts, and the lowest and highest number of
// the exchanges that came in then, 0 where there are none.
type hourEntry struct {
	Hour
	low, high uint64
}

// covers notes that an exchange of the hour has this number.
func (h *hourEntry) covers(id uint64) {
	if h.low == 0 {
		h.low = id
	}
	h.low, h.high = min(h.low, id), max(h.high, id)
}

// hourKey is the hour of a time, in seconds since 1970.
func hourKey(t time.Time) int64 {
	seconds := max(0, t.Unix())
	return seconds - seconds%3600
}

// hour is what is known of the hour of a time, to be added to.
func (c *change) hour(t time.Time) *hourEntry {
	key := hourKey(t)
	h, ok := c.hours[key]
	if !ok {
		h = &hourEntry{Hour: Hour{Start: time.Unix(key, 0).UTC()}}
		_ = h.read(bucket(c.tx, hoursBucket).Get(number(uint64(key)))) // one that cannot be read begins anew
		c.hours[key] = h
	}
	return h
}

// counts are the hour's requests with an outcome.
func (h *Hour) counts(o Outcome) *int {
	switch o {
	case OK:
		return &h.OK
	case Partial:
		return &h.Partial
	}
	return &h.Failed
}

// requests is how many requests came in.
func (h *Hour) requests() int { return h.OK + h.Partial + h.Failed }

// countedAt is the time by whose hour an entry is counted.
func countedAt(s *Summary) time.Time {
	if s.Last.After(s.At) {
		return s.Last
	}
	return s.At
}

// tally counts an entry in its hour.
func (c *change) tally(e *entry) {
	h := c.hour(countedAt(&e.summary))
	*h.counts(e.summary.Outcome) += e.summary.Count
	h.Calls += e.summary.Calls
	h.Cached += e.summary.Cached
	for d, verdicts := range e.verdicts {
		h.Dispositions[d] += verdicts
	}
	h.Times.Add(e.summary.Took)
}

// discount takes a stored exchange out of its hour. Of an entry that stands for
// several requests the calls and times of the first are known alone; those of the
// others are taken for the same, as far as the hour has so many.
func (c *change) discount(code []byte) {
	s, err := readSummary(0, code)
	if err != nil || bucket(c.tx, hoursBucket).Get(number(uint64(hourKey(countedAt(&s))))) == nil {
		return // it is counted nowhere any more
	}
	h := c.hour(countedAt(&s))
	less(h.counts(s.Outcome), s.Count)
	less(&h.Calls, s.Count*s.Calls)
	less(&h.Cached, s.Count*s.Cached)
	for d, verdicts := range verdictsOf(s.Results) {
		less(&h.Dispositions[d], verdicts)
	}
	h.Times.Remove(s.Took, s.Count)
	if h.requests() == 0 {
		h.Hour = Hour{Start: h.Start}
	}
}

// less takes from a count what it has.
func less(n *int, by int) { *n = max(0, *n-by) }

// forgetHours has the hours count nothing whose exchanges have no higher number
// than last: all of them are deleted.
func (c *change) forgetHours(last uint64) error {
	return eachHour(c.tx, time.Time{}, farFuture, func(h *hourEntry) {
		if h.high <= last {
			h.Hour = Hour{Start: h.Start}
			c.hours[h.Start.Unix()] = h
		}
	})
}

// putHours writes what was tallied, and deletes hours that are over their time.
func (c *change) putHours() error {
	b := bucket(c.tx, hoursBucket)
	for key, h := range c.hours {
		if err := b.Put(number(uint64(key)), h.append(nil)); err != nil {
			return err
		}
	}
	return nil
}

// trimHours deletes hours that ended before a time, a few: one in which exchanges
// may be left is needed to find them by their time.
func (c *change) trimHours(before time.Time) error {
	b := bucket(c.tx, hoursBucket)
	for range hoursTrimmed {
		k, _ := b.Cursor().First()
		if k == nil || !hourEnds(k).Before(before) {
			return nil
		}
		if err := b.Delete(slices.Clone(k)); err != nil {
			return err
		}
	}
	return nil
}

// hourEnds is the end of the hour that is stored under a key.
func hourEnds(key []byte) time.Time { return time.Unix(int64(numberOf(key)), 0).Add(time.Hour) }

func (h *hourEntry) append(b []byte) []byte {
	w := writer{append(b, hourFormat)}
	w.uint(h.low)
	w.uint(h.high)
	for _, n := range []int{h.OK, h.Partial, h.Failed, h.Calls, h.Cached} {
		w.uint(uint64(n))
	}
	for _, n := range h.Dispositions {
		w.uint(uint64(n))
	}
	for i, n := range h.Times {
		if n > 0 {
			w.uint(uint64(i))
			w.uint(uint64(n))
		}
	}
	return w.b
}

// read reads what append wrote; h is as it was where that is nothing.
func (h *hourEntry) read(b []byte) error {
	if len(b) == 0 {
		return nil
	}
	if b[0] != hourFormat {
		return errCode
	}
	r := reader{b: b[1:]}
	found := hourEntry{Hour: Hour{Start: h.Start}, low: r.uint(), high: r.uint()}
	for _, n := range []*int{&found.OK, &found.Partial, &found.Failed, &found.Calls, &found.Cached} {
		*n = int(r.uint())
	}
	for i := range found.Dispositions {
		found.Dispositions[i] = int(r.uint())
	}
	for len(r.b) > 0 {
		if i := r.uint(); i < uint64(len(found.Times)) {
			found.Times[i] = uint32(r.uint())
		} else {
			r.fail()
		}
	}
	if err := r.end(); err != nil {
		return err
	}
	*h = found
	return nil
}

// Hours are the hours from a time to another, oldest first; those in which
// nothing happened are left out. What Delete and Purge deleted is not counted; what
// went because it was too old or too much is, as it did happen.
func (s *Store) Hours(from, to time.Time) ([]Hour, error) {
	var list []Hour
	err := s.view(func(tx *bolt.Tx) error {
		return eachHour(tx, from, to, func(h *hourEntry) {
			if h.requests() > 0 {
				list = append(list, h.Hour)
			}
		})
	})
	return list, err
}

// eachHour reads the stored hours that a stretch of time touches.
func eachHour(tx *bolt.Tx, from, to time.Time, found func(*hourEntry)) error {
	c := bucket(tx, hoursBucket).Cursor()
	for k, v := c.Seek(number(uint64(hourKey(from)))); k != nil; k, v = c.Next() {
		h := hourEntry{Hour: Hour{Start: time.Unix(int64(numberOf(k)), 0).UTC()}}
		if !h.Start.Before(to) {
			return nil
		}
		if err := h.read(v); err != nil {
			return err
		}
		found(&h)
	}
	return nil
}
