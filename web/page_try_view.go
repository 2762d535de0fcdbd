package web

import (
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"
	"time"

	"pulsedive-relay/relay"
	"pulsedive-relay/relay/pulsedive"
	"pulsedive-relay/store"
	"pulsedive-relay/web/view"
)

// How the form and the runs of the page Try become what is shown.

func (a *Admin) tryFormView(f tryForm, fault string) view.TryForm {
	s := a.cfg.Live.Settings()
	return view.TryForm{
		Text: f.text, Fault: fault, NoKey: s.PulsediveKey == "", Observe: f.observe, Refer: f.refer,
		Limit: f.limit, MaxLimit: s.EntitiesMax, Found: a.foundView(f),
	}
}

// resultPath is where a run's outcome is; empty where it is not in the history.
func resultPath(n *run, s runState) string {
	if s.outcome.exchange == 0 {
		return ""
	}
	path := exchangePath(s.outcome.exchange)
	if n.asking.before > 0 {
		path += "?before=" + text(n.asking.before)
	}
	return path
}

func runView(n *run, now time.Time) view.RunView {
	s := n.state()
	v := view.RunView{
		ID: n.id, Over: s.over, Cancelled: s.cancelled, All: len(s.rows), PerSecond: s.perSecond(),
		Began: n.begun, Asks: asksText(n.asking), Before: n.asking.before, Tally: n.asking.tally,
	}
	v.Answered, v.InPart = s.answered()
	if v.Done, v.Steps = s.done(); s.over {
		v.Steps = 2*v.Answered - v.InPart
	}
	for i := range s.rows {
		v.Rows = append(v.Rows, rowView(&s.rows[i], &s, n.asking.endpoint, now))
	}
	if s.over {
		v.Took, v.Result = s.took, resultPath(n, s)
		v.Hints, v.Lost, v.Quota = runHints(s), lostText(s.outcome), quotaText(s.quotas)
	} else if left, ok := s.left(n.asking.endpoint, now); ok {
		v.Left = left.Truncate(time.Second / 2)
	}
	seen := fnv.New64a()
	fmt.Fprintf(seen, "%+v", v)
	v.Seen, v.Now = strconv.FormatUint(seen.Sum64(), 36), now
	return v
}

func asksText(a asking) string {
	switch a.endpoint {
	case store.Refer:
		return "Refer"
	case store.Observe:
		return fmt.Sprintf("Observe, entities limit %d", a.limit)
	}
	return fmt.Sprintf("Observe and refer, entities limit %d", a.limit)
}

func rowView(r *runRow, s *runState, endpoint store.Endpoint, now time.Time) view.RunRow {
	v := view.RunRow{Value: r.observable.Value, Type: r.observable.Type, State: r.state.String(), Took: r.took, Cached: r.cached}
	if r.state == pulsedive.Failed {
		v.Verdict, v.Known = view.VerdictFailed, []string{r.result.Error}
		if s.cancelled && r.result.Error == "timeout" {
			v.State, v.Verdict, v.Known, v.Took = "cancelled", "", []string{"not answered"}, 0
		}
		return v
	}
	if r.known {
		v.Verdict, v.Known = verdictOf(&r.result), facts(r.result)
	}
	if r.inPart() {
		v.State = "in-part"
		v.Known = append(v.Known, unrelated(r.result.Error, s.cancelled))
	}
	if r.state == pulsedive.Waiting {
		v.Next = "next in a moment"
		if r.until.After(now) {
			v.Next = "next in " + nextIn(r.until.Sub(now))
		}
	}
	if r.known && !r.isOver() {
		v.Next = "relations to come" + strings.Replace(v.Next, "next ", " ", 1)
	}
	return v
}

// unrelated says that there are no relations, and why.
func unrelated(code string, cancelled bool) string {
	if cancelled && code == "timeout" {
		return "relations not asked for"
	}
	return "relations missing: " + code
}

// nextIn writes a wait by the tenth of a second, as it is short.
func nextIn(d time.Duration) string {
	if d >= 10*time.Second {
		return view.Took(d)
	}
	return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " s"
}

// facts says what Pulsedive knows.
func facts(r store.Result) []string {
	if r.State == store.Nothing {
		return []string{"Pulsedive has no record"}
	}
	var parts []string
	for _, one := range []struct {
		n         int
		one, many string
	}{{r.Factors, "risk factor", "risk factors"}, {r.Threats, "threat", "threats"}, {r.Feeds, "feed", "feeds"}, {r.Relations, "relation", "relations"}} {
		if one.n > 0 {
			parts = append(parts, view.Plural(one.n, one.one, one.many))
		}
	}
	if r.Retired != "" {
		parts = append(parts, "retired")
	}
	if len(parts) == 0 {
		return []string{"a record without details"}
	}
	return parts
}

// runHints say what went wrong, and what was kept.
func runHints(s runState) []view.Hint {
	var hints []view.Hint
	cancelled := ""
	for _, e := range s.outcome.errors {
		kind := view.KindWarning
		switch {
		case e.Code == "cancelled":
			cancelled += e.Message + " "
			continue
		case e.Type == relay.Fatal:
			kind = view.KindError
		}
		hints = append(hints, view.Hint{Kind: kind, Title: view.Capital(e.Code) + ".", Text: e.Message})
	}
	if cancelled != "" {
		if s.outcome.exchange > 0 {
			cancelled += "What was answered by then is kept."
		}
		hints = append(hints, view.Hint{Kind: view.KindInfo, Text: cancelled})
	} else if n, _ := s.answered(); n > 0 && n < len(s.rows) && s.outcome.exchange > 0 {
		hints = append(hints, view.Hint{Kind: view.KindInfo, Text: "The other answers are kept. Run asks again; what is known already comes from the cache."})
	}
	return hints
}

// lostText says why a run's outcome is not in the history; empty where it is.
func lostText(o runOutcome) string {
	switch {
	case o.exchange > 0:
		return ""
	case o.unkept != nil:
		return "It could not be written, and is shown here for an hour alone. The overview says how the database is doing."
	}
	return "Settings have it keep nothing. What you see is shown here for an hour."
}

// quotaText says what is left of the key's longer limits.
func quotaText(quotas []store.Quota) string {
	var parts []string
	for _, q := range quotas {
		if q.Left >= 0 && q.Period != pulsedive.Second.String() {
			when := "today"
			if q.Period != pulsedive.Day.String() {
				when = "this " + q.Period
			}
			parts = append(parts, view.Count(q.Left)+" "+when)
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "calls left: " + strings.Join(parts, ", ")
}

func runLine(n *run, now time.Time) view.RunLine {
	s := n.state()
	v := view.RunLine{Href: runPath(n), Value: s.rows[0].observable.Value, More: len(s.rows) - 1, Began: n.begun, Now: now}
	if !s.over {
		done, _ := s.done()
		v.Text = fmt.Sprintf("at work: %d of %d", done, len(s.rows))
		return v
	}
	var all []view.Verdict
	for i := range s.rows {
		if one := rowView(&s.rows[i], &s, n.asking.endpoint, now).Verdict; one != "" {
			all = append(all, one)
		}
	}
	if v.Verdict = view.Worst(all...); len(all) == 0 {
		v.Text = "cancelled"
	}
	return v
}
