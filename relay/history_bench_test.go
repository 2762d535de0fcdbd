package relay_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"pulsedive-relay/relay/pulsedive"
)

// BenchmarkHistory asks cold, beside the same relay without a history: what
// writing every exchange before its answer costs.
func BenchmarkHistory(b *testing.B) {
	for _, n := range []int{16, 64} {
		b.Run(fmt.Sprintf("connections=%d", n), func(b *testing.B) {
			cache := pulsedive.Config{CacheTTL: time.Hour, CacheBytes: 64 << 20}
			off := benchWorld(b, cache)
			on := quietWorld(b, options{pulsedive: cache, kept: true})
			var serial atomic.Int64
			body := func() string { return freshBody(&serial, 1) }
			length := len(on.ask("/observe/observables", body()).Text)
			ask := func(w *world) func(int) {
				return callers(n, w.server.URL+"/observe/observables", "Bearer "+w.token(testKey, nil), body)
			}
			pair(b, 400, ask(on), ask(off))
			b.ReportMetric(float64(length), "bytes/answer")
			b.ReportMetric(float64(on.store.Status().Exchanges), "exchanges")
		})
	}
}
