package view_test

import (
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"pulsedive-relay/web/view"
)

// exchangeRows are rows of every kind.
func exchangeRows() []view.ExchangeRow {
	row := func(observable string, v view.Verdict, more view.ExchangeRow) view.ExchangeRow {
		r := more
		r.Href, r.At, r.Last, r.Count = "/admin/exchange/7", now.Add(-time.Minute), now.Add(-time.Minute), 1
		r.Observable, r.Verdict = observable, v
		if r.Asked == "" {
			r.Asked = "XDR, observe"
		}
		if r.Outcome == "" {
			r.Outcome = "ok"
		}
		return r
	}
	folded := row("", "", view.ExchangeRow{What: "Health check", Asked: "XDR, health", Took: 88 * time.Millisecond, Calls: 1})
	folded.Count, folded.Last = 12, now
	return []view.ExchangeRow{
		folded,
		row("qsnatch-c2.example.net", view.VerdictMalicious, view.ExchangeRow{Took: 412 * time.Millisecond, Calls: 2}),
		row("198.51.100.7", view.VerdictSuspicious, view.ExchangeRow{More: 2, Others: "192.0.2.1, " + hostile, Took: 3 * time.Millisecond, Cached: 3, Outcome: "partial", Code: "timeout"}),
		row(hostile+strings.Repeat("x", 4000), view.VerdictFailed, view.ExchangeRow{Asked: "Try, observe and refer", Took: 10 * time.Second, Calls: 4, Cached: 2, Outcome: "error", Code: "internal server error"}),
		row("ads.example.org", "", view.ExchangeRow{Verdict: view.VerdictMalicious, Asked: "Terminal, refer", Took: 40 * time.Microsecond}),
		row("", "", view.ExchangeRow{What: "No observable", Outcome: "error", Code: "authorization error <b>"}),
	}
}

func withDelete(rows []view.ExchangeRow) []view.ExchangeRow {
	for i := range rows {
		rows[i].DeleteTo, rows[i].Delete = rows[i].Href+"/delete", rows[i].Href+"/delete?back=%2Fadmin%2Fhistory"
	}
	return rows
}

// busy is an overview with everything on it.
func busy() view.OverviewPage {
	hour := now.Truncate(time.Hour)
	return view.OverviewPage{
		Now: now, Path: "/admin", From: hour.Add(-23 * time.Hour), To: hour.Add(time.Hour),
		Ranges: []view.TabView{{Label: "24 h", Href: "/admin", Current: true}, {Label: "7 d", Href: "/admin?range=7d"}},
		Hints:  []view.Hint{{Kind: view.KindError, Title: "The last write to the database failed.", Text: hostile}},
		Stats: []view.StatView{
			{Label: "Calls, 24 h", Value: "1 284", NoteBody: view.LastCall(now.Add(-2*time.Minute), now)},
			{Label: "Calls, 7 d", Value: "0", NoteBody: view.LastCall(time.Time{}, now)},
			{Label: "Pulsedive today", Value: "No key", NoteBody: view.SetKey()},
		},
		Hours: []view.HourView{
			{Start: hour.Add(-5 * time.Hour), OK: 31, Partial: 2, Failed: 1, Median: 184 * time.Millisecond, P95: 1200 * time.Millisecond, Href: "/admin/history?from=a&to=b"},
			{Start: hour, OK: 1200, Median: 3 * time.Millisecond, P95: 9 * time.Millisecond, Href: "/admin/history?from=c&to=d"},
		},
		Verdicts: []view.VerdictCount{{Verdict: view.VerdictMalicious, Count: 217, Href: "/admin/history?verdict=malicious"}, {Verdict: view.VerdictClean, Count: 1}, {Verdict: view.VerdictNothing}},
		Chain: []view.StatusRowView{
			{State: view.HealthOK, Label: "Pulsedive", NoteBody: view.ChainNote("answered", now.Add(-2*time.Minute), now, ", 96 ms")},
			{State: view.HealthFail, Label: "Key host " + hostile, Note: hostile},
		},
		Latest: exchangeRows(),
	}
}

// fresh is an overview where nothing happened yet.
func fresh() view.OverviewPage {
	link := view.Link{Href: "/admin/settings", Label: "Set it"}
	return view.OverviewPage{
		Now: now, Path: "/admin",
		Steps: []view.StepView{{Title: "First", Text: "Done already.", Link: link, Done: true}, {Title: "Second", Text: "To be done.", Link: link}, {Title: "Third", Text: "Later.", Link: link}},
		Chain: []view.StatusRowView{{State: view.HealthIdle, Label: "Pulsedive", Note: "not asked lately"}},
	}
}

func quiet() view.OverviewPage {
	p := busy()
	p.Hints, p.Hours, p.Latest = nil, nil, nil
	return p
}

// listed is a page of the history.
func listed(change func(*view.HistoryPage)) view.HistoryPage {
	p := view.HistoryPage{
		Now: now, First: true, Newest: "/admin/history", Live: "/admin/history?seen=1", Text: "6 of 520 exchanges", Rows: withDelete(exchangeRows()), Older: "/admin/history?before=7",
		CSV: "/admin/history/export?format=csv", JSONL: "/admin/history/export?format=jsonl", Purge: "/admin/history/purge",
		Columns: []view.FileColumn{{Name: "at", Text: "When the request came in, in UTC."}},
		Fields:  []view.FieldView{{Name: "q", Label: "Observable begins with", Mono: true}},
		Times:   []view.FieldView{{Name: "from", Label: "From (UTC)", Type: "datetime-local", Attrs: templ.Attributes{"data-utc": ""}}},
	}
	if change != nil {
		change(&p)
	}
	return p
}

func chips() []view.FilterChip {
	return []view.FilterChip{
		{Label: "Observable begins with", Text: hostile, Mono: true, Remove: "/admin/history?source=xdr"},
		{Label: "From", At: now, Text: "x", Remove: "/admin/history"},
	}
}

// TestLists: the overview and the history in each of their states.
func TestLists(t *testing.T) {
	t.Parallel()
	none := func(p *view.HistoryPage) { p.Rows, p.Older, p.Live = nil, "", "" }
	for name, part := range map[string]templ.Component{
		"page-overview":       view.OverviewParts(busy()),
		"page-overview-fresh": view.OverviewParts(fresh()),
		"page-overview-quiet": view.OverviewParts(quiet()),
		"page-history":        view.History(listed(func(p *view.HistoryPage) { p.Chips = chips() })),
		"page-history-faulty": view.History(listed(func(p *view.HistoryPage) {
			p.Rows, p.Live, p.Faulty, p.Fields[0].Error = nil, "", true, "No observable is as long as that."
		})),
		"history-one":   view.HistoryList(listed(func(p *view.HistoryPage) { p.Rows, p.Older, p.Text = p.Rows[1:2], "", "1 exchange" })),
		"history-empty": view.HistoryList(listed(none)),
		"history-none":  view.HistoryList(listed(func(p *view.HistoryPage) { none(p); p.Chips = chips() })),
		"history-left":  view.HistoryList(listed(func(p *view.HistoryPage) { none(p); p.First = false; p.Newer = "/admin/history?after=9" })),
		"history-partial": view.HistoryList(listed(func(p *view.HistoryPage) {
			p.Rows, p.Partial, p.Reached, p.Chips = nil, true, now.Add(-40*24*time.Hour), chips()
		})),
		"history-delete": view.DeleteExchange(view.DeletePage{Now: now, Row: exchangeRows()[3], Action: "/admin/exchange/7/delete", Back: "/admin/history?q=a"}),
		"purge-some":     view.Purge(view.PurgePage{Now: now, Count: 12, Left: 508, Chips: chips(), Fields: []view.FactView{{Label: "q", Value: "a"}}, Back: "/admin/history?q=a"}),
		"purge-all":      view.Purge(view.PurgePage{Now: now, Count: 1, All: true, Fields: []view.FactView{{Label: "all", Value: "yes"}}, Back: "/admin/history"}),
		"purge-many":     view.Purge(view.PurgePage{Now: now, Count: 200_000, More: true, Left: -1, Chips: chips()[1:], Back: "/admin/history"}),
		"purge-none":     view.Purge(view.PurgePage{Now: now, Chips: chips(), Back: "/admin/history?q=a"}),
		"purging":        view.PurgeProgress(view.PurgingPage{Done: 1280, Total: 12408, More: true}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden(t, name+".html", strings.ReplaceAll(html(t, part), "><", ">\n<")+"\n")
		})
	}
}

// TestListsHostile: nothing foreign becomes markup, or hides.
func TestListsHostile(t *testing.T) {
	t.Parallel()
	for name, part := range map[string]templ.Component{
		"overview": view.OverviewParts(busy()),
		"history":  view.History(listed(func(p *view.HistoryPage) { p.Chips = chips() })),
		"purge":    view.Purge(view.PurgePage{Now: now, Count: 12, Chips: chips(), Back: "/admin/history"}),
	} {
		page := html(t, part)
		for _, bad := range []string{"<script>alert", "<b>", "\u202e", "\x1b", "\u200b"} {
			if strings.Contains(page, bad) {
				t.Errorf("the %s holds %q; want it escaped", name, bad)
			}
		}
	}
}
