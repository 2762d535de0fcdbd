package main

import (
	"bytes"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pulsedive-relay/relay"
	"pulsedive-relay/relay/auth/authtest"
	"pulsedive-relay/relay/pulsedive/pulsedivetest"
)

// BenchmarkProcess starts the built binary again and again and reports how long
// it takes from the start to the first answer, what memory is resident then, and
// how large the binary is.
func BenchmarkProcess(b *testing.B) {
	binary := buildBinary(b)
	size, err := os.Stat(binary)
	if err != nil {
		b.Fatal(err)
	}
	var toAnswer time.Duration
	resident, rounds := 0, 0
	for b.Loop() {
		start := time.Now()
		r := startBinary(b, binary)
		r.firstAnswer(b)
		toAnswer += time.Since(start)
		resident = max(resident, r.status(b, "VmRSS"))
		r.stop()
		rounds++
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(toAnswer.Microseconds())/float64(rounds)/1000, "ms-to-first-answer")
	b.ReportMetric(float64(resident)/1024, "MiB-resident")
	b.ReportMetric(float64(size.Size())/1e6, "MB-binary")
}

// BenchmarkCrowd lets a thousand callers, each with a key of its own, ask the
// built binary at once about one domain each, on a Pulsedive that takes 2 s a
// call, and reports how many were answered and the most memory that was resident.
func BenchmarkCrowd(b *testing.B) {
	binary := buildBinary(b)
	issuer, err := authtest.NewIssuer()
	if err != nil {
		b.Fatal(err)
	}
	defer issuer.Close()
	fake := pulsedivetest.New(pulsedivetest.Config{Latency: 2 * time.Second, Generate: true})
	upstream := httptest.NewServer(fake)
	defer upstream.Close()
	answered, peak := 0, 0
	var took time.Duration
	for b.Loop() {
		r := startBinary(b, binary, "RELAY_JWKS_HOSTS="+issuer.Host(), "SSL_CERT_FILE="+certificate(b, issuer),
			"RELAY_PULSEDIVE_URL="+upstream.URL, "RELAY_PUBLIC_URL=https://relay.example.com")
		r.firstAnswer(b)
		start := time.Now()
		answered += crowd(b, r, issuer)
		took += time.Since(start)
		peak = max(peak, r.status(b, "VmHWM"))
		r.stop()
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(answered)/float64(b.N), "answered-of-1000")
	b.ReportMetric(took.Seconds()/float64(b.N), "s-for-all")
	b.ReportMetric(float64(peak)/1024, "MiB-resident-at-most")
}

// crowd asks from a thousand connections at once and counts the good answers.
func crowd(b *testing.B, r *running, issuer *authtest.Issuer) int {
	var good atomic.Int64
	var callers sync.WaitGroup
	client := http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: relay.MaxInWork}}
	defer client.CloseIdleConnections()
	for i := range relay.MaxInWork {
		token, err := issuer.Token(map[string]any{"key": fmt.Sprintf("key-%d", i), "jwks_host": issuer.Host(), "aud": "https://relay.example.com"})
		if err != nil {
			b.Fatal(err)
		}
		callers.Go(func() {
			body := strings.NewReader(fmt.Sprintf(`[{"type":"domain","value":"d%d.example"}]`, i))
			req, _ := http.NewRequest(http.MethodPost, r.base+"/observe/observables", body)
			req.Header.Set("Authorization", "Bearer "+token)
			resp, err := client.Do(req)
			if err != nil {
				return
			}
			defer resp.Body.Close()
			text, _ := io.ReadAll(resp.Body)
			if bytes.Contains(text, []byte(`"verdicts":{"count":1`)) && !bytes.Contains(text, []byte(`"errors"`)) {
				good.Add(1)
			}
		})
	}
	callers.Wait()
	return int(good.Load())
}

// running is the built binary at work.
type running struct {
	cmd  *exec.Cmd
	base string
}

func buildBinary(b *testing.B) string {
	b.Helper()
	binary := filepath.Join(b.TempDir(), "pulsedive-relay")
	build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", binary, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("go build: %v\n%s", err, out)
	}
	return binary
}

// startBinary serves on a free port. It does not wait until that answers.
func startBinary(b *testing.B, binary string, environ ...string) *running {
	b.Helper()
	l, err := net.Listen("tcp", free)
	if err != nil {
		b.Fatal(err)
	}
	l.Close()
	cmd := exec.Command(binary, "serve", "--listen", l.Addr().String())
	cmd.Env = append(os.Environ(), append(environ, "RELAY_DB="+filepath.Join(b.TempDir(), "relay.db"))...)
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	return &running{cmd: cmd, base: "http://" + l.Addr().String()}
}

func (r *running) stop() {
	r.cmd.Process.Kill()
	r.cmd.Wait()
}

// firstAnswer asks until there is an answer.
func (r *running) firstAnswer(b *testing.B) {
	b.Helper()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for start := time.Now(); time.Since(start) < patience; {
		resp, err := client.Post(r.base+"/version", "", nil)
		if err != nil {
			continue
		}
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		return
	}
	b.Fatalf("no answer at %s within %s", r.base, patience)
}

// status is a number of KiB that the system tells of the process, 0 where it
// does not tell.
func (r *running) status(b *testing.B, name string) int {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", r.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	for line := range bytes.Lines(text) {
		if rest, ok := bytes.CutPrefix(line, []byte(name+":")); ok {
			kib, err := strconv.Atoi(string(bytes.Fields(rest)[0]))
			if err != nil {
				b.Fatal(err)
			}
			return kib
		}
	}
	return 0
}

// certificate is a file with the certificate of an issuer's key host.
func certificate(b *testing.B, issuer *authtest.Issuer) string {
	b.Helper()
	resp, err := issuer.Client().Get("https://" + issuer.Host() + "/.well-known/jwks")
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	file := filepath.Join(b.TempDir(), "issuer.pem")
	block := &pem.Block{Type: "CERTIFICATE", Bytes: resp.TLS.PeerCertificates[0].Raw}
	if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
		b.Fatal(err)
	}
	return file
}
