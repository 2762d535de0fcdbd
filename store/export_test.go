package store

import (
	"bytes"
	"errors"
	"fmt"

	bolt "go.etcd.io/bbolt"
)

// TakePlace is what gives a copy its name where there are no links.
var TakePlace = takePlace

// Spoil damages what is stored of an exchange: its details, or its summary.
func (s *Store) Spoil(id uint64, summary bool) error {
	return s.update(func(tx *bolt.Tx) error {
		if summary {
			b := bucket(tx, summariesBucket)
			v := bytes.Clone(b.Get(number(id)))
			return b.Put(number(id), v[:headSize+1])
		}
		for _, name := range [][]byte{detailsBucket, quickBucket} {
			if _, err := deletePieces(bucket(tx, name), id); err != nil {
				return err
			}
		}
		return putPieces(bucket(tx, detailsBucket), id, []byte{smallFormat, 0, 1, 2, 3})
	})
}

// BoundDetails is maxDetails for a test.
func (s *Store) BoundDetails(n int) { s.compress.bound = n }

// DiskFails makes the store take the disk for a failed one.
func (s *Store) DiskFails() { s.note(errors.New("the disk failed")) }

// Journal writes an exchange to the journal alone, as when the process is killed
// before the transaction.
func (s *Store) Journal(x *Exchange) error {
	e, err := s.encode(x)
	if err != nil {
		return err
	}
	s.queue.mu.Lock()
	defer s.queue.mu.Unlock()
	if !s.queue.journal.add(e) {
		return errors.New("the journal does not take the exchange")
	}
	return nil
}

// TrimAll deletes what the retention does not keep, now.
func (s *Store) TrimAll() { s.trimAll() }

// Fill appends n exchanges quickly and not durably; details is how many different
// ones are compressed, the others share theirs.
func (s *Store) Fill(n, details int, next func(i int) *Exchange) error {
	const step = 4000
	s.db.NoSync = true
	defer func() { s.db.NoSync = false }()
	var packed [][]byte
	for i := 0; i < n; {
		var batch []*entry
		for ; i < n && len(batch) < step; i++ {
			x := next(i)
			if i < details {
				details, _ := s.compress.pack(x)
				packed = append(packed, s.compress.smaller(details))
			}
			x.Count, x.Last = 1, x.At
			code, err := appendSummary(nil, &x.Summary)
			if err != nil {
				return err
			}
			batch = append(batch, &entry{summary: x.Summary, code: code, details: packed[i%details], places: placesOf(x.Results)})
		}
		if err := s.update(func(tx *bolt.Tx) error { return s.putAll(tx, batch) }); err != nil {
			return err
		}
	}
	return s.db.Sync()
}

// Check says what bbolt finds wrong with the file, and where its buckets do not
// agree: each exchange has details and its entries in the index, and nothing else
// is there.
func (s *Store) Check() (faults []error) {
	undo := errors.New("undone")
	_ = s.db.Update(func(tx *bolt.Tx) error { // bbolt checks rightly only while nobody writes
		for fault := range tx.Check() {
			faults = append(faults, fault)
		}
		details, places := 0, 0
		summaries := bucket(tx, summariesBucket)
		n := 0
		for k, v := range entries(summaries) {
			n++
			sum, err := readSummary(numberOf(k), v)
			if err != nil {
				faults = append(faults, err)
			}
			_ = newChange(tx).eachPlace(placesOf(sum.Results), sum.ID, func(b *bolt.Bucket, key []byte) error {
				places++
				if k, _ := b.Cursor().Seek(key); !bytes.Equal(k, key) {
					faults = append(faults, fmt.Errorf("exchange %d has no entry %q", sum.ID, key))
				}
				return nil
			})
			_, parts := pieces(bucket(tx, detailsBucket), sum.ID)
			_, quick := pieces(bucket(tx, quickBucket), sum.ID)
			if details += parts + quick; (parts == 0) == (quick == 0) {
				faults = append(faults, fmt.Errorf("exchange %d has %d pieces of details and %d of quick ones", sum.ID, parts, quick))
			}
		}
		for _, name := range [][]byte{detailsBucket, quickBucket} {
			for range entries(bucket(tx, name)) {
				details--
			}
		}
		for _, name := range [][]byte{observablesBucket, hostsBucket} {
			for range entries(bucket(tx, name)) {
				places--
			}
		}
		if count := numberOf(bucket(tx, aboutBucket).Get(countKey)); int(count) != n || details != 0 || places != 0 {
			faults = append(faults, fmt.Errorf("%d exchanges: the count is %d, there are %d pieces of details and %d entries too few", n, count, details, places))
		}
		return undo
	})
	return faults
}

// Used is how many bytes of the file hold something.
func (s *Store) Used() int64 {
	st := s.db.Stats()
	size := int64(0)
	_ = s.db.View(func(tx *bolt.Tx) error {
		size = tx.Size()
		return nil
	})
	return size - int64(st.FreePageN+st.PendingPageN)*pageSize
}

// SetVersion makes a file look like one of another version.
func (s *Store) SetVersion(version uint64) error {
	return s.db.Update(func(tx *bolt.Tx) error { return bucket(tx, aboutBucket).Put(versionKey, number(version)) })
}

// Migrate brings a file up to date by other steps than those that are.
func (s *Store) Migrate(steps ...func(*bolt.Tx) error) error {
	return migrate(s.cfg.Path, s.db, append(migrations[:len(migrations):len(migrations)], steps...))
}

// Version is the file's.
func (s *Store) Version() (version uint64) {
	_ = s.db.View(func(tx *bolt.Tx) (err error) {
		version, err = versionOf(tx)
		return err
	})
	return version
}

// Search bounds how many entries a list looks at, and how many of the index a
// search gathers.
func (s *Store) Search(looked, candidates int) { s.searches = searchBounds{looked, candidates} }

// Hurry makes transactions of more exchanges than these hurry.
func (s *Store) Hurry(unhurried int) { s.unhurried = unhurried }

// CondenseSome is a step of what goes on when it is calm, and how many exchanges
// it took.
func (s *Store) CondenseSome() (int, error) { return s.condenseSome() }

// Details is how many exchanges are to be compressed again, and how many bytes the
// details of all are.
func (s *Store) Details() (quick, bytes int) {
	_ = s.view(func(tx *bolt.Tx) error {
		for k, v := range entries(bucket(tx, quickBucket)) {
			if bytes += len(v); k[8] == 0 {
				quick++
			}
		}
		for _, v := range entries(bucket(tx, detailsBucket)) {
			bytes += len(v)
		}
		return nil
	})
	return quick, bytes
}

// KeptNumber is how many records of the cache the store believes to keep.
func (s *Store) KeptNumber() int {
	s.keeping.Lock()
	defer s.keeping.Unlock()
	return s.kept.number
}

// Encode does what an append does before it waits for the disk.
func (s *Store) Encode(x *Exchange) error {
	_, err := s.encode(x)
	return err
}

// Bound bounds the file, in bytes, by less than settings take.
func (s *Store) Bound(n int64) {
	set := *s.effective.Load()
	set.HistoryBytes = n
	s.effective.Store(&set)
}
