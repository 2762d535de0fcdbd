package store

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math/bits"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// Config is what a store is made of.
type Config struct {
	// Path names the file. It is made where there is none.
	Path string
	// Pins are the settings that the process fixes.
	Pins []Pin
	// Now tells the time; nil: time.Now.
	Now func() time.Time
	// Log is told what operators should know; nil: nothing.
	Log *slog.Logger
}

// Pin fixes a setting.
type Pin struct {
	// Name is the field's, Text its value, Origin where that comes from:
	// RELAY_PUBLIC_URL or --public-url.
	Name, Text, Origin string
}

const (
	// lockTimeout is how long Open waits for another process to close the file.
	lockTimeout = 2 * time.Second
	// fileMode is the file's: it holds secrets.
	fileMode fs.FileMode = 0o600
	// mapped is how much of the file is mapped into the process's addresses at
	// first, be the file smaller. Mapping more later would wait for all who read,
	// and keep others waiting meanwhile.
	mapped = 64 << 30
	// closed is the descriptor of a file that is closed.
	closed = ^uintptr(0)
)

// Open opens the file, or makes it. One that may not be written is opened for
// reading alone (see Status.Writable).
func Open(cfg Config) (*Store, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	db, err := openFile(cfg.Path, cfg.Log)
	if err != nil {
		return nil, err
	}
	s, err := newStore(cfg, db)
	if err != nil {
		_ = db.Close()
		return nil, err
	}
	if !db.IsReadOnly() {
		removeCopies(cfg.Path)
	}
	s.start()
	return s, nil
}

// openFile opens a file, for reading alone if it must, and brings it up to date.
func openFile(path string, log *slog.Logger) (*bolt.DB, error) {
	fresh, err := inspect(path)
	if err != nil {
		return nil, err
	}
	db, err := openBolt(path, false)
	if isReadOnly(err) && !fresh {
		db, err = openBolt(path, true)
	}
	if err != nil {
		return nil, explain(path, err)
	}
	if err := prepare(path, db, fresh, log); err != nil {
		_ = db.Close()
		return nil, err
	}
	return db, nil
}

// prepare mends the file's mode and brings its schema up to date.
func prepare(path string, db *bolt.DB, fresh bool, log *slog.Logger) error {
	if db.IsReadOnly() {
		return guarded(path, func() error { return current(path, db) })
	}
	if found, err := os.Stat(path); err == nil && found.Mode().Perm() != fileMode {
		if err := os.Chmod(path, fileMode); err != nil {
			log.Warn("others on this machine may be able to read the database: its mode cannot be set", "path", path, "error", err)
		}
	}
	if err := guarded(path, func() error { return migrate(path, db, migrations) }); err != nil {
		return err
	}
	if fresh {
		return syncFolder(path)
	}
	return nil
}

// openBolt opens a file with bbolt. A file that is damaged may make bbolt panic;
// the file is closed then, too.
func openBolt(path string, readOnly bool) (db *bolt.DB, err error) {
	var file *os.File
	options := &bolt.Options{
		Timeout: lockTimeout, ReadOnly: readOnly, FreelistType: bolt.FreelistMapType, PageSize: pageSize,
		OpenFile: func(name string, flag int, mode os.FileMode) (*os.File, error) {
			f, err := os.OpenFile(name, flag, mode)
			file = f
			return f, err
		},
	}
	if bits.UintSize == 64 && runtime.GOOS != "windows" && !readOnly { // there, mapping more makes the file larger
		options.InitialMmapSize = mapped
	}
	err = guarded(path, func() error {
		db, err = bolt.Open(path, fileMode, options)
		if errors.Is(err, syscall.ENOMEM) { // addresses are scarce here
			options.InitialMmapSize = 0
			db, err = bolt.Open(path, fileMode, options)
		}
		return err
	})
	if err != nil && file != nil && file.Fd() != closed {
		unlock(file)
		_ = file.Close()
	}
	return db, err
}

// guarded turns a panic, and a fault on reading mapped memory, into a
// DamagedError.
func guarded(path string, f func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = &DamagedError{Path: path, Reason: fmt.Sprint("reading it ended with: ", p)}
		}
	}()
	return f()
}

// isReadOnly says whether a file was refused because it must not be written.
func isReadOnly(err error) bool {
	return errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS)
}

// explain says what opening a file came to.
func explain(path string, err error) error {
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return fmt.Errorf("%s: %w", path, ErrLocked)
	case errors.Is(err, bolterrors.ErrInvalid), errors.Is(err, bolterrors.ErrChecksum), errors.Is(err, bolterrors.ErrVersionMismatch):
		return &DamagedError{Path: path, Reason: err.Error()}
	}
	return fmt.Errorf("opening the database: %w", err)
}

// syncFolder makes sure that a new file's name is on the disk, where systems can.
func syncFolder(path string) error {
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return nil // it may be closed to us; the file is open all the same
	}
	_ = folder.Sync() // some file systems know no such thing
	return folder.Close()
}
