package web

import (
	"context"
	"errors"
	"math"
	"net/http"
	"sync"
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

// purge deletes exchanges in the background: one deletion at a time.
type purge struct {
	mu sync.Mutex
	// stop ends the deletion that is under way; nil: there is none.
	stop func()
	// total is how many are to be deleted, at least where more; done how many are.
	total, done int
	more        bool
	ended       chan struct{}
	// told is how it ended, until somebody was told.
	told *view.Flash
}

// begin starts a deletion; false: one is under way.
func (p *purge) begin(s *store.Store, f store.Filter, total int, more bool) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stop != nil {
		return false
	}
	ctx, stop := context.WithCancel(context.Background())
	p.stop, p.total, p.more, p.done, p.told = stop, total, more, 0, nil
	p.ended = make(chan struct{})
	go func() {
		done, err := s.Purge(ctx, f, p.progress)
		p.end(done, err)
	}()
	return true
}

func (p *purge) progress(done int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done = done
}

func (p *purge) end(done int, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	deleted := view.Plural(done, "exchange is", "exchanges are") + " deleted"
	switch {
	case err == nil:
		p.told = &view.Flash{Kind: view.KindOK, Text: deleted + "."}
	case errors.Is(err, context.Canceled):
		p.told = &view.Flash{Kind: view.KindWarning, Text: "Stopped: " + deleted + ", the rest is kept."}
	default:
		p.told = &view.Flash{Kind: view.KindError, Text: "Deleting failed: " + deleted + ", the rest is kept. " + err.Error() + "."}
	}
	p.stop()
	p.stop = nil
	close(p.ended)
}

// wait waits a while for the end.
func (p *purge) wait(ctx context.Context, most time.Duration) {
	p.mu.Lock()
	ended := p.ended
	p.mu.Unlock()
	if ended == nil {
		return
	}
	select {
	case <-ended:
	case <-ctx.Done():
	case <-time.After(most):
	}
}

// state is how far it is; running: it has not ended.
func (p *purge) state() (v view.PurgingPage, running bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return view.PurgingPage{Done: p.done, Total: p.total, More: p.more}, p.stop != nil
}

// take is how the last one ended, once.
func (p *purge) take() *view.Flash {
	p.mu.Lock()
	defer p.mu.Unlock()
	told := p.told
	p.told = nil
	return told
}

// halt ends it.
func (p *purge) halt() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stop != nil {
		p.stop()
	}
}

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
	a.cfg.Log.Info("exchanges are being deleted", "exchanges", total, "filter", s.fixed().Encode(), "caller", addressOf(req.RemoteAddr).Addr())
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
