package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	bolt "go.etcd.io/bbolt"
)

// copyStep is how many bytes a transaction of a copy writes.
const copyStep = 8 << 20

// Backup writes a copy of the file as it is now to a path where there is none
// yet. Others go on meanwhile. Unless secrets are asked for, the copy holds
// neither the Pulsedive key, the password's hash and the secret under which
// callers' keys are hashed, nor sessions and what is kept of the cache: it is
// written anew, entry by entry, so that nothing is left in unused pages.
func (s *Store) Backup(ctx context.Context, path string, secrets bool) error {
	err := s.view(func(tx *bolt.Tx) error {
		return writeCopy(ctx, tx, path, func(name []byte) bool { return secrets || !slices.ContainsFunc(private, same(name)) })
	})
	if err != nil {
		return fmt.Errorf("writing a copy of the database: %w", err)
	}
	return nil
}

// WriteBackup is Backup to a stream. The copy is made beside the database first,
// and is gone afterwards.
func (s *Store) WriteBackup(ctx context.Context, w io.Writer, secrets bool) error {
	folder, err := os.MkdirTemp(filepath.Dir(s.cfg.Path), copyFolder(s.cfg.Path)+"-*")
	if err != nil {
		return fmt.Errorf("making a place for the copy: %w", err)
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "copy.db")
	if err := s.Backup(ctx, path, secrets); err != nil {
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("reading the copy: %w", err)
	}
	defer f.Close()
	os.RemoveAll(folder) // where the system allows that, nothing is left though the process be killed now
	if _, err := io.Copy(w, f); err != nil {
		return fmt.Errorf("sending the copy: %w", err)
	}
	return nil
}

// copyFolder is how the names of folders with copies to be sent begin.
func copyFolder(path string) string { return "." + filepath.Base(path) + "-backup" }

// partName is the pattern of the names that a copy has until it is whole.
func partName(path string) string { return "." + filepath.Base(path) + "-copy-*.part" }

// removeCopies removes what a process that was killed left of copies to be sent,
// and of a restore: they may hold secrets. Whoever has the database open may do so:
// a restore that goes on would be refused, as its name is taken.
func removeCopies(path string) {
	for _, pattern := range []string{copyFolder(path) + "-*", partName(path)} {
		left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), pattern)) // the pattern is a good one, or finds nothing
		for _, one := range left {
			os.RemoveAll(one)
		}
	}
}

// Restore copies a backup to where no file is yet. It checks that the backup is
// whole and of a version that this program knows; the copy is of that version
// still.
func Restore(ctx context.Context, from, to string) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("restoring from a backup: %w", err)
		}
	}()
	if _, err := os.Lstat(to); err == nil {
		return fmt.Errorf("%s: %w", to, ErrExists)
	}
	fresh, err := inspect(from)
	switch {
	case err != nil:
		return err
	case fresh:
		return fmt.Errorf("%s: %w", from, fs.ErrNotExist)
	}
	db, err := openBolt(from, true)
	if err != nil {
		return explain(from, err)
	}
	defer db.Close()
	return guarded(from, func() error {
		return db.View(func(tx *bolt.Tx) error { return restore(ctx, tx, from, to) })
	})
}

func restore(ctx context.Context, tx *bolt.Tx, from, to string) error {
	version, err := knownVersion(from, tx, len(migrations))
	switch {
	case err != nil:
		return err
	case version == 0:
		return &DamagedError{Path: from, Reason: errForeign.Error()}
	}
	for fault := range tx.Check() {
		return &DamagedError{Path: from, Reason: fault.Error()}
	}
	return writeCopy(ctx, tx, to, func([]byte) bool { return true })
}

func same(a []byte) func([]byte) bool { return func(b []byte) bool { return bytes.Equal(a, b) } }

// writeCopy writes the buckets of a transaction to a new file, those that are not
// wanted empty.
func writeCopy(ctx context.Context, tx *bolt.Tx, path string, wanted func(bucket []byte) bool) error {
	return WriteWhole(path, func(f *os.File) error {
		// Nothing reads the copy before it is whole, so it is synced once.
		to, err := bolt.Open(f.Name(), fileMode, &bolt.Options{Timeout: lockTimeout, FreelistType: bolt.FreelistMapType, PageSize: pageSize, NoSync: true})
		if err != nil {
			return err
		}
		err = tx.ForEach(func(name []byte, b *bolt.Bucket) error { return copyBucket(ctx, b, to, name, wanted(name)) })
		return errors.Join(err, to.Sync(), to.Close())
	})
}

// WriteWhole writes a new file of mode 0600, which has its name once it is whole.
// Where that fails none is left; a kill leaves one of another name at most. A file
// of that name that is there already is an ErrExists.
func WriteWhole(path string, write func(*os.File) error) error {
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("%s: %w", path, ErrExists)
	}
	f, err := os.CreateTemp(filepath.Dir(path), partName(path))
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if err := errors.Join(write(f), f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := place(f.Name(), path); err != nil {
		return err
	}
	return syncFolder(path)
}

// place gives a whole copy its name, which nothing may have yet. Until then a copy
// that is cut, even by a kill, is no database.
func place(part, path string) error {
	err := os.Link(part, path)
	switch {
	case errors.Is(err, fs.ErrExist):
		return fmt.Errorf("%s: %w", path, ErrExists)
	case err == nil:
		return nil
	}
	return takePlace(part, path)
}

// takePlace is place where the file system has no links: the name is taken by an
// empty file, which only one can make, and the copy replaces that.
func takePlace(part, path string) error {
	taken, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s: %w", path, ErrExists)
	}
	if err != nil {
		return err
	}
	if err := errors.Join(taken.Close(), os.Rename(part, path)); err != nil {
		os.Remove(path)
		return err
	}
	return nil
}

// copyBucket makes a bucket and copies what it holds, if that is wanted.
func copyBucket(ctx context.Context, from *bolt.Bucket, to *bolt.DB, name []byte, wanted bool) error {
	var k, v []byte
	c := from.Cursor()
	if wanted {
		k, v = c.First()
	}
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := to.Update(func(tx *bolt.Tx) error {
			b, err := tx.CreateBucketIfNotExists(name)
			if err != nil {
				return err
			}
			b.FillPercent = fillSequential
			for size := 0; k != nil && size < copyStep; k, v = c.Next() {
				if err := b.Put(k, v); err != nil {
					return err
				}
				size += len(k) + len(v)
			}
			return b.SetSequence(from.Sequence())
		})
		if err != nil || k == nil {
			return err
		}
	}
}
