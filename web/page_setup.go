package web

import (
	"errors"
	"net/http"

	"pulsedive-relay/web/view"
)

// setupPage asks for the first password, behind the link of the log.
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
		p.Error = sentence(fault)
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
		err = a.access.setFirst(req.PostFormValue("token"), password)
	}
	if err != nil {
		return a.showSetup(w, req, http.StatusUnprocessableEntity, err)
	}
	a.cfg.Log.Info("the admin password was set", "caller", addressOf(req.RemoteAddr).Addr())
	if err := a.access.signIn(w, req, a.access.tag()); err != nil {
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
