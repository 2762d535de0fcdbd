package view

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
)

// nothingFor says why there are no reasons.
func nothingFor(s SubjectView) EmptyView {
	switch s.Verdict {
	case VerdictFailed:
		return EmptyView{Icon: "error", Title: "There is no answer for this observable", Text: failedText(s.Error)}
	case VerdictNothing:
		return EmptyView{Icon: "inbox", Title: "Pulsedive knows nothing of it", Text: "It has never been looked at there, or was not found under this spelling. That is no sign that it is clean."}
	}
	return EmptyView{Icon: "inbox", Title: "No reasons are given", Text: "The record has no risk factors, threats, feeds or relations."}
}

func failedText(code string) string {
	if code == "" {
		return "The request ended before it was asked about."
	}
	return "What went wrong: " + code + "."
}

// words writes facts about one of several observables, each only where it is
// known.
func (s SubjectView) words() []string {
	var list []string
	if s.Risk != "" {
		list = append(list, "risk "+s.Risk)
	}
	if s.Severity != "" && !strings.EqualFold(s.Severity, s.Risk) {
		list = append(list, "severity "+strings.ToLower(s.Severity))
	}
	if s.Retired != "" {
		list = append(list, "retired: "+s.Retired)
	}
	if s.Answered != "" {
		list = append(list, "answered as "+s.Answered)
	}
	switch {
	case s.Verdict == VerdictFailed:
		list = append(list, strings.TrimSuffix(failedText(s.Error), "."))
	case s.Verdict == VerdictNothing:
		list = append(list, "Pulsedive has no record of it")
	}
	if n := len(s.Relations); n > 0 {
		list = append(list, Plural(n, "DNS relation", "DNS relations"))
	}
	return list
}

// low says whether little is left.
func (q QuotaView) low() bool { return IsLow(q.Left, q.Limit) }

// IsLow says whether so little is left of a limit that people should know: a fifth,
// or less.
func IsLow(left, limit int) bool { return left*5 <= limit }

func quotaText(q QuotaView) string {
	if q.Left < 0 {
		return Count(q.Limit) + " a " + q.Period
	}
	return Count(q.Left) + " of " + Count(q.Limit) + " left this " + q.Period
}

// kindWord is how a kind of node is called.
func kindWord(kind string) string {
	switch kind {
	case Factor:
		return "risk factor"
	case "related":
		return "resolved to"
	case "observable":
		return "asked about"
	}
	return kind
}

// kinds are those of the nodes, in the order of the legend.
func (g GraphView) kinds() []string {
	var list []string
	for _, kind := range []string{"observable", Threat, Factor, Feed, "sighting", "related"} {
		for i := range g.Nodes {
			if g.Nodes[i].Kind == kind {
				list = append(list, kind)
				break
			}
		}
	}
	return list
}

// sorted tells how a column is sorted.
func sorted(how string) templ.Attributes {
	if how == "" {
		return nil
	}
	return templ.Attributes{"aria-sort": how}
}

func arrow(how string) string {
	switch how {
	case "ascending":
		return " ↑"
	case "descending":
		return " ↓"
	}
	return ""
}

// whyNoLink says why an address is told, but not a link.
func whyNoLink(address string) string {
	if len(address) > maxLink {
		return "too long to open from here"
	}
	return "no web address"
}

// mark places a moment such that it can be seen at the end, too.
func (t TimingView) mark(d time.Duration) string {
	if t.Took <= 0 {
		return "0"
	}
	return strconv.FormatInt(min(int64(d)*scale/int64(t.Took), scale-6), 10)
}

// gravest is the kind of the hint that matters most.
func gravest(list []Hint) Kind {
	kinds := []Kind{KindInfo, KindWarning, KindError}
	worst := 0
	for _, one := range list {
		worst = max(worst, slices.Index(kinds, one.Kind))
	}
	return kinds[worst]
}

// titles is hints in one line.
func titles(list []Hint) string {
	var all []string
	for _, one := range list {
		all = append(all, one.Title)
	}
	return strings.Join(all, " ")
}
