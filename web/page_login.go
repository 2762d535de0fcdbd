package web

import (
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"

	"pulsedive-relay/web/view"
)

// loginPage asks for the password, or goes on where that is not needed.
func (a *Admin) loginPage(w http.ResponseWriter, req *http.Request) error {
	if a.access.signedIn(req) {
		http.Redirect(w, req, target(req.FormValue("to")), http.StatusSeeOther)
		return nil
	}
	return a.showLogin(w, req, http.StatusOK, "")
}

func (a *Admin) showLogin(w http.ResponseWriter, req *http.Request, status int, fault string) error {
	return render(w, req, status, view.Login(view.LoginPage{
		Demo: a.cfg.Demo, To: target(req.FormValue("to")), Error: fault, NoPassword: !a.access.hasPassword(), Flash: a.access.takeFlash(req),
	}))
}

// login checks the password.
func (a *Admin) login(w http.ResponseWriter, req *http.Request) error {
	tag, wait := a.check(req, req.PostFormValue("password"))
	if wait > 0 {
		return a.showLogin(w, req, http.StatusTooManyRequests, tellWait(w, wait))
	}
	if tag == "" {
		return a.showLogin(w, req, http.StatusUnprocessableEntity, "That is not the password.")
	}
	if err := a.access.signIn(w, req, tag); err != nil {
		return err
	}
	a.cfg.Log.Info("signed in", "caller", addressOf(req.RemoteAddr).Addr())
	http.Redirect(w, req, target(req.PostFormValue("to")), http.StatusSeeOther)
	return nil
}

// tellWait says how long to wait, to browsers and to people.
func tellWait(w http.ResponseWriter, wait time.Duration) string {
	seconds := int(wait/time.Second) + 1
	w.Header().Set("Retry-After", strconv.Itoa(seconds))
	return "Too many wrong passwords. Try again in " + view.Span(time.Duration(seconds)*time.Second) + "."
}

// check checks a password, as often as the throttle lets it: its tag where it is
// the right one, or how long to wait. Of a wait the log has one line.
func (a *Admin) check(req *http.Request, password string) (tag string, wait time.Duration) {
	from, caller := a.access.sourceOf(req), addressOf(req.RemoteAddr).Addr()
	turn := a.access.throttle.turn(from)
	if turn.tell {
		a.cfg.Log.Warn("sign-ins are refused for a while", "caller", caller, "wait", turn.wait.Round(time.Second))
	}
	if turn.wait > 0 {
		return "", turn.wait
	}
	tag, right := a.access.right(password)
	if !right {
		a.cfg.Log.Warn("a sign-in failed", "caller", caller, "tries", turn.wrong)
		return "", 0
	}
	a.access.throttle.succeeded(from)
	return tag, 0
}

// target is where to go after signing in: within the admin UI, whatever was asked.
func target(to string) string {
	at, _, _ := strings.Cut(to, "?")
	inside := (at == "/admin" || strings.HasPrefix(at, "/admin/")) && at == path.Clean(at)
	if !inside || strings.ContainsAny(at, "\\%") || strings.HasPrefix(at, "/admin/log") {
		return "/admin"
	}
	return to
}

// logout ends this session.
func (a *Admin) logout(w http.ResponseWriter, req *http.Request) error {
	if err := a.access.sessions(req).Destroy(req.Context()); err != nil {
		return err
	}
	http.Redirect(w, req, "/admin/login", http.StatusSeeOther)
	return nil
}

// logoutEverywhere ends all sessions.
func (a *Admin) logoutEverywhere(w http.ResponseWriter, req *http.Request) error {
	if err := a.access.sessions(req).Destroy(req.Context()); err != nil {
		return err
	}
	if err := a.cfg.Store.Sessions().DeleteAll(); err != nil {
		return err
	}
	a.cfg.Log.Info("signed out everywhere", "caller", addressOf(req.RemoteAddr).Addr())
	http.Redirect(w, req, "/admin/login", http.StatusSeeOther)
	return nil
}
