package view_test

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"pulsedive-relay/web/view"
)

// exchangeSamples are the parts of the page of an exchange, in their states.
func exchangeSamples() []sample {
	return []sample{
		{"exchange-one", view.Exchange(onePage())},
		{"exchange-many", view.ExchangeSummary(view.SummaryView{Subjects: []view.SubjectView{malicious(), strange(), failed(), nothing()}, Pager: view.PagerView{Text: "1 to 4 of 30", Older: "?page=2", NewerLabel: "Previous", OlderLabel: "Next"}})},
		{"exchange-hostile", view.ExchangeSummary(view.SummaryView{One: true, Subjects: []view.SubjectView{strange()}})},
		{"exchange-empty", templ.Join(view.ExchangeSummary(view.SummaryView{One: true, Subjects: []view.SubjectView{nothing()}}),
			view.ExchangeGraph(view.GraphPart{}), view.ExchangeLinks(view.LinksView{}), view.ExchangeJSON(nil), view.ExchangeEntities(view.EntitiesView{Label: "verdicts", Action: "/admin/exchange/7"}))},
		{"exchange-failed", view.Exchange(failedPage())},
		{"exchange-health", view.ExchangeSummary(view.SummaryView{Note: "Pulsedive answered.", Quotas: []view.QuotaView{{Period: "day", Limit: 50, Left: 3, Ends: view.Time(now.Add(time.Hour))}, {Period: "second", Limit: 1, Left: -1}}})},
		{"exchange-folded", view.Exchange(foldedPage())},
		{"exchange-graph", view.ExchangeGraph(view.GraphPart{Graph: drawing()})},
		{"exchange-graphs", view.ExchangeGraph(graphPart())},
		{"exchange-entities", view.ExchangeEntities(entities())},
		{"exchange-links", view.ExchangeLinks(view.LinksView{Total: 2, List: []view.ReferLinkView{
			{Title: "Browse domain", Description: "Browse this domain on Pulsedive", URL: "https://pulsedive.com/indicator/?iid=1", ID: "ref-1", Categories: []string{"Browse", "Pulsedive"}},
			{Title: hostile, Description: hostile, URL: "javascript:alert(1)", ID: hostile, Categories: []string{hostile}},
		}})},
		{"exchange-json", view.ExchangeJSON([]view.JSONView{{ID: "answer", Title: "Answer", Href: "/a.json", Filename: "a.json",
			Text: []byte(`{"data":{"n":[1,-2.5e3,true,null,{},[]],"</details>":"` + "\u202e<script>alert(1)</script>\u200b" + `"},"errors":[{"code":"x","message":"y","type":"z","more":1}]}`)},
			{ID: "refer", Title: "Cut off", Href: "/b.json", Text: []byte(`{"data":["<b>` + "\x00")}})},
		{"exchange-timing", view.ExchangeTiming(timing())},
		{"exchange-report", view.ExchangeReport(report())},
		{"exchange-diff", view.Exchange(diffPage())},
	}
}

func malicious() view.SubjectView {
	return view.SubjectView{
		Type: "domain", Value: "qsnatch-c2.example.net", Verdict: view.VerdictMalicious, Href: "/admin/exchange/7?o=0", Now: now,
		Risk: "critical", Severity: "High", Confidence: "Medium", TLP: "white", Seen: now.Add(-72 * time.Hour), Until: now.Add(88 * 24 * time.Hour),
		Pulsedive: "https://pulsedive.com/indicator/?iid=1",
		Why: [3]view.ReasonsView{
			{Kind: view.Factor, List: []view.ReasonView{{Name: "found in threat feeds", Risk: "critical"}, {Name: "registration recently updated", Risk: "medium"}}},
			{Kind: view.Threat, List: []view.ReasonView{{Name: "QSnatch", Tag: "malware", Linked: now.Add(-72 * time.Hour), URI: "https://pulsedive.com/threat/?tid=1"}}},
			{Kind: view.Feed, List: feeds(11)},
		},
		Relations: []view.RelationView{{Type: "ip", Value: "198.51.100.7", How: "resolves to"}},
	}
}

func feeds(n int) []view.ReasonView {
	list := make([]view.ReasonView, n)
	for i := range list {
		list[i] = view.ReasonView{Name: "Feed " + strconv.Itoa(i), Tag: "abuse", Producer: "Open Orchard", URI: "https://pulsedive.com/feed/?fid=" + strconv.Itoa(i)}
	}
	return list
}

func strange() view.SubjectView {
	one := view.ReasonView{Name: hostile + strings.Repeat("x", 500), Risk: hostile, Tag: hostile, Producer: hostile, URI: "javascript:alert(1)"}
	return view.SubjectView{
		Type: "url", Value: hostile, Answered: hostile + "2", Verdict: view.VerdictSuspicious, Now: now, Risk: hostile, Retired: hostile,
		Until: now.Add(-time.Hour), Pulsedive: "https://elsewhere.example.com/", Unrelated: hostile,
		Why:       [3]view.ReasonsView{{Kind: view.Factor, List: []view.ReasonView{one}}, {Kind: view.Threat, List: []view.ReasonView{one}}, {Kind: view.Feed, List: []view.ReasonView{one}}},
		Relations: []view.RelationView{{Type: hostile, Value: hostile, How: "resolves to"}},
	}
}

func failed() view.SubjectView {
	return view.SubjectView{Type: "domain", Value: "broken.example.com", Verdict: view.VerdictFailed, Error: "internal server error", Now: now}
}

func nothing() view.SubjectView {
	return view.SubjectView{Type: "domain", Value: "unknown.example.com", Verdict: view.VerdictNothing, Now: now}
}

func onePage() view.ExchangePage {
	s := malicious()
	return view.ExchangePage{
		Page: view.Page{Title: s.Value, Current: view.NavHistory, Shell: view.Shell{Version: "3.0.0"}}, Path: "/admin/exchange/7", Kind: "Observe", At: now, Now: now,
		Subject: &s, Pulsedive: s.Pulsedive, Again: true, Print: "/admin/exchange/7#print", Exports: []view.Link{{Href: "/admin/exchange/7/answer.json", Label: "Answer as JSON"}},
		All:    view.Link{Href: "/admin/exchange/7", Label: "Observable 1 of 2"},
		Asked:  view.AskedView{By: "Cisco XDR (US)", From: "192.0.2.14", Took: 412 * time.Millisecond, Calls: 2, Cached: 1, Fingerprint: "ab12", Limit: 100, Count: 3, Last: now},
		Facts:  []view.FactView{{Label: "Risk", Value: "Critical"}, {Label: "Verdict's valid time ended", Body: view.Ago(now.Add(-time.Hour), now), NoteBody: view.Time(now.Add(-time.Hour)), Warn: true}},
		Tabs:   []view.TabView{{Label: "Summary", Href: "/admin/exchange/7", Current: true}},
		Before: &view.BeforeView{Href: "/admin/exchange/3", Compare: "/admin/exchange/7?before=3", At: now.Add(-time.Hour), Verdict: view.VerdictClean},
		Body:   view.ExchangeSummary(view.SummaryView{One: true, Subjects: []view.SubjectView{s}, Graph: drawing()}),
	}
}

func failedPage() view.ExchangePage {
	p := onePage()
	s := failed()
	p.Subject, p.Pulsedive, p.Facts, p.Before, p.All = &s, "", nil, nil, view.Link{}
	p.Hints = []view.Hint{{Kind: view.KindError, Title: "Internal server error.", Text: hostile}}
	p.Body = view.ExchangeSummary(view.SummaryView{One: true, Subjects: []view.SubjectView{s}})
	return p
}

func foldedPage() view.ExchangePage {
	p := failedPage()
	p.Hints, p.Folded, p.Body = append(p.Hints, view.Hint{Kind: view.KindWarning, Title: hostile}), true, templ.NopComponent
	return p
}

func diffPage() view.ExchangePage {
	p := onePage()
	p.Body, p.Before = templ.NopComponent, nil
	p.Diff = &view.DiffView{Href: "/admin/exchange/3", At: now.Add(-time.Hour), Same: 2, Other: 1, Changes: []view.ChangeView{
		{Type: "domain", Value: hostile, Before: view.VerdictSuspicious, After: view.VerdictMalicious, Lists: []view.DiffList{{Label: "Threats", Come: []string{hostile}, Gone: strings.Split(strings.Repeat("x ", 20), " ")}}},
	}}
	return p
}

func graphPart() view.GraphPart {
	return view.GraphPart{Graph: drawing(), More: 3, Together: view.TabView{Label: "All 2 together", Href: "/admin/exchange/7?of=all"}, Picks: []view.GraphPick{
		{Value: hostile, Verdict: view.VerdictMalicious, Href: "/admin/exchange/7?of=1", Current: true}, {Value: "x.example.com", Verdict: view.VerdictNothing, Href: "/admin/exchange/7?of=0"},
	}}
}

func drawing() *view.GraphView {
	seen := now.Add(-time.Hour)
	return &view.GraphView{
		Name: "exchange-7.png", Left: 3, More: 2, All: "/admin/exchange/7?tab=entities",
		Nodes: []view.GraphNode{
			{ID: "n0", Kind: "observable", Tone: "malicious", Label: "x", Title: "</script><script>alert(1)</script>", Facts: []view.GraphFact{{Name: "Seen", Time: &seen}}},
			{ID: "n1", Kind: view.Threat, Label: "QSnatch", Title: "QSnatch", URI: "https://pulsedive.com/threat/?tid=1"},
		},
		Edges: []view.GraphEdge{{From: "n0", To: "n1", Kind: "indicates"}},
		Rows: []view.GraphRow{
			{From: hostile, How: "sighting of", To: hostile, Kind: view.Threat, Seen: seen, URI: "javascript:alert(1)"},
			{From: "x.example.com", How: "resolves to", To: "198.51.100.7", Mono: true, Kind: "related"},
		},
	}
}

func entities() view.EntitiesView {
	return view.EntitiesView{
		Kinds: []view.TabView{{Label: "Verdicts", Count: "1", Href: "?type=verdicts", Current: true}}, Label: "verdicts", Action: "/admin/exchange/7", Query: `"><b>`,
		Hidden:  []view.OptionView{{Value: "tab", Label: "entities"}},
		Columns: []view.ColumnView{{Label: "Observable", Href: "?sort=1", Sorted: "descending"}, {Label: "Count", Num: true}},
		Rows: [][]view.CellView{{
			{Kind: "observable", Text: hostile, Type: "url"}, {Kind: "verdict", Verdict: view.VerdictClean}, {Kind: "severity", Text: "High"}, {Kind: "severity"}, {Kind: "time", Time: now, Ended: true},
			{Kind: "time"}, {Kind: "chips", List: []string{hostile}}, {Kind: "link", Text: hostile, URI: "javascript:alert(1)"}, {Kind: "id", Text: "transient:x"}, {Kind: "num", Text: "7"}, {Text: hostile},
		}},
		Pager: view.PagerView{Text: "1 to 1 of 2", Older: "?page=2"}, Count: "2 entries",
	}
}

func report() view.ReportView {
	e := entities()
	return view.ReportView{
		Cards: "1 to 25 of 50", Long: []string{hostile + strings.Repeat("x", 500) + "end"}, Tables: []view.ReportTable{{Label: "Verdicts", Columns: []string{"Observable", "Disposition"}, Rows: e.Rows, Total: 70}, {Label: "Relations", Columns: []string{"Source"}, Rows: e.Rows[:1], Total: 1}},
		Links:  view.LinksView{Total: 2, List: []view.ReferLinkView{{Title: hostile, URL: "javascript:alert(1)", ID: hostile}, {Title: "Browse domain", URL: "https://pulsedive.com/indicator/?iid=1", ID: "ref-1"}}},
		Timing: view.TimingView{Took: time.Second},
	}
}

func timing() view.TimingView {
	ms := time.Millisecond
	return view.TimingView{Took: 400 * ms, More: 2, Hint: "Translation: as it comes.", Note: "Nothing was known.", Request: []view.FactView{{Label: "Id", Value: "7f3a"}}, Rows: []view.TimingRow{
		{Label: "Token check", Took: 2 * ms, Tone: "ours", Outcome: "ok"},
		{Label: "Record", Value: hostile, From: 2 * ms, Start: 100 * ms, Took: 200 * ms, Tone: "failed", Outcome: "timeout"},
		{Label: "Links", Value: "x.example.com", From: 300 * ms, Start: 300 * ms, Tone: "cached", Outcome: "from the cache", Mark: true},
		{Label: "Encoding", From: 400 * ms, Start: 400 * ms, Took: time.Microsecond, Tone: "ours"},
		{Label: "Beyond the end", From: 500 * ms, Start: 600 * ms, Took: time.Second, Tone: "ok"},
	}}
}

// copied is what a button copies.
var copied = regexp.MustCompile(`data-copy="[^"]*"`)

// TestExchangeGolden: each part of the page in each of its states.
func TestExchangeGolden(t *testing.T) {
	t.Parallel()
	for _, s := range exchangeSamples() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			text := html(t, s.part)
			// What a button copies is whole, and acts nowhere.
			shown := copied.ReplaceAllString(text, "")
			for _, bad := range []string{"<script>alert", "href=\"javascript", "\u202e", "\u200b", "\x1b", "elsewhere.example.com", " style="} {
				if strings.Contains(shown, bad) {
					t.Errorf("holds %q:\n%s", bad, text)
				}
			}
			golden(t, s.name+".html", strings.ReplaceAll(text, "><", ">\n<")+"\n")
		})
	}
}

// TestLargeJSON: of a large text the first part is shown, with a way to the whole.
func TestLargeJSON(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"many values": "[" + strings.Repeat("1,", 100_000) + "1]",
		"long texts":  "[" + strings.Repeat(`"`+strings.Repeat("x", 6000)+`",`, 1000) + "1]",
		"deep":        strings.Repeat("[", 60) + strings.Repeat("]", 60),
		"one text":    `"` + strings.Repeat("<", 2<<20) + `"`,
	} {
		page := html(t, view.ExchangeJSON([]view.JSONView{{ID: "a", Title: "Answer", Text: []byte(text), Href: "/whole.json", Filename: "whole.json"}}))
		if len(page) > 2<<20 || !strings.Contains(page, `href="/whole.json"`) {
			t.Errorf("%s: a page of %d bytes; want less, and a link to the whole:\n%.2000s", name, len(page), page)
		}
		// That it is cut, and how to get the whole, stands above the text.
		above, _, _ := strings.Cut(page, `<div class="json"`)
		for _, want := range []string{"Not all of its ", "Copy the whole", "Download the whole"} {
			if !strings.Contains(above, want) {
				t.Errorf("%s: above the text there is no %q:\n%s", name, want, above)
			}
		}
	}
}

// FuzzJSON: whatever the text, what is shown has nothing hidden in it, and no
// markup of the text's.
func FuzzJSON(f *testing.F) {
	f.Add([]byte(`{"a":[1,"\u202e",null]}`))
	f.Add([]byte(`{"a":`))
	f.Add([]byte("\"\xff\u2067\U000e0001<script>\""))
	f.Fuzz(func(t *testing.T, text []byte) {
		var b strings.Builder
		if err := view.ExchangeJSON([]view.JSONView{{ID: "a", Title: "t", Text: text}}).Render(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
		page := b.String()
		if strings.ContainsAny(page, "\u202e\u2067\u200b\x00\x1b\U000e0001") || strings.Contains(page, "<script") {
			t.Errorf("%q is shown as %q", text, page)
		}
		if whole := json.Valid(text); whole && strings.Contains(page, "no whole JSON") && len(text) < 1000 {
			t.Errorf("%q is JSON, but is told to be none", text)
		}
	})
}
