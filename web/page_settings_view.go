package web

import (
	"errors"
	"strings"
	"time"

	"github.com/a-h/templ"

	"pulsedive-relay/store"
	"pulsedive-relay/web/view"
)

// settingGroups are the fields of a form, by group.
func (a *Admin) settingGroups(f *settingsForm, test *view.KeyTestView) []view.SettingGroupView {
	var groups []view.SettingGroupView
	for _, field := range store.Fields() {
		if n := len(groups); n == 0 || groups[n-1].Title != field.Group {
			groups = append(groups, view.SettingGroupView{ID: groupID(field.Group), Title: field.Group})
		}
		last := &groups[len(groups)-1]
		last.Settings = append(last.Settings, a.settingView(f, field, test))
	}
	return groups
}

// groupID is a group's name for links.
func groupID(title string) string {
	return "group-" + strings.ReplaceAll(strings.ToLower(title), " ", "-")
}

func (a *Admin) settingView(f *settingsForm, field store.Field, test *view.KeyTestView) view.SettingView {
	pinned, _ := a.cfg.Store.Pinned(field.Name)
	v := view.SettingView{Field: view.FieldView{
		Name: field.Name, Label: field.Label, Help: field.Help, Value: f.texts[field.Name], Pinned: pinned,
	}}
	if err := f.faults[field.Name]; err != nil {
		v.Field.Error = fieldFault(err)
	}
	byKind(&v.Field, field)
	if field.Secret() {
		stored := a.cfg.Store.Settings().PulsediveKey != ""
		v.Key = &view.KeyView{Stored: stored, Held: f.key != "", Again: f.again, Remove: f.remove, Fixed: pinned != "", Test: test}
		switch v.Field.Placeholder = ""; {
		case pinned != "":
			v.Field.Placeholder = "never shown"
		case f.again:
			v.Field.Placeholder = "type it again"
		case stored || f.key != "":
			v.Field.Placeholder = "kept; type to replace it"
		}
		return v
	}
	v.Default = shownText(field, store.Defaults())
	v.Changed = pinned == "" && !sameText(field, v.Field.Value, v.Default)
	v.Field.Unit = daysOf(field, v.Field.Value)
	return v
}

// fieldFault says what is wrong with a field; of a list each fault in its own line.
func fieldFault(err error) string {
	list, ok := errors.AsType[store.ListError](err)
	if !ok {
		list = store.ListError{err}
	}
	lines := make([]string, len(list))
	for i, one := range list {
		lines[i] = view.Visible(shorter(sentence(one)))
	}
	return strings.Join(lines, "\n")
}

// byKind makes the field fit its kind of value.
func byKind(v *view.FieldView, f store.Field) {
	v.Placeholder, v.Mono = f.Placeholder, true
	switch f.Kind {
	case "urls", "hosts":
		v.Rows, v.Placeholder = max(2, strings.Count(v.Value, "\n")+1), ""
		v.Rows = min(v.Rows, mostFieldRows)
		v.Help += " One per line."
		if f.Kind == "urls" {
			v.Placeholder = "https://relay.example.com"
		}
	case "number":
		v.InputMode = "numeric"
		v.Attrs = templ.Attributes{"class": "mono short"}
	case "time", "bytes":
		v.Attrs = templ.Attributes{"class": "mono short"}
	case "key":
		v.Type, v.Autocomplete = "password", "new-password"
	case "endpoint":
		v.Type, v.InputMode = "text", "url"
	}
}

// mostFieldRows is how high a list's field grows.
const mostFieldRows = 8

// sameText says whether two texts of a field mean the same.
func sameText(f store.Field, a, b string) bool {
	var one, other store.Settings
	if one.Set(f, a) != nil || other.Set(f, b) != nil {
		return false
	}
	return one.Equal(other, f)
}

// daysOf says long times in days: 2160h is 90 d.
func daysOf(f store.Field, text string) string {
	d, err := time.ParseDuration(strings.TrimSpace(text))
	if f.Kind != "time" || err != nil || d < 48*time.Hour {
		return ""
	}
	return "= " + view.Span(d)
}

// shorter leaves out the middle of a long text: what is wrong stands at its end.
func shorter(text string) string {
	const each = 120
	all := []rune(text)
	if len(all) <= 2*each {
		return text
	}
	return string(all[:each]) + " … " + string(all[len(all)-each:])
}
