package view

import (
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
)

// RunView is a run: how far it is, or what came of it.
type RunView struct {
	ID string
	// Beside says that it has a page of its own, and this is not it: it is shown in
	// short.
	Beside bool
	// Seen stands for all that is shown: a poll that would show the same is
	// answered with nothing.
	Seen string
	// Over says that it ended; Cancelled that somebody asked for that.
	Over, Cancelled bool
	// Done is how many observables are through, Answered how many of them with an
	// answer, All how many there are. InPart is how many of those answered lack
	// their relations.
	Done, Answered, All, InPart int
	// Steps is how far all of them are, each counting two.
	Steps int
	// Left is about how long it still takes, zero where nobody knows.
	Left time.Duration
	// PerSecond is how many calls a second the key has, 0 where that is not known.
	PerSecond int
	Took      time.Duration
	Began     time.Time
	Now       time.Time
	// Asks says what is asked: "Observe and refer, entities limit 100".
	Asks string
	Rows []RunRow
	// Result is the address of the outcome; empty: there is none, and Lost says
	// why.
	Result, Lost string
	// Before is the number of the exchange that is asked again, 0: none.
	Before uint64
	// Tally is of the text that the run began with.
	Tally Tally
	// Hints are what went wrong.
	Hints []Hint
	// Quota says what is left of the key's limits.
	Quota string
}

// RunRow is one observable of a run.
type RunRow struct {
	Value, Type string
	// State is queued, asking, waiting, done, in-part, failed or cancelled; in-part
	// is done without the relations.
	State string
	// Verdict is shown where there is one.
	Verdict Verdict
	// Known says what Pulsedive knows, Next what is waited for.
	Known  []string
	Next   string
	Took   time.Duration
	Cached bool
}

// RunLine is one of the latest runs.
type RunLine struct {
	Href, Value string
	// More is how many observables there are beside the first.
	More    int
	Text    string // of one at work: how far it is
	Verdict Verdict
	Began   time.Time
	Now     time.Time
}

// word is how people read the state of a row.
func (r RunRow) word() string {
	switch r.State {
	case "waiting":
		return "waiting for the limit"
	case "in-part":
		return "done in part"
	}
	return r.State
}

// listed is one of what is known, with the comma behind it.
func (r RunRow) listed(i int, one string) string {
	if i < len(r.Known)-1 {
		return one + ","
	}
	return one
}

// headline says how far the run is.
func (r RunView) headline() string {
	answered := Count(r.Answered) + " of " + Count(r.All) + " answered" + r.lacking() + " in " + Took(r.Took) + r.verdicts()
	switch {
	case !r.Over && r.Cancelled:
		return "Cancelling"
	case !r.Over:
		return "Asking Pulsedive: " + Count(r.Done) + " of " + Count(r.All) + r.outlook()
	case r.Cancelled && r.Answered-r.InPart < r.All:
		return "Cancelled: " + answered
	case r.Answered == 0:
		return "Failed: " + answered
	case r.Answered-r.InPart < r.All:
		return "Done with errors: " + answered
	}
	return "Done: " + answered
}

// lacking says how many of those answered have no relations.
func (r RunView) lacking() string {
	if r.InPart == 0 {
		return ""
	}
	return " (" + Count(r.InPart) + " without relations)"
}

// outlook says how long it still takes, and why.
func (r RunView) outlook() string {
	text := ""
	if r.Left > 0 {
		text = ", about " + Span(max(time.Second, (r.Left+time.Second/2).Truncate(time.Second))) + " left"
	}
	if r.PerSecond > 0 {
		text += " (" + Plural(r.PerSecond, "call", "calls") + " a second on this key)"
	}
	return text
}

// said is what screen readers are told: the begin, each quarter, the end.
func (r RunView) said() string {
	if r.Over || r.Cancelled {
		return r.headline()
	}
	if quarter := r.Done * 4 / max(r.All, 1); quarter > 0 && r.All >= 4 {
		return "Asking Pulsedive: " + strconv.Itoa(quarter*25) + " percent"
	}
	return "Asking Pulsedive about " + Plural(r.All, "observable", "observables")
}

// verdicts counts those that need a look.
func (r RunView) verdicts() string {
	text := ""
	for _, v := range []Verdict{VerdictMalicious, VerdictSuspicious} {
		n := 0
		for _, row := range r.Rows {
			if row.Verdict == v {
				n++
			}
		}
		if n > 0 {
			text += ", " + Count(n) + " " + strings.ToLower(v.Word())
		}
	}
	return text
}

// refresh is how the page comes again without scripts.
func (r RunView) refresh() string {
	switch {
	case !r.Over:
		return "2"
	case r.Before > 0 && r.Result != "":
		return "0;url=" + r.Result
	}
	return ""
}

// beside has the card come again in short where it was so, behind the mark before
// it in an address.
func (r RunView) beside(mark string) string {
	if !r.Beside {
		return ""
	}
	return mark + "beside=yes"
}

// poll has the card come again until the run is over. Of one that asks again the
// script goes on to the result.
func (r RunView) poll() templ.Attributes {
	a := templ.Attributes{"data-said": r.said()}
	if !r.Over {
		a["hx-get"], a["hx-trigger"], a["hx-swap"], a["hx-target"] = "/admin/try/"+r.ID+"?seen="+r.Seen+r.beside("&"), "every 400ms", "outerHTML", "this"
		a["data-at-work"] = true
	} else if r.Before > 0 && r.Result != "" {
		a["data-go"] = r.Result
	}
	return a
}
