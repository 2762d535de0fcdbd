package relay_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"pulsedive-relay/relay"
	"pulsedive-relay/relay/ctim"
	"pulsedive-relay/relay/pulsedive"
	"pulsedive-relay/relay/pulsedive/pulsedivetest"
)

// connections is how many callers the benchmarks have at once.
const connections = 16

// BenchmarkCold asks about observables that nobody asked about before, of a
// Pulsedive without latency, beside a floor that makes the same calls and answers
// as many bytes, without token check and mapping.
func BenchmarkCold(b *testing.B) {
	for _, n := range []int{1, 100} {
		b.Run(fmt.Sprintf("observables=%d", n), func(b *testing.B) {
			w := benchWorld(b, pulsedive.Config{CacheTTL: time.Hour, CacheBytes: 64 << 20})
			var serial atomic.Int64
			body := func() string { return freshBody(&serial, n) }
			length := len(w.ask("/observe/observables", body()).Text)
			floor := httptest.NewServer(newFloor(w.upstream, length))
			b.Cleanup(floor.Close)
			pair(b, max(1, 200/n), w.caller("/observe/observables", body), caller(floor.URL, "", body))
		})
	}
}

// BenchmarkWarm asks about one observable that the cache holds, beside a bare
// handler that answers the same bytes.
func BenchmarkWarm(b *testing.B) {
	w := benchWorld(b, pulsedive.Config{CacheTTL: time.Hour, CacheBytes: 64 << 20})
	body := `[{"type":"domain","value":"warm.example"}]`
	bytes := []byte(w.ask("/observe/observables", body).Text)
	floor := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		io.Copy(io.Discard, req.Body)
		w.Header().Set("Content-Type", "application/json")
		w.Write(bytes)
	}))
	b.Cleanup(floor.Close)
	pair(b, 1000, w.caller("/observe/observables", func() string { return body }), caller(floor.URL, "", func() string { return body }))
}

// BenchmarkHandler is the relay's own work for one request, without sockets:
// its allocations are those of the relay and of net/http's client.
func BenchmarkHandler(b *testing.B) {
	for _, cached := range []bool{false, true} {
		b.Run(fmt.Sprintf("cached=%v", cached), func(b *testing.B) {
			w := benchWorld(b, pulsedive.Config{CacheTTL: time.Hour, CacheBytes: 64 << 20})
			h := w.relay.Handler()
			token := "Bearer " + w.token(testKey, nil)
			var serial atomic.Int64
			body := freshBody(&serial, 1)
			b.ReportAllocs()
			for b.Loop() {
				if !cached {
					body = freshBody(&serial, 1)
				}
				req := httptest.NewRequest(http.MethodPost, w.server.URL+"/observe/observables", strings.NewReader(body))
				req.Header.Set("Authorization", token)
				rec := httptest.NewRecorder()
				h.ServeHTTP(rec, req)
				if rec.Body.Len() < 1000 {
					b.Fatalf("answered %s", rec.Body)
				}
			}
		})
	}
}

// BenchmarkTranslate is the way from the cache to bundles, as pages have them,
// and to the answer's bytes.
func BenchmarkTranslate(b *testing.B) {
	w := benchWorld(b, pulsedive.Config{CacheTTL: time.Hour, CacheBytes: 64 << 20})
	list := []ctim.Observable{{Type: "domain", Value: "translate.example"}}
	var text []byte
	b.ReportAllocs()
	for b.Loop() {
		o := w.relay.Observe(b.Context(), relay.Caller{Key: testKey}, list, nil)
		text = o.AppendJSON(text[:0])
	}
	b.ReportMetric(float64(len(text)), "bytes/answer")
}

// gcPercent is what the program sets too.
const gcPercent = 400

func benchWorld(b *testing.B, c pulsedive.Config) *world {
	b.Helper()
	before := debug.SetGCPercent(gcPercent)
	b.Cleanup(func() { debug.SetGCPercent(before) })
	return quietWorld(b, options{pulsedive: c})
}

// quietWorld logs nothing and makes up every answer.
func quietWorld(b *testing.B, o options) *world {
	o.fake, o.quiet = pulsedivetest.Config{Generate: true}, true
	w := newWorld(b, o)
	w.fake.RecordCalls(false)
	return w
}

func freshBody(serial *atomic.Int64, n int) string {
	var s strings.Builder
	for i := range n {
		if i > 0 {
			s.WriteByte(',')
		}
		fmt.Fprintf(&s, `{"type":"domain","value":"d%d.example"}`, serial.Add(1))
	}
	return "[" + s.String() + "]"
}

// floor makes the calls of a request and answers a number of bytes.
type floor struct {
	upstream string
	client   *http.Client
	answer   []byte
}

func newFloor(upstream string, length int) *floor {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConns, t.MaxIdleConnsPerHost = 512, 512
	return &floor{upstream: upstream, client: &http.Client{Transport: t}, answer: bytes.Repeat([]byte{'x'}, length)}
}

func (f *floor) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	var list []struct{ Type, Value string }
	if err := json.NewDecoder(req.Body).Decode(&list); err != nil {
		panic(err)
	}
	var workers sync.WaitGroup
	values := make(chan string, len(list))
	for range min(32, len(list)) {
		workers.Go(func() {
			for v := range values {
				f.get(v, "")
				f.get(v, "&get=links")
			}
		})
	}
	for _, o := range list {
		values <- o.Value
	}
	close(values)
	workers.Wait()
	w.Write(f.answer)
}

func (f *floor) get(value, more string) {
	resp, err := f.client.Get(f.upstream + "?indicator=" + url.QueryEscape(value) + more + "&key=" + testKey)
	if err != nil {
		panic(err)
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		panic(err)
	}
}

// caller posts bodies on connections of its own, as many times as it is told.
func (w *world) caller(path string, body func() string) func(int) {
	return caller(w.server.URL+path, "Bearer "+w.token(testKey, nil), body)
}

func caller(address, authorization string, body func() string) func(n int) {
	return callers(connections, address, authorization, body)
}

// callers is caller with so many connections.
func callers(connections int, address, authorization string, body func() string) func(n int) {
	t := &http.Transport{MaxIdleConnsPerHost: connections}
	client := &http.Client{Transport: t}
	one := func() {
		req, _ := http.NewRequest(http.MethodPost, address, strings.NewReader(body()))
		req.Header.Set("Authorization", authorization)
		resp, err := client.Do(req)
		if err != nil {
			panic(err)
		}
		defer resp.Body.Close()
		if _, err := io.Copy(io.Discard, resp.Body); err != nil {
			panic(err)
		}
	}
	return func(n int) {
		var left atomic.Int64
		left.Store(int64(n))
		var callers sync.WaitGroup
		for range connections {
			callers.Go(func() {
				for left.Add(-1) >= 0 {
					one()
				}
			})
		}
		callers.Wait()
	}
}

// pair runs both in turn, n requests at a time, and reports how many requests a
// second each answers and what the first is of the second, in percent.
func pair(b *testing.B, n int, ours, floor func(int)) {
	ours(n)
	floor(n)
	var tOurs, tFloor, cOurs, cFloor time.Duration
	rounds := 0
	for b.Loop() {
		start, cpu := time.Now(), cpuTime()
		ours(n)
		middle, cpu2 := time.Now(), cpuTime()
		floor(n)
		tOurs += middle.Sub(start)
		tFloor += time.Since(middle)
		cOurs += cpu2 - cpu
		cFloor += cpuTime() - cpu2
		rounds++
	}
	requests := float64(rounds * n)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(requests/tOurs.Seconds(), "relay-req/s")
	b.ReportMetric(requests/tFloor.Seconds(), "floor-req/s")
	b.ReportMetric(100*tFloor.Seconds()/tOurs.Seconds(), "%of-floor")
	b.ReportMetric(cOurs.Seconds()/requests*1e6, "relay-cpu-µs")
	b.ReportMetric(cFloor.Seconds()/requests*1e6, "floor-cpu-µs")
}

// cpuTime is the processor time of this process so far.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
