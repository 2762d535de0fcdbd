package main

import "syscall"

// private gives a socket its mode before it has a name: Linux makes the name with
// it, so that the umask leaves no moment in which others may connect.
func private(_, _ string, c syscall.RawConn) (err error) {
	if fault := c.Control(func(fd uintptr) { err = syscall.Fchmod(int(fd), 0o600) }); fault != nil {
		return fault
	}
	return err
}
