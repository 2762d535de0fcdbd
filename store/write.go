package store

import (
	"bytes"
	"time"

	bolt "go.etcd.io/bbolt"
)

// unhurried is up to how many exchanges of one transaction are compressed again at
// once: more of them mean that callers need the processor.
const unhurried = 64

// write is the one goroutine that writes exchanges: what gathered, or what there
// is where somebody waits for it.
func (s *Store) write() {
	var batch []*entry
	var generation uint64
	pause := time.NewTimer(gather)
	for ended := false; !ended; {
		<-s.queue.wake
		pause.Reset(gather)
		select {
		case <-s.queue.hurry:
		case <-pause.C:
		}
		batch, generation, ended = s.queue.take(batch[:0])
		if len(batch) > 0 {
			s.commit(batch, generation)
			clear(batch)
		}
		s.queue.done()
	}
}

// commit writes a batch in one transaction and tells those who wait.
func (s *Store) commit(batch []*entry, generation uint64) {
	if len(batch) > s.unhurried {
		s.hurry()
	} else {
		for _, e := range batch {
			e.details = s.compress.smaller(e.details)
		}
	}
	err := s.health.refuses(s.cfg.Now())
	if err == nil {
		err = s.update(func(tx *bolt.Tx) error {
			if err := s.putAll(tx, batch); err != nil {
				return err
			}
			return bucket(tx, aboutBucket).Put(generationKey, number(generation))
		})
		s.note(err)
	}
	if err != nil {
		s.health.lost(len(batch))
	}
	for _, e := range batch {
		if e.done != nil {
			e.done <- err
		}
	}
	if err == nil {
		s.listeners.tell()
	}
}

// change is what a transaction that writes exchanges knows while it goes on.
type change struct {
	tx                                            *bolt.Tx
	summaries, details, quick, observables, hosts *bolt.Bucket
	count                                         uint64
	// newest is the newest entry, once newestKnown.
	newest      Summary
	newestKnown bool
	hours       map[int64]*hourEntry
	key         []byte // memory for a key of the index
	// refused are those that requests without a token are counted in; nil where
	// nothing is put.
	refused *refused
}

func newChange(tx *bolt.Tx) *change {
	return &change{
		tx: tx, summaries: bucket(tx, summariesBucket), details: bucket(tx, detailsBucket), quick: bucket(tx, quickBucket),
		observables: bucket(tx, observablesBucket), hosts: bucket(tx, hostsBucket),
		count: numberOf(bucket(tx, aboutBucket).Get(countKey)),
		hours: map[int64]*hourEntry{},
	}
}

// putAll writes a batch, and deletes what it pushes out of the history.
func (s *Store) putAll(tx *bolt.Tx, batch []*entry) error {
	c := newChange(tx)
	c.refused = &s.refused
	for _, e := range batch {
		if err := c.put(e); err != nil {
			return err
		}
	}
	more, err := c.trim(s.retention(), trimMore*len(batch)+1)
	if err != nil {
		return err
	}
	if more {
		s.tidySoon()
	}
	return c.finish(batch)
}

// put writes one entry, or counts it in the newest one.
func (c *change) put(e *entry) error {
	c.tally(e)
	if len(e.places.values) == 0 {
		if one, ok := c.likeIt(e); ok {
			return c.fold(one, e)
		}
	}
	id, err := c.summaries.NextSequence()
	if err != nil {
		return err
	}
	e.id = id
	if err := c.summaries.Put(number(id), e.code); err != nil {
		return err
	}
	details := c.details
	if bytes.HasPrefix(e.details, []byte{quickFormat}) {
		details = c.quick
	}
	if err := putPieces(details, id, e.details); err != nil {
		return err
	}
	if err := c.eachPlace(e.places, id, func(b *bolt.Bucket, key []byte) error { return b.Put(key, nil) }); err != nil {
		return err
	}
	c.count++
	c.newest, c.newestKnown = e.summary, true
	c.newest.ID = id
	if len(e.places.values) > 0 {
		c.newest = Summary{ID: id} // nothing is like it
	}
	c.hour(e.summary.At).covers(id)
	c.refused.note(e, id)
	return nil
}

// eachPlace does something with each key that the index has of an exchange.
func (c *change) eachPlace(p places, id uint64, do func(b *bolt.Bucket, key []byte) error) error {
	for _, in := range []struct {
		bucket *bolt.Bucket
		texts  []string
	}{{c.observables, p.values}, {c.hosts, p.hosts}} {
		for _, text := range in.texts {
			c.key = indexKey(c.key[:0], text, id)
			if err := do(in.bucket, c.key); err != nil {
				return err
			}
		}
	}
	return nil
}

// likeIt is the entry that one about no observable is to be counted in.
func (c *change) likeIt(e *entry) (Summary, bool) {
	if c.findNewest(); alike(&c.newest, &e.summary) {
		return c.newest, true
	}
	id := c.refused.like(e)
	if id == 0 {
		return Summary{}, false
	}
	one, err := readSummary(id, c.summaries.Get(number(id)))
	return one, err == nil && alike(&one, &e.summary)
}

// alike says whether b is to be counted in the entry a. Neither has results. An
// entry is of one hour, so that the hour can be told what to forget with it.
func alike(a, b *Summary) bool {
	return a.Count > 0 && hourKey(a.At) == hourKey(b.At) && len(a.Results) == 0 && a.Source == b.Source && a.Endpoint == b.Endpoint && a.Outcome == b.Outcome &&
		a.Code == b.Code && a.Caller == b.Caller && a.Fingerprint == b.Fingerprint
}

// fold counts an entry in one that is like it.
func (c *change) fold(one Summary, e *entry) error {
	one.Count += e.summary.Count
	if e.summary.Last.After(one.Last) {
		one.Last = e.summary.Last
	}
	code, err := appendSummary(nil, &one)
	if err != nil {
		return err
	}
	e.id = one.ID
	if c.newest.ID == one.ID {
		c.newest = one
	}
	c.hour(e.summary.Last).covers(one.ID)
	return c.summaries.Put(number(one.ID), code)
}

// findNewest reads the newest entry; a zero one where there is none, or it cannot
// be read.
func (c *change) findNewest() {
	if c.newestKnown {
		return
	}
	c.newest, c.newestKnown = Summary{}, true
	if k, v := c.summaries.Cursor().Last(); k != nil {
		if newest, err := readSummary(numberOf(k), v); err == nil {
			c.newest = newest
		}
	}
}

// finish writes what was tallied.
func (c *change) finish(batch []*entry) error {
	if err := c.putLast(batch); err != nil {
		return err
	}
	if err := c.putHours(); err != nil {
		return err
	}
	return c.putCount()
}

func (c *change) putCount() error {
	return bucket(c.tx, aboutBucket).Put(countKey, number(c.count))
}
