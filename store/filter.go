package store

import (
	"math"
	"time"

	"pulsedive-relay/relay/ctim"
)

// Filter says which exchanges are meant; its members combine. The zero value
// means all.
type Filter struct {
	// Observable is how an observable's value begins, or a domain that its host is
	// or is below, without regard to case, as asked or as answered: example.net, and
	// .example.net as well, finds www.example.net and https://example.net/x. A URL on
	// an IP address is found as that address is.
	Observable string
	Source     Source
	Endpoint   Endpoint
	Outcome    Outcome
	// Disposition is that of any of the observables, State the state of any.
	Disposition ctim.Disposition
	State       State
	// From and To bound when it was: From <= Last and At < To; zero: no bound.
	From, To time.Time
}

// match is a filter, ready to be asked about stored summaries.
type match struct {
	filter Filter
	// source, endpoint and outcome are words' bytes; 0: any.
	source, endpoint, outcome byte
	// disposition and state are bits of the summary's; 0: any.
	disposition, state byte
	from, to           int64
	value              sought
	// never: nothing that is stored can match.
	never bool
}

func newMatch(f Filter) *match {
	m := &match{filter: f, value: newSought(f.Observable), from: math.MinInt64, to: math.MaxInt64}
	for text, code := range map[string]*byte{string(f.Source): &m.source, string(f.Endpoint): &m.endpoint, string(f.Outcome): &m.outcome} {
		c, ok := codes[text]
		*code, m.never = c, m.never || !ok
	}
	if d := f.Disposition; d != 0 {
		m.disposition = dispositionBit(d)
		m.never = m.never || m.disposition == 0
	}
	if f.State != "" {
		m.state = stateBits[f.State]
		m.never = m.never || m.state == 0
	}
	if !f.From.IsZero() {
		m.from = nanosecond(f.From)
	}
	if !f.To.IsZero() {
		m.to = nanosecond(f.To)
	}
	return m
}

// nanosecond is a time in nanoseconds since 1970; the first or last that can be
// told for times beyond.
func nanosecond(t time.Time) int64 {
	switch {
	case t.Before(time.Unix(0, math.MinInt64)):
		return math.MinInt64
	case t.After(time.Unix(0, math.MaxInt64)):
		return math.MaxInt64
	}
	return t.UnixNano()
}

// everything says that the filter asks for nothing.
func (m *match) everything() bool { return m.filter == (Filter{}) }

// matches says whether a stored summary is meant.
func (m *match) matches(b []byte) bool {
	if m.never || len(b) < headSize {
		return false
	}
	at := nanoseconds(b)
	if m.source != 0 && b[sourceAt] != m.source || m.endpoint != 0 && b[endpointAt] != m.endpoint ||
		m.outcome != 0 && b[outcomeAt] != m.outcome || m.disposition != 0 && b[resultsAt]&m.disposition == 0 ||
		m.state != 0 && b[resultsAt]&m.state == 0 || at >= m.to || at < m.from && !m.goesOn(b) {
		return false
	}
	if m.value == "" {
		return true
	}
	found := false
	_ = values(b, func(kind string, value []byte) bool { // one that cannot be read does not match
		found = m.value.finds(kind, value)
		return !found
	})
	return found
}

// goesOn says whether an entry that stands for several requests, which are about
// no observable, goes on into the time that is meant.
func (m *match) goesOn(b []byte) bool {
	if b[resultsAt] != 0 {
		return false
	}
	var s Summary
	_, err := readHead(&s, b)
	return err == nil && nanosecond(s.Last) >= m.from
}
