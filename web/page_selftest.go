package web

import (
	"net/http"
	"time"

	"pulsedive-relay/web/view"
)

// longestRun is how long a page without scripts waits for a run.
const longestRun = sampleTime + 5*time.Second

// selfTest shows the latest run, or what a run would look at.
func (a *Admin) selfTest(w http.ResponseWriter, req *http.Request) error {
	return a.showSelfTest(w, req, a.tests.last())
}

func (a *Admin) showSelfTest(w http.ResponseWriter, req *http.Request, r *testRun) error {
	s := a.selfTestView(r)
	if isPart(req) {
		return render(w, req, http.StatusOK, view.SelfTestResults(s))
	}
	page := view.Page{Title: "Self-test", Current: view.NavSelfTest, Shell: a.shell(req), Styles: []string{"selftest.css"}}
	return render(w, req, http.StatusOK, view.SelfTest(page, s))
}

// runSelfTest starts a run. Scripts are shown it as it goes; without them the
// page waits for its end.
func (a *Admin) runSelfTest(w http.ResponseWriter, req *http.Request) error {
	r := a.tests.begin(a.checks, a.cfg.Now)
	if isPart(req) {
		return a.showSelfTest(w, req, r)
	}
	wait := time.NewTimer(longestRun)
	defer wait.Stop()
	select {
	case <-r.over:
	case <-wait.C:
	case <-req.Context().Done():
	}
	http.Redirect(w, req, "/admin/self-test", http.StatusSeeOther)
	return nil
}

func (a *Admin) selfTestView(r *testRun) view.SelfTestPage {
	if r == nil {
		p := view.SelfTestPage{Fresh: true}
		for _, c := range a.checks() {
			p.Add(c.group, view.FindingView{Name: c.name, State: view.HealthIdle, Text: c.about})
		}
		return p
	}
	ended := r.end()
	p := view.SelfTestPage{Running: ended.IsZero(), Ended: ended, Now: a.cfg.Now(), Took: ended.Sub(r.began)}
	for i, c := range r.checks {
		f := r.finding(i)
		if f == nil {
			p.Add(c.group, view.FindingView{Name: c.name, Running: true, Text: c.about})
			continue
		}
		p.Add(c.group, view.FindingView{Name: c.name, State: f.state, Text: f.text, Advice: f.advice, Link: f.link, Took: f.took})
	}
	return p
}
