package web

import (
	"maps"
	"math"
	"net/http"
	"slices"
	"time"

	"pulsedive-relay/store"
	"pulsedive-relay/web/view"
)

const (
	// purgePatience is how long the answer waits for a deletion to end before it
	// shows how far that is.
	purgePatience = 700 * time.Millisecond
	// purgePath is the page that asks, takes the answer and shows the progress.
	purgePath = "/admin/history/purge"
)

// tellPurge tells of a deletion that is under way, or ended since.
func (a *Admin) tellPurge(s *view.Shell) {
	if v, running := a.purge.state(); running {
		s.Hints = append(s.Hints, view.Hint{
			Kind: view.KindInfo, Title: "Exchanges are being deleted.", Text: view.Count(v.Done) + " of " + view.Count(v.Total) + " so far.",
			Link: view.Link{Href: purgePath + "?progress=1", Label: "Show"},
		})
	}
	if told := a.purge.take(); told != nil {
		if s.Flash != nil {
			s.Hints = append(s.Hints, *s.Flash)
		}
		s.Flash = told
	}
}

// confirmPurge asks before exchanges are deleted, or shows how far that is.
func (a *Admin) confirmPurge(w http.ResponseWriter, req *http.Request) error {
	if req.FormValue("progress") != "" {
		return a.showPurge(w, req)
	}
	s := soughtBy(req.URL.Query(), a.cfg.Now())
	if err := s.wrong(); err != nil {
		return err
	}
	p := view.PurgePage{Now: a.cfg.Now(), All: s.all(), Chips: s.chips(), Back: historyPath(s.query), Left: -1}
	var err error
	if p.Count, p.More, err = a.cfg.Store.Count(s.Filter, math.MaxInt); err != nil {
		return err
	}
	all, _, err := a.cfg.Store.Count(store.Filter{}, math.MaxInt)
	if err != nil {
		return err
	}
	if !p.More {
		p.Left = all - p.Count
	}
	for name, values := range s.fixed() {
		p.Fields = append(p.Fields, view.FactView{Label: name, Value: values[0]})
	}
	if p.All {
		p.Fields = []view.FactView{{Label: "all", Value: "yes"}}
	}
	p.Shell = a.shell(req)
	return render(w, req, http.StatusOK, view.Purge(p))
}

// errPurgeWhat: nothing says what is to be deleted.
var errPurgeWhat = &problem{http.StatusUnprocessableEntity, "Nothing was deleted", "The request did not say which exchanges are meant. Go back to the history and try again."}

// purgeHistory deletes exchanges, or stops that.
func (a *Admin) purgeHistory(w http.ResponseWriter, req *http.Request) error {
	if err := req.ParseForm(); err != nil {
		return errPurgeWhat
	}
	if req.PostForm.Get("stop") != "" {
		a.purge.halt()
		a.purge.wait(req.Context(), purgePatience)
		return a.showPurge(w, req)
	}
	s := soughtBy(req.PostForm, a.cfg.Now())
	if err := s.wrong(); err != nil {
		return err
	}
	if s.all() && req.PostForm.Get("all") != "yes" {
		return errPurgeWhat
	}
	total, more, err := a.cfg.Store.Count(s.Filter, math.MaxInt)
	if err != nil {
		return err
	}
	if !a.purge.begin(a.cfg.Store, s.Filter, total, more) {
		a.access.flash(req, view.KindWarning, "Another deletion is under way. Nothing else was deleted; try again when it has ended.")
		return a.showPurge(w, req)
	}
	a.cfg.Log.Info("exchanges are being deleted", "exchanges", total, "filters", slices.Sorted(maps.Keys(s.fixed())), "caller", addressOf(req.RemoteAddr).Addr())
	a.purge.wait(req.Context(), purgePatience)
	return a.showPurge(w, req)
}

// showPurge shows how far a deletion is; once it has ended, the history.
func (a *Admin) showPurge(w http.ResponseWriter, req *http.Request) error {
	v, running := a.purge.state()
	switch {
	case !running && isPart(req):
		w.Header().Set("HX-Redirect", historyPath(nil))
		w.WriteHeader(http.StatusOK)
		return nil
	case !running:
		http.Redirect(w, req, historyPath(nil), http.StatusSeeOther)
		return nil
	case req.Method == http.MethodPost:
		http.Redirect(w, req, purgePath+"?progress=1", http.StatusSeeOther)
		return nil
	case isPart(req):
		return render(w, req, http.StatusOK, view.PurgeProgress(v))
	}
	v.Shell = a.shell(req)
	return render(w, req, http.StatusOK, view.Purging(v))
}
