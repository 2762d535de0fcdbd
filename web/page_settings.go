package web

import (
	"fmt"
	"net/http"
	"strings"

	"pulsedive-relay/store"
	"pulsedive-relay/web/view"
)

// settings shows what is set.
func (a *Admin) settings(w http.ResponseWriter, req *http.Request) error {
	return a.showSettings(w, req, http.StatusOK, storedForm(a.cfg.Store.Settings()), settingsNote{})
}

// settingsNote is what there is to say beside the fields.
type settingsNote struct {
	trouble string
	shrink  *view.ShrinkView
	test    *view.KeyTestView
	// secrets is whether a backup with secrets was asked for, backup why there is
	// none.
	secrets bool
	backup  string
}

func (a *Admin) showSettings(w http.ResponseWriter, req *http.Request, status int, f *settingsForm, note settingsNote) error {
	state := a.cfg.Store.Status()
	s := view.SettingsPage{
		Groups: a.settingGroups(f, note.test), ReadOnly: !state.Writable, Unsaved: f.unsaved, Faults: len(f.faults),
		Trouble: note.trouble, Shrink: note.shrink, Held: a.held.hold(f.key),
		Password: view.PasswordView{Set: a.access.hasPassword(), Least: shortestPassword},
		Backup: view.BackupView{
			Path: state.Path, Exchanges: state.Exchanges, Bytes: state.Bytes,
			Asks: a.access.hasPassword(), Secrets: note.secrets, Error: note.backup,
		},
	}
	if a.access.pinned != nil {
		s.Password.Pinned = a.cfg.PasswordOrigin
	}
	page := view.Page{Title: "Settings", Current: view.NavSettings, Shell: a.shell(req), Scripts: []string{"settings.js"}, Styles: []string{"settings.css"}}
	return render(w, req, status, view.Settings(page, s))
}

// saveSettings saves what was typed if all of it is right, and makes it hold.
func (a *Admin) saveSettings(w http.ResponseWriter, req *http.Request) error {
	f, err := a.readSettings(req)
	if err != nil {
		return err
	}
	if name := req.PostForm.Get("reset"); name != "" {
		return a.showReset(w, req, f, name)
	}
	if len(f.faults) == 0 {
		a.keepKeyHere(f)
	}
	if len(f.faults) > 0 {
		return a.showSettings(w, req, http.StatusUnprocessableEntity, f, settingsNote{})
	}
	if !a.cfg.Store.Status().Writable {
		return store.ErrReadOnly
	}
	ask, err := a.asksFirst(f.next.History, req.PostForm.Get("confirm"))
	if err != nil {
		return err
	}
	if ask != nil {
		return a.showSettings(w, req, http.StatusOK, f, settingsNote{shrink: ask})
	}
	changed, err := a.putSettings(f.next)
	switch {
	case f.take(err):
		return a.showSettings(w, req, http.StatusUnprocessableEntity, f, settingsNote{})
	case err != nil:
		a.cfg.Log.Error("settings were not changed", "error", err)
		return a.showSettings(w, req, http.StatusInternalServerError, f, settingsNote{trouble: sentence(err) + " What held before holds still."})
	}
	a.held.drop(req.PostForm.Get("held"))
	a.tellSaved(req, changed)
	http.Redirect(w, req, "/admin/settings", http.StatusSeeOther)
	return nil
}

func (a *Admin) tellSaved(req *http.Request, changed []string) {
	if len(changed) == 0 {
		a.access.flash(req, view.KindInfo, "Nothing was different; all is as it was.")
		return
	}
	a.cfg.Log.Info("settings changed", "settings", changed, "caller", addressOf(req.RemoteAddr).Addr())
	a.access.flash(req, view.KindOK, "Saved, and in effect from now on: "+strings.Join(changed, ", ")+".")
}

// showReset shows the form again with the default in one of the fields.
func (a *Admin) showReset(w http.ResponseWriter, req *http.Request, f *settingsForm, name string) error {
	for _, field := range store.Fields() {
		if _, pinned := a.cfg.Store.Pinned(name); field.Name == name && !pinned && !field.Secret() {
			f.set(field, shownText(field, store.Defaults()))
		}
	}
	return a.showSettings(w, req, http.StatusOK, f, settingsNote{})
}

// asksFirst says what a smaller history deletes, where that was not confirmed
// yet.
func (a *Admin) asksFirst(h store.History, confirmed string) (*view.ShrinkView, error) {
	now := a.cfg.Store.Settings().History
	if h.HistoryMax >= now.HistoryMax && h.HistoryAge >= now.HistoryAge && !smaller(h.HistoryBytes, now.HistoryBytes) {
		return nil, nil
	}
	this := fmt.Sprintf("%d exchanges for %s in %d bytes", h.HistoryMax, h.HistoryAge, h.HistoryBytes)
	if this == confirmed {
		return nil, nil
	}
	n, err := a.cfg.Store.Beyond(h)
	if err != nil || n == 0 {
		return nil, err
	}
	return &view.ShrinkView{Deletes: n, Confirm: this}, nil
}

// smaller says whether a bound is below another; 0 bounds nothing.
func smaller(bound, than int64) bool { return bound > 0 && (than == 0 || bound < than) }

// putSettings saves settings and makes them hold, and says which changed. Where
// they cannot hold the earlier ones are put back.
func (a *Admin) putSettings(next store.Settings) ([]string, error) {
	a.saving.Lock()
	defer a.saving.Unlock()
	return putSettings(a.cfg.Store, a.cfg.Live.Apply, next)
}

func putSettings(s *store.Store, apply func(store.Settings) error, next store.Settings) ([]string, error) {
	before := s.Settings()
	if err := s.SaveSettings(next); err != nil {
		return nil, err
	}
	after := s.Settings()
	if err := apply(after); err != nil {
		if back := s.SaveSettings(before); back != nil {
			return nil, fmt.Errorf("the settings cannot take effect (%w), and could not be put back: %w", err, back)
		}
		return nil, fmt.Errorf("the settings cannot take effect: %w", err)
	}
	return changes(before, after), nil
}

// sentence is an error's text as a sentence.
func sentence(err error) string { return view.Capital(err.Error()) + "." }
