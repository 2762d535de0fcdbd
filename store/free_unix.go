//go:build linux || darwin || freebsd

package store

import "syscall"

// free is how many bytes the disk of a folder has left for us; -1 where that
// cannot be told.
func free(folder string) int64 {
	var st syscall.Statfs_t
	if err := syscall.Statfs(folder, &st); err != nil {
		return -1
	}
	return int64(st.Bavail) * int64(st.Bsize)
}
