package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// BenchmarkProcess starts the built binary again and again and reports how long
// it takes from the start to the first answer, what memory is resident then, and
// how large the binary is.
func BenchmarkProcess(b *testing.B) {
	binary := filepath.Join(b.TempDir(), "pulsedive-relay")
	build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", binary, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("go build: %v\n%s", err, out)
	}
	size, err := os.Stat(binary)
	if err != nil {
		b.Fatal(err)
	}
	var toAnswer time.Duration
	resident, rounds := 0, 0
	for b.Loop() {
		d, kib := firstAnswer(b, binary)
		toAnswer += d
		resident = max(resident, kib)
		rounds++
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(toAnswer.Microseconds())/float64(rounds)/1000, "ms-to-first-answer")
	b.ReportMetric(float64(resident)/1024, "MiB-resident")
	b.ReportMetric(float64(size.Size())/1e6, "MB-binary")
}

// firstAnswer starts the relay, asks until it answers, and ends it.
func firstAnswer(b *testing.B, binary string) (time.Duration, int) {
	address := freeAddress(b)
	cmd := exec.Command(binary, "serve", "--listen", address)
	start := time.Now()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	defer func() {
		cmd.Process.Kill()
		cmd.Wait()
	}()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for time.Since(start) < 10*time.Second {
		resp, err := client.Post("http://"+address+"/version", "", nil)
		if err != nil {
			continue
		}
		took := time.Since(start)
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		return took, residentKiB(b, cmd.Process.Pid)
	}
	b.Fatalf("no answer at %s within 10 s", address)
	return 0, 0
}

func freeAddress(b *testing.B) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// residentKiB is the resident memory of a process, 0 where the system does not
// tell.
func residentKiB(b *testing.B, pid int) int {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range bytes.Lines(text) {
		if rest, ok := bytes.CutPrefix(line, []byte("VmRSS:")); ok {
			kib, err := strconv.Atoi(string(bytes.Fields(rest)[0]))
			if err != nil {
				b.Fatal(err)
			}
			return kib
		}
	}
	return 0
}
