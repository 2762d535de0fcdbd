package web

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"pulsedive-relay/store"
	"pulsedive-relay/web/view"
)

// kind is what was asked, in words.
func (l *looked) kind() string {
	switch l.Endpoint {
	case store.Refer:
		return "Refer"
	case store.Both:
		return "Observe and refer"
	case store.Health:
		return "Health check"
	}
	return "Observe"
}

// by is who asked, in words.
func by(x *store.Exchange) string {
	switch x.Source {
	case store.Try:
		return "the page Try"
	case store.Terminal:
		return "the terminal"
	}
	switch region := regionOf(x.KeyHost); {
	case region != "":
		return "Cisco XDR (" + region + ")"
	case x.Fingerprint == "" && x.KeyHost == "" && slices.ContainsFunc(x.Errors, isTokenFault):
		return "somebody without a valid token"
	case x.Fingerprint == "" && x.KeyHost == "": // it was refused before its token was looked at
		return "an unknown caller"
	}
	return "Cisco XDR"
}

func isTokenFault(f store.Fault) bool { return f.Code == "authorization error" }

func (l *looked) asked() view.AskedView {
	return view.AskedView{
		By: by(l.Exchange), From: l.Caller, Took: l.Took, Calls: l.Calls, Cached: l.Cached,
		Fingerprint: l.Fingerprint, Limit: l.EntitiesLimit, Count: l.Count, Last: l.Last,
	}
}

// title is what the page is about, and how that is.
func (l *looked) title(p *view.ExchangePage) {
	if l.one >= 0 {
		s := l.subjectView(&l.subjects[l.one])
		p.Subject, p.Pulsedive = &s, s.Pulsedive
		p.Page.Title = view.Clip(view.Visible(s.Value), 60)
		if n := len(l.subjects); n > 1 {
			p.All = view.Link{Href: l.href("o", ""), Label: "Observable " + strconv.Itoa(l.one+1) + " of " + strconv.Itoa(n)}
		}
		return
	}
	switch n := len(l.subjects); {
	case n > 0:
		p.Title = view.Plural(n, "observable", "observables")
		p.Page.Title = p.Title
		var all []view.Verdict
		for i := range l.subjects {
			all = append(all, verdictOf(l.subjects[i].Result))
		}
		p.Verdict = view.Worst(all...)
	case l.Endpoint == store.Health:
		p.Title = "Health check"
	case l.Outcome == store.Failed:
		p.Title = "A refused request"
	default:
		p.Title = "No observables"
	}
}

// facts are those of the one observable, or those of a check of health.
func (l *looked) facts() []view.FactView {
	if l.one < 0 {
		return nil
	}
	s := l.subjectView(&l.subjects[l.one])
	if s.Verdict == view.VerdictFailed || s.Verdict == view.VerdictNothing {
		return nil
	}
	list := []view.FactView{{Label: "Risk", Value: cmp.Or(view.Capital(s.Risk), "–")}}
	if s.Retired != "" {
		list[0].Note = "retired: " + view.Clip(s.Retired, 120)
	}
	if s.Severity != "" {
		list = append(list, view.FactView{Label: "Severity", Value: s.Severity})
	}
	list = append(list, timeFact("Last seen", s.Seen, l.now))
	if !s.Until.IsZero() {
		until := timeFact("Verdict valid until", s.Until, l.now)
		if s.Ended(l.now) {
			until.Label, until.Warn = "Verdict's valid time ended", true
		}
		list = append(list, until)
	}
	if s.Confidence != "" {
		list = append(list, view.FactView{Label: "Confidence", Value: s.Confidence})
	}
	if s.TLP != "" {
		list = append(list, view.FactView{Label: "TLP", Value: view.Capital(s.TLP)})
	}
	return list
}

func timeFact(label string, t, now time.Time) view.FactView {
	f := view.FactView{Label: label, Body: view.Ago(t, now)}
	if !t.IsZero() {
		f.NoteBody = view.Time(t)
	}
	return f
}

// advice is what helps against an error, by its code; see the errors of package
// relay.
var advice = map[string]view.Link{
	"authorization error": {Href: "/admin/module", Label: "See how the module is set up"},
	"unauthorized":        {Href: "/admin/self-test", Label: "Test the key"},
	"connection error":    {Href: "/admin/self-test", Label: "Run the self-test"},
	"timeout":             {Href: "/admin/settings", Label: "See the timeouts"},
	"too many requests":   {Href: "?tab=timing", Label: "See what was known of the limits"},
}

// faultHints are the errors of the answer.
func (l *looked) faultHints() []view.Hint {
	var list []view.Hint
	for _, f := range l.Errors {
		kind := view.KindError
		if f.Type == "warning" {
			kind = view.KindWarning
		}
		list = append(list, view.Hint{Kind: kind, Title: l.faultTitle(f), Text: faultText(f), Link: advice[f.Code]})
	}
	if l.one >= 0 {
		s := &l.subjects[l.one]
		if v := s.verdict; v != nil && !v.ValidTime.End.IsZero() && v.ValidTime.End.Before(l.now) {
			list = append(list, view.Hint{Kind: view.KindWarning, Title: "This verdict's valid time has ended.", Text: "It ended at " + view.StampText(v.ValidTime.End) + ". What was true then may not be true any more."})
		}
		if l.cut(s) {
			list = append(list, view.Hint{Kind: view.KindInfo, Title: "The entities limit was reached.", Text: "Only the first " + strconv.Itoa(len(s.reasons)) + " indicators are in the answer; Pulsedive may know more, and relations were not asked for."})
		}
	}
	return list
}

// faultTitle is what went wrong, and with how many of several observables.
func (l *looked) faultTitle(f store.Fault) string {
	with := 0
	for i := range l.subjects {
		if l.subjects[i].Result.Error == f.Code {
			with++
		}
	}
	if n := len(l.subjects); n > 1 && with > 0 {
		return view.Capital(f.Code) + ", " + strconv.Itoa(with) + " of " + view.Plural(n, "observable", "observables") + "."
	}
	return view.Capital(f.Code) + "."
}

// faultText is an error's text as a sentence. A fault of a server is Pulsedive's,
// in its own words: "Database error." is not about the relay's database.
func faultText(f store.Fault) string {
	text := strings.TrimSpace(view.Clip(f.Message, 1000))
	if text == "" {
		return ""
	}
	if f.Code == "internal server error" {
		text = "Pulsedive says: " + text
	}
	if strings.HasSuffix(text, ".") || strings.HasSuffix(text, "}") || strings.HasSuffix(text, "…") {
		return text
	}
	return text + "."
}
