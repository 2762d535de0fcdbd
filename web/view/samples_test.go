package view_test

import (
	"strings"
	"time"

	"github.com/a-h/templ"

	"pulsedive-relay/web/view"
)

// hostile is what intelligence may hold: markup, a right-to-left override, an
// escape sequence, a zero-width space.
const hostile = "https://login.example.org/\"><script>alert(1)</script>/\u202egnp.exe\x1b[31m\u200b?q="

// sample is a part in its states.
type sample struct {
	name string
	part templ.Component
}

// samples are all parts in all their states.
func samples() []sample {
	return []sample{
		{"stats", stats()},
		{"overview", overview()},
		{"badges", badges()},
		{"subject", subject()},
		{"text", texts()},
		{"table", table()},
		{"hints", hints()},
		{"form", form()},
		{"buttons", buttons()},
		{"block", block()},
		{"empty", empty()},
	}
}

func stats() templ.Component {
	return in(`div class="cols"`,
		view.Stat(view.StatView{Label: "Calls, 24 h", Value: view.Count(1284), NoteBody: templ.Join(templ.Raw("last by XDR "), view.Ago(now.Add(-2*time.Minute), now))}),
		view.Stat(view.StatView{Label: "Answered in", Value: view.Took(184 * time.Millisecond), Note: "median · p95 1.2 s"}),
		view.Stat(view.StatView{Label: "From cache", Value: view.Percent(63, 100), Note: view.Count(1618) + " Pulsedive calls saved"}),
		view.Stat(view.StatView{Label: "Pulsedive today", Value: "31", Unit: "of 50 left", Level: 31, Max: 50}),
		view.Stat(view.StatView{Label: "Pulsedive this month", Value: "12", Unit: "of 500 left", Level: 12, Max: 500, Low: true}))
}

func overview() templ.Component {
	rows := view.StatusRows([]view.StatusRowView{
		{State: view.HealthOK, Label: "Pulsedive", Note: "answered 2 min ago, 96 ms"},
		{State: view.HealthOK, Label: "Key host US", Note: "keys 14 min old"},
		{State: view.HealthIdle, Label: "Key hosts EU, APJC", Note: "not used yet"},
		{State: view.HealthFail, Label: "Database", Note: "read-only since 14:02:10; answers go on, history does not"},
		{State: view.HealthWarn, Label: "Public URL", Note: "not set", Link: view.Link{Href: "/admin/settings", Label: "Set it"}},
	})
	return in(`div class="split"`,
		with(view.Card(view.CardView{Title: "Calls an hour", Actions: templ.Raw(`<span>7 d</span>`)}), view.Empty(view.EmptyView{Icon: "overview", Text: "The chart stands here."})),
		with(view.Card(view.CardView{Title: "The chain", ID: "chain"}), rows))
}

func badges() templ.Component {
	var all []templ.Component
	for _, v := range []view.Verdict{view.VerdictMalicious, view.VerdictSuspicious, view.VerdictUnknown, view.VerdictClean, view.VerdictCommon, view.VerdictNothing, view.VerdictFailed} {
		all = append(all, view.VerdictBadge(v))
	}
	for _, o := range []string{"ok", "partial", "error"} {
		all = append(all, view.OutcomeBadge(o))
	}
	for _, s := range []string{"Critical", "high", "medium", "low", "none", "unknown"} {
		all = append(all, view.SeverityChip(s))
	}
	for _, c := range []string{"domain", "ipv6", "+2", "cache", "\u202ecod"} {
		all = append(all, view.TypeChip(c))
	}
	return card("Badges and chips", in(`div class="actions"`, all...), in("p", view.VerdictBadgeLarge(view.VerdictMalicious), templ.Raw(" "), view.VerdictBadgeLarge(view.VerdictClean)))
}

func subject() templ.Component {
	return templ.Join(
		with(view.PageHead(view.PageHeadView{
			Crumbs: []view.Link{{Href: "/admin/history", Label: "History"}}, Here: "Observe, 14:32:11", Title: "4 observables",
			Sub: "Asked by Cisco XDR (US) from 192.0.2.14 · answered in 412 ms · 2 Pulsedive calls",
		}), view.Button(view.ButtonView{Label: "Run again"}), view.PulsediveButton("https://pulsedive.com/indicator/?iid=1", "Open in Pulsedive"), view.Button(view.ButtonView{Label: "Export", Kind: "primary", Href: "/admin/exchange/7/export"})),
		view.Facts([]view.FactView{
			{Label: "Risk", Value: "Critical"},
			{Label: "Severity", Value: "High"},
			{Label: "Last seen", Body: view.Ago(now.Add(-72*time.Hour), now), Note: "2026-11-22 14:32 UTC"},
			{Label: "Verdict valid until", Body: view.Ago(now.Add(88*24*time.Hour+time.Hour), now), Note: "2027-02-21 15:32 UTC"},
			{Label: "Confidence", Value: "Medium"},
			{Label: "TLP", Value: "White"},
		}),
		view.Tabs("Parts of the exchange", []view.TabView{
			{Label: "Summary", Href: "?tab=summary", Current: true}, {Label: "Entities", Href: "?tab=entities", Count: "31"},
			{Label: "Refer links", Href: "?tab=links", Count: "2"}, {Label: "JSON", Href: "?tab=json"}, {Label: "Timing", Href: "?tab=timing"},
		}))
}

func texts() templ.Component {
	long := hostile + strings.Repeat("a1b2c3d4", 500)
	return card("Foreign text",
		in("p", view.Observable("198.51.100.7"), templ.Raw(" "), view.Observable("www.example.com"), view.CopyButton("www.example.com")),
		in("div", view.Observable(hostile), view.CopyButton(hostile)),
		in("div", view.ObservableWhole(hostile), view.VerdictBadgeLarge(view.VerdictMalicious)),
		in("div", view.Observable(long), view.CopyButton(long)),
		in("div", view.ObservableLink(long, "/admin/exchange/7")),
		in("p", view.SafeText("A sentence\nwith \x00 and \xff in it, \u2067turned\u2069.")),
		in("p", spaced(view.External("https://pulsedive.com/indicator/?iid=1", "At Pulsedive"), view.External("javascript:alert(1)", "not a link"), view.External("https://user:pw@example.com/", "not one either"))),
		in("p", spaced(view.Time(now), view.Ago(now.Add(-5*30*24*time.Hour), now), view.Clock(now, now), view.Clock(now.Add(-30*time.Hour), now), view.Clock(time.Time{}, now))))
}

func table() templ.Component {
	row := func(v view.Verdict, value, asked, took string) templ.Component {
		return in("tr", in(`td data-label="Time" class="nowrap"`, view.Clock(now, now)), in(`td data-label="Observables" class="clip"`, view.Observable(value)),
			in(`td data-label="Verdict"`, view.VerdictBadge(v)), in(`td data-label="Asked by" class="nowrap"`, templ.Raw(asked)), in(`td data-label="Took" class="num"`, templ.Raw(took)))
	}
	head := templ.Raw(`<thead><tr><th>Time</th><th>Observables</th><th>Verdict</th><th>Asked by</th><th class="num">Took</th></tr></thead>`)
	body := in("tbody", row(view.VerdictMalicious, "qsnatch-c2.example.net", "XDR, observe", "412 ms"), row(view.VerdictSuspicious, "198.51.100.7", "XDR, observe", "3 ms"),
		row(view.VerdictUnknown, hostile+strings.Repeat("x", 4000), "Try", "388 ms"), row(view.VerdictNothing, "2001:db8::41", "XDR, refer", "1.2 s"), row(view.VerdictFailed, "www.example.com", "XDR, refer", "10 s"))
	return templ.Join(
		with(view.Card(view.CardView{Title: "Latest", Actions: templ.Raw(`<a href="/admin/history">History</a>`)}),
			with(view.Table("Latest exchanges"), head, body), view.Pager(view.PagerView{Older: "?before=7", Text: "5 of " + view.Count(12408)})),
		with(view.Card(view.CardView{Title: "A list where it is narrow"}), with(view.TableStacked("Exchanges"), head, body)),
		with(view.Card(view.CardView{Title: "Bounded height"}), with(view.TableTall("Exchanges"), head, body)))
}

func hints() templ.Component {
	return in("div",
		view.HintBanner(view.Hint{Kind: view.KindInfo, Title: "Self-test runs.", Text: "It takes about 10 s."}),
		view.HintBanner(view.Hint{Kind: view.KindError, Title: "Pulsedive refuses the key.", Text: hostile, Link: view.Link{Href: "/admin/settings", Label: "Look at the key"}}),
		view.HintBanner(view.Hint{Kind: view.KindOK, Text: "All is well."}),
		card("Asking Pulsedive: 2 of 4, about 3 s left (1 call a second on this key)", view.Progress("Asked", 2, 4)))
}

func form() templ.Component {
	fields := []templ.Component{
		view.Field(view.FieldView{Name: "public-url", Label: "Public URL", Value: "https://relay.example.com", Help: "Where Cisco XDR reaches this relay.", Mono: true}),
		view.Field(view.FieldView{Name: "key", Label: "Pulsedive key", Type: "password", Value: "never shown", Placeholder: "kept; type to replace", Autocomplete: "off"}),
		view.Field(view.FieldView{Name: "keep", Label: "Keep exchanges for", Type: "number", Value: "-3", Unit: "days", Error: "A number of days, 1 or more.", Attrs: templ.Attributes{"min": "1"}}),
		view.Field(view.FieldView{Name: "region", Label: "Region", Value: "eu", Options: []view.OptionView{{"us", "United States"}, {"eu", "Europe"}}, Pinned: "RELAY_REGION"}),
		view.Field(view.FieldView{Name: "hosts", Label: "Key hosts", Value: "visibility.example.com", Rows: 3, Mono: true, Help: "One per line."}),
		view.Check(view.CheckView{Name: "links", Label: "Ask for links too", Help: "A second call for each observable.", Checked: true}),
		view.Check(view.CheckView{Name: "trust", Label: "Trust X-Forwarded-For", Pinned: "RELAY_TRUST"}),
		in(`div class="actions"`, view.Button(view.ButtonView{Label: "Save", Kind: "primary"}), view.Button(view.ButtonView{Label: "Discard", Href: "/admin/settings"})),
	}
	return in(`div class="halves"`, card("A form", in(`form class="form" method="post"`, fields[:6]...)), card("A wide form", in(`form class="form wide" method="post"`, fields...)))
}

func buttons() templ.Component {
	return card("Buttons", in(`div class="actions"`,
		view.Button(view.ButtonView{Label: "Run", Icon: "play", Kind: "primary"}), view.Button(view.ButtonView{Label: "Run again", Icon: "again"}),
		view.PulsediveButton("https://pulsedive.com/indicator/?iid=1", "Open in Pulsedive"), view.PulsediveButton("https://example.com/", "nowhere"),
		view.Button(view.ButtonView{Label: "Small", Small: true}), view.Button(view.ButtonView{Label: "Remove", Icon: "trash"}),
		view.Button(view.ButtonView{Label: "Waiting", Disabled: true}), view.Button(view.ButtonView{Label: "Cancel", Kind: "danger", Attrs: templ.Attributes{"data-confirm": "Cancel the run? What is answered is kept."}}),
		view.Confirm(view.ConfirmView{Label: "Delete history…", Question: "Delete all 12 exchanges? This cannot be taken back.", Yes: "Delete 12 exchanges", Action: "/admin/history/delete"})))
}

func block() templ.Component {
	text := "{\n  \"data\": {\n    \"count\": 12,\n    \"external\": false,\n    \"value\": \"\u202egnp\U000e0041\",\n    \"verdicts\": \"</pre><script>alert(1)</script>\"\n  }\n}"
	answer := view.BlockView{ID: "answer", JSON: true, Text: text, Filename: "exchange-7.json", Download: "/admin/exchange/7/answer.json"}
	return in(`div class="halves"`,
		with(view.Card(view.CardView{Title: "Answer", Actions: view.BlockTools(answer)}), view.BlockText(answer)))
}

func empty() templ.Component {
	return with(view.Card(view.CardView{}), view.Empty(view.EmptyView{Icon: "history", Title: "Nothing asked yet", Text: "Each request by Cisco XDR, and each try, will stand here with its answer.", Action: view.Link{Href: "/admin/try", Label: "Try an observable"}}))
}
