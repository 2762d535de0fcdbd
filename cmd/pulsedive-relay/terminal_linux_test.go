package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"pulsedive-relay/relay/pulsedive/pulsedivetest"
)

// onTerminal runs the program with a terminal of so many columns as its standard
// output, and is what the terminal is sent.
func onTerminal(t *testing.T, width uint16, environ []string, args ...string) (shown string, status int) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatalf("opening a terminal: %v", err)
	}
	defer master.Close()
	var number, unlocked uint32
	ioctl(t, master, syscall.TIOCGPTN, unsafe.Pointer(&number))
	ioctl(t, master, syscall.TIOCSPTLCK, unsafe.Pointer(&unlocked))
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatalf("opening a terminal: %v", err)
	}
	size := [4]uint16{24, width}
	ioctl(t, slave, syscall.TIOCSWINSZ, unsafe.Pointer(&size))
	text := make(chan string)
	go func() {
		b, _ := io.ReadAll(master) // ends with an error when the other side closes
		text <- string(b)
	}()
	var stderr output
	status = complain(&stderr, run(context.Background(), args, append([]string{"RELAY_DB=" + filepath.Join(t.TempDir(), "relay.db")}, environ...), strings.NewReader(""), slave, &stderr))
	slave.Close()
	shown = strings.ReplaceAll(<-text, "\r\n", "\n")
	if stderr.String() != "" {
		t.Errorf("%q says %q on standard error; want nothing", args, stderr.String())
	}
	return shown, status
}

func ioctl(t *testing.T, f *os.File, request uintptr, arg unsafe.Pointer) {
	t.Helper()
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, f.Fd(), request, uintptr(arg)); errno != 0 {
		t.Fatalf("setting up a terminal: %v", errno)
	}
}

func TestTerminal(t *testing.T) {
	t.Parallel()
	_, at := upstream(t, pulsedivetest.Config{})
	observe := []string{"observe", at, "qsnatch-c2.example.net", "www.example.com", "https://login.example.org/reset?session=44", "unknown.example.com"}
	t.Run("a table that fits, with colours", func(t *testing.T) {
		t.Parallel()
		for _, width := range []uint16{80, 100, 200} {
			got, status := onTerminal(t, width, keyed, observe...)
			if status != 0 || !strings.Contains(got, "\x1b[1;31mMalicious\x1b[0m") || !strings.Contains(got, "\x1b[32mClean\x1b[0m") {
				t.Errorf("exit status %d; want 0 and colours in\n%q", status, got)
			}
			for line := range strings.Lines(uncoloured(got)) {
				if n := columns(strings.TrimRight(line, "\n")); n > int(width) {
					t.Errorf("on %d columns a line takes %d: %q", width, n, line)
				}
			}
		}
	})
	t.Run("no colours where none are wanted", func(t *testing.T) {
		t.Parallel()
		for _, variable := range []string{"NO_COLOR=1", "TERM=dumb"} {
			if got, _ := onTerminal(t, 120, append(keyed, variable), observe...); strings.Contains(got, "\x1b") || !strings.Contains(got, "Malicious") {
				t.Errorf("with %s shows %q; want a verdict without colours", variable, got)
			}
		}
	})
	t.Run("addresses are whole", func(t *testing.T) {
		t.Parallel()
		got, _ := onTerminal(t, 60, append(keyed, "NO_COLOR=1"), "refer", at, "https://login.example.org/reset?session=44")
		if !strings.Contains(got, "https://pulsedive.com/indicator/?iid=") || strings.Contains(got[strings.Index(got, "Search"):], "…") {
			t.Errorf("on 60 columns shows\n%s\nwant both addresses in full", got)
		}
	})
	t.Run("indented JSON that steers nothing", func(t *testing.T) {
		t.Parallel()
		quoted, _ := json.Marshal(steer)
		at := endpoint(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprintf(w, `{"error":%s}`, quoted)
		}))
		got, status := onTerminal(t, 80, keyed, "observe", "--json", at, "example.com")
		var decoded struct{ Errors []struct{ Message string } }
		if err := json.Unmarshal([]byte(got), &decoded); err != nil || status != 1 || len(decoded.Errors) != 1 || decoded.Errors[0].Message != steer {
			t.Errorf("exit status %d, %v, %q; want 1 and JSON with the message %q", status, err, got, steer)
		}
		if firstSteering(got) >= 0 || !strings.Contains(got, "{\n  \"errors\"") {
			t.Errorf("shows %q; want it indented, with nothing that steers a terminal", got)
		}
	})
}

func uncoloured(s string) string {
	for _, code := range []string{faint, normal, "\x1b[32m", "\x1b[1;31m", "\x1b[33m"} {
		s = strings.ReplaceAll(s, code, "")
	}
	return s
}
