package store

import (
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"
)

const (
	// maxKept and maxKeptBytes bound the cache that outlives a restart. What is
	// more drops what would be over first.
	maxKept      = 100_000
	maxKeptBytes = 64 << 20
	// maxKeptKey bounds a key, in bytes.
	maxKeptKey = 1024
	// keptStep is how much of it one transaction writes or drops, keptStepBytes
	// how many bytes.
	keptStep      = 512
	keptStepBytes = 4 << 20
	// keptHead is what precedes a kept value: when it was found, and until when
	// it is good, in nanoseconds since 1970.
	keptHead = 16
)

// Kept is a record of the cache. Its key must tell callers' keys apart, but not
// hold them: an HMAC under Secret.
type Kept struct {
	Key, Value  []byte
	At, Expires time.Time
}

func (k *Kept) size() int { return 2*len(k.Key) + len(k.Value) + keptHead }

// keptTotals is how much is kept.
type keptTotals struct {
	number, bytes int
}

// Keep keeps records of the cache for after a restart, in place of older ones of
// the same keys. They are on the disk when it returns.
func (s *Store) Keep(list []Kept) error {
	s.keeping.Lock()
	defer s.keeping.Unlock()
	for len(list) > 0 {
		n, size := 0, 0
		for n < len(list) && n < keptStep && (n == 0 || size+list[n].size() <= keptStepBytes) {
			size += list[n].size()
			n++
		}
		if err := s.changeKept(func(c *keptChange) error { return c.keep(list[:n]) }); err != nil {
			return fmt.Errorf("keeping what the cache holds: %w", err)
		}
		list = list[n:]
	}
	return nil
}

// changeKept changes what is kept in one transaction.
func (s *Store) changeKept(f func(*keptChange) error) error {
	var c keptChange
	err := s.update(func(tx *bolt.Tx) error {
		c = keptChange{records: bucket(tx, keptBucket), expiries: bucket(tx, expiriesBucket), totals: s.kept, now: s.cfg.Now()}
		if err := f(&c); err != nil {
			return err
		}
		return bucket(tx, secretsBucket).Put(keptKey, append(number(uint64(c.totals.number)), number(uint64(c.totals.bytes))...))
	})
	s.noteFault(err)
	if err == nil {
		s.kept = c.totals
	}
	return err
}

// keptChange is a transaction over what is kept.
type keptChange struct {
	records, expiries *bolt.Bucket
	totals            keptTotals
	now               time.Time
}

func (c *keptChange) keep(list []Kept) error {
	for i := range list {
		k := &list[i]
		if len(k.Key) == 0 || len(k.Key) > maxKeptKey || k.size() > maxKeptBytes/4 || !k.Expires.After(c.now) {
			continue
		}
		if err := c.drop(k.Key); err != nil {
			return err
		}
		v := make([]byte, 0, keptHead+len(k.Value))
		v = binary.BigEndian.AppendUint64(v, uint64(nanosecond(k.At)))
		v = binary.BigEndian.AppendUint64(v, uint64(nanosecond(k.Expires)))
		if err := c.records.Put(k.Key, append(v, k.Value...)); err != nil {
			return err
		}
		if err := c.expiries.Put(expiryKey(v, k.Key), nil); err != nil {
			return err
		}
		c.totals.number++
		c.totals.bytes += k.size()
	}
	return c.shrink()
}

// expiryKey is the key of expiriesBucket for a kept value: the end of its time
// and its key.
func expiryKey(value, key []byte) []byte {
	return append(slices.Clone(value[8:keptHead]), key...)
}

// drop drops what is kept under a key.
func (c *keptChange) drop(key []byte) error {
	v := c.records.Get(key)
	if len(v) < keptHead {
		return nil
	}
	old := Kept{Key: key, Value: v[keptHead:]}
	c.totals.number--
	c.totals.bytes -= old.size()
	if err := c.expiries.Delete(expiryKey(v, key)); err != nil {
		return err
	}
	return c.records.Delete(key)
}

// shrink drops what is over its time, a few, and what is beyond the bounds.
func (c *keptChange) shrink() error {
	for n := 0; ; n++ {
		k, _ := c.expiries.Cursor().First()
		over := c.totals.number > maxKept || c.totals.bytes > maxKeptBytes
		if k == nil || !over && (n >= keptStep || int64(numberOf(k)) > c.now.UnixNano()) {
			return nil
		}
		if err := c.drop(slices.Clone(k[8:])); err != nil {
			return err
		}
	}
}

// dropExpired drops in steps what is kept beyond its time.
func (s *Store) dropExpired() {
	for {
		s.keeping.Lock()
		before := s.kept.number
		some := false
		_ = s.view(func(tx *bolt.Tx) error {
			k, _ := bucket(tx, expiriesBucket).Cursor().First()
			some = k != nil && int64(numberOf(k)) <= s.cfg.Now().UnixNano()
			return nil
		})
		if some {
			some = s.changeKept((*keptChange).shrink) == nil && s.kept.number < before
		}
		s.keeping.Unlock()
		if !some || !s.pause(stepPause) {
			return
		}
	}
}

// loadKept reads how much is kept.
func (s *Store) loadKept() error {
	return s.view(func(tx *bolt.Tx) error {
		if v := bucket(tx, secretsBucket).Get(keptKey); len(v) == 16 {
			s.kept = keptTotals{number: int(numberOf(v)), bytes: int(numberOf(v[8:]))}
		}
		return nil
	})
}

// Kept gives what is kept and not over its time, in no order that means anything,
// until yield returns false. It reads in small steps.
func (s *Store) Kept(yield func(Kept) bool) error {
	var last []byte
	for {
		list, err := s.someKept(last)
		if err != nil {
			return fmt.Errorf("reading what was kept of the cache: %w", err)
		}
		if len(list) == 0 {
			return nil
		}
		last = list[len(list)-1].Key
		for _, k := range list {
			if k.Expires.After(s.cfg.Now()) && !yield(k) {
				return nil
			}
		}
	}
}

// someKept reads some of what is kept, behind a key.
func (s *Store) someKept(last []byte) (list []Kept, err error) {
	err = s.view(func(tx *bolt.Tx) error {
		c := bucket(tx, keptBucket).Cursor()
		size := 0
		for k, v := c.Seek(append(slices.Clone(last), 0)); k != nil && len(list) < keptStep && size < keptStepBytes; k, v = c.Next() {
			one := Kept{Key: slices.Clone(k)}
			if len(v) >= keptHead {
				one.At, one.Expires = time.Unix(0, int64(numberOf(v))).UTC(), time.Unix(0, int64(numberOf(v[8:]))).UTC()
				one.Value = slices.Clone(v[keptHead:])
			}
			list, size = append(list, one), size+one.size()
		}
		return nil
	})
	return list, err
}
