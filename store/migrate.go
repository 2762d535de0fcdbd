package store

import (
	"errors"
	"fmt"

	bolt "go.etcd.io/bbolt"
)

// migrations bring a file from each version to the next: the first one from
// nothing to version 1. They are only ever added, at the end.
var migrations = []func(*bolt.Tx) error{
	makeBuckets,
}

// makeBuckets is version 1: all the buckets, empty.
func makeBuckets(tx *bolt.Tx) error {
	for _, list := range [][][]byte{public, private} {
		for _, name := range list {
			if _, err := tx.CreateBucketIfNotExists(name); err != nil {
				return err
			}
		}
	}
	return nil
}

// errForeign says that a file of bbolt is not ours.
var errForeign = errors.New("it belongs to another program")

// versionOf is the version of a file; 0 where it is empty.
func versionOf(tx *bolt.Tx) (uint64, error) {
	if b := tx.Bucket(aboutBucket); b != nil {
		if v := numberOf(b.Get(versionKey)); v > 0 {
			return v, nil
		}
		return 0, errForeign
	}
	if k, _ := tx.Cursor().First(); k != nil {
		return 0, errForeign
	}
	return 0, nil
}

// knownVersion is the version of a file of ours that is no newer than the latest
// one known here.
func knownVersion(path string, tx *bolt.Tx, latest int) (uint64, error) {
	version, err := versionOf(tx)
	switch {
	case err != nil:
		return 0, &DamagedError{Path: path, Reason: err.Error()}
	case version > uint64(latest):
		return 0, &NewerError{Path: path, Version: version, Known: uint64(latest)}
	}
	return version, nil
}

// current says what is wrong with a file that cannot be changed.
func current(path string, db *bolt.DB) error {
	return db.View(func(tx *bolt.Tx) error {
		version, err := knownVersion(path, tx, len(migrations))
		if err == nil && version < uint64(len(migrations)) {
			err = fmt.Errorf("%s is of an older version and cannot be brought up to date: %w", path, ErrReadOnly)
		}
		return err
	})
}

// migrate brings a file up to date, each step in a transaction of its own.
func migrate(path string, db *bolt.DB, steps []func(*bolt.Tx) error) error {
	var version uint64
	err := db.View(func(tx *bolt.Tx) (err error) {
		version, err = knownVersion(path, tx, len(steps))
		return err
	})
	if err != nil {
		return err
	}
	for ; version < uint64(len(steps)); version++ {
		err := db.Update(func(tx *bolt.Tx) error {
			if err := steps[version](tx); err != nil {
				return err
			}
			return tx.Bucket(aboutBucket).Put(versionKey, number(version+1))
		})
		if err != nil {
			return fmt.Errorf("bringing the database from version %d to %d: %w", version, version+1, err)
		}
	}
	return nil
}
