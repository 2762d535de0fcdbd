package store

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// VariablePrefix begins the name of the environment variable that sets a field.
const VariablePrefix = "RELAY_"

// Field is what is true of one setting.
type Field struct {
	// Name is its name on the command line and in the file: public-url.
	Name string
	// Group, Label and Help are for people.
	Group, Label, Help string
	// Kind says how its text is read: urls, hosts, endpoint, key, number, time or
	// bytes (see Read).
	Kind string
	// Default is its text where nobody set it.
	Default string
	// Least and Most are its bounds, empty where it has none.
	Least, Most string
	// Placeholder is an example of its form.
	Placeholder string

	index []int
}

// Variable is the environment variable that pins the field.
func (f Field) Variable() string {
	return VariablePrefix + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
}

// Secret says whether the value must never be shown.
func (f Field) Secret() bool { return f.Kind == "key" }

// Read reads and checks a text for the field.
func (f Field) Read(text string) (any, error) { return Read(f.Kind, f.Least, f.Most, text) }

// Fields lists the settings, in their order.
func Fields() []Field {
	var list []Field
	settings := reflect.TypeFor[Settings]()
	for _, group := range reflect.VisibleFields(settings) {
		if !group.Anonymous {
			continue
		}
		for i := range group.Type.NumField() {
			f := group.Type.Field(i)
			least, most := f.Tag.Get("least"), f.Tag.Get("most")
			help := strings.NewReplacer("${least}", least, "${most}", most).Replace(f.Tag.Get("help"))
			list = append(list, Field{
				Name: f.Tag.Get("name"), Group: group.Tag.Get("group"), Label: f.Tag.Get("label"), Help: help,
				Kind: f.Tag.Get("type"), Default: f.Tag.Get("default"), Least: least, Most: most,
				Placeholder: f.Tag.Get("placeholder"), index: append(slices.Clone(group.Index), i),
			})
		}
	}
	return list
}

// Defaults are the settings where nobody set any.
func Defaults() Settings {
	s, err := Settings{}.with(nil)
	if err != nil {
		panic(err) // every start would fail
	}
	return s
}

// with is the settings of these texts, by name; fields without one have their
// default. The error is a FieldErrors.
func (s Settings) with(texts map[string]string) (Settings, error) {
	faults := FieldErrors{}
	for _, f := range Fields() {
		text, ok := texts[f.Name]
		if !ok {
			text = f.Default
		}
		if err := s.Set(f, text); err != nil {
			faults[f.Name] = err
		}
	}
	if len(faults) > 0 {
		return s, faults
	}
	return s, nil
}

// Set reads a text into a field. A blank one empties a field that has no
// default, and is refused in others.
func (s *Settings) Set(f Field, text string) error {
	at := reflect.ValueOf(s).Elem().FieldByIndex(f.index)
	if strings.TrimSpace(text) == "" && f.Default == "" {
		at.SetZero()
		return nil
	}
	v, err := f.Read(strings.TrimSpace(text))
	if err != nil {
		return err
	}
	at.Set(reflect.ValueOf(v).Convert(at.Type()))
	return nil
}

// Text is a field's value in the form that Set reads.
func (s Settings) Text(f Field) string {
	switch v := reflect.ValueOf(s).FieldByIndex(f.index).Interface().(type) {
	case []string:
		return strings.Join(v, ", ")
	case time.Duration:
		return shortTime(v)
	case int64: // bytes
		return shortBytes(v)
	case int:
		return strconv.Itoa(v)
	case string:
		return v
	}
	return ""
}

// Equal says whether a field has the same value in both.
func (s Settings) Equal(o Settings, f Field) bool { return s.Text(f) == o.Text(f) }

// FieldErrors is what is wrong with settings, by the field's name.
type FieldErrors map[string]error

// Error names the fields in order.
func (e FieldErrors) Error() string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(e)) {
		list = append(list, name+": "+e[name].Error())
	}
	return strings.Join(list, "; ")
}

// leastDatabase is the smallest bound of the file, in bytes: with less there would be
// no room for a history beside the kept cache.
const leastDatabase = 256 << 20

// Check says what is wrong with the settings as a whole, as FieldErrors, beside
// what Set refuses.
func (s Settings) Check() error {
	faults := FieldErrors{}
	if s.UpstreamTimeout > s.RequestTimeout {
		faults["upstream-timeout"] = fmt.Errorf("a call must not take longer than a whole request, which has %s", shortTime(s.RequestTimeout))
	}
	if s.HistoryBytes > 0 && s.HistoryBytes < leastDatabase {
		faults["history-bytes"] = fmt.Errorf("%dMiB at the least, or 0 for no bound: settings, sessions and the cache are in the file, too", leastDatabase>>20)
	}
	if len(s.JWKSHosts) == 0 {
		faults["jwks-hosts"] = errors.New("without a key host every token is refused")
	}
	if len(faults) > 0 {
		return faults
	}
	return nil
}

// shortTime is a duration without parts that are zero: 1h30m, 15m.
func shortTime(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// shortBytes is a number of bytes in the largest unit that leaves it whole.
func shortBytes(n int64) string {
	for _, unit := range slices.Backward(units) {
		if n != 0 && n%unit.size == 0 {
			return strconv.FormatInt(n/unit.size, 10) + unit.name
		}
	}
	return strconv.FormatInt(n, 10)
}
