package pulsedive

import (
	"net/http"
	"testing"
	"time"

	"pulsedive-relay/relay/pulsedive/pulsedivetest"
)

// TestARefusalOfYesterday: a day's refusal that arrives after midnight refuses
// its own call alone, not those that wait in the new day.
func TestARefusalOfYesterday(t *testing.T) {
	fake := pulsedivetest.New(pulsedivetest.Config{Generate: true})
	h := handler(func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("indicator") != "late.example" {
			fake.ServeHTTP(w, r)
			return
		}
		pass(r, 2*time.Second)
		w.WriteHeader(http.StatusTooManyRequests)
		w.Write([]byte(`{"error":"API rate limit exceeded: 50 requests per day."}`))
	})
	simulate(t, pulsedivetest.Config{}, Config{HTTP: h.client()}, func(w *world) {
		midnight := Day.ends(time.Now())
		time.Sleep(time.Until(midnight) - time.Second)
		late := make(chan error)
		go func() {
			_, _, err := w.info(w.Context(), testKey, "late.example")
			late <- err
		}()
		time.Sleep(1500 * time.Millisecond)
		waits := make(chan error)
		go func() {
			_, _, err := w.info(w.Context(), testKey, "waits.example") // behind the first call
			waits <- err
		}()
		if err := <-late; err == nil {
			t.Error("late.example: got an answer, want the refusal")
		}
		if err := <-waits; err != nil {
			t.Errorf("waits.example, asked in the new day: got %v, want an answer", err)
		}
	})
}
