package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"

	bolt "go.etcd.io/bbolt"
)

// found is what a journal, or a half of it, has for the database.
type found struct {
	entries []*entry
	last    uint64 // generation, 0: there is none
	// damaged says that it may have had more, which cannot be read.
	damaged bool
}

// readJournal is what a journal has of generations after done, in order. A journal
// that is not there has nothing; what is damaged ends its half.
func readJournal(path string, identity uint32, done uint64) (found, error) {
	at, err := os.Lstat(path + journalSuffix)
	if errors.Is(err, fs.ErrNotExist) {
		return found{last: done}, nil
	}
	if err == nil && (!at.Mode().IsRegular() || at.Size() > 2*halfSize) {
		err = errNoJournal
	}
	var text []byte
	if err == nil {
		text, err = os.ReadFile(path + journalSuffix)
	}
	if err != nil {
		return found{last: done}, fmt.Errorf("reading the journal: %w", err)
	}
	first := readHalf(text[:min(halfSize, len(text))], identity, done)
	second := readHalf(text[min(halfSize, len(text)):], identity, done)
	if second.last < first.last {
		first, second = second, first
	}
	nothing := len(text) > 0 && blank(text) && blank(text[min(halfSize, len(text)):]) // it grows by records alone
	return found{append(first.entries, second.entries...), max(done, second.last), first.damaged || second.damaged || nothing}, nil
}

// readHalf reads the records of one generation from a half's begin. Behind them is
// what is left of earlier generations.
func readHalf(b []byte, identity uint32, done uint64) (f found) {
	for {
		record, g := nextRecord(b, identity)
		switch {
		case record == nil && len(f.entries) == 0:
			f.damaged = !blank(b)
			return f
		case record == nil || g <= done || len(f.entries) > 0 && g != f.last:
			f.damaged = len(f.entries) > 0 && goesOn(b, identity, f.last)
			return f
		}
		e, err := readRecord(record[recordHead:])
		if err != nil {
			f.damaged = true
			return f
		}
		f.entries, f.last, b = append(f.entries, e), g, b[len(record):]
	}
}

// nextRecord is the whole record at the begin of b, and its generation; nil: there
// is none.
func nextRecord(b []byte, identity uint32) (record []byte, generation uint64) {
	if len(b) < recordHead+4 {
		return nil, 0
	}
	size := recordHead + uint64(binary.LittleEndian.Uint32(b))
	if size < recordHead+4 || size > uint64(len(b)) || binary.LittleEndian.Uint32(b[12:]) != checksum(identity, b[:size]) {
		return nil, 0
	}
	return b[:size], generationOf(b)
}

// generationOf is what a record's head names.
func generationOf(b []byte) uint64 { return binary.LittleEndian.Uint64(b[4:]) }

// blank says whether nothing was ever written at the begin of a half.
func blank(b []byte) bool {
	for _, one := range b[:min(recordHead, len(b))] {
		if one != 0 {
			return false
		}
	}
	return true
}

// goesOn says whether a generation has more where its records seem to end: one that
// is not whole, or whole ones further on. A record that was being written when the
// process was killed looks like the former.
func goesOn(b []byte, identity uint32, generation uint64) bool {
	if len(b) >= recordHead && generationOf(b) == generation {
		return true
	}
	for ; len(b) >= recordHead+4; b = b[1:] {
		if generationOf(b) != generation {
			continue
		}
		if record, _ := nextRecord(b, identity); record != nil {
			return true
		}
	}
	return false
}

// readRecord makes an entry of a record's content.
func readRecord(b []byte) (*entry, error) {
	n := uint64(binary.LittleEndian.Uint32(b))
	if b = b[4:]; n > uint64(len(b)) {
		return nil, errCode
	}
	sum, err := readSummary(0, b[:n])
	if err != nil {
		return nil, err
	}
	return newEntry(sum, b[:n], b[n:]), nil
}

// replay writes to the database what an earlier process left in the journal, and
// is the generation that the database has then.
func (s *Store) replay(done uint64) (uint64, error) {
	left, err := readJournal(s.cfg.Path, s.identity(), done)
	if err != nil {
		return done, err
	}
	if len(left.entries) > 0 {
		err = s.update(func(tx *bolt.Tx) error {
			if err := s.putAll(tx, left.entries); err != nil {
				return err
			}
			return bucket(tx, aboutBucket).Put(generationKey, number(left.last))
		})
		if err != nil {
			return done, fmt.Errorf("writing what the journal holds: %w", err)
		}
	}
	switch {
	case left.damaged:
		return left.last, s.setAside(len(left.entries))
	case len(left.entries) > 0:
		s.cfg.Log.Info("the relay was ended by force the last time; what its journal held is in the history now", "from_journal", len(left.entries))
	}
	return left.last, nil
}

// maxAside is how many damaged journals are kept.
const maxAside = 100

// setAside gives a damaged journal a name of its own, so that what cannot be read of
// it is not lost for good.
func (s *Store) setAside(taken int) error {
	from := s.cfg.Path + journalSuffix
	for n := range maxAside {
		to := fmt.Sprintf("%s-damaged-%d", from, n+1)
		if _, err := os.Lstat(to); !errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err := os.Rename(from, to); err != nil {
			return fmt.Errorf("setting the damaged journal aside: %w", err)
		}
		s.cfg.Log.Warn("the journal is damaged: exchanges that it held may be missing from the history; it was set aside", "from_journal", taken, "path", to)
		return nil
	}
	return fmt.Errorf("setting the damaged journal aside: there are %d of them already beside the database", maxAside)
}
