package web

import (
	"net/http"

	"pulsedive-relay/web/view"
)

// changePassword sets another password; all other sessions end.
func (a *Admin) changePassword(w http.ResponseWriter, req *http.Request) error {
	fault := func(text string) error {
		a.access.flash(req, view.KindError, text)
		http.Redirect(w, req, "/admin/settings#password", http.StatusSeeOther)
		return nil
	}
	if a.access.pinned != nil {
		return fault("The password comes from " + a.cfg.PasswordOrigin + "; change it there.")
	}
	if a.access.hasPassword() {
		switch tag, wait := a.check(req, req.PostFormValue("current")); {
		case wait > 0:
			return fault("Too many wrong passwords. Try again in a while.")
		case tag == "":
			return fault("That is not the current password. Nothing was changed.")
		}
	}
	password, err := newPassword(req)
	if err == nil {
		err = a.SetPassword(password)
	}
	if err != nil {
		return fault(sentence(err) + " Nothing was changed.")
	}
	if err := a.access.signIn(w, req, a.access.tag()); err != nil {
		return err
	}
	a.access.flash(req, view.KindOK, "The password is changed. All other sessions are signed out.")
	http.Redirect(w, req, "/admin/settings", http.StatusSeeOther)
	return nil
}
