package web

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"pulsedive-relay/web/view"
)

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
	from := addressOf(req.RemoteAddr)
	if wait := a.access.throttle.wait(from); wait > 0 {
		seconds := int(wait/time.Second) + 1
		w.Header().Set("Retry-After", strconv.Itoa(seconds))
		return a.showLogin(w, req, http.StatusTooManyRequests, "Too many wrong passwords. Try again in "+view.Took(time.Duration(seconds)*time.Second)+".")
	}
	if !a.access.hasPassword() || !a.access.right(req.PostFormValue("password")) {
		tries := a.access.throttle.failed(from)
		a.cfg.Log.Warn("a sign-in failed", "caller", from.Addr(), "tries", tries)
		return a.showLogin(w, req, http.StatusUnprocessableEntity, "That is not the password.")
	}
	a.access.throttle.succeeded(from)
	if err := a.access.signIn(req); err != nil {
		return err
	}
	a.cfg.Log.Info("signed in", "caller", from.Addr())
	http.Redirect(w, req, target(req.PostFormValue("to")), http.StatusSeeOther)
	return nil
}

// target is where to go after signing in: within the admin UI, whatever was asked.
func target(to string) string {
	if to == "/admin" || strings.HasPrefix(to, "/admin/") && !strings.ContainsAny(to, "\\\r\n") && !strings.HasPrefix(to, "/admin/log") {
		return to
	}
	return "/admin"
}

func (a *Admin) setupPage(w http.ResponseWriter, req *http.Request) error {
	return a.showSetup(w, req, http.StatusOK, nil)
}

func (a *Admin) showSetup(w http.ResponseWriter, req *http.Request, status int, fault error) error {
	token := req.FormValue("token")
	if !a.access.isSetupToken(token) {
		return errSetup
	}
	p := view.SetupPage{Token: token, Least: shortestPassword}
	if fault != nil {
		p.Error = fault.Error()
	}
	return render(w, req, status, view.Setup(p))
}

var errSetup = &problem{http.StatusNotFound, "This link is used up", "It sets the first password, once, until the relay ends. The log of the latest start has the link that counts; pulsedive-relay passwd sets a password without one."}

// setup sets the first password, and signs in.
func (a *Admin) setup(w http.ResponseWriter, req *http.Request) error {
	if !a.access.isSetupToken(req.PostFormValue("token")) {
		return errSetup
	}
	password, err := newPassword(req)
	if err == nil {
		err = SetPassword(a.cfg.Store, password)
	}
	if err != nil {
		return a.showSetup(w, req, http.StatusUnprocessableEntity, err)
	}
	a.cfg.Log.Info("the admin password was set", "caller", addressOf(req.RemoteAddr).Addr())
	if err := a.access.signIn(req); err != nil {
		return err
	}
	a.access.flash(req, view.KindOK, "The password is set, and you are signed in.")
	http.Redirect(w, req, "/admin", http.StatusSeeOther)
	return nil
}

// newPassword is the new password of a form that asks for it twice.
func newPassword(req *http.Request) (string, error) {
	password := req.PostFormValue("password")
	if password != req.PostFormValue("again") {
		return "", errors.New("the two passwords differ")
	}
	return password, nil
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

// changePassword sets another password; all other sessions end.
func (a *Admin) changePassword(w http.ResponseWriter, req *http.Request) error {
	from := addressOf(req.RemoteAddr)
	fault := func(text string) error {
		a.access.flash(req, view.KindError, text)
		http.Redirect(w, req, "/admin/settings#password", http.StatusSeeOther)
		return nil
	}
	if a.access.pinned != nil {
		return fault("The password comes from " + a.cfg.PasswordOrigin + "; change it there.")
	}
	if wait := a.access.throttle.wait(from); wait > 0 {
		return fault("Too many wrong passwords. Try again in a while.")
	}
	if a.access.hasPassword() && !a.access.right(req.PostFormValue("current")) {
		a.access.throttle.failed(from)
		return fault("The current password is not that. Nothing was changed.")
	}
	password, err := newPassword(req)
	if err == nil {
		err = SetPassword(a.cfg.Store, password)
	}
	if err != nil {
		return fault("Nothing was changed: " + err.Error() + ".")
	}
	if err := a.access.signIn(req); err != nil {
		return err
	}
	a.access.flash(req, view.KindOK, "The password is changed. All other sessions are signed out.")
	http.Redirect(w, req, "/admin/settings", http.StatusSeeOther)
	return nil
}
