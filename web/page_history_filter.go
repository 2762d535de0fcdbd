package web

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"pulsedive-relay/relay/ctim"
	"pulsedive-relay/store"
	"pulsedive-relay/web/view"
)

// longestSought is how many characters of an observable are looked for.
const longestSought = 4096

// soughtHelp says what a text finds.
const soughtHelp = "Finds what begins so, and what is at a domain or below it: example.net finds www.example.net and https://login.example.net/ too."

// localLayout is how fields for times write them; they are in UTC unless a
// script says otherwise.
const localLayout = "2006-01-02T15:04"

// quickRange is a stretch of time up to now.
type quickRange struct {
	name, label string
	long        time.Duration
}

// quickRanges are the stretches of time that can be asked for by name, up to now.
var quickRanges = []quickRange{
	{"1h", "Last hour", time.Hour}, {"24h", "Last 24 h", 24 * time.Hour},
	{"7d", "Last 7 days", 7 * 24 * time.Hour}, {"30d", "Last 30 days", 30 * 24 * time.Hour},
}

// verdicts are those that can be asked for, each with what it asks.
var verdicts = []struct {
	view.Verdict
	disposition ctim.Disposition
	state       store.State
}{
	{view.VerdictMalicious, ctim.Malicious, ""}, {view.VerdictSuspicious, ctim.Suspicious, ""}, {view.VerdictUnknown, ctim.Unknown, ""},
	{view.VerdictCommon, ctim.Common, ""}, {view.VerdictClean, ctim.Clean, ""},
	{view.VerdictNothing, 0, store.Nothing}, {view.VerdictFailed, 0, store.Errored},
}

// sought is what a query asks of the history.
type sought struct {
	store.Filter
	// query is what was asked, without what says nothing.
	query url.Values
	// faults are what is wrong, by field: nothing may be done by such a query.
	faults map[string]string
}

// filterNames are the fields of a query, in the order of the page.
var filterNames = []string{"q", "source", "endpoint", "outcome", "verdict", "range", "from", "to"}

// soughtBy reads a query.
func soughtBy(form url.Values, now time.Time) *sought {
	s := &sought{query: url.Values{}, faults: map[string]string{}}
	for _, name := range filterNames {
		if text := strings.TrimSpace(form.Get(name)); text != "" {
			s.query.Set(name, text)
		}
	}
	if s.query.Has("from") || s.query.Has("to") {
		s.query.Del("range")
	}
	if s.Observable = s.query.Get("q"); len([]rune(s.Observable)) > longestSought {
		s.faults["q"] = "No observable is as long as that."
	}
	s.Source = choice(s, "source", sourceNames)
	s.Endpoint = choice(s, "endpoint", endpointNames)
	s.Outcome = choice(s, "outcome", outcomeNames)
	if text := s.query.Get("verdict"); text != "" {
		if at := verdictNamed(text); at < 0 {
			s.faults["verdict"] = "There is no such verdict."
		} else {
			s.Disposition, s.State = verdicts[at].disposition, verdicts[at].state
		}
	}
	s.times(now)
	return s
}

// verdictNamed is the place among the verdicts; -1: there is none of that name.
func verdictNamed(name string) int {
	for i := range verdicts {
		if string(verdicts[i].Verdict) == name {
			return i
		}
	}
	return -1
}

// choice is one of a few values.
func choice[T ~string](s *sought, name string, known []named[T]) T {
	text := T(s.query.Get(name))
	if text != "" && !slices.ContainsFunc(known, func(one named[T]) bool { return one.value == text }) {
		s.faults[name] = "There is no such " + name + "."
		return ""
	}
	return text
}

// times reads the bounds in time.
func (s *sought) times(now time.Time) {
	if text := s.query.Get("range"); text != "" {
		at := slices.IndexFunc(quickRanges, func(one quickRange) bool { return one.name == text })
		if at < 0 {
			s.faults["range"] = "There is no such time."
			return
		}
		s.From = now.Add(-quickRanges[at].long)
	}
	for name, t := range map[string]*time.Time{"from": &s.From, "to": &s.To} {
		text := s.query.Get(name)
		if text == "" {
			continue
		}
		var ok bool
		if *t, ok = timeOf(text); !ok {
			s.faults[name] = "Not a time like 2026-11-25T14:00."
		}
	}
	if !s.From.IsZero() && !s.To.IsZero() && !s.From.Before(s.To) && len(s.faults) == 0 {
		s.faults["to"] = "This is not after From."
	}
}

// timeOf reads a time as fields and links write it.
func timeOf(text string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339, localLayout, "2006-01-02T15:04:05", time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil && t.Year() > 0 && t.Year() < 10000 {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

// wrong is the answer to a query that cannot be followed, where it would do
// something: nil where it can.
func (s *sought) wrong() error {
	for _, name := range filterNames {
		if fault := s.faults[name]; fault != "" {
			return &problem{http.StatusUnprocessableEntity, "This filter does not work", fault + " Nothing was done. Go back to the history and correct the filter."}
		}
	}
	return nil
}

// all says that nothing is asked: the whole history is meant.
func (s *sought) all() bool { return len(s.query) == 0 }

// with is the query with further fields in pairs; an empty value takes one away.
func (s *sought) with(pairs ...string) url.Values {
	q := maps.Clone(s.query)
	for i := 0; i+1 < len(pairs); i += 2 {
		if q.Del(pairs[i]); pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	return q
}

// fixed is the query with its times by the clock instead of by how long ago: it
// means the same later on.
func (s *sought) fixed() url.Values {
	if !s.query.Has("range") {
		return s.query
	}
	return s.with("range", "", "from", s.From.UTC().Format(time.RFC3339))
}

// chips are the filters that hold, each with the way to take it off.
func (s *sought) chips() []view.FilterChip {
	var list []view.FilterChip
	for _, name := range filterNames {
		text := s.query.Get(name)
		if text == "" {
			continue
		}
		c := view.FilterChip{Remove: historyPath(s.with(name, "")), Text: text}
		switch name {
		case "q":
			c.Label, c.Mono = "Observable", true
		case "source":
			c.Label, c.Text = "Asked by", wordFor(sourceNames, store.Source(text))
		case "endpoint":
			c.Label, c.Text = "Endpoint", wordFor(endpointNames, store.Endpoint(text))
		case "outcome":
			c.Label = "Outcome"
		case "verdict":
			c.Label = "Verdict"
			if at := verdictNamed(text); at >= 0 {
				c.Text = verdicts[at].Word()
			}
		case "range":
			c.Label, c.Text = "", rangeLabel(text)
		case "from":
			c.Label, c.At = "From", s.From
		case "to":
			c.Label, c.At = "To", s.To
		}
		list = append(list, c)
	}
	return list
}

func rangeLabel(name string) string {
	for _, one := range quickRanges {
		if one.name == name {
			return one.label
		}
	}
	return name
}

// fields are those of the form.
func (s *sought) fields() (list, times []view.FieldView) {
	list = []view.FieldView{
		{Name: "q", Label: "Observable or domain", Value: s.query.Get("q"), Mono: true, Autocomplete: "off", Placeholder: "example.net", Type: "search", Attrs: map[string]any{"title": soughtHelp}},
		{Name: "source", Label: "Asked by", Options: options("Anyone", sourceNames)},
		{Name: "endpoint", Label: "Endpoint", Options: options("Any", endpointNames)},
		{Name: "outcome", Label: "Outcome", Options: options("Any", outcomeNames)},
		{Name: "verdict", Label: "Verdict", Options: []view.OptionView{{Value: "", Label: "Any"}}},
		{Name: "range", Label: "Time", Options: []view.OptionView{{Value: "", Label: "Any time"}}},
	}
	for _, v := range verdicts {
		list[4].Options = append(list[4].Options, view.OptionView{Value: string(v.Verdict), Label: v.Word()})
	}
	for _, one := range quickRanges {
		list[5].Options = append(list[5].Options, view.OptionView{Value: one.name, Label: one.label})
	}
	times = []view.FieldView{timeField("from", "From (UTC)", s.From, s.query), timeField("to", "To (UTC)", s.To, s.query)}
	for _, fields := range [][]view.FieldView{list, times} {
		for i := range fields {
			f := &fields[i]
			f.Error = s.faults[f.Name]
			if f.Options != nil {
				f.Value = s.query.Get(f.Name)
			}
		}
	}
	return list, times
}

// timeField is a field for a time. Scripts turn it to the viewer's zone.
func timeField(name, label string, t time.Time, query url.Values) view.FieldView {
	f := view.FieldView{Name: name, Label: label, Type: "datetime-local", Attrs: map[string]any{"data-utc": ""}}
	if query.Has(name) && !t.IsZero() {
		f.Value = t.UTC().Format(localLayout)
		f.Attrs["data-utc"] = t.UTC().Format(time.RFC3339)
	}
	return f
}

func options[T ~string](any string, list []named[T]) []view.OptionView {
	all := []view.OptionView{{Value: "", Label: any}}
	for _, one := range list {
		all = append(all, view.OptionView{Value: string(one.value), Label: one.word})
	}
	return all
}
