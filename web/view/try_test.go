package view_test

import (
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"pulsedive-relay/web/view"
)

// found are the states of what was found.
func found() map[string]templ.Component {
	one := view.ChipView{Key: "a1", Value: "login.example.org", Written: "login[.]example[.]org", Type: "domain", Supported: true}
	return map[string]templ.Component{
		"blank":   view.Found(view.FoundView{Blank: true}),
		"nothing": view.Found(view.FoundView{}),
		"one":     view.Found(view.FoundView{Chips: []view.ChipView{one}, Tally: view.Tally{Ask: 1, Most: 200}}),
		"many": view.Found(view.FoundView{
			Chips: []view.ChipView{
				one, {Key: "b2", Value: "192.0.2.1", Type: "ip", Supported: true}, {Key: "c3", Value: strings.Repeat("9f", 32), Type: "sha256"}, {Key: "d4", Value: "a@example.com", Type: "email"},
				{Key: "g7", Value: "b.example.com", Type: "domain", Supported: true, Over: true}, {Key: "h8", Value: "c.example.com", Type: "domain", Supported: true, Over: true},
			},
			Tally: view.Tally{Ask: 2, Over: 1201, Most: 2, Unsupported: 2, More: true}, Out: []string{"e5", "f6"},
		}),
		"unasked": view.Found(view.FoundView{
			Chips: []view.ChipView{
				{Key: "a1", Value: "10.0.0.1", Type: "ip", Supported: true, Hold: "private", Held: true},
				{Key: "b2", Value: "10.0.0.2", Type: "ip", Supported: true, Hold: "private"},
				{Key: "c3", Value: "http://example.com/a", Written: "hxxp://example .com/a", Type: "url", Supported: true, Hold: "blank inside", Held: true},
				{Key: "d4", Value: "9.9.9.9", Type: "url", Supported: true, Misfit: true},
				{Key: "e5", Value: "evil.example", Path: "/path/" + hostile, Type: "domain", Supported: true},
				{Key: "f6", Value: "192.0.2.0/24", Type: "network"},
			},
			Tally: view.Tally{Ask: 2, Most: 200, NotPublic: 1, Torn: 1, Misfit: 1, Paths: 1, Unsupported: 1},
		}),
		"unsupported": view.Found(view.FoundView{Chips: []view.ChipView{{Key: "d4", Value: "a@example.com", Type: "email"}}, Tally: view.Tally{Unsupported: 1}}),
		"hostile":     view.Found(view.FoundView{Chips: []view.ChipView{{Key: "a1", Value: hostile + strings.Repeat("x", 300), Written: hostile, Type: "url", Supported: true}}, Tally: view.Tally{Ask: 1, Most: 200}}),
	}
}

// run is a run at work, changed as a state asks.
func run(change func(r *view.RunView)) templ.Component {
	r := view.RunView{
		ID: "K7", Seen: "s1", Done: 2, Answered: 2, All: 4, Steps: 5, Left: 3 * time.Second, PerSecond: 1, Began: now.Add(-4 * time.Second), Now: now,
		Asks: "Observe and refer, entities limit 100",
		Rows: []view.RunRow{
			{Value: "qsnatch-c2.example.net", Type: "domain", State: "done", Verdict: view.VerdictMalicious, Known: []string{"3 risk factors", "2 threats", "4 feeds"}, Took: 412 * time.Millisecond},
			{Value: "unknown.example.com", Type: "domain", State: "done", Verdict: view.VerdictNothing, Known: []string{"Pulsedive has no record"}, Cached: true},
			{Value: "198.51.100.7", Type: "ip", State: "waiting", Verdict: view.VerdictSuspicious, Known: []string{"1 threat"}, Next: "relations to come in 1.6 s"},
			{Value: hostile, Type: "url", State: "waiting", Next: "next in 0.6 s"},
		},
	}
	change(&r)
	return view.Run(r)
}

func over(r *view.RunView) {
	r.Over, r.Took, r.Result = true, 4200*time.Millisecond, "/admin/exchange/12"
	r.Rows[2] = view.RunRow{Value: "198.51.100.7", Type: "ip", State: "done", Verdict: view.VerdictSuspicious, Known: []string{"1 threat", "12 relations"}, Took: 1200 * time.Millisecond}
	r.Rows[3] = view.RunRow{Value: hostile, Type: "url", State: "done", Verdict: view.VerdictSuspicious, Known: []string{"a record without details"}, Took: 80 * time.Millisecond}
	r.Done, r.Answered, r.Steps, r.Quota = 4, 4, 8, "calls left: 43 today"
}

// runsShown are the states of a run.
func runsShown() map[string]templ.Component {
	failed := view.RunRow{Value: "203.0.113.9", Type: "ip", State: "failed", Verdict: view.VerdictFailed, Known: []string{"internal server error"}, Took: 90 * time.Millisecond}
	return map[string]templ.Component{
		"begins": run(func(r *view.RunView) {
			r.Done, r.Answered, r.Steps, r.Left, r.PerSecond, r.All = 0, 0, 0, 0, 0, 1
			r.Rows = []view.RunRow{{Value: "203.0.113.9", Type: "ip", State: "queued"}}
		}),
		"beside":     run(func(r *view.RunView) { r.Beside = true }),
		"at-work":    run(func(*view.RunView) {}),
		"cancelling": run(func(r *view.RunView) { r.Cancelled = true }),
		"done":       run(over),
		"left-out": run(func(r *view.RunView) {
			over(r)
			r.Tally = view.Tally{Ask: 4, Over: 1201, Most: 4, NotPublic: 2, Torn: 1, Misfit: 1, Unsupported: 3, Paths: 1, More: true}
		}),
		"again": run(func(r *view.RunView) { over(r); r.Before, r.Result = 7, "/admin/exchange/12?before=7" }),
		"cancelled": run(func(r *view.RunView) {
			over(r)
			r.Cancelled, r.Answered, r.InPart, r.Steps = true, 3, 1, 5
			r.Rows[2] = view.RunRow{Value: "198.51.100.7", Type: "ip", State: "in-part", Verdict: view.VerdictSuspicious, Known: []string{"1 threat", "relations not asked for"}, Took: 1200 * time.Millisecond}
			r.Rows[3] = view.RunRow{Value: hostile, Type: "url", State: "cancelled", Known: []string{"not answered"}}
			r.Hints = []view.Hint{{Kind: view.KindInfo, Text: "It was cancelled before Pulsedive had answered for 1 of 4 observables. Relations of 1 of 4 observables were not asked for any more. What was answered by then is kept."}}
		}),
		"errors": run(func(r *view.RunView) {
			over(r)
			r.Answered, r.Steps, r.Rows[3] = 3, 6, failed
			r.Hints = []view.Hint{{Kind: view.KindError, Title: "Internal server error.", Text: "Database error. " + hostile}}
		}),
		"failed-and-lost": run(func(r *view.RunView) {
			over(r)
			r.Answered, r.Steps, r.All, r.Done, r.Rows, r.Result = 0, 0, 1, 1, []view.RunRow{failed}, ""
			r.Lost = "It could not be written, and is shown here for an hour alone."
		}),
		"gone": view.RunGone("This run is not known any more", "What was answered is in the history."),
	}
}

// TestTryGolden: the parts of the page Try in their states.
func TestTryGolden(t *testing.T) {
	t.Parallel()
	for part, states := range map[string]map[string]templ.Component{"found": found(), "run": runsShown(), "try": tries()} {
		for name, c := range states {
			t.Run(part+" "+name, func(t *testing.T) {
				t.Parallel()
				got := html(t, c)
				if strings.Contains(got, "<script>alert") || strings.ContainsAny(got, "\u202e\u200b\x1b") {
					t.Errorf("foreign text acts:\n%s", got)
				}
				golden(t, part+"-"+name+".html", strings.ReplaceAll(got, "><", ">\n<")+"\n")
			})
		}
	}
}

// tries are the states of the page.
func tries() map[string]templ.Component {
	empty := view.TryForm{Observe: true, Refer: true, Limit: "100", MaxLimit: 1000, Found: view.FoundView{Blank: true}}
	fault := empty
	fault.Fault, fault.Text, fault.Observe, fault.Limit, fault.NoKey = "The entities limit is a number from 1 to 1000.", "</textarea><script>alert(1)</script>", false, "many", true
	return map[string]templ.Component{
		"empty":   view.Try(view.TryPage{Form: empty}),
		"at-work": view.Try(view.TryPage{Form: empty, Run: &view.RunView{ID: "K8", All: 1, Began: now, Now: now, Beside: true}, Recent: []view.RunLine{{Href: "/admin/try/K7", Value: "192.0.2.1", Text: "at work: 2 of 4", Began: now, Now: now}}}),
		"error": view.Try(view.TryPage{Form: fault, Recent: []view.RunLine{
			{Href: "/admin/try/K7", Value: hostile, More: 3, Text: "2 of 4", Began: now.Add(-2 * time.Second), Now: now},
			{Href: "/admin/try/K6", Value: "192.0.2.1", Verdict: view.VerdictMalicious, Began: now.Add(-time.Hour), Now: now},
		}}),
	}
}
