package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"

	"pulsedive-relay/store"
	"pulsedive-relay/web/view"
)

// problem is an error as people see it: what happened, and what to do.
type problem struct {
	status        int
	title, advice string
}

func (p *problem) Error() string { return p.title }

var (
	errNoPage  = &problem{http.StatusNotFound, "There is no such page", "The address may be mistyped, or from another version."}
	errMethod  = &problem{http.StatusMethodNotAllowed, "This address takes no such request", "Go back to the page that you came from, and try again there."}
	errUnknown = &problem{http.StatusInternalServerError, "Something went wrong in the relay", "Its log says more. Nothing that was stored is lost."}
)

// known is what people see of the errors that have a name.
var known = []struct {
	is error
	problem
}{
	{store.ErrNotFound, problem{http.StatusNotFound, "This exchange is not in the history", "It was deleted, or trimmed by age or number. Settings say how much the history keeps."}},
	{store.ErrDamaged, problem{http.StatusInternalServerError, "The database is damaged", "A part of the file cannot be read: something else wrote to it, or the disk fails. Cisco XDR is answered all the same. Stop the relay, put a backup in the file's place and start it again. The log says what was found."}},
	{store.ErrReadOnly, problem{http.StatusServiceUnavailable, "The database is read-only", "Nothing was changed. Make the file and its folder writable for the relay, then start it again."}},
}

// problemFor is the one place where errors become what people see.
func problemFor(err error) *problem {
	if own, ok := errors.AsType[*problem](err); ok {
		return own
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return &problem{http.StatusRequestEntityTooLarge, "That is too much at once", "Forms and files of up to 1 MiB are taken. Paste less, or split the file."}
	}
	for _, k := range known {
		if errors.Is(err, k.is) {
			return &k.problem
		}
	}
	return errUnknown
}

// nextAfter is where to go from an error, and the page of the navigation that this is.
func nextAfter(err error) (view.Link, string) {
	for _, is := range []error{store.ErrNotFound, errNoAnswer, errRunGone, errPurgeWhat} {
		if errors.Is(err, is) {
			return view.Link{Href: "/admin/history", Label: "Open the history"}, view.NavHistory
		}
	}
	return view.Link{Href: "/admin", Label: "Back to the overview"}, ""
}

// maxForm is the largest form in bytes. It takes a text of 1 MiB with whatever ends
// its lines: forms send two bytes for each.
const maxForm = 2 << 20

// page is the one adapter from what pages return to what goes over the wire.
func (a *Admin) page(p page) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		req.Body = http.MaxBytesReader(w, req.Body, maxForm)
		err := guarded(p, w, req)
		if err == nil || errors.Is(err, context.Canceled) && req.Context().Err() != nil {
			return
		}
		var shell *view.Shell
		if a.access.signedIn(req) && !isPart(req) {
			around := a.shell(req)
			shell = &around
		}
		a.cfg.showError(w, req, err, shell)
	}
}

// guarded is a page whose panic is an error like others.
func guarded(p page, w http.ResponseWriter, req *http.Request) (err error) {
	defer func() {
		if r := recover(); r != nil {
			if r == http.ErrAbortHandler {
				panic(r)
			}
			err = fmt.Errorf("a page panicked: %v\n%s", r, debug.Stack())
		}
	}()
	return p(w, req)
}

// showError answers with what people see of an error: within the shell, where whoever
// asks is signed in.
func (c *Config) showError(w http.ResponseWriter, req *http.Request, err error, shell *view.Shell) {
	shown := problemFor(err)
	if shown.status == http.StatusInternalServerError {
		c.Log.Error("a page failed", "path", req.URL.Path, "error", err)
	}
	if isPart(req) {
		http.Error(w, shown.title+". "+shown.advice, shown.status)
		return
	}
	next, current := nextAfter(err)
	render(w, req, shown.status, view.Problem(view.ProblemPage{Title: shown.title, Advice: shown.advice, Next: next, Current: current, Shell: shell, Demo: c.Demo}))
}
