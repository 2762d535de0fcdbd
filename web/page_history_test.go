package web_test

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"pulsedive-relay/relay/ctim"
	"pulsedive-relay/store"
)

// link finds the address of a link by its rel.
func link(t testing.TB, page, rel string) string {
	t.Helper()
	found := regexp.MustCompile(`rel="` + rel + `" href="([^"]*)"`).FindStringSubmatch(page)
	if found == nil {
		return ""
	}
	return strings.ReplaceAll(found[1], "&amp;", "&")
}

// rows counts the exchanges of a page.
func rows(page string) int { return strings.Count(page, "data-href=") }

// fill adds n calls, a second apart, the last one just now.
func fill(s *site, n int) {
	for i := range n {
		s.add(exchangeAt(time.Now().Add(time.Duration(i-n)*time.Second), fmt.Sprintf("w%03d.example.net", i)))
	}
}

func TestHistoryPages(t *testing.T) {
	t.Parallel()
	s := newSite(t, siteOptions{})
	has(t, "an empty history", s.get("/admin/history").text, "Nothing asked yet", "/admin/try")
	fill(s, 120)
	first := s.get("/admin/history").text
	has(t, "the first page", first, "data-live=", "w119.example.net", "w070.example.net", "50 of 120 exchanges")
	hasNot(t, "the first page", first, "w069.example.net")
	second := s.get(link(t, first, "next")).text
	has(t, "the second page", second, "w069.example.net", "w020.example.net")
	hasNot(t, "the second page", second, "data-live=", "data-live-toggle", "w070.example.net")
	third := s.get(link(t, second, "next")).text
	has(t, "the third page", third, "w019.example.net", "w000.example.net")
	if rows(third) != 20 || link(t, third, "next") != "" {
		t.Errorf("the last page lists %d exchanges and leads on to %q; want 20, and nowhere", rows(third), link(t, third, "next"))
	}
	if back := s.get(link(t, third, "prev")).text; rows(back) != 50 || !strings.Contains(back, "w069.example.net") {
		t.Errorf("back from the last page there are %d exchanges; want the second page", rows(back))
	}
}

func TestHistoryFilters(t *testing.T) {
	t.Parallel()
	s := newSite(t, siteOptions{})
	old := exchangeAt(time.Now().Add(-40*time.Hour), "old.example.net")
	old.Outcome, old.Code = store.Failed, "timeout"
	old.Results[0] = store.Result{Observable: old.Results[0].Observable, State: store.Nothing}
	s.add(old)
	refer := exchangeAt(time.Now().Add(-time.Hour), "Www.example.com", "www.example.net")
	refer.Endpoint, refer.Source = store.Refer, store.Try
	s.add(refer)
	s.add(exchangeAt(time.Now(), "a.example.net", "b.example.net"))
	day := time.Now().UTC().Add(-48 * time.Hour).Format(time.DateOnly)
	for query, want := range map[string]string{
		"":                                 "a old www",
		"q=www.":                           "www",
		"q=WWW.EXAMPLE.n":                  "www",
		"q=b.":                             "a",
		"q=%20b.%20":                       "a",
		"q=example.NET":                    "a old www",
		"q=.example.com":                   "www",
		"q=xample.com":                     "",
		"source=xdr":                       "a old",
		"source=try&endpoint=refer":        "www",
		"endpoint=observe%2Brefer":         "",
		"outcome=error":                    "old",
		"verdict=malicious":                "a www",
		"verdict=nothing":                  "old",
		"verdict=nothing&q=example.com":    "",
		"verdict=failed":                   "",
		"verdict=clean":                    "",
		"range=24h":                        "a www",
		"range=7d&outcome=ok&source=xdr":   "a",
		"from=" + day:                      "a old www",
		"to=" + day + "T00:00&range=1h":    "",
		"from=2020-01-01T00:00:00%2B02:00": "a old www",
	} {
		got := s.get("/admin/history?" + query)
		_, list, _ := strings.Cut(got.text, `id="list"`)
		var listed []string
		for _, x := range []struct{ name, observable string }{{"a", "(?:a|b).example"}, {"old", "old.example"}, {"www", "(?i:www).example"}} {
			if regexp.MustCompile(`<bdi class="obs"[^>]*>` + x.observable).MatchString(list) {
				listed = append(listed, x.name)
			}
		}
		if !slices.Equal(listed, strings.Fields(want)) || got.status != http.StatusOK {
			t.Errorf("by %q the history lists %v (%d); want %v", query, listed, got.status, want)
		}
		if want == "" {
			has(t, "nothing by "+query, got.text, "No exchange matches", `href="/admin/history"`)
		}
	}
	lead := s.get("/admin/history?q=www.example.n").text
	below := s.get("/admin/history?q=example.net&source=try").text
	has(t, "the observable below the domain leads", below, `title="Finds what begins so`, `id="list"`, ">www.example.net", "+1")
	mixed := exchangeAt(time.Now(), "worst.example.org", "best.example.org")
	mixed.Results[1] = store.Result{Observable: mixed.Results[1].Observable, State: store.Nothing}
	s.add(mixed)
	has(t, "the one with the verdict leads", s.get("/admin/history?verdict=nothing&q=example.org").text, `id="list"`, ">best.example.org", "+1", "Nothing known")
	has(t, "nothing known", s.get("/admin/history?verdict=nothing").text, "Nothing known", `aria-label="Take off: Verdict Nothing known"`)
	has(t, "the observable that was looked for leads", lead, `id="list"`, ">www.example.net", "+1", "Malicious", "Try, refer")
}

func TestHistoryQuery(t *testing.T) {
	t.Parallel()
	s := newSite(t, siteOptions{})
	fill(s, 1)
	got := s.get("/admin/history?q=&source=xdr&endpoint=&outcome=&verdict=&range=&from=&to=&before=7")
	if where := got.header.Get("Location"); got.status != http.StatusSeeOther || where != "/admin/history?before=7&source=xdr" {
		t.Errorf("a form without scripts is led to %q (%d); want the address without empty fields", where, got.status)
	}
	has(t, "chips", s.get("/admin/history?q=w&source=xdr&range=24h").text, "Observable or domain", ">Observable<", `href="/admin/history?range=24h&amp;source=xdr"`, "XDR", `href="/admin/history?q=w&amp;range=24h"`, "Last 24 h", "Clear all", `id="list"`, "w000.example.net")
	for query, want := range map[string]string{
		"source=nobody": "There is no such source", "endpoint=x": "There is no such endpoint", "outcome=x": "There is no such outcome", "verdict=x": "There is no such verdict",
		"range=1y": "There is no such time", "from=yesterday": "Not a time like", "from=2026-02-02T00:00&to=2026-02-01T00:00": "This is not after From", "q=" + strings.Repeat("a", 5000): "No observable is as long",
	} {
		got := s.get("/admin/history?" + query)
		has(t, "by "+query[:min(20, len(query))], got.text, want, "This filter does not work")
		if got.status != http.StatusUnprocessableEntity || rows(got.text) > 0 {
			t.Errorf("by %q the history is answered %d with %d exchanges; want 422 and none", query, got.status, rows(got.text))
		}
		for _, path := range []string{"/admin/history/export?format=csv&", "/admin/history/purge?"} {
			if got := s.get(path + query); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.text, "Nothing was done") {
				t.Errorf("%s%s is answered %d; want 422, and that nothing was done", path, query, got.status)
			}
		}
	}
}

// TestHistoryLive: the page fetches the list anew only where it changed.
func TestHistoryLive(t *testing.T) {
	t.Parallel()
	s := newSite(t, siteOptions{})
	fill(s, 2)
	anew := func(page string) string {
		found := regexp.MustCompile(`hx-get="(/admin/history\?[^"]*)"`).FindStringSubmatch(page)
		if found == nil {
			t.Fatalf("the list does not fetch itself anew:\n%s", page)
		}
		return strings.ReplaceAll(found[1], "&amp;", "&")
	}
	address := anew(s.get("/admin/history?source=xdr").text)
	if got := s.get(address, "HX-Request", "true"); got.status != http.StatusNoContent {
		t.Errorf("where nothing changed %s is answered %d; want 204", address, got.status)
	}
	s.add(exchangeAt(time.Now(), "newest.example.net"))
	got := s.get(address, "HX-Request", "true")
	has(t, "where there is something new", got.text, `<div id="list"`, "newest.example.net", "w001.example.net")
	hasNot(t, "where there is something new", got.text, "<html")
	if again := s.get(anew(got.text), "HX-Request", "true"); again.status != http.StatusNoContent {
		t.Errorf("after that %s is answered %d; want 204", anew(got.text), again.status)
	}
}

// TestHistoryHostile: what callers ask about harms nobody.
func TestHistoryHostile(t *testing.T) {
	t.Parallel()
	s := newSite(t, siteOptions{})
	s.add(exchangeAt(time.Now(), "<script>alert(1)</script>\u202e"+strings.Repeat("x", 4000), "=cmd|' /C calc'!A0", "javascript:alert(1)"))
	for _, path := range []string{"/admin", "/admin/history", "/admin/history?q=%3Cscript%3E%22%3E%E2%80%AE", "/admin/exchange/1/delete", "/admin/history/purge?q=%3Cscript%3E"} {
		got := s.get(path)
		if got.status != http.StatusOK {
			t.Errorf("GET %s is answered %d; want 200", path, got.status)
		}
		hasNot(t, path, got.text, "<script>alert", `href="javascript:`)
	}
}

func TestExportCSV(t *testing.T) {
	t.Parallel()
	s := newSite(t, siteOptions{Pins: []store.Pin{{Name: "history-age", Text: "87600h", Origin: "a test"}}}) // the day below is long ago
	x := exchangeAt(time.Date(2026, 11, 25, 14, 0, 0, 5e6, time.UTC), "=1+1", "+1", "-1", "@x", "\tx", "\rx", "a,\"b\"\nc", "plain=1")
	x.Caller, x.Code = "@192.0.2.14", ""
	s.add(x)
	s.add(exchangeAt(time.Now()))
	got := s.get("/admin/history/export?format=csv")
	if kind := got.header.Get("Content-Type"); kind != "text/csv; charset=utf-8; header=present" || !regexp.MustCompile(`^attachment; filename="pulsedive-relay-history-\d{8}T\d{6}Z\.csv"$`).MatchString(got.header.Get("Content-Disposition")) {
		t.Errorf("the file is of type %q and kept as %q; want CSV, with a name", kind, got.header.Get("Content-Disposition"))
	}
	lines, err := csv.NewReader(strings.NewReader(got.text)).ReadAll()
	must(t, err)
	if len(lines) != 10 {
		t.Fatalf("the file has %d lines; want the names, one without observable, and 8:\n%s", len(lines), got.text)
	}
	at := func(line int, name string) string {
		for i, one := range lines[0] {
			if one == name {
				return lines[line][i]
			}
		}
		t.Fatalf("there is no column %q in %q", name, lines[0])
		return ""
	}
	for i, want := range []string{"'=1+1", "'+1", "'-1", "'@x", "'\tx", "'\rx", "a,\"b\"\nc", "plain=1"} {
		if got := at(i+2, "observable"); got != want {
			t.Errorf("the observable in line %d is %q; want %q", i+2, got, want)
		}
	}
	for name, want := range map[string]string{"exchange": "1", "at": "2026-11-25T14:00:00.005Z", "count": "1", "source": "xdr", "endpoint": "observe", "outcome": "ok", "caller": "'@192.0.2.14", "took_ms": "40.000", "calls": "1", "state": "known", "disposition": "Malicious", "risk": "high", "seen": "", "threats": "0"} {
		if got := at(2, name); got != want {
			t.Errorf("the column %s is %q; want %q", name, got, want)
		}
	}
	for _, name := range []string{"observable", "state", "threats", "disposition"} {
		if got := at(1, name); got != "" {
			t.Errorf("without an observable the column %s is %q; want nothing", name, got)
		}
	}
	page := s.get("/admin/history").text
	for _, name := range lines[0] {
		if !strings.Contains(page, "<code>"+name+"</code>") {
			t.Errorf("the page does not explain the column %q", name)
		}
	}
	if got := s.get("/admin/history/export?format=csv&q=plain"); strings.Count(got.text, "\n") < 8 || strings.Contains(got.text, "\n2,") {
		t.Errorf("filtered, the file is\n%s\nwant the first exchange alone", got.text)
	}
	if got := s.get("/admin/history/export?format=xls"); got.status != http.StatusUnprocessableEntity {
		t.Errorf("another format is answered %d; want 422", got.status)
	}
	if got := s.send(http.MethodHead, "/admin/history/export?format=csv", nil); got.status != http.StatusOK || got.text != "" {
		t.Errorf("HEAD is answered %d with %q; want 200 and nothing", got.status, got.text)
	}
}

func TestExportJSONL(t *testing.T) {
	t.Parallel()
	s := newSite(t, siteOptions{})
	fill(s, 200)
	s.ask(store.Both, "domain:qsnatch-c2.example.net")
	broken := exchangeAt(time.Now(), "broken.example.net")
	broken.Answer = []byte("no JSON")
	s.add(broken)
	got := s.get("/admin/history/export?format=jsonl")
	type line struct {
		ID          uint64
		Source      string
		At          time.Time
		Observables []struct{ Type, Value, Disposition string }
		Answer      json.RawMessage
		Refer       json.RawMessage `json:"refer_answer"`
		Spans       []struct{ Outcome string }
	}
	var lines []line
	for scan := bufio.NewScanner(strings.NewReader(got.text)); scan.Scan(); {
		var one line
		must(t, json.Unmarshal(scan.Bytes(), &one))
		lines = append(lines, one)
	}
	if len(lines) != 202 || lines[0].ID != 202 || lines[201].ID != 1 {
		t.Fatalf("the file has %d lines; want 202, newest first", len(lines))
	}
	if string(lines[0].Answer) != `"no JSON"` {
		t.Errorf("an answer that is no JSON is %s; want it as text", lines[0].Answer)
	}
	tried := lines[1]
	if tried.Source != "try" || len(tried.Observables) != 1 || tried.Observables[0].Disposition != "Malicious" || !strings.Contains(string(tried.Answer), `"verdicts"`) || !strings.Contains(string(tried.Refer), "https://pulsedive.com/") || len(tried.Spans) == 0 {
		t.Errorf("the try is %+v; want all of it", tried)
	}
	hasNot(t, "the export", got.text, ownKey)
}

func TestDeleteExchange(t *testing.T) {
	t.Parallel()
	s := newSite(t, siteOptions{})
	fill(s, 3)
	has(t, "the page that asks", s.get("/admin/exchange/2/delete?back=/admin/history?q=w").text, "Delete this exchange?", "w001.example.net", `action="/admin/exchange/2/delete"`, `value="/admin/history?q=w"`, "Delete it", "Keep it")
	for back, want := range map[string]string{"/admin/history?q=w": "/admin/history?q=w", "https://example.com/": "/admin", "/admin/exchange/3?tab=json": "/admin/history"} {
		id := s.add(exchangeAt(time.Now(), "more.example.net"))
		if back == "/admin/exchange/3?tab=json" {
			id = 3
		}
		got := s.post(fmt.Sprintf("/admin/exchange/%d/delete", id), url.Values{"back": {back}})
		if got.status != http.StatusSeeOther || got.header.Get("Location") != want {
			t.Errorf("deleting from %s leads to %q (%d); want %q", back, got.header.Get("Location"), got.status, want)
		}
		has(t, "then", s.get("/admin/history").text, "The exchange is deleted.")
		if _, err := s.store.Exchange(id); err == nil {
			t.Errorf("exchange %d is still there", id)
		}
	}
	if got := s.post("/admin/exchange/1/delete", nil, "HX-Request", "true"); got.status != http.StatusOK || got.text != "" {
		t.Errorf("deleting a row is answered %d with %q; want 200 and nothing", got.status, got.text)
	}
	for _, path := range []string{"/admin/exchange/1/delete", "/admin/exchange/x/delete", "/admin/exchange/99999999999999999999999/delete"} {
		if got := s.post(path, nil); got.status != http.StatusNotFound || !strings.Contains(got.text, "This exchange is not in the history") || !strings.Contains(got.text, "Open the history") {
			t.Errorf("POST %s is answered %d; want 404", path, got.status)
		}
	}
	if got := s.post("/admin/exchange/2/delete", nil, "Sec-Fetch-Site", "cross-site"); got.status != http.StatusForbidden {
		t.Errorf("a form of another site is answered %d; want 403", got.status)
	}
}

func TestPurge(t *testing.T) {
	t.Parallel()
	s := newSite(t, siteOptions{})
	fill(s, 30)
	has(t, "the page that asks", s.get("/admin/history/purge?q=w00&source=xdr").text, "Delete 10 exchanges?", "20 other exchanges", `name="q" value="w00"`, "Delete 10 exchanges", `href="/admin/history?q=w00&amp;source=xdr"`)
	has(t, "what does not match", s.get("/admin/history/purge?q=none").text, "Nothing to delete")
	for _, form := range []url.Values{{}, {"q": {""}}, {"source": {"nobody"}}, {"from": {"x"}, "all": {"yes"}}} {
		if got := s.post("/admin/history/purge", form); got.status != http.StatusUnprocessableEntity {
			t.Errorf("a form with %v is answered %d; want 422 and nothing deleted", form, got.status)
		}
	}
	if got := s.post("/admin/history/purge", url.Values{"q": {"w00"}, "source": {"xdr"}}); got.status != http.StatusSeeOther {
		t.Errorf("deleting is answered %d; want 303:\n%s", got.status, got.text)
	}
	page := purged(t, s)
	has(t, "then", page, "10 exchanges are deleted.", "20 of 20 exchanges")
	has(t, "the overview counts what is left", s.get("/admin?range=7d").text, "<strong>20</strong>", "data-chart=")
	has(t, "the page that asks for all", s.get("/admin/history/purge").text, "Delete 20 exchanges?", "The whole history", `name="all" value="yes"`)
	s.post("/admin/history/purge", url.Values{"all": {"yes"}})
	has(t, "after all", purged(t, s), "20 exchanges are deleted.", "Nothing asked yet")
	overview := s.get("/admin").text
	has(t, "the overview is that of a fresh install", overview, "What to do next", "0 exchanges")
	hasNot(t, "the overview after all is deleted", overview, "data-chart=")
}

// purged is the history once a deletion has ended and told so.
func purged(t *testing.T, s *site) string {
	t.Helper()
	for deadline := time.Now().Add(patience); ; {
		got := s.get("/admin/history/purge?progress=1")
		if got.status == http.StatusSeeOther {
			return s.get("/admin/history").text
		}
		has(t, "the progress", got.text, "Deleting exchanges", "<progress")
		if time.Now().After(deadline) {
			t.Fatalf("the deletion has not ended after %s", patience)
		}
	}
}

// TestPurgeStops: a deletion can be stopped, and what is left is kept.
func TestPurgeStops(t *testing.T) {
	t.Parallel()
	s := newSite(t, siteOptions{})
	x := exchangeAt(time.Now().Add(-time.Hour))
	for i := range 200 { // many entries of the index make for many steps
		x.Results = append(x.Results, store.Result{Observable: ctim.Observable{Type: "domain", Value: fmt.Sprintf("w%d.example.net", i)}, State: store.Nothing})
	}
	for range 150 {
		s.add(x)
	}
	asked := make(chan int, 1)
	go func() { asked <- s.post("/admin/history/purge", url.Values{"all": {"yes"}}).status }()
	for ended := false; !ended; {
		select {
		case <-asked: // it was over before it could be stopped
			ended = true
		default:
			if page := s.get("/admin/history/purge?progress=1", "HX-Request", "true"); strings.Contains(page.text, "<progress") {
				s.post("/admin/history/purge", url.Values{"stop": {"yes"}})
				<-asked
				ended = true
			}
		}
	}
	page := purged(t, s)
	if !strings.Contains(page, "the rest is kept") && !strings.Contains(page, "150 exchanges are deleted") {
		t.Errorf("after a stop the history says neither what is deleted nor that all is:\n%s", page)
	}
}
