package web

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"pulsedive-relay/store"
	"pulsedive-relay/web/view"
)

// hintsOf are what is missing or risky. A fresh install has its steps instead of
// most of them.
func hintsOf(s *seen) []view.Hint {
	var list []view.Hint
	hint := func(is bool, kind view.Kind, title, text string, link view.Link) {
		if is {
			list = append(list, view.Hint{Kind: kind, Title: title, Text: text, Link: link})
		}
	}
	st := s.status
	hint(!st.Writable, view.KindError, "The database is read-only.", "Answers go on, but no exchange is kept, and settings cannot be changed. Mend the rights of "+st.Path+" and start the relay again.", view.Link{})
	hint(st.Writable && st.Err != "", view.KindError, "The last write to the database failed.", lost(st.Unwritten)+" Answers go on. "+st.Err+".", view.Link{Href: "/admin/self-test", Label: "Look into it"})
	hint(s.off(), view.KindInfo, "The history is off.", "No exchange is kept.", view.Link{Href: "/admin/settings#history-max", Label: "Turn it on"})
	if s.fresh() {
		return list
	}
	hint(len(s.settings.PublicURL) == 0, view.KindWarning, "No public URL is set.", "Tokens are checked against whatever host the request names.", view.Link{Href: "/admin/settings#public-url", Label: "Set it in Settings"})
	hint(s.byXDR.ID == 0 && !s.off(), view.KindInfo, "No call by Cisco XDR is in the history.", "It calls as soon as the module is registered and somebody looks at an observable.", view.Link{Href: "/admin/module", Label: "Register the module"})
	return list
}

func lost(n int64) string {
	if n == 0 {
		return "Nothing is lost so far."
	}
	return view.Plural(int(n), "exchange is", "exchanges are") + " not in the history."
}

// stepsOf are what to do at a fresh install.
func stepsOf(s *seen) []view.StepView {
	step := func(done bool, title, text, href, label string) view.StepView {
		return view.StepView{Title: title, Text: text, Link: view.Link{Href: href, Label: label}, Done: done}
	}
	return []view.StepView{
		step(len(s.settings.PublicURL) > 0, "Set the public URL", "The address that Cisco XDR calls. Only tokens made for it are taken.", "/admin/settings#public-url", "Set it"),
		step(s.settings.PulsediveKey != "", "Set your Pulsedive key", "For the page Try and the self-test. XDR sends the key of its module instead.", "/admin/settings#pulsedive-key", "Set it"),
		step(s.tried, "Try an observable", "See what Pulsedive knows of an address, a domain or a URL, as XDR will get it.", "/admin/try", "Try one"),
		step(s.byXDR.ID != 0, "Register the module in Cisco XDR", "The page Module makes the file, and tells the steps for your region.", "/admin/module", "Show how"),
	}
}

// statsOf are the numbers on top.
func statsOf(s *seen) []view.StatView {
	calls := s.all.OK + s.all.Partial + s.all.Failed
	list := []view.StatView{
		{Label: "Calls, " + s.label, Value: view.Count(calls), NoteBody: view.LastCall(lastAt(s.byXDR), s.now)},
		{Label: "Answered in", Value: "–", Note: "nothing answered in this time"},
		{Label: "From cache", Value: view.Percent(s.all.Cached, s.all.Calls+s.all.Cached), Note: view.Plural(s.all.Cached, "Pulsedive call saved", "Pulsedive calls saved")},
		limitOf(s),
	}
	if calls > 0 {
		list[1].Value, list[1].Note = view.Took(s.all.Times.Percentile(.5)), "median · p95\u00a0"+strings.ReplaceAll(view.Took(s.all.Times.Percentile(.95)), " ", "\u00a0")
	} else if s.off() {
		list[0].Value = "–"
	}
	if s.off() {
		note := "not counted: the history is off"
		if calls > 0 {
			note = "counted until the history was off"
		}
		for i := range list[:3] {
			list[i].NoteBody, list[i].Note = nil, note
		}
	}
	return list
}

// lastAt is when the latest request of an entry came in.
func lastAt(x store.Summary) time.Time {
	if x.Last.After(x.At) {
		return x.Last
	}
	return x.At
}

// limitOf is what is left of the longer limits of a key: of the day, with the
// month below, or of the month. It is the operator's own, as the relay knows it,
// else the one that Pulsedive was asked with last, as it stood then.
func limitOf(s *seen) view.StatView {
	if stat, ok := leftOf(s.quotas, s.now); ok {
		stat.Note = cmp.Or(stat.Note, "your own key")
		return stat
	}
	if stat, ok := leftOf(s.word.quotas, s.now); ok {
		stat.Note, stat.NoteBody = "", view.ChainNote(s.word.whose+", as of", s.word.at, s.now, "")
		return stat
	}
	if s.settings.PulsediveKey == "" {
		return view.StatView{Label: limitLabel, Value: "No key", NoteBody: view.SetKey()}
	}
	return view.StatView{Label: limitLabel, Value: "–", Note: "no limit of your key is known"}
}

const limitLabel = "Pulsedive today"

// leftOf is what is left of the day or the month; false where neither has a limit.
func leftOf(list []store.Quota, now time.Time) (view.StatView, bool) {
	day, month := quota(list, "day"), quota(list, "month")
	switch {
	case day == nil && month == nil:
		return view.StatView{}, false
	case day == nil:
		return left("Pulsedive this month", month, now), true
	}
	stat := left(limitLabel, day, now)
	if month != nil && month.Left >= 0 {
		stat.Note = fmt.Sprintf("this month %s of %s left", view.Count(month.Left), view.Count(month.Limit))
	}
	return stat, true
}

func quota(list []store.Quota, period string) *store.Quota {
	for i := range list {
		if list[i].Period == period {
			return &list[i]
		}
	}
	return nil
}

// left is what is left of a limit, as long as its period lasts.
func left(label string, q *store.Quota, now time.Time) view.StatView {
	if q.Left < 0 || !q.Ends.IsZero() && now.After(q.Ends) {
		return view.StatView{Label: label, Value: view.Count(q.Limit), Unit: "at most"}
	}
	return view.StatView{
		Label: label, Value: view.Count(q.Left), Unit: "of " + view.Count(q.Limit) + " left",
		Level: q.Left, Max: q.Limit, Low: view.IsLow(q.Left, q.Limit),
	}
}
