package relay_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pulsedive-relay/relay"
)

// TestALargeBodyWaitsAShortTime: where as many large bodies stall as are read at
// once, the next is refused long before the request's time is over.
func TestALargeBodyWaitsAShortTime(t *testing.T) {
	t.Parallel()
	inBubble(t, options{quiet: true}, func(t *testing.T, w *world) {
		h := w.relay.Handler()
		var requests sync.WaitGroup
		var waits atomic.Int32
		end := make(chan struct{})
		post := func() string {
			rec := httptest.NewRecorder()
			h.ServeHTTP(rec, httptest.NewRequest(http.MethodPost, observePath, &stalled{left: relay.SmallBody, waits: &waits, end: end}))
			return rec.Body.String()
		}
		for range relay.MaxLargeBodies {
			requests.Go(func() { post() })
		}
		synctest.Wait()
		start := time.Now()
		got := post()
		if took := time.Since(start); took != relay.LargeBodyWait || !strings.Contains(got, `"code":"too many requests"`) {
			t.Errorf("one more large body than are read at once: got %s after %s, want too many requests after %s", got, took, relay.LargeBodyWait)
		}
		close(end)
		requests.Wait()
	})
}
