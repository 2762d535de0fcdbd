package store_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"testing"
)

// childVariable tells the test binary to be a child, which one, and where its
// file is: some things can only be done to a process of their own.
const (
	childVariable = "STORE_TEST_CHILD"
	pathVariable  = "STORE_TEST_PATH"
)

var children = map[string]func(path string) error{
	"writer":     writeUntilKilled,
	"recorder":   recordUntilKilled,
	"full disk":  fillDisk,
	"read-only":  readOnly,
	"unreadable": unreadable,
}

func TestMain(m *testing.M) {
	if child := children[os.Getenv(childVariable)]; child != nil {
		if err := child(os.Getenv(pathVariable)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// child is the command that starts one.
func child(t *testing.T, name, path string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), childVariable+"="+name, pathVariable+"="+path)
	return cmd
}

// run runs a child to its end.
func run(t *testing.T, name, path string) {
	t.Helper()
	cmd := child(t, name, path)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		t.Fatalf("the child %q: %v\n%s", name, err, out.Bytes())
	}
}
