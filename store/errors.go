package store

import (
	"errors"
	"fmt"
)

// What can be wrong with a file or a question.
var (
	// ErrLocked: another process has the file open.
	ErrLocked = errors.New("the database is in use; is another instance running?")
	// ErrNotFound: there is no exchange of that number.
	ErrNotFound = errors.New("there is no such exchange")
	// ErrNewer: the file is of a later version of this program (see NewerError).
	ErrNewer = errors.New("the database is of a newer version")
	// ErrDamaged: the file is no database of this program, or not a whole one
	// (see DamagedError).
	ErrDamaged = errors.New("the database cannot be read")
	// ErrReadOnly: the file can be read but not written.
	ErrReadOnly = errors.New("the database is read-only")
	// ErrClosed: Close was called.
	ErrClosed = errors.New("the database is closed")
	// ErrExists: a copy would overwrite a file.
	ErrExists = errors.New("there is a file of that name already")
)

// NewerError says how much newer a file is.
type NewerError struct {
	Path string
	// Version is the file's, Known the latest that this program knows.
	Version, Known uint64
}

// Error says what to do.
func (e *NewerError) Error() string {
	return fmt.Sprintf("%s was written by a newer version of this program (its format is %d, the latest known here is %d): run that version, or name another file; nothing was changed",
		e.Path, e.Version, e.Known)
}

// Is makes it an ErrNewer.
func (e *NewerError) Is(target error) bool { return target == ErrNewer }

// DamagedError says why a file cannot be used.
type DamagedError struct {
	Path, Reason string
}

// Error says what to do.
func (e *DamagedError) Error() string {
	return fmt.Sprintf("%s is not a whole database of this program: %s; nothing was changed: put back a backup, or move the file away to begin anew", e.Path, e.Reason)
}

// Is makes it an ErrDamaged.
func (e *DamagedError) Is(target error) bool { return target == ErrDamaged }
