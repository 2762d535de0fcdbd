package web_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"pulsedive-relay/relay"
	"pulsedive-relay/relay/ctim"
	"pulsedive-relay/relay/pulsedive/pulsedivetest"
	"pulsedive-relay/store"
)

// has checks that a page holds texts, in this order.
func has(t testing.TB, what, page string, wanted ...string) {
	t.Helper()
	rest := page
	for _, want := range wanted {
		_, after, ok := strings.Cut(rest, want)
		if !ok {
			t.Errorf("%s: %q is missing, or not after what precedes it of %q:\n%s", what, want, wanted, page)
			return
		}
		rest = after
	}
}

// hasNot checks that a page holds none of some texts.
func hasNot(t testing.TB, what, page string, unwanted ...string) {
	t.Helper()
	for _, one := range unwanted {
		if strings.Contains(page, one) {
			t.Errorf("%s holds %q; want it not to:\n%s", what, one, page)
		}
	}
}

// exchangeAt is a call by XDR.
func exchangeAt(at time.Time, values ...string) *store.Exchange {
	x := &store.Exchange{Summary: store.Summary{
		At: at, Last: at, Source: store.XDR, Endpoint: store.Observe, Outcome: store.OK, Caller: "192.0.2.14", Fingerprint: "0123456789ab", Took: 40 * time.Millisecond, Calls: 1,
	}, Request: "r", Answer: []byte(`{"data":{}}`)}
	for _, v := range values {
		x.Results = append(x.Results, store.Result{Observable: ctim.Observable{Type: "domain", Value: v}, State: store.Known, Disposition: ctim.Malicious, Risk: "high"})
	}
	x.Spans = []store.Span{{Kind: "info", Took: 30 * time.Millisecond, Outcome: "ok"}}
	return x
}

func TestOverviewFresh(t *testing.T) {
	t.Parallel()
	s := newSite(t, siteOptions{NoKey: true})
	got := s.get("/admin")
	has(t, "a fresh install", got.text, "What to do next", "Set the public URL", "btn primary", "Set your Pulsedive key", "Try an observable", "Register the module", "The chain", "not asked lately", "Key hosts US, APJC, EU", "0 exchanges", "not set")
	hasNot(t, "a fresh install", got.text, `data-chart=`, "No public URL is set", "Done:", "data-live-toggle")
	if got.status != http.StatusOK || !strings.Contains(got.text, "<!doctype html>") {
		t.Errorf("the overview is answered %d; want 200 and a page", got.status)
	}
	done := newSite(t, siteOptions{Pins: []store.Pin{{Name: "public-url", Text: "https://relay.example.com", Origin: "a test"}}})
	has(t, "a fresh install with URL and key", done.get("/admin").text, "Done:", "Set the public URL", "Done:", "Set your Pulsedive key", "Try an observable", "btn primary", "https://relay.example.com")
}

func TestOverview(t *testing.T) {
	t.Parallel()
	// In a bubble, as hours and days end.
	inBubble(t, pulsedivetest.FreePlan(), func(t *testing.T, b *bubble) {
		b.observes("unknown.example.com")
		page := b.page("/admin")
		has(t, "after a try", page, "No public URL is set.", "No call by Cisco XDR", "Calls, 24 h", "<strong>1</strong>", "none by XDR", "Answered in", "From cache", "Pulsedive today", "<strong>49</strong>", "of 50 left", "this month 499 of 500 left",
			`data-chart="calls"`, `data-v="1 0 0"`, "The chain", "answered", `data-chart="times"`, "Verdicts", "Nothing known", "Latest", "unknown.example.com", "Try, observe", "1 call")
		at := time.Now().Add(-3 * 24 * time.Hour)
		b.add(exchangeAt(at, "old.example.net"))
		b.add(exchangeAt(time.Now(), "new.example.net"))
		page = b.page("/admin")
		has(t, "after a call by XDR", page, "<strong>2</strong>", "last by XDR", "new.example.net", "Malicious")
		hasNot(t, "after a call by XDR", page, "No call by Cisco XDR")
		has(t, "a week", b.page("/admin?range=7d"), `href="/admin?range=7d" aria-current="true"`, "Calls, 7 d", "<strong>3</strong>", "verdict=malicious")
		part := b.part("/admin")
		has(t, "what the page fetches anew", part, `id="ov-stats"`, `id="ov-calls"`, `id="ov-latest"`)
		hasNot(t, "what the page fetches anew", part, "<html", "<nav class=\"nav")
	})
}

// TestOverviewKey: the operator's key is nowhere on the page, and without one the
// page says so.
func TestOverviewKey(t *testing.T) {
	t.Parallel()
	s := newSite(t, siteOptions{NoKey: true})
	s.add(exchangeAt(time.Now(), "a.example.net"))
	has(t, "without a key", s.get("/admin").text, "Pulsedive today", "No key", "/admin/settings#pulsedive-key")
	own := newSite(t, siteOptions{})
	own.ask(store.Observe, "domain:a.example.net")
	page := own.get("/admin").text
	hasNot(t, "the overview", page, ownKey)
	has(t, "with a key without limits", page, "no limit of your key is known")
}

// TestOverviewPulsedive: the chain tells how the last call ended.
func TestOverviewPulsedive(t *testing.T) {
	t.Parallel()
	for outcome, want := range map[string]string{
		"ok": `is-ok`, "not found": `is-ok`, "timeout": `is-fail`, "connection": `is-fail`, "status 500": `is-warn`, "refused key": `is-warn`, "limit day": `is-warn`,
	} {
		s := newSite(t, siteOptions{})
		x := exchangeAt(time.Now().Add(-time.Minute), "a.example.net")
		x.Spans = []store.Span{
			{Kind: "info", Took: 10 * time.Millisecond, Outcome: "ok"},
			{Kind: "links", Start: 20 * time.Millisecond, Took: 30 * time.Millisecond, Outcome: outcome},
			{Kind: "info", Start: 90 * time.Millisecond, Outcome: "cached"},
		}
		s.add(x)
		_, chain, _ := strings.Cut(s.get("/admin").text, "The chain")
		row, _, _ := strings.Cut(chain, "</li>")
		has(t, "a call that ended as "+outcome, row, want, "Pulsedive")
	}
}

// TestOverviewStoredLimits: where the relay knows no limit of the own key, the
// latest exchange tells.
func TestOverviewStoredLimits(t *testing.T) {
	t.Parallel()
	var stands clock
	stands.set(time.Now())
	now := stands.now()
	day := store.Quota{Period: "day", Limit: 50, Left: 48, Ends: now.Add(time.Hour)}
	for _, c := range []struct {
		name   string
		source store.Source
		quotas []store.Quota
		noKey  bool
		want   []string
	}{
		{"a caller's, without an own key", store.XDR, []store.Quota{day}, true, []string{"<strong>48</strong>", "of 50 left", "a caller&#39;s key, as of", "5 min ago"}},
		{"of a try before the restart", store.Try, []store.Quota{day}, false, []string{"<strong>48</strong>", "your own key, as of", "5 min ago"}},
		{"of a day that is over", store.Try, []store.Quota{{Period: "day", Limit: 50, Left: 3, Ends: now.Add(-time.Minute)}}, false, []string{"<strong>50</strong>", "at most", "as of"}},
		{"none", store.XDR, nil, true, []string{"No key"}},
	} {
		s := newSite(t, siteOptions{NoKey: c.noKey, Now: stands.now})
		x := exchangeAt(now.Add(-5*time.Minute-30*time.Second), "a.example.net")
		x.Source, x.Quotas = c.source, c.quotas
		s.add(x)
		_, stat, _ := strings.Cut(s.get("/admin").text, "Pulsedive today")
		stat, _, _ = strings.Cut(stat, "The chain")
		has(t, "the limit "+c.name, stat, c.want...)
	}
}

// checks has a caller check its key at a Pulsedive of 50 calls a day, where nobody
// else asks.
func (b *bubble) checks() { b.live.Relay().Health(b.t.Context(), relay.Caller{Key: "a-callers-key"}) }

// TestOverviewOff: where the history is off the relay itself knows how Pulsedive does,
// and what is left of the limits of the key that it was asked with.
func TestOverviewOff(t *testing.T) {
	t.Parallel()
	inBubble(t, pulsedivetest.Plan{PerDay: 50}, func(t *testing.T, b *bubble) {
		set := b.store.Settings()
		set.HistoryMax = 0
		must(t, errors.Join(b.store.SaveSettings(set), b.live.Apply(b.store.Settings())))
		has(t, "before any call", b.page("/admin"), "The history is off.", "What to do next", "not asked lately")
		b.checks()
		page := b.page("/admin")
		has(t, "after a call", page, "The history is off.", "not counted: the history is off", "Pulsedive today", "<strong>49</strong>", "of 50 left", "the key asked with last, as of", "The chain", "is-ok", "Pulsedive", "answered", "The history is off", "is not kept")
		hasNot(t, "after a call", page, "What to do next", "not asked lately", "No call by Cisco XDR", "will stand here", "a-callers-key",
			"nothing answered", "calls saved", "No calls in this time", "Table</button>", `class="bars"`)
		if small, whole := strings.Count(page, "not counted: the history is off"), strings.Count(page, "Not counted: the history is off."); small != 3 || whole != 3 {
			t.Errorf("%d numbers and %d drawings say that nothing is counted; want 3 and 3:\n%s", small, whole, page)
		}
		b.fake.SetHealth(pulsedivetest.Answer{Status: http.StatusInternalServerError})
		b.checks()
		has(t, "after one that failed", b.page("/admin"), "of 50 left", "The chain", "is-warn", "Pulsedive", "status 500")
	})
}

// TestOverviewTurnedOff: what was counted before the history was off is told as that.
func TestOverviewTurnedOff(t *testing.T) {
	t.Parallel()
	inBubble(t, pulsedivetest.Plan{}, func(t *testing.T, b *bubble) {
		b.add(exchangeAt(time.Now(), "a.example.net"))
		set := b.store.Settings()
		set.HistoryMax = 0
		must(t, errors.Join(b.store.SaveSettings(set), b.live.Apply(b.store.Settings())))
		page, note := b.page("/admin"), "counted until the history was off"
		has(t, "the overview", page, "Calls, 24 h", "<strong>1</strong>", note, "Answered in", note, "From cache", note, `data-v="1 0 0"`, `class="bars"`)
		hasNot(t, "the overview", page, "ot counted: the history is off")
	})
}

// TestOverviewNewest: of what the relay knows and what the history tells the newer
// counts.
func TestOverviewNewest(t *testing.T) {
	t.Parallel()
	inBubble(t, pulsedivetest.Plan{PerDay: 50}, func(t *testing.T, b *bubble) {
		told := func(in time.Duration, outcome string, left int) {
			x := exchangeAt(time.Now().Add(in), "a.example.net")
			x.Spans[0].Outcome, x.Quotas = outcome, []store.Quota{{Period: "day", Limit: 50, Left: left, Ends: time.Now().Add(2 * time.Hour)}}
			b.add(x)
		}
		told(-time.Hour, "timeout", 7)
		has(t, "by the history", b.page("/admin"), "<strong>7</strong>", "The chain", "is-fail", "timeout")
		b.checks()
		has(t, "by the relay", b.page("/admin"), "<strong>49</strong>", "The chain", "is-ok", "answered")
		told(time.Hour, "connection", 5)
		has(t, "by the history, of a later call", b.page("/admin"), "<strong>5</strong>", "The chain", "is-fail", "connection")
	})
}

// TestOverviewFolded: of folded health checks the last one tells when Pulsedive
// answered.
func TestOverviewFolded(t *testing.T) {
	t.Parallel()
	var stands clock
	stands.set(time.Now())
	s := newSite(t, siteOptions{Now: stands.now})
	for _, ago := range []time.Duration{3 * time.Hour, 6*time.Minute + 30*time.Second} {
		x := exchangeAt(stands.now().Add(-ago))
		x.Endpoint, x.Spans = store.Health, []store.Span{{Observable: -1, Kind: "health", Took: 30 * time.Millisecond, Outcome: "ok"}}
		s.add(x)
	}
	_, chain, _ := strings.Cut(s.get("/admin").text, "The chain")
	row, _, _ := strings.Cut(chain, "</li>")
	has(t, "the row of folded health checks", row, "answered", "6 min ago")
}

// TestFolded: alike health checks are one entry with a count, from when to when.
func TestFolded(t *testing.T) {
	t.Parallel()
	s := newSite(t, siteOptions{})
	first := time.Now().Truncate(time.Hour)
	for i := range 3 {
		x := exchangeAt(first.Add(time.Duration(i) * time.Second)) // of one hour
		x.Endpoint = store.Health
		s.add(x)
	}
	exact := func(t time.Time) string { return `datetime="` + t.UTC().Format(time.RFC3339) }
	page := s.get("/admin/history").text
	has(t, "folded health checks", page, "x-time", exact(first), ">to <", exact(first.Add(2*time.Second)), "Health check", "×3", "XDR, health")
	has(t, "the same in the overview", s.get("/admin").text, "x-time", exact(first), ">to <", exact(first.Add(2*time.Second)), "×3")
	has(t, "their exchange", s.get("/admin/exchange/1").text, exact(first), " to ", exact(first.Add(2*time.Second)), "3 alike requests")
	if rows(page) != 1 {
		t.Errorf("three alike health checks are %d entries; want one", rows(page))
	}
}
