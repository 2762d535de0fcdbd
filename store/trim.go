package store

import (
	"time"

	bolt "go.etcd.io/bbolt"
)

const (
	// trimMore is how many exchanges a transaction deletes at most for each that
	// it adds.
	trimMore = 2
	// trimStep is how many exchanges a step of the housekeeping, and of a purge,
	// deletes at most; stepKeys bounds the entries of the index that it deletes.
	trimStep = 512
	stepKeys = 4096
	// stepPause lets others write between two steps.
	stepPause = 5 * time.Millisecond
)

// retention is what the history keeps: most exchanges, and none older than oldest.
type retention struct {
	most   uint64
	oldest time.Time
	// bytes is how much of the file may be in use; 0: all.
	bytes int64
	// hours is when the oldest hour that is kept ended at the earliest.
	hours time.Time
}

func (s *Store) retention() retention { return s.retained(s.effective.Load().History) }

func (s *Store) retained(h History) retention {
	now := s.cfg.Now()
	return retention{most: uint64(max(0, h.HistoryMax)), oldest: now.Add(-h.HistoryAge), bytes: h.HistoryBytes, hours: now.Add(-max(h.HistoryAge, hoursKept))}
}

// trim deletes the oldest exchanges that a retention does not keep, up to n. more
// says that some are left.
func (c *change) trim(r retention, n int) (more bool, err error) {
	if err := c.trimHours(r.hours); err != nil {
		return false, err
	}
	var list []stored
	keys := 0
	full := r.full(c.tx)
	cur := c.summaries.Cursor()
	for k, v := cur.First(); k != nil; k, v = cur.Next() {
		if !full && !r.drops(v, c.count-uint64(len(list))) {
			break
		}
		if len(list) >= n || keys > stepKeys {
			more = true
			break
		}
		one := newStored(k, v)
		list, keys = append(list, one), keys+one.places.number()
	}
	return more, c.deleteAll(list)
}

// full says whether more of the file is in use than may be. What a transaction
// deletes counts only in later ones.
func (r retention) full(tx *bolt.Tx) bool {
	return r.bytes > 0 && inUse(tx) > r.bytes
}

// inUse is how much of the file holds something, in bytes.
func inUse(tx *bolt.Tx) int64 {
	st := tx.DB().Stats()
	return tx.Size() - int64(st.FreePageN+st.PendingPageN)*int64(tx.DB().Info().PageSize)
}

// drops says whether the oldest exchange of count is not to be kept.
func (r retention) drops(summary []byte, count uint64) bool {
	if count > r.most {
		return true
	}
	var s Summary
	if len(summary) >= headSize && nanoseconds(summary) >= nanosecond(r.oldest) {
		return false
	}
	_, err := readHead(&s, summary)
	return err != nil || s.Last.Before(r.oldest)
}

// overdue says whether there is anything that the retention does not keep.
func (s *Store) overdue() (some bool) {
	r := s.retention()
	_ = s.view(func(tx *bolt.Tx) error {
		if k, v := bucket(tx, summariesBucket).Cursor().First(); k != nil {
			some = r.full(tx) || r.drops(v, numberOf(bucket(tx, aboutBucket).Get(countKey)))
		}
		if k, _ := bucket(tx, hoursBucket).Cursor().First(); k != nil {
			some = some || hourEnds(k).Before(r.hours)
		}
		return nil
	})
	return some
}

// trimAll deletes in steps what the retention does not keep.
func (s *Store) trimAll() {
	for s.overdue() {
		err := s.update(func(tx *bolt.Tx) error {
			c := newChange(tx)
			if _, err := c.trim(s.retention(), trimStep); err != nil {
				return err
			}
			return c.putCount()
		})
		s.noteFault(err)
		if err != nil || !s.pause(stepPause) {
			return
		}
	}
}

// pause waits a little; false: the store is closing.
func (s *Store) pause(d time.Duration) bool {
	select {
	case <-s.done:
		return false
	case <-time.After(d):
		return true
	}
}
