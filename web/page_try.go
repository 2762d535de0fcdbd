package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/go-chi/chi/v5"

	"pulsedive-relay/relay"
	"pulsedive-relay/web/view"
)

const (
	// handOver is how long a new or a cancelled run is waited for: what the cache
	// answers is shown at once.
	handOver = 250 * time.Millisecond
	// latestRuns is how many runs the empty page lists.
	latestRuns = 8
	// stopPolling is what htmx ends its polling at.
	stopPolling = 286
)

// try shows the empty form, or one with the text of a link's q.
func (a *Admin) try(w http.ResponseWriter, req *http.Request) error {
	f := emptyTryForm(req.FormValue("q"), a.cfg.Live.Settings().EntitiesMax)
	return a.showTry(w, req, http.StatusOK, f, "", nil)
}

// showTry shows the page: the form with what is wrong with it, and a run; without
// one the latest, that which is at work with its progress.
func (a *Admin) showTry(w http.ResponseWriter, req *http.Request, status int, f tryForm, fault string, n *run) error {
	now := a.cfg.Now()
	p := view.TryPage{Shell: a.shell(req), Form: a.tryFormView(f, fault)}
	if n != nil {
		r := runView(n, now)
		p.Run = &r
		return render(w, req, status, view.Try(p))
	}
	for _, one := range a.runs.latest(latestRuns) {
		if p.Run == nil && !one.isOver() {
			r := runView(one, now)
			r.Beside = true
			p.Run = &r
			continue
		}
		p.Recent = append(p.Recent, runLine(one, now))
	}
	return render(w, req, status, view.Try(p))
}

// findObservables shows what is in the text: as a part of the page for scripts,
// as the page without.
func (a *Admin) findObservables(w http.ResponseWriter, req *http.Request) error {
	part := isPart(req)
	f, err := readTryForm(req)
	if fault, ok := faultOf(err); ok && !part {
		return a.showTry(w, req, statusOf(err), f, fault, nil)
	}
	if err != nil {
		return err
	}
	if part {
		return render(w, req, http.StatusOK, view.Found(a.foundView(f)))
	}
	return a.showTry(w, req, http.StatusOK, f, "", nil)
}

// startRun asks Pulsedive about what is in the form.
func (a *Admin) startRun(w http.ResponseWriter, req *http.Request) error {
	f, err := readTryForm(req)
	var n *run
	if err == nil {
		var ask asking
		if ask, err = a.asking(f); err == nil {
			ask.from = relay.CallerOf(req.RemoteAddr)
			n, err = a.begin(req.Context(), ask)
		}
	}
	if fault, ok := faultOf(err); ok {
		return a.showTry(w, req, statusOf(err), f, fault, nil)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, req, runPath(n), http.StatusSeeOther)
	return nil
}

// asking is what a form asks, where it can be asked.
func (a *Admin) asking(f tryForm) (asking, error) {
	s := a.cfg.Live.Settings()
	found := a.found(f)
	limit, err := f.entities(s.EntitiesMax)
	switch {
	case len(found.ask) == 0 && found.tally.Held():
		return asking{}, errHeld
	case len(found.ask) == 0:
		return asking{}, errNothing
	case f.endpoint() == "":
		return asking{}, errNoChoice
	case err != nil:
		return asking{}, err
	}
	if len(f.text) > mostKeptText {
		if f = listed(slices.Concat(found.ask, found.over), f); len(f.text) > mostKeptText {
			f = listed(found.ask, f)
		}
	}
	return asking{observables: found.ask, endpoint: f.endpoint(), limit: limit, form: f, tally: found.tally}, nil
}

// begin starts a run and gives it a moment to end.
func (a *Admin) begin(ctx context.Context, ask asking) (*run, error) {
	if a.cfg.Live.Settings().PulsediveKey == "" {
		return nil, errNoKey
	}
	n, err := a.runs.start(ask)
	if err == nil {
		n.await(ctx, handOver)
	}
	return n, err
}

// faultOf is what the form says of an error that is its own; of others it says
// nothing.
func faultOf(err error) (string, bool) {
	own, ok := errors.AsType[*problem](err)
	if !ok || own == errBadForm {
		return "", false
	}
	if own.advice == "" {
		return own.title + ".", true
	}
	return own.title + ". " + own.advice, true
}

func statusOf(err error) int {
	own, _ := errors.AsType[*problem](err)
	return own.status
}

func runPath(n *run) string { return "/admin/try/" + n.id }

// run shows how far a run is: its card alone to whoever asks again and again.
func (a *Admin) run(w http.ResponseWriter, req *http.Request) error {
	part := isPart(req)
	n, err := a.runs.find(chi.URLParam(req, "run"))
	switch {
	case err != nil && part:
		return render(w, req, stopPolling, view.RunGone(errRunGone.title, errRunGone.advice))
	case err != nil:
		return err
	case !part:
		return a.showTry(w, req, http.StatusOK, n.asking.form, "", n)
	}
	r := partView(n, req, a.cfg.Now())
	if !r.Over && r.Seen == req.URL.Query().Get("seen") {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	return render(w, req, http.StatusOK, view.Run(r))
}

// partView is a run's card as the page has it that asks: beside the form in short.
func partView(n *run, req *http.Request, now time.Time) view.RunView {
	v := runView(n, now)
	v.Beside = req.URL.Query().Has("beside")
	return v
}

// cancelRun ends a run; what was answered by then is kept.
func (a *Admin) cancelRun(w http.ResponseWriter, req *http.Request) error {
	n, err := a.runs.find(chi.URLParam(req, "run"))
	if err != nil {
		return err
	}
	n.stop()
	n.await(req.Context(), handOver)
	if isPart(req) {
		return render(w, req, http.StatusOK, view.Run(partView(n, req, a.cfg.Now())))
	}
	http.Redirect(w, req, runPath(n), http.StatusSeeOther)
	return nil
}
