package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"

	bolt "go.etcd.io/bbolt"
)

// The journal is a file beside the database that makes an exchange outlive the
// process before the database has it. An answer waits for a write of some
// kilobytes, which the system keeps also when the process is killed; the
// transaction with its wait for the disk comes later, for many at once. What a
// power cut takes is the journal's end, some tens of milliseconds of history; the
// database stays whole, as its own writes are waited for.
//
// It has two halves. Exchanges go to one of them, one behind the other, until the
// writer takes them all; from then on the other half takes what comes. A half is
// used again when the database has what it held, so the file does not grow. Each
// time a half is begun the generation grows by one; the database notes the
// generation that it has, and what is of later ones is written to it when it is
// opened the next time.
//
// A record is: length, generation, checksum, summary's length, summary, details.
// Its checksum covers the file's identity, so that no other database takes it.

const (
	// journalSuffix is what the journal's name has beyond the database's.
	journalSuffix = "-journal"
	// halfSize bounds one half, in bytes. What does not fit waits for its
	// transaction.
	halfSize = 16 << 20
	// recordHead is the length of what precedes a record's content.
	recordHead = 4 + 8 + 4
)

// checksums is the polynomial that processors have an instruction for.
var checksums = crc32.MakeTable(crc32.Castagnoli)

// errNoJournal: something else has the journal's name.
var errNoJournal = errors.New("it is no journal of ours, and is left as it is")

// journal is written to by whoever holds the queue's lock.
type journal struct {
	file       *os.File // nil: there is none, and all wait for transactions
	identity   uint32   // where checksums begin
	generation uint64
	at         int64 // where in the half the next record goes
	record     []byte
}

// openJournal makes the journal of a database whose last generation is done.
func openJournal(path string, identity uint32, done uint64) (*journal, error) {
	name := path + journalSuffix
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return &journal{generation: done + 1}, fmt.Errorf("removing the old journal: %w", err)
	}
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, fileMode) // a file of our own, whatever was there
	if err != nil {
		return &journal{generation: done + 1}, fmt.Errorf("opening the journal: %w", err)
	}
	return &journal{file: f, identity: identity, generation: done + 1}, nil
}

// add writes an entry, and says whether that worked.
func (j *journal) add(e *entry) bool {
	if j.file == nil {
		return false
	}
	j.record = j.appendRecord(j.record[:0], e)
	if j.at+int64(len(j.record)) > halfSize {
		return false
	}
	if _, err := j.file.WriteAt(j.record, j.begin(j.generation)+j.at); err != nil {
		return false
	}
	j.at += int64(len(j.record))
	return true
}

func (j *journal) appendRecord(b []byte, e *entry) []byte {
	b = binary.LittleEndian.AppendUint32(b, uint32(4+len(e.code)+len(e.details)))
	b = binary.LittleEndian.AppendUint64(b, j.generation)
	b = binary.LittleEndian.AppendUint32(b, 0)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(e.code)))
	b = append(append(b, e.code...), e.details...)
	binary.LittleEndian.PutUint32(b[12:], checksum(j.identity, b))
	return b
}

// checksum is that of a record, whose place for it does not count.
func checksum(identity uint32, record []byte) uint32 {
	return crc32.Update(crc32.Update(identity, checksums, record[:12]), checksums, record[recordHead:])
}

// begin is where the half of a generation begins.
func (*journal) begin(generation uint64) int64 { return int64(generation%2) * halfSize }

// turn begins the other half and is the generation that is to be written to the
// database now. Without a file it stays: the database has nothing of later ones, and
// a journal that could not be taken over is tried again.
func (j *journal) turn() uint64 {
	if j.file == nil {
		return j.generation
	}
	j.generation++
	j.at = 0
	return j.generation - 1
}

// last is the last generation that anything was written to.
func (j *journal) last() uint64 {
	if j.at == 0 {
		return j.generation - 1
	}
	return j.generation
}

// end closes the journal, and removes it where the database has all of it.
func (j *journal) end(done uint64) error {
	if j.file == nil {
		return nil
	}
	if err := j.file.Close(); err != nil || done < j.last() {
		return err
	}
	return os.Remove(j.file.Name())
}

// startJournal takes over what an earlier process left, and makes a journal. A
// database that can only be read has none, nor one that cannot take over.
func (s *Store) startJournal() {
	s.queue.journal = &journal{}
	if s.db.IsReadOnly() {
		return
	}
	done, err := s.generation()
	if err == nil {
		done, err = s.replay(done)
	}
	s.queue.journal.generation = done // what could not be taken over stays to be tried again
	if err == nil {
		s.queue.journal.generation++ // also where no journal can be made: the database has all before
		s.queue.journal, err = openJournal(s.cfg.Path, s.identity(), done)
	}
	if err != nil {
		s.cfg.Log.Warn("there is no journal: every answer waits for the disk", "error", err)
	}
}

// generation is the journal's last one that the database has.
func (s *Store) generation() (done uint64, err error) {
	err = guarded(s.cfg.Path, func() error {
		return s.db.View(func(tx *bolt.Tx) error {
			done = numberOf(bucket(tx, aboutBucket).Get(generationKey))
			return nil
		})
	})
	return done, err
}

// endJournal ends the journal while the database is open still. What the database
// does not have of it is there for the next start.
func (s *Store) endJournal() error {
	if s.queue.journal.file == nil {
		return nil
	}
	done, err := s.generation()
	if err == nil && done < s.queue.journal.last() {
		s.cfg.Log.Warn("the database lacks exchanges that the journal has: it is kept, and taken over at the next start", "path", s.cfg.Path+journalSuffix)
	}
	return errors.Join(err, s.queue.journal.end(done))
}

// identity tells this database's journal from others'.
func (s *Store) identity() uint32 { return crc32.Checksum(s.secret, checksums) }
