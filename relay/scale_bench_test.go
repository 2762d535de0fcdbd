package relay_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pulsedive-relay/relay/pulsedive"
	"pulsedive-relay/relay/pulsedive/pulsedivetest"
)

// counter takes an answer and keeps nothing but its length.
type counter struct {
	header http.Header
	n      int
}

func (c *counter) Header() http.Header { return c.header }
func (c *counter) WriteHeader(int)     {}
func (c *counter) Write(b []byte) (int, error) {
	c.n += len(b)
	return len(b), nil
}

// BenchmarkScale shows that time and memory for each observable stay the same
// from 1 to 200 observables a request: handler and a Pulsedive in process, without
// sockets. What a request costs by itself is in the figures of the small ones.
func BenchmarkScale(b *testing.B) {
	for _, n := range []int{1, 10, 50, 100, 200} {
		b.Run(fmt.Sprintf("observables=%d", n), func(b *testing.B) {
			fake := pulsedivetest.New(pulsedivetest.Config{Generate: true})
			fake.RecordCalls(false)
			w := quietWorld(b, options{pulsedive: pulsedive.Config{
				HTTP: &http.Client{Transport: fake.Transport()}, CacheTTL: time.Hour, CacheBytes: 64 << 20,
			}})
			h, token := w.relay.Handler(), "Bearer "+w.token(testKey, nil)
			var serial atomic.Int64
			ask := func() {
				req := httptest.NewRequest(http.MethodPost, w.server.URL+"/observe/observables", strings.NewReader(freshBody(&serial, n)))
				req.Header.Set("Authorization", token)
				rec := &counter{header: http.Header{}}
				if h.ServeHTTP(rec, req); rec.n < 1000*n {
					b.Fatalf("%d observables: answered %d bytes", n, rec.n)
				}
			}
			ask()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			cpu := cpuTime()
			for b.Loop() {
				ask()
			}
			cpu = cpuTime() - cpu
			runtime.ReadMemStats(&after)
			each := 1 / float64(b.N*n)
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(cpu.Seconds()*1e6*each, "cpu-µs/observable")
			b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)*each, "B/observable")
			b.ReportMetric(float64(after.Mallocs-before.Mallocs)*each, "allocs/observable")
		})
	}
}
