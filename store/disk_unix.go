//go:build linux || darwin || freebsd

package store

import (
	"os"
	"syscall"
)

// free is how many bytes the disk of a folder has left for us; -1 where that
// cannot be told.
func free(folder string) int64 {
	var st syscall.Statfs_t
	if err := syscall.Statfs(folder, &st); err != nil {
		return -1
	}
	return int64(st.Bavail) * int64(st.Bsize)
}

// unlock gives a file's lock back that bbolt took: closing the file does not
// while it is mapped.
func unlock(f *os.File) { _ = syscall.Flock(int(f.Fd()), syscall.LOCK_UN) }
