package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"os"
)

// What is known of bbolt's files: two pages with a description of the file are
// at its beginning, one after the other, and the newer one that is whole counts.
const (
	// pageSize is that of new files, in bytes.
	pageSize = 16384
	// pageHeader is what precedes a page's content.
	pageHeader = 16
	// descriptionSize is the size of a description, its checksum included.
	descriptionSize = 64
	// boltMagic and boltVersion begin it.
	boltMagic   = 0xED0CDAED
	boltVersion = 2
	// minPageSize and maxPageSize bound the size of pages.
	minPageSize, maxPageSize = 1 << 10, 16 << 20
)

// inspect looks at a file before bbolt opens it, as bbolt ends the process when
// it meets a page beyond the file's end. fresh says that there is nothing yet.
func inspect(path string) (fresh bool, err error) {
	f, err := os.Open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return true, nil
	case err != nil:
		return false, fmt.Errorf("opening the database: %w", err)
	}
	defer f.Close()
	found, err := f.Stat()
	switch {
	case err != nil:
		return false, fmt.Errorf("opening the database: %w", err)
	case !found.Mode().IsRegular():
		return false, &DamagedError{Path: path, Reason: "it is no regular file"}
	case found.Size() == 0:
		return true, nil
	}
	need, ok := described(f)
	switch {
	case !ok:
		return false, &DamagedError{Path: path, Reason: "it does not begin like one"}
	case need > found.Size():
		return false, &DamagedError{Path: path, Reason: fmt.Sprintf("it is cut off: %d of at least %d bytes are there", found.Size(), need)}
	}
	return false, nil
}

// described is how large a file must be by its newest whole description. ok is
// false where it has none.
func described(f io.ReaderAt) (need int64, ok bool) {
	var newest uint64
	consider := func(at int64) int64 {
		d, size, whole := description(f, at)
		if whole && (!ok || d.change >= newest) {
			newest, need, ok = d.change, int64(d.pages)*size, true
		}
		if !whole {
			return 0
		}
		return size
	}
	if size := consider(0); size > 0 {
		consider(size)
		return need, ok
	}
	for size := int64(minPageSize); size <= maxPageSize && !ok; size *= 2 {
		consider(size)
	}
	return need, ok
}

// fileDescription is what a description says that matters here: how many pages
// the file has, and which change wrote it.
type fileDescription struct{ pages, change uint64 }

func description(f io.ReaderAt, at int64) (d fileDescription, size int64, whole bool) {
	var b [descriptionSize]byte
	if _, err := f.ReadAt(b[:], at+pageHeader); err != nil {
		return d, 0, false
	}
	order := binary.NativeEndian
	sum := fnv.New64a()
	sum.Write(b[:descriptionSize-8])
	size = int64(order.Uint32(b[8:]))
	whole = order.Uint32(b[0:]) == boltMagic && order.Uint32(b[4:]) == boltVersion &&
		order.Uint64(b[56:]) == sum.Sum64() && size >= minPageSize && size <= maxPageSize
	return fileDescription{pages: order.Uint64(b[40:]), change: order.Uint64(b[48:])}, size, whole
}
