package relay_test

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"pulsedive-relay/relay"
	"pulsedive-relay/relay/ctim"
	"pulsedive-relay/relay/pulsedive"
	"pulsedive-relay/relay/pulsedive/pulsedivetest"
	"pulsedive-relay/store"
)

// latest is the newest exchange of the history, nil where there is none.
func (w *world) latest() *store.Exchange {
	w.t.Helper()
	p, err := w.store.List(store.Filter{}, store.Cursor{}, 1)
	if err != nil {
		w.t.Fatal(err)
	}
	if len(p.Summaries) == 0 {
		return nil
	}
	x, err := w.store.Exchange(p.Summaries[0].ID)
	if err != nil {
		w.t.Fatal(err)
	}
	return x
}

func TestExchange(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{kept: true, pulsedive: pulsedive.Config{CacheTTL: time.Hour, NotFoundTTL: time.Hour, CacheBytes: 1 << 20}})
	w.know("domain", "known.example")
	w.fake.SetLinks("known.example", dns("ip", "192.0.2.1", "192.0.2.2"))
	w.fake.SetInfo("broken.example", fault(500, "Database error."))
	before := time.Now()
	a := w.ask(observePath, bodyOf("domain", "known.example", "unknown.example", "broken.example"))
	x := w.latest()
	if string(x.Answer) != a.Text {
		t.Errorf("the history has the answer %s, want %s", x.Answer, a.Text)
	}
	if x.Source != store.XDR || x.Endpoint != store.Observe || x.Outcome != store.Partial || x.Caller != "127.0.0.1" || x.Count != 1 ||
		x.Audience != w.server.URL || x.KeyHost != w.issuer.Host() || x.EntitiesLimit != 100 || len(x.Fingerprint) != 12 {
		t.Errorf("the history says %+v; want who asked what, and how it ended", x)
	}
	if x.At.Before(before.Truncate(time.Millisecond)) || x.Took <= 0 || x.Token+x.Asked+x.Translated > x.Took+time.Millisecond {
		t.Errorf("at %s, took %s of which %s, %s, %s; want parts of the whole", x.At, x.Took, x.Token, x.Asked, x.Translated)
	}
	if len(x.Errors) != 1 || x.Errors[0].Message != "Database error." || x.Code != "internal server error" {
		t.Errorf("errors %+v, code %q; want the one of the answer", x.Errors, x.Code)
	}
	if len(x.Results) != 3 {
		t.Fatalf("%d results, want 3: %+v", len(x.Results), x.Results)
	}
	known, unknown, broken := x.Results[0], x.Results[1], x.Results[2]
	if known.State != store.Known || known.Disposition != ctim.Malicious || known.Risk != "high" || known.Factors != 1 || known.Threats != 1 ||
		known.Feeds != 1 || known.Relations != 2 || len(known.FactorRisks) != 1 || known.FactorRisks[0] != "low" {
		t.Errorf("what is known of known.example: %+v", known)
	}
	if unknown.State != store.Nothing || broken.State != store.Errored || broken.Error != "internal server error" {
		t.Errorf("unknown.example is %+v, broken.example %+v; want nothing and failed", unknown, broken)
	}
	if x.Calls != 4 || x.Cached != 0 || len(x.Spans) != 4 {
		t.Errorf("%d calls, %d cached, spans %+v; want four calls", x.Calls, x.Cached, x.Spans)
	}

	w.ask(observePath, bodyOf("domain", "known.example"))
	if x = w.latest(); x.Calls != 0 || x.Cached != 2 || x.Outcome != store.OK {
		t.Errorf("the second asking: %d calls, %d cached, %s; want none, two, ok", x.Calls, x.Cached, x.Outcome)
	}
}

// Refused requests and health checks are kept, alike ones as one.
func TestExchangesThatAreAlike(t *testing.T) {
	t.Parallel()
	// In a bubble, as alike ones of two hours are two.
	inBubble(t, options{kept: true}, func(t *testing.T, w *world) {
		for range 3 {
			w.askWith("no token", observePath, bodyOf("domain", "known.example"))
		}
		if x := w.latest(); x.Outcome != store.Failed || x.Code != "authorization error" || len(x.Results) != 0 || x.Count != 3 || x.Fingerprint != "" {
			t.Errorf("a refused request is kept as %+v", x)
		}
		for range 3 {
			w.ask("/health", "")
		}
		if x := w.latest(); x.Endpoint != store.Health || x.Count != 3 || x.Outcome != store.OK {
			t.Errorf("three health checks are kept as %+v; want one entry that counts them", x.Summary)
		}
		w.ask(observePath, "[]")
		if x := w.latest(); string(x.Answer) != `{"data":{}}` {
			t.Errorf("an empty list is kept with %s", x.Answer)
		}
	})
}

// TestNoSecretsInTheFile: neither key nor token is anywhere in the database.
func TestNoSecretsInTheFile(t *testing.T) {
	t.Parallel()
	const key = "SECRET-pulsedive-key-77"
	w := newWorld(t, options{kept: true})
	w.know("domain", "known.example")
	w.fake.SetInfo("echo.example", fault(500, "no such key: "+key))
	token := w.token(key, nil)
	w.askWith(token, observePath, bodyOf("domain", "known.example", "echo.example"))
	w.askWith(token, referPath, bodyOf("domain", "echo.example"))
	w.askWith(token, "/health", "")
	w.askWith(token+"x", observePath, bodyOf("domain", "known.example"))
	x := w.latest()
	if err := w.store.Close(); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(w.store.Status().Path)
	if err != nil || x == nil {
		t.Fatal(err)
	}
	for name, secret := range map[string]string{"key": key, "token": token, "signature": token[strings.LastIndexByte(token, '.')+1:]} {
		if bytes.Contains(file, []byte(secret)) {
			t.Errorf("the database holds the %s", name)
		}
	}
}

// A history that cannot be written costs nobody an answer.
func TestWithoutHistory(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{kept: true})
	w.know("domain", "known.example")
	if err := w.store.Close(); err != nil {
		t.Fatal(err)
	}
	a := w.ask(observePath, bodyOf("domain", "known.example"))
	wantVerdicts(t, "with a closed database", a, "known.example")
	wantErrors(t, "with a closed database", a)
}

func TestTry(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{kept: true})
	w.know("domain", "known.example")
	list := observables("domain", "known.example", "unknown.example")
	for _, endpoint := range []store.Endpoint{store.Observe, store.Refer, store.Both} {
		got := w.relay.Try(t.Context(), relay.Question{Caller: relay.Caller{Key: testKey}, Source: store.Try, From: "192.0.2.1", Observables: list, Endpoint: endpoint}, nil)
		x := w.latest()
		if got.Unkept != nil || got.Exchange.ID == 0 || x.ID != got.Exchange.ID || x.Source != store.Try || x.Caller != "192.0.2.1" || x.Endpoint != endpoint {
			t.Fatalf("a try of %s is %+v, kept as %+v", endpoint, got, x)
		}
		if links := endpoint != store.Observe; (len(got.Links) == 3) != links {
			t.Errorf("a try of %s has the links %v; want three of them: %v", endpoint, got.Links, links)
		}
		if observed := endpoint != store.Refer; (len(got.Bundles) == 1) != observed || bytes.Contains(x.Answer, []byte(`"verdicts"`)) != observed {
			t.Errorf("a try of %s has %d bundles and the answer %s; want a verdict: %v", endpoint, len(got.Bundles), x.Answer, observed)
		}
		if (len(x.Refer) > 0) != (endpoint == store.Both) {
			t.Errorf("a try of %s has the second answer %s", endpoint, x.Refer)
		}
	}
	wantCalls(t, "one try of each kind without a cache", w, 3+2+3)
}

// A try that asks anew does not take the cache's word.
func TestTryAnew(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{kept: true, pulsedive: pulsedive.Config{CacheTTL: time.Hour, NotFoundTTL: time.Hour, CacheBytes: 1 << 20}})
	w.know("domain", "known.example")
	ask := func(anew bool) *store.Exchange {
		return w.relay.Try(t.Context(), relay.Question{
			Caller: relay.Caller{Key: testKey}, Source: store.Try, Observables: observables("domain", "known.example"), Endpoint: store.Observe, Anew: anew,
		}, nil).Exchange
	}
	ask(false)
	w.fake.SetInfo("known.example", record("domain", "known.example", object{"risk": "none"}))
	if x := ask(false); x.Calls != 0 || x.Results[0].Disposition != ctim.Malicious {
		t.Errorf("asked again within the cache's time: %d calls, %s; want none, and what was known", x.Calls, x.Results[0].Disposition)
	}
	if x := ask(true); x.Calls != 2 || x.Results[0].Disposition != ctim.Clean {
		t.Errorf("asked anew: %d calls, %s; want two, and what is known now", x.Calls, x.Results[0].Disposition)
	}
	if x := ask(false); x.Calls != 0 || x.Results[0].Disposition != ctim.Clean {
		t.Errorf("asked after that: %d calls, %s; want none, and the new answer", x.Calls, x.Results[0].Disposition)
	}
}

// A try that is cancelled is kept with what was there.
func TestTryCancelled(t *testing.T) {
	t.Parallel()
	g := newGate(nil)
	w := newWorld(t, options{kept: true, upstream: g})
	ctx, cancel := context.WithCancel(t.Context())
	asking := func(_ int, s relay.Step) {
		if s.State == pulsedive.Asking {
			cancel()
		}
	}
	got := w.relay.Try(ctx, relay.Question{Caller: relay.Caller{Key: testKey}, Source: store.Try, Observables: observables("domain", "known.example"), Endpoint: store.Observe}, asking)
	if len(got.Errors) != 1 || got.Errors[0].Code != "cancelled" || w.latest() == nil || w.latest().Outcome != store.Failed {
		t.Errorf("a cancelled try has the errors %+v, kept: %+v; want one that says so", got.Errors, w.latest())
	}
}

// TestLive: settings hold at once, and what they do not touch is not forgotten.
func TestLive(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{kept: true})
	w.know("domain", "known.example")
	s := store.Defaults()
	s.PulsediveURL, s.JWKSHosts, s.PublicURL = w.upstream, []string{w.issuer.Host()}, []string{w.server.URL}
	var applied []store.Settings
	live, err := relay.NewLive(relay.LiveConfig{KeysHTTP: w.issuer.Client(), Applied: func(s store.Settings) { applied = append(applied, s) }}, s)
	if err != nil {
		t.Fatal(err)
	}
	w.server.Config.Handler = live
	body := bodyOf("domain", "known.example")
	wantVerdicts(t, "at first", w.ask(observePath, body), "known.example")
	calls := len(w.fake.Calls())

	s.MaxObservables = 1
	if err := live.Apply(s); err != nil {
		t.Fatal(err)
	}
	wantErrors(t, "two observables where one is allowed", w.ask(observePath, bodyOf("domain", "a.example", "b.example")),
		fatal("invalid argument", "Invalid JSON payload received. {'_schema': ['Longer than maximum length 1.']}"))
	wantVerdicts(t, "out of the cache that stays", w.ask(observePath, body), "known.example")
	if n := len(w.fake.Calls()); n != calls {
		t.Errorf("a changed bound cost %d calls; want the cache kept", n-calls)
	}

	s.UpstreamTimeout = 9 * time.Second
	if err := live.Apply(s); err != nil {
		t.Fatal(err)
	}
	wantVerdicts(t, "out of the cache that was handed on", w.ask(observePath, body), "known.example")
	if n := len(w.fake.Calls()); n != calls {
		t.Errorf("another timeout cost %d calls; want the cache handed on", n-calls)
	}

	s.PublicURL = []string{"https://relay.example.com"}
	if err := live.Apply(s); err != nil {
		t.Fatal(err)
	}
	wantErrors(t, "another public URL", w.ask(observePath, body), fatal("authorization error", "Authorization failed: Wrong configuration-token-audience"))
	s.PulsediveURL = "not an address"
	if err := live.Apply(s); err == nil || live.Settings().PulsediveURL != w.upstream {
		t.Errorf("a wrong endpoint: %v, and %q holds; want an error, and the old one", err, live.Settings().PulsediveURL)
	}
	if len(applied) != 4 || applied[0].Parallel != store.Defaults().Parallel || applied[2].UpstreamTimeout != 9*time.Second {
		t.Errorf("told of %d settings that hold: %+v; want the first ones and three changes", len(applied), applied)
	}
}

// Other settings are no reason to ask with a key again that has nothing left.
func TestLiveKeepsLimits(t *testing.T) {
	t.Parallel()
	for _, kept := range []bool{true, false} {
		inBubble(t, options{kept: true, fake: pulsedivetest.Config{Generate: true, Plan: pulsedivetest.Plan{PerDay: 1}}}, func(t *testing.T, w *world) {
			c := relay.LiveConfig{PulsediveHTTP: &http.Client{Transport: within{w.fake}}}
			if kept {
				c.Store = w.store
			}
			s := store.Defaults()
			live, err := relay.NewLive(c, s)
			if err != nil {
				t.Fatal(err)
			}
			ask := func(value string) relay.Observed {
				return live.Relay().Observe(t.Context(), relay.Caller{Key: testKey}, observables("domain", value), nil)
			}
			if o := ask("a.example"); len(o.Bundles) != 1 {
				t.Fatalf("the first of the day: errors %q, want an answer", o.Errors)
			}
			for _, change := range []func(){
				func() { s.Parallel = 5 }, func() { s.UpstreamTimeout = 7 * time.Second }, func() { s.CacheTTL = time.Hour }, func() { s.PulsediveKey = "another" },
			} {
				change()
				if err := live.Apply(s); err != nil {
					t.Fatal(err)
				}
				if o := ask("b.example"); len(o.Errors) == 0 || o.Errors[0].Code != "too many requests" {
					t.Errorf("the day used up, settings changed: errors %q, want too many requests", o.Errors)
				}
			}
			wantCalls(t, "a used-up day, settings changed four times", w, 1)
			s.PulsediveURL = "https://other.example.com/api/info.php"
			if err := live.Apply(s); err != nil {
				t.Fatal(err)
			}
			ask("b.example")
			wantCalls(t, "another endpoint, of which nothing is known", w, 2)
		})
	}
}

// What the cache held answers after a restart, without a call.
func TestCacheOutlivesARestart(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{kept: true, fake: pulsedivetest.Config{}})
	w.know("domain", "known.example")
	ask := func() {
		t.Helper()
		live, _ := newLive(w)
		wantVerdicts(t, "asked", w.ask(observePath, bodyOf("domain", "known.example")), "known.example")
		keepLast(t, live)
	}
	ask()
	calls := len(w.fake.Calls())
	ask()
	if n := len(w.fake.Calls()); n != calls {
		t.Errorf("asked again after a restart: %d calls more; want none", n-calls)
	}
}

// What is asked of one value as two types is told of each.
func TestSpansOfEqualValues(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{kept: true, pulsedive: pulsedive.Config{CacheTTL: time.Hour, CacheBytes: 1 << 20}})
	w.know("domain", "known.example")
	w.ask(observePath, `[{"type":"domain","value":"known.example"},{"type":"url","value":"known.example"}]`)
	infos := map[int]int{}
	for _, s := range w.latest().Spans {
		if s.Kind == "info" {
			infos[s.Observable]++
		}
	}
	if infos[0] != 1 || infos[1] != 1 {
		t.Errorf("infos by observable: %v, want one of each", infos)
	}
}
