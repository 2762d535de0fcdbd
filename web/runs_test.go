package web_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pulsedive-relay/relay"
	"pulsedive-relay/relay/ctim"
	"pulsedive-relay/relay/pulsedive/pulsedivetest"
	"pulsedive-relay/store"
	"pulsedive-relay/web"
)

// bubble is an admin UI in a bubble of testing/synctest: nothing in it is a
// socket, and time passes where all wait.
type bubble struct {
	t     *testing.T
	fake  *pulsedivetest.Fake
	store *store.Store
	live  *relay.Live
	admin *web.Admin
	h     http.Handler
}

// inBubble calls f with an admin UI whose Pulsedive has a plan and takes 100 ms.
func inBubble(t *testing.T, plan pulsedivetest.Plan, f func(t *testing.T, b *bubble)) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "relay.db")
	synctest.Test(t, func(t *testing.T) {
		b := &bubble{t: t, fake: pulsedivetest.New(pulsedivetest.Config{Plan: plan, Latency: 100 * time.Millisecond})}
		b.fake.LoadSample()
		var err error
		b.store, err = store.Open(store.Config{Path: path, Log: slog.New(slog.DiscardHandler), Pins: []store.Pin{{Name: "pulsedive-key", Text: ownKey, Origin: "a test"}}})
		must(t, err)
		defer b.store.Close()
		b.live, err = relay.NewLive(relay.LiveConfig{Store: b.store, PulsediveHTTP: &http.Client{Transport: b.fake.Transport()}, Log: slog.New(slog.DiscardHandler)}, b.store.Settings())
		must(t, err)
		b.admin, err = web.New(web.Config{Live: b.live, Store: b.store, Demo: true})
		must(t, err)
		defer b.admin.Close()
		b.h = mounted(b.admin)
		f(t, b)
	})
}

func (b *bubble) ask(method, path string, form url.Values, header ...string) *httptest.ResponseRecorder {
	b.t.Helper()
	return visit(b.h, method, path, form, append([]string{"Host", "localhost", "From", "127.0.0.1:4711"}, header...)...)
}

// start begins a run about a text, and is the path of its page.
func (b *bubble) start(text string) string {
	b.t.Helper()
	w := b.ask("POST", "/admin/try", url.Values{"text": {text}, "observe": {"on"}, "refer": {"on"}, "limit": {"100"}})
	if w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), "/admin/try/") {
		b.t.Fatalf("a run about %q is answered %d, to %q; want 303 to its page:\n%s", text, w.Code, w.Header().Get("Location"), w.Body)
	}
	return w.Header().Get("Location")
}

// part is the card of a run as a poll gets it.
func (b *bubble) part(path string) string {
	b.t.Helper()
	return b.ask("GET", path, nil, "HX-Request", "true").Body.String()
}

// page is a page.
func (b *bubble) page(path string) string {
	b.t.Helper()
	return b.ask("GET", path, nil).Body.String()
}

// observes has the relay ask about a domain, as the page Try does.
func (b *bubble) observes(domain string) {
	b.t.Helper()
	tried := b.live.Relay().Try(b.t.Context(), relay.Question{
		Caller: relay.Caller{Key: ownKey}, Source: store.Try, From: "127.0.0.1", Endpoint: store.Observe,
		Observables: []ctim.Observable{{Type: "domain", Value: domain}},
	}, nil)
	must(b.t, tried.Unkept)
}

// add puts an exchange into the history.
func (b *bubble) add(x *store.Exchange) {
	b.t.Helper()
	_, err := b.store.Append(b.t.Context(), x)
	must(b.t, err)
}

// headline is what a card says first.
var headline = regexp.MustCompile(`<h2 id="run-head">([^<]*)</h2>`)

func heading(card string) string {
	if m := headline.FindStringSubmatch(card); m != nil {
		return m[1]
	}
	return card
}

const fourSamples = "198.51.100.23 qsnatch-c2.example.net www.example.com https://login.example.org/reset?session=44"

// TestRunOnAFreeKey: how far a run is, at each moment.
func TestRunOnAFreeKey(t *testing.T) {
	t.Parallel()
	inBubble(t, pulsedivetest.FreePlan(), func(t *testing.T, b *bubble) {
		path := b.start(fourSamples)
		for _, c := range []struct {
			after      time.Duration
			want, card string
		}{
			{0, "Asking Pulsedive: 0 of 4, about 6 s left (1 call a second on this key)", "next in "},
			{3 * time.Second, "Asking Pulsedive: 1 of 4, about 3 s left (1 call a second on this key)", "relations to come in "},
			{2 * time.Second, "Asking Pulsedive: 2 of 4, about 2 s left (1 call a second on this key)", "20 relations"},
			{5 * time.Second, "Done: 4 of 4 answered in ", "calls left: 43 today, 493 this month"},
		} {
			time.Sleep(c.after)
			synctest.Wait()
			card := b.part(path)
			if got := heading(card); !strings.HasPrefix(got, c.want) || !strings.Contains(card, c.card) {
				t.Errorf("%s later the run says %q; want %q, and %q in:\n%s", c.after, got, c.want, c.card, card)
			}
		}
		list, err := b.store.List(store.Filter{Source: store.Try}, store.Cursor{}, 10)
		must(t, err)
		if len(list.Summaries) != 1 || len(list.Summaries[0].Results) != 4 || list.Summaries[0].Outcome != store.OK || list.Summaries[0].Caller != "127.0.0.1" {
			t.Fatalf("the history has %+v; want one whole answer about four observables for 127.0.0.1", list.Summaries)
		}
		if want := `href="/admin/exchange/` + strconv.FormatUint(list.Summaries[0].ID, 10) + `"`; !strings.Contains(b.part(path), want) {
			t.Errorf("the run leads elsewhere than %s:\n%s", want, b.part(path))
		}
	})
}

// TestPolling: a poll that would show the same gets nothing, the last one ends
// the polling.
func TestPolling(t *testing.T) {
	t.Parallel()
	inBubble(t, pulsedivetest.Plan{}, func(t *testing.T, b *bubble) {
		b.fake.SetLatency(time.Minute / 8)
		path := b.start("www.example.com")
		seen := regexp.MustCompile(`hx-get="([^"]*)" `)
		poll := func() string {
			m := seen.FindStringSubmatch(b.part(path))
			if m == nil {
				t.Fatalf("the run does not poll:\n%s", b.part(path))
			}
			return m[1]
		}
		if w := b.ask("GET", poll(), nil, "HX-Request", "true"); w.Code != http.StatusNoContent {
			t.Errorf("a poll with nothing new is answered %d; want 204:\n%s", w.Code, w.Body)
		}
		last := poll()
		time.Sleep(time.Minute)
		synctest.Wait()
		if w := b.ask("GET", last, nil, "HX-Request", "true"); w.Code != http.StatusOK || strings.Contains(w.Body.String(), "hx-trigger") {
			t.Errorf("the last poll is answered %d; want the end, and no more polls:\n%s", w.Code, w.Body)
		}
		time.Sleep(time.Hour + time.Minute)
		if w := b.ask("GET", path, nil, "HX-Request", "true"); w.Code != 286 || !strings.Contains(w.Body.String(), "not known any more") {
			t.Errorf("a poll of a forgotten run is answered %d; want 286, which ends polls:\n%s", w.Code, w.Body)
		}
		if w := b.ask("GET", path, nil); w.Code != http.StatusNotFound {
			t.Errorf("the page of a forgotten run is answered %d; want 404", w.Code)
		}
	})
}

// cancelledInTime is what TestCancel's run says. Which two of the four are asked
// first is open, and one of them is a URL: that has no relations to lack.
var cancelledInTime = regexp.MustCompile(`^Cancelled: 2 of 4 answered \([12] without relations\) in 1\.`)

// TestCancel: what was answered by then is kept.
func TestCancel(t *testing.T) {
	t.Parallel()
	inBubble(t, pulsedivetest.FreePlan(), func(t *testing.T, b *bubble) {
		path := b.start(fourSamples)
		time.Sleep(1500 * time.Millisecond)
		w := b.ask("POST", path+"/cancel", nil, "HX-Request", "true")
		card := w.Body.String()
		if got := heading(card); w.Code != 200 || !cancelledInTime.MatchString(got) {
			t.Errorf("cancelling is answered %d, %q; want what was answered by then:\n%s", w.Code, got, card)
		}
		for _, want := range []string{"What was answered by then is kept", "not answered", "Malicious", "Open the result", "done in part", "relations not asked for"} {
			if !strings.Contains(strings.Join(strings.Fields(card), " "), want) {
				t.Errorf("a cancelled run lacks %q:\n%s", want, card)
			}
		}
		if x, err := b.store.Exchange(1); err != nil || x.Outcome != store.Partial || len(x.Results) != 4 || x.Code != "cancelled" {
			t.Errorf("the history has %+v, %v; want a partial answer, cancelled", x, err)
		}
		if w := b.ask("POST", path+"/cancel", nil); w.Code != http.StatusSeeOther || w.Header().Get("Location") != path {
			t.Errorf("cancelling again without scripts is answered %d to %q; want 303 to the run", w.Code, w.Header().Get("Location"))
		}
	})
}

// TestBounds: so many at once, so many remembered.
func TestBounds(t *testing.T) {
	t.Parallel()
	inBubble(t, pulsedivetest.Plan{}, func(t *testing.T, b *bubble) {
		b.fake.SetLatency(5 * time.Second)
		form := url.Values{"text": {"192.0.2.1"}, "observe": {"on"}, "limit": {"1"}}
		var first string
		for i := range 4 {
			path := b.start("192.0.2." + strconv.Itoa(i))
			if i == 0 {
				first = path
			}
		}
		if w := b.ask("POST", "/admin/try", form); w.Code != http.StatusTooManyRequests || !strings.Contains(w.Body.String(), "4 runs are at work") || !strings.Contains(w.Body.String(), first) {
			t.Errorf("a fifth run is answered %d; want 429, and where the four are:\n%s", w.Code, w.Body)
		}
		b.ask("POST", first+"/cancel", nil)
		if w := b.ask("POST", "/admin/try", form); w.Code != http.StatusSeeOther {
			t.Errorf("a run after one was cancelled is answered %d; want 303:\n%s", w.Code, w.Body)
		}
		time.Sleep(time.Minute)
		b.fake.SetLatency(0)
		for i := range 49 {
			b.start("198.51.100." + strconv.Itoa(i))
		}
		if w := b.ask("GET", first, nil); w.Code != http.StatusNotFound {
			t.Errorf("the first of 54 runs is answered %d; want it forgotten", w.Code)
		}
		if n := strings.Count(b.ask("GET", "/admin/try", nil).Body.String(), `class="run-line"`); n != 8 {
			t.Errorf("the page lists %d runs; want the latest 8:\n%s", n, b.ask("GET", "/admin/try", nil).Body)
		}
	})
}

// TestClose: at the end what is there is kept, and nothing new begins.
func TestClose(t *testing.T) {
	t.Parallel()
	inBubble(t, pulsedivetest.FreePlan(), func(t *testing.T, b *bubble) {
		path := b.start(fourSamples)
		time.Sleep(time.Second)
		b.admin.Close()
		if got := heading(b.part(path)); !strings.HasPrefix(got, "Cancelled: 1 of 4 answered (1 without relations) in ") && !strings.HasPrefix(got, "Cancelled: 2 of 4 answered (2 without relations) in ") {
			t.Errorf("after the end the run says %q; want it cancelled", got)
		}
		if x, err := b.store.Exchange(1); err != nil || x.Outcome != store.Partial {
			t.Errorf("after the end the history has %+v, %v; want a partial answer", x, err)
		}
		if w := b.ask("POST", "/admin/try", url.Values{"text": {"192.0.2.1"}, "observe": {"on"}, "limit": {"1"}}); w.Code != http.StatusServiceUnavailable {
			t.Errorf("a run after the end is answered %d; want 503", w.Code)
		}
	})
}

// TestRunTime: a run ends, whatever Pulsedive does.
func TestRunTime(t *testing.T) {
	t.Parallel()
	inBubble(t, pulsedivetest.FreePlan(), func(t *testing.T, b *bubble) {
		var text strings.Builder
		for i := range 200 {
			text.WriteString("192.0.2." + strconv.Itoa(i) + "\n")
		}
		b.fake.SetLatency(9 * time.Second)
		path := b.start(text.String())
		time.Sleep(10*time.Minute + time.Second)
		synctest.Wait()
		card := b.part(path)
		if strings.Contains(card, "hx-trigger") || !strings.Contains(card, "Open the result") {
			t.Errorf("after ten minutes the run says %q; want its end:\n%s", heading(card), card)
		}
	})
}

// TestAgainAtOnce: what is answered quickly leads to the difference at once.
func TestAgainAtOnce(t *testing.T) {
	t.Parallel()
	inBubble(t, pulsedivetest.Plan{}, func(t *testing.T, b *bubble) {
		b.start("198.51.100.23 www.example.com")
		time.Sleep(time.Minute)
		calls := len(b.fake.Calls())
		w := b.ask("POST", "/admin/exchange/1/again", nil)
		if to := w.Header().Get("Location"); w.Code != http.StatusSeeOther || to != "/admin/exchange/2?before=1" {
			t.Errorf("asking again is answered %d to %q; want 303 to the difference", w.Code, to)
		}
		if n := len(b.fake.Calls()) - calls; n != 4 {
			t.Errorf("asking again within the cache's time took %d calls; want 4", n)
		}
	})
}

// TestAgain: the same question, and then the difference.
func TestAgain(t *testing.T) {
	t.Parallel()
	inBubble(t, pulsedivetest.FreePlan(), func(t *testing.T, b *bubble) {
		b.start("198.51.100.23 www.example.com")
		time.Sleep(time.Minute)
		w := b.ask("POST", "/admin/exchange/1/again", nil)
		path := w.Header().Get("Location")
		if w.Code != http.StatusSeeOther || !strings.HasPrefix(path, "/admin/try/") {
			t.Fatalf("asking again is answered %d to %q; want 303 to the run", w.Code, path)
		}
		page := b.ask("GET", path, nil).Body.String()
		for _, want := range []string{`href="/admin/exchange/1"`, "198.51.100.23\nwww.example.com</textarea>", `<noscript><meta http-equiv="refresh" content="2">`} {
			if !strings.Contains(page, want) {
				t.Errorf("while it asks again the page lacks %q:\n%s", want, page)
			}
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if card := b.part(path); !strings.Contains(card, `data-go="/admin/exchange/2?before=1"`) || !strings.Contains(card, `href="/admin/exchange/2?before=1"`) {
			t.Errorf("having asked again it leads elsewhere than to the difference:\n%s", card)
		}
		before, err := b.store.Exchange(1)
		must(t, err)
		after, err := b.store.Exchange(2)
		must(t, err)
		if before.Endpoint != after.Endpoint || before.EntitiesLimit != after.EntitiesLimit || len(before.Results) != len(after.Results) {
			t.Errorf("asked %s, %d, %d observables; again %s, %d, %d", before.Endpoint, before.EntitiesLimit, len(before.Results), after.Endpoint, after.EntitiesLimit, len(after.Results))
		}
		for path, want := range map[string]int{"/admin/exchange/99/again": 404, "/admin/exchange/x/again": 404} {
			if w := b.ask("POST", path, nil); w.Code != want {
				t.Errorf("POST %s is answered %d; want %d", path, w.Code, want)
			}
		}
	})
}
