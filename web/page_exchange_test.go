package web_test

import (
	"bytes"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"pulsedive-relay/relay/ctim"
	"pulsedive-relay/store"
)

// exchangeTabs are all parts of the page.
var exchangeTabs = []string{"", "summary", "graph", "entities", "links", "json", "timing", "nonsense"}

// dangerous finds markup that only hostile text can have brought, and links that
// lead elsewhere than to ourselves and Pulsedive.
var dangerous = regexp.MustCompile(`<script>|<img src=x|<svg onload|\sstyle=|\son[a-z]+="|href="(?:javascript|data|//|http:)|href="https://(?:[^p]|p[^u])`)

// hiding are characters that no page may hold as they are.
const hiding = "\u202e\u202c\u200b\ufeff\x00\x07\x1b"

func (s *site) exchange(id uint64, query string) answered {
	s.t.Helper()
	return s.get("/admin/exchange/" + strconv.FormatUint(id, 10) + query)
}

// holds checks that a page has texts, and nothing dangerous.
func holds(t *testing.T, name string, got answered, want ...string) {
	t.Helper()
	if got.status != 200 {
		t.Fatalf("%s is answered %d; want 200:\n%s", name, got.status, got.text)
	}
	for _, one := range want {
		if !strings.Contains(got.text, one) {
			t.Errorf("%s does not hold %q:\n%s", name, one, got.text)
		}
	}
	if bad := dangerous.FindString(got.text); bad != "" {
		t.Errorf("%s holds %q", name, bad)
	}
	if i := strings.IndexAny(got.text, hiding); i >= 0 {
		t.Errorf("%s holds a hidden character: %q", name, got.text[max(i-60, 0):min(i+60, len(got.text))])
	}
}

// TestExchangePages: every part of every kind of exchange is a page.
func TestExchangePages(t *testing.T) {
	t.Parallel()
	s := newSite(t, siteOptions{})
	for _, c := range []struct {
		name, title string
		id          uint64
	}{
		{"one", "qsnatch-c2.example.net", s.ask(store.Observe, "domain:qsnatch-c2.example.net")},
		{"hostile", "hostile.example", s.ask(store.Observe, "domain:hostile.example")},
		{"a hostile URL", "&lt;script&gt;alert(1)&lt;/script&gt;", s.ask(store.Both, `url:https://hostile.example/a"b\c?q=<script>alert(1)</script>&x='1'`)},
		{"many", "4 observables", s.ask(store.Both, "domain:qsnatch-c2.example.net", "domain:hostile.example", "domain:unknown.example.com", "domain:broken.example.com")},
		{"more than are drawn", "everything.example", s.ask(store.Observe, "domain:everything.example")},
		{"links", "qsnatch-c2.example.net", s.ask(store.Refer, "domain:qsnatch-c2.example.net")},
		{"nothing known", "Pulsedive knows nothing of it", s.ask(store.Observe, "domain:unknown.example.com")},
		{"failed", "There is no answer for this observable", s.ask(store.Observe, "domain:broken.example.com")},
		{"health", "Health check", s.add(&store.Exchange{Summary: store.Summary{At: time.Now(), Source: store.XDR, Endpoint: store.Health, Outcome: store.OK, Fingerprint: "ab12", Count: 3}, Answer: []byte(`{"data":{"status":"ok"}}`)})},
		{"refused", "A refused request", s.add(&store.Exchange{Summary: store.Summary{At: time.Now(), Source: store.XDR, Endpoint: store.Observe, Outcome: store.Failed, Code: "invalid argument"},
			Answer: []byte(`{"errors":[]}`), Errors: []store.Fault{{Type: "fatal", Code: "invalid argument", Message: "\u202e<script>alert(1)</script>"}}})},
		{"caller left", "A refused request", s.add(&store.Exchange{Summary: store.Summary{At: time.Now(), Source: store.XDR, Endpoint: store.Observe, Outcome: store.Failed}})},
	} {
		if c.name == "health" || c.name == "refused" {
			if got := s.post(fmt.Sprintf("/admin/exchange/%d/again", c.id), nil); got.status != 422 {
				t.Errorf("%s: asking again what had no observable answers %d; want 422", c.name, got.status)
			}
		}
		for _, tab := range exchangeTabs {
			query := ""
			if tab != "" {
				query = "?tab=" + tab
			}
			want := []string{`<nav class="tabs"`, "Asked by", "answered in"}
			if tab == "" {
				want = append(want, c.title)
			}
			got := s.exchange(c.id, query)
			holds(t, c.name+query, got, want...)
			graph := strings.Contains(got.text, `id="graph-nodes"`)
			if loads := strings.Contains(got.text, "cytoscape-3"); loads != graph {
				t.Errorf("%s%s: a graph: %v, but its library is loaded: %v", c.name, query, graph, loads)
			}
		}
	}
}

// TestExchangeSummary: what it means, and why.
func TestExchangeSummary(t *testing.T) {
	t.Parallel()
	s := newSite(t, siteOptions{})
	one := s.ask(store.Observe, "domain:qsnatch-c2.example.net")
	holds(t, "one", s.exchange(one, ""), "Why: 3 risk factors", "2 threats", "4 feeds", "4 DNS relations", "Critical", "Verdict valid until",
		`href="https://pulsedive.com/threat/?tid=`, "Harbour Light CERT", "Run again", "Asked by the page Try")
	many := s.ask(store.Observe, "domain:www.example.com", "domain:qsnatch-c2.example.net")
	got := s.exchange(many, "")
	holds(t, "many", got, "2 observables", "?o=1")
	if strings.Index(got.text, `?o=1"`) > strings.Index(got.text, `?o=0"`) {
		t.Errorf("the worst of two does not come first:\n%s", got.text)
	}
	holds(t, "one of many", s.exchange(many, "?o=1"), "Observable 2 of 2", "Why: 3 risk factors", "?o=1&amp;tab=graph", "Asked before: ")
	ended := s.ask(store.Observe, "domain:sinkholed.example")
	holds(t, "ended", s.exchange(ended, ""), "valid time has ended", `class="is-warn"`, "retired: ")
}

// TestExchangeCut: an answer that does not decode is shown as it is, with a hint.
func TestExchangeCut(t *testing.T) {
	t.Parallel()
	s := newSite(t, siteOptions{})
	x, err := s.store.Exchange(s.ask(store.Both, "domain:hostile.example"))
	must(t, err)
	for name, sent := range map[string][]byte{
		"cut": x.Answer[:len(x.Answer)/2], "markup": []byte("<script>alert(1)</script>\u202e\x00"), "another shape": []byte(`{"data":[1]}`), "deep": bytes.Repeat([]byte("["), 50000),
	} {
		broken := *x
		broken.Answer = sent
		id := s.add(&broken)
		for _, tab := range exchangeTabs {
			holds(t, name+" "+tab, s.exchange(id, "?tab="+tab), "could not be taken apart", "hostile.example", "Malicious")
		}
		if got := s.exchange(id, "/answer.json"); got.text != string(sent) {
			t.Errorf("%s: downloaded is %q; want what was sent", name, got.text)
		}
	}
}

// TestExchangeEntities: filtered, sorted and cut into pages by the address.
func TestExchangeEntities(t *testing.T) {
	t.Parallel()
	s := newSite(t, siteOptions{})
	id := s.ask(store.Observe, "domain:everything.example")
	first := regexp.MustCompile(`(?s)<tbody><tr><td[^>]*>(.*?)</td>`)
	of := func(query string) string {
		got := s.exchange(id, "?tab=entities"+query)
		holds(t, query, got)
		cell := first.FindStringSubmatch(got.text)
		if cell == nil {
			return ""
		}
		return regexp.MustCompile(`<[^>]+>`).ReplaceAllString(cell[1], "")
	}
	up, down := of("&sort=1"), of("&sort=-1")
	if up == "" || up >= down {
		t.Errorf("the first titles are %q ascending and %q descending", up, down)
	}
	for query, want := range map[string]string{
		"":                           "1 to 50 of 100",
		"&page=2":                    "51 to 100 of 100",
		"&page=99":                   "51 to 100 of 100",
		"&page=-3":                   "1 to 50 of 100",
		"&q=dynamic+DNS":             "1 entry",
		"&q=" + url.QueryEscape("<"): "Nothing matches this filter.",
		"&type=verdicts":             "1 entry",
		"&type=sightings&sort=3":     `aria-sort="ascending"`,
		"&type=sightings&sort=-3":    `aria-sort="descending"`,
		"&type=relationships":        "sighting-of",
		"&type=nonsense&sort=99":     "100 entries",
		"&type=judgements":           "https://pulsedive.com/indicator/?iid=",
	} {
		holds(t, query, s.exchange(id, "?tab=entities"+query), want)
	}
}

// TestExchangeDownload: the answer as it was sent.
func TestExchangeDownload(t *testing.T) {
	t.Parallel()
	s := newSite(t, siteOptions{})
	both, observe := s.ask(store.Both, "domain:qsnatch-c2.example.net"), s.ask(store.Observe, "domain:qsnatch-c2.example.net")
	x, err := s.store.Exchange(both)
	must(t, err)
	for _, c := range []struct {
		id          uint64
		query       string
		status      int
		file, bytes string
	}{
		{both, "/answer.json", 200, fmt.Sprintf(`attachment; filename="exchange-%d.json"`, both), string(x.Answer)},
		{both, "/answer.json?part=refer", 200, fmt.Sprintf(`attachment; filename="exchange-%d-refer.json"`, both), string(x.Refer)},
		{observe, "/answer.json?part=refer", 404, "", ""},
		{9999, "/answer.json", 404, "", ""},
		{9999, "", 404, "", ""},
	} {
		got := s.exchange(c.id, c.query)
		if got.status != c.status || got.header.Get("Content-Disposition") != c.file || c.bytes != "" && got.text != c.bytes {
			t.Errorf("%d%s is answered %d, %q, %d bytes; want %d, %q, %d", c.id, c.query, got.status, got.header.Get("Content-Disposition"), len(got.text), c.status, c.file, len(c.bytes))
		}
	}
	for _, path := range []string{"/admin/exchange/x", "/admin/exchange/-1", "/admin/exchange/99999999999999999999999"} {
		if got := s.get(path); got.status != 404 {
			t.Errorf("%s is answered %d; want 404", path, got.status)
		}
	}
}

// TestExchangeDiff: what came and went since an earlier exchange.
func TestExchangeDiff(t *testing.T) {
	t.Parallel()
	s := newSite(t, siteOptions{})
	before := s.ask(store.Observe, "domain:qsnatch-c2.example.net")
	after := s.ask(store.Observe, "domain:qsnatch-c2.example.net")
	other := s.ask(store.Observe, "domain:www.example.com")
	failed := s.ask(store.Observe, "domain:broken.example.com")
	x, err := s.store.Exchange(before)
	must(t, err)
	older := *x
	older.Results = append([]store.Result(nil), x.Results...)
	older.Results[0].Disposition = ctim.Suspicious
	older.Answer = bytes.ReplaceAll(x.Answer, []byte("Threat: Emotet"), []byte("Threat: Old <b>"))
	old := s.add(&older)
	refer := s.ask(store.Refer, "domain:qsnatch-c2.example.net")

	compare := func(id, before uint64) answered { return s.exchange(id, fmt.Sprintf("?before=%d", before)) }
	holds(t, "alike", compare(after, before), "Changed since", "Nothing: 1 observable has the same")
	got := compare(after, old)
	holds(t, "changed", got, "Suspicious", "became", "Threats new", "Emotet", "Threats gone", "Old &lt;b&gt;")
	if strings.Contains(got.text, "Feeds new") || strings.Contains(got.text, "Feeds gone") {
		t.Errorf("feeds did not change, but are told:\n%s", got.text)
	}
	if got := compare(refer, before); strings.Contains(got.text, "Threats gone") {
		t.Errorf("the links of an observable say nothing of threats, but these are told to be gone:\n%s", got.text)
	}
	holds(t, "others", compare(after, other), "asked about other observables")
	holds(t, "gone", compare(after, 4711), "not in the history any more")
	holds(t, "failed", compare(failed, failed), "Nothing: ")
	for _, bad := range []string{"x", "-1", "%22%3E%3Cscript%3E"} {
		holds(t, bad, s.exchange(after, "?before="+bad), "nothing to compare")
	}
	holds(t, "before", s.exchange(after, ""), "Asked before: ", fmt.Sprintf("/admin/exchange/%d?before=%d", after, before))
	if got := s.exchange(before, ""); strings.Contains(got.text, "Asked before") {
		t.Errorf("the first exchange names one before it")
	}
}
