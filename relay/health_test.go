package relay_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"pulsedive-relay/relay"
	"pulsedive-relay/relay/pulsedive/pulsedivetest"
	"pulsedive-relay/store"
)

func TestHealth(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	if a := w.ask("/health", ""); a.Text != `{"data":{"status":"ok"}}` {
		t.Errorf("/health: %s, want the status ok", a.Text)
	}
	calls := w.fake.Calls()
	if len(calls) != 1 || calls[0].IID != "2" || calls[0].Key != testKey || calls[0].Value != "" || calls[0].Get != "" {
		t.Errorf("/health: Pulsedive was asked %+v, want iid=2 once with the caller's key", calls)
	}
}

func TestHealthTellsFaults(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer pulsedivetest.Answer
		want   []relay.Error
	}{
		"not found":      {fault(404, "Indicator not found."), nil},
		"status 400":     {fault(400, "Invalid request."), nil},
		"a refused key":  {fault(403, "Invalid key."), []relay.Error{fatal("forbidden", "Invalid key.")}},
		"status 500":     {pulsedivetest.Answer{Status: 500, Text: "sorry"}, []relay.Error{fatal("internal server error", "The Pulsedive API error.")}},
		"a used-up day":  {fault(429, "API rate limit exceeded: 50 requests per day."), []relay.Error{fatal("too many requests", "API rate limit exceeded: 50 requests per day.")}},
		"a text for 429": {pulsedivetest.Answer{Status: 429, Text: "slow down", Header: http.Header{"X-Requests-Remaining-Day": {"0"}}}, []relay.Error{fatal("too many requests", "The Pulsedive API error.")}},
	} {
		w := newWorld(t, options{})
		w.fake.SetHealth(c.answer)
		a := w.ask("/health", "")
		wantErrors(t, "/health: "+name, a, c.want...)
		// See TestHealthTellsQuotasBesideAnError of the data beside a limit's error.
		if (a.Data != nil) != (c.want == nil || c.answer.Status == http.StatusTooManyRequests) {
			t.Errorf("/health: %s: data %s beside errors %q", name, a.Data, a.Errors)
		}
	}
}

// quota is one as XDR reads it.
type quota struct {
	Description string
	Values      struct {
		Unit        string    `json:"bucket_unit"`
		Limit       int       `json:"bucket_limit"`
		Consumption *int      `json:"current_bucket_consumption"`
		Reached     *bool     `json:"current_bucket_limit_reached"`
		Ends        time.Time `json:"current_bucket_end_time"`
	}
}

func TestHealthTellsQuotas(t *testing.T) {
	t.Parallel()
	plan := pulsedivetest.Plan{PerSecond: 20, PerDay: 50, PerMonth: 3}
	// In a bubble, as days and months end.
	inBubble(t, options{fake: pulsedivetest.Config{Plan: plan}}, func(t *testing.T, w *world) {
		for range 2 {
			wantErrors(t, "/health", w.ask("/health", ""))
		}
		a := w.ask("/health", "")
		wantErrors(t, "/health, the last of the month", a)
		var data struct {
			Status string
			Quotas map[string]quota
		}
		if err := json.Unmarshal(a.Data, &data); err != nil {
			t.Fatalf("/health: %s: %v", a.Text, err)
		}
		if data.Status != "ok" || len(data.Quotas) != 3 {
			t.Fatalf("/health: %s, want ok and three quotas", a.Text)
		}
		second, day, month := data.Quotas["pulsedive-second"], data.Quotas["pulsedive-day"], data.Quotas["pulsedive-month"]
		if second.Values.Unit != "minute" || second.Values.Limit != 20*60 || second.Values.Consumption != nil {
			t.Errorf("/health: a limit of 20 a second is %s, want 1200 a minute", a.Text)
		}
		if v := day.Values; v.Unit != "day" || v.Limit != 50 || *v.Consumption != 3 || *v.Reached || !v.Ends.After(time.Now()) {
			t.Errorf("/health: 3 of 50 of a day are %s", a.Text)
		}
		if v := month.Values; v.Unit != "month" || v.Limit != 3 || *v.Consumption != 3 || !*v.Reached || v.Ends.Day() != 1 {
			t.Errorf("/health: 3 of 3 of a month are %s", a.Text)
		}
		for name, q := range data.Quotas {
			if q.Description == "" {
				t.Errorf("/health: %s has no description", name)
			}
		}
	})
}

// What is known of the key's limits is told also where one of them is the reason
// for an error, and the check has failed all the same.
func TestHealthTellsQuotasBesideAnError(t *testing.T) {
	t.Parallel()
	inBubble(t, options{kept: true, fake: pulsedivetest.Config{Plan: pulsedivetest.Plan{PerDay: 2}}}, func(t *testing.T, w *world) {
		for range 2 {
			wantErrors(t, "/health", w.ask("/health", ""))
		}
		const quotas = `{"pulsedive-day":{"description":"Requests that the Pulsedive API key allows a day","values":{"bucket_unit":"day","bucket_limit":2,` +
			`"current_bucket_consumption":2,"current_bucket_limit_reached":true,"current_bucket_end_time":"2000-01-02T00:00:00Z"}}}`
		const want = `{"data":{"status":"error","quotas":` + quotas + `},"errors":[{"type":"fatal","code":"too many requests","message":"The Pulsedive API key has used up its requests for this day."}]}`
		if a := w.ask("/health", ""); a.Text != want {
			t.Errorf("/health, the day used up: %s, want %s", a.Text, want)
		}
		if x := w.latest(); x.Outcome != store.Failed || x.Code != "too many requests" || string(x.Answer) != want {
			t.Errorf("/health, the day used up, is kept as %+v, want it failed, as it was answered", x)
		}
		w.wantLogged("route=/health", "outcome=error", `error="too many requests"`)
		if a := w.askWith(w.token("another-key", nil), "/health", ""); a.Data == nil || a.Text == want {
			t.Errorf("/health with another key: %s, want nothing of the first one's limits", a.Text)
		}
	})
}

// A health check takes any body, or none.
func TestHealthTakesAnyBody(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	for _, body := range []string{"", "{}", "nonsense", "[1,2]"} {
		wantErrors(t, "/health with the body "+body, w.ask("/health", body))
	}
	req := w.request(http.MethodPost, "/health", "")
	req.Header.Set("Authorization", "Bearer "+w.token(testKey, object{"aud": nil}))
	wantErrors(t, "/health without audience", w.do(req), fatal("authorization error", "Authorization failed: Wrong configuration-token-audience"))
}
