package web

import (
	"fmt"
	"net/http"
)

// downloadBackup sends a copy of the database. One with secrets takes the admin
// password: a browser that somebody left open must not be enough to take them.
func (a *Admin) downloadBackup(w http.ResponseWriter, req *http.Request) error {
	secrets := req.PostFormValue("secrets") != ""
	if secrets && a.access.hasPassword() {
		if status, fault := a.confirmed(w, req, req.PostFormValue("backup-password")); fault != "" {
			note := settingsNote{secrets: true, backup: fault}
			return a.showSettings(w, req, status, storedForm(a.cfg.Store.Settings()), note)
		}
	}
	return a.sendBackup(w, req, secrets)
}

// confirmed checks the password of somebody who is signed in, as often as a
// login would: fault says what was wrong, empty where nothing was.
func (a *Admin) confirmed(w http.ResponseWriter, req *http.Request, password string) (status int, fault string) {
	if password == "" {
		return http.StatusUnprocessableEntity, "Type the admin password: the copy is to have secrets."
	}
	switch tag, wait := a.check(req, password); {
	case wait > 0:
		return http.StatusTooManyRequests, tellWait(w, wait)
	case tag == "":
		return http.StatusUnprocessableEntity, "That is not the password. Nothing was downloaded."
	}
	return 0, ""
}

func (a *Admin) sendBackup(w http.ResponseWriter, req *http.Request, secrets bool) error {
	name := "pulsedive-relay-" + a.cfg.Now().UTC().Format("2006-01-02-150405") + ".db"
	d := &download{patient: newPatient(w), name: name}
	if err := a.cfg.Store.WriteBackup(req.Context(), d, secrets); err != nil {
		if d.begun {
			a.cfg.Log.Warn("a backup was not downloaded to its end", "error", err)
			panic(http.ErrAbortHandler) // half a file must not look like a whole one
		}
		a.cfg.Log.Error("a backup was not made", "error", err)
		return &problem{http.StatusInternalServerError, "There is no backup", fmt.Sprintf("The copy is made beside the database first, which did not work: %v. The database itself is as it was.", err)}
	}
	a.cfg.Log.Info("a backup was downloaded", "secrets", secrets, "caller", addressOf(req.RemoteAddr).Addr())
	return nil
}

// download is an answer that is a file. Until its first byte it may become a page
// of an error still.
type download struct {
	*patient
	name  string
	begun bool
}

// Write sends a part.
func (d *download) Write(b []byte) (int, error) {
	if !d.begun {
		d.begun = true
		attach(d.w.Header(), "application/octet-stream", d.name)
	}
	return d.patient.Write(b)
}
