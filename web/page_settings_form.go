package web

import (
	"errors"
	"net/http"
	"strings"

	"pulsedive-relay/store"
)

// keyField is the setting that is a secret, endpointField the one that says who
// gets it.
const keyField, endpointField = "pulsedive-key", "pulsedive-url"

// settingsForm is what is in the form of the page Settings, and what it comes to.
type settingsForm struct {
	// texts is what is in each field, by its name; never a secret.
	texts map[string]string
	// before is the settings that held when the form was read, next those of these
	// texts, where faults is empty.
	before store.Settings
	next   store.Settings
	faults store.FieldErrors
	// key is the key that was typed, now or a moment ago; remove asks to remove
	// the stored one. again is whether it has to be typed again.
	key           string
	remove, again bool
	// unsaved is whether the texts are not saved.
	unsaved bool
}

// storedForm is a form with the settings that hold.
func storedForm(s store.Settings) *settingsForm {
	f := &settingsForm{texts: map[string]string{}, before: s, next: s, faults: store.FieldErrors{}}
	for _, field := range store.Fields() {
		f.texts[field.Name] = shownText(field, s)
	}
	return f
}

// shownText is a setting's value as its field shows it: lists one a line.
func shownText(f store.Field, s store.Settings) string {
	switch {
	case f.Secret():
		return ""
	case isList(f):
		return strings.ReplaceAll(s.Text(f), ", ", "\n")
	}
	return s.Text(f)
}

func isList(f store.Field) bool { return f.Kind == "urls" || f.Kind == "hosts" }

// readSettings takes what was typed. Fields that are pinned, or that the request
// does not have, stay as they are.
func (a *Admin) readSettings(req *http.Request) (*settingsForm, error) {
	if err := req.ParseForm(); err != nil {
		return nil, err
	}
	f := storedForm(a.cfg.Store.Settings())
	f.unsaved = true
	f.remove = req.PostForm.Get("remove-key") != ""
	for _, field := range store.Fields() {
		typed, sent := req.PostForm[field.Name]
		if _, pinned := a.cfg.Store.Pinned(field.Name); pinned || !sent {
			continue
		}
		if field.Secret() {
			f.readKey(field, typed[0], a.held.get(req.PostForm.Get("held")))
			continue
		}
		f.set(field, typed[0])
	}
	f.check()
	return f, nil
}

// set puts a text into a field.
func (f *settingsForm) set(field store.Field, text string) {
	delete(f.faults, field.Name)
	f.texts[field.Name] = text
	if err := f.next.Set(field, text); err != nil {
		f.faults[field.Name] = err
	}
}

// readKey takes a key: the one that was typed, else the one that is held, else
// the stored one unless it is to be removed.
func (f *settingsForm) readKey(field store.Field, typed, held string) {
	f.key = strings.TrimSpace(typed)
	if f.key == "" {
		f.key = held
	}
	switch {
	case f.key != "":
		if err := f.next.Set(field, f.key); err != nil {
			f.faults[field.Name], f.key = err, ""
		}
	case f.remove:
		f.next.PulsediveKey = ""
	}
}

// check looks at the settings as a whole, once each of them is right.
func (f *settingsForm) check() {
	if len(f.faults) > 0 {
		return
	}
	f.take(f.next.Check())
}

// take takes what is wrong with settings; it is false for other errors.
func (f *settingsForm) take(err error) bool {
	if faults, ok := errors.AsType[store.FieldErrors](err); ok {
		f.faults = faults
		return true
	}
	return false
}

// changes are the labels of the settings that differ.
func changes(before, after store.Settings) []string {
	var list []string
	for _, f := range store.Fields() {
		if !before.Equal(after, f) {
			list = append(list, f.Label)
		}
	}
	return list
}
