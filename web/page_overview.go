package web

import (
	"net/http"
	"net/url"
	"time"

	"pulsedive-relay/relay/ctim"
	"pulsedive-relay/store"
	"pulsedive-relay/web/view"
)

const (
	// latestShown is how many exchanges the overview lists.
	latestShown = 8
	// latestLooked is how many it looks at for the last word of Pulsedive's of before
	// the relay's start.
	latestLooked = 100
)

// stretches are the times that the overview can show, the first one by default.
var stretches = []struct {
	name, label string
	hours       int
}{{"24h", "24 h", 24}, {"7d", "7 d", 7 * 24}}

// seen is what the overview is made of, read once for each look at it.
type seen struct {
	now, from, to time.Time
	// stretch is the place of the stretch of time, label what it is called.
	stretch int
	label   string
	hours   []store.Hour
	all     store.Hour // the hours together
	latest  []store.Summary
	// word is Pulsedive's last one.
	word     lastWord
	status   store.Status
	settings store.Settings
	quotas   []store.Quota // of the operator's own key
	// byXDR is the last call by XDR, tried whether anything was tried.
	byXDR store.Summary
	tried bool
}

// fresh says that nothing happened here yet.
func (s *seen) fresh() bool {
	return s.status.Exchanges == 0 && len(s.hours) == 0 && s.byXDR.ID == 0 && !(s.off() && s.word.outcome != "")
}

// off says that the history is, so that it tells nothing of what happens.
func (s *seen) off() bool { return s.settings.HistoryMax == 0 }

// overview shows the state at a glance.
func (a *Admin) overview(w http.ResponseWriter, req *http.Request) error {
	s, err := a.see(req.FormValue("range"))
	if err != nil {
		return err
	}
	p := view.OverviewPage{
		Now: s.now, Path: rangePath(s.stretch), Hints: hintsOf(s), Chain: a.chain(s),
		From: s.from, To: s.to, Off: s.off(),
	}
	for i, one := range stretches {
		p.Ranges = append(p.Ranges, view.TabView{Label: one.label, Href: rangePath(i), Current: i == s.stretch})
	}
	if s.fresh() {
		p.Steps = stepsOf(s)
	} else {
		p.Stats, p.Hours, p.Verdicts = statsOf(s), hoursOf(s), verdictsOf(s)
		p.Latest = rowsOf(s.latest[:min(latestShown, len(s.latest))], store.Filter{})
	}
	if isPart(req) {
		return render(w, req, http.StatusOK, view.OverviewParts(p))
	}
	p.Shell = a.shell(req)
	return render(w, req, http.StatusOK, view.Overview(p))
}

func rangePath(i int) string {
	if i == 0 {
		return "/admin"
	}
	return "/admin?range=" + stretches[i].name
}

// see reads what the overview shows.
func (a *Admin) see(stretch string) (*seen, error) {
	s := &seen{now: a.cfg.Now(), settings: a.cfg.Live.Settings(), status: a.cfg.Store.Status()}
	for i, one := range stretches {
		if one.name == stretch {
			s.stretch = i
		}
	}
	s.label = stretches[s.stretch].label
	s.to = s.now.Truncate(time.Hour).Add(time.Hour)
	s.from = s.to.Add(-time.Duration(stretches[s.stretch].hours) * time.Hour)
	var err error
	if s.hours, err = a.cfg.Store.Hours(s.from, s.to); err != nil {
		return nil, err
	}
	for i := range s.hours {
		add(&s.all, &s.hours[i])
	}
	page, err := a.cfg.Store.List(store.Filter{}, store.Cursor{}, latestLooked)
	if err != nil {
		return nil, err
	}
	s.latest = page.Summaries
	s.word = a.lastWord(s.latest)
	s.byXDR, _ = a.cfg.Store.LastBy(store.XDR)
	_, s.tried = a.cfg.Store.LastBy(store.Try)
	if key := s.settings.PulsediveKey; key != "" {
		s.quotas = a.cfg.Live.Relay().Quotas(key)
	}
	return s, nil
}

// add adds an hour to a sum.
func add(sum, h *store.Hour) {
	sum.OK, sum.Partial, sum.Failed = sum.OK+h.OK, sum.Partial+h.Partial, sum.Failed+h.Failed
	sum.Calls, sum.Cached = sum.Calls+h.Calls, sum.Cached+h.Cached
	for d, n := range h.Dispositions {
		sum.Dispositions[d] += n
	}
	sum.Times.Merge(&h.Times)
}

// hoursOf are the numbers of the charts.
func hoursOf(s *seen) []view.HourView {
	list := make([]view.HourView, len(s.hours))
	for i := range s.hours {
		h := &s.hours[i]
		list[i] = view.HourView{
			Start: h.Start, OK: h.OK, Partial: h.Partial, Failed: h.Failed, Median: h.Times.Percentile(.5), P95: h.Times.Percentile(.95),
			Href: historyPath(url.Values{"from": {h.Start.UTC().Format(time.RFC3339)}, "to": {h.Start.Add(time.Hour).UTC().Format(time.RFC3339)}}),
		}
	}
	return list
}

// verdictsOf counts verdicts, the worst first.
func verdictsOf(s *seen) []view.VerdictCount {
	var list []view.VerdictCount
	for _, d := range []ctim.Disposition{ctim.Malicious, ctim.Suspicious, ctim.Unknown, ctim.Common, ctim.Clean, 0} {
		one := view.VerdictCount{Verdict: view.VerdictOf(d), Count: s.all.Dispositions[d]}
		one.Href = historyPath(url.Values{"verdict": {string(one.Verdict)}, "range": {stretches[s.stretch].name}})
		list = append(list, one)
	}
	return list
}
