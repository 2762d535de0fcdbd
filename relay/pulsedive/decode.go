package pulsedive

import (
	"slices"
	"strings"
	"time"
)

// decodeRecord reads the answer to info. An answer that says it knows nothing,
// by an error or by a record without substance, is ErrNotFound.
func decodeRecord(body []byte, most int) (*Record, error) {
	r := &Record{}
	var has struct{ risk, seen, fault, other bool }
	var updated, added time.Time
	in := newReader(body, most)
	object := in.enter('{')
	for object && in.more('}') {
		switch in.name() {
		case "iid":
			r.IID = in.number()
		case "indicator":
			has.other = true
			r.Indicator = in.text()
		case "type":
			r.Type = in.text()
		case "risk":
			has.risk = true
			r.Risk = in.text()
		case "retired":
			r.Retired = in.text()
		case "stamp_seen":
			has.seen = true
			r.Seen = in.stamp()
		case "stamp_updated":
			updated = in.stamp()
		case "stamp_added":
			added = in.stamp()
		case "stamp_retired":
			r.RetiredAt = in.stamp()
		case "riskfactors":
			r.readRiskFactors(in)
		case "threats":
			r.readThreats(in)
		case "feeds":
			r.readFeeds(in)
		case "error":
			has.fault = in.something()
		default:
			in.skip()
		}
	}
	if err := in.end(object); err != nil {
		return nil, err
	}
	thin := has.other && !has.risk && !has.seen
	if r.IID == "" && (has.fault || thin) {
		return nil, ErrNotFound
	}
	r.Type, r.Risk = strings.ToLower(r.Type), knownRisk(r.Risk)
	for _, t := range []time.Time{updated, added} {
		if r.Seen.IsZero() {
			r.Seen = t
		}
	}
	r.missing = missing(r, has.risk, has.seen)
	r.Threats, _ = newest(r.Threats, most)
	r.Feeds, _ = newest(r.Feeds, most)
	compact(r.texts)
	return r, nil
}

// knownRisk is a risk in lower case; one that Pulsedive is not known to have
// counts as unknown (contract: risk).
func knownRisk(s string) string {
	s = strings.ToLower(s)
	if slices.Contains([]string{"none", "low", "medium", "high", "critical", "retired"}, s) {
		return s
	}
	return "unknown"
}

// missing names the first member without which a record cannot be mapped.
func missing(r *Record, risk, seen bool) string {
	switch {
	case r.IID == "":
		return "iid"
	case r.Indicator == "":
		return "indicator"
	case !slices.Contains([]string{"ip", "ipv6", "domain", "url"}, r.Type):
		return "type"
	case !risk:
		return "risk"
	case !seen || r.Seen.IsZero():
		return "stamp_seen"
	}
	return ""
}

// newest orders a list, newest first and otherwise as sent, and drops what is
// beyond the bound. It says how much text that was, in bytes.
func newest[T interface {
	linked() time.Time
	text() int
}](list []T, most int) (kept []T, freed int) {
	slices.SortStableFunc(list, func(a, b T) int { return b.linked().Compare(a.linked()) })
	if len(list) <= most {
		return list, 0
	}
	for _, e := range list[most:] {
		freed += e.text()
	}
	return slices.Clone(list[:most]), freed // the rest is not to stay in memory
}

// usualList is how many entries a list of Pulsedive's usually has, at most.
const usualList = 12

// add puts an element on a list, where there is room for its text, and drops the
// oldest before the list gets much longer than what is kept.
func add[T interface {
	linked() time.Time
	text() int
}](in *reader, list []T, e T) []T {
	if !in.take(e.text()) {
		return list
	}
	if list == nil {
		list = make([]T, 0, usualList)
	}
	if list = append(list, e); len(list) < 2*in.most {
		return list
	}
	list, freed := newest(list, in.most)
	in.room += freed
	return list
}

func (t Threat) linked() time.Time { return t.Linked }
func (t Threat) text() int         { return len(t.TID) + len(t.Name) + len(t.Category) }
func (f Feed) linked() time.Time   { return f.Linked }
func (f Feed) text() int           { return len(f.FID) + len(f.Name) + len(f.Category) + len(f.Organization) }

func (r *Record) readRiskFactors(in *reader) {
	for ok := in.enter('['); ok && in.more(']'); {
		var f RiskFactor
		for ok := in.enter('{'); ok && in.more('}'); {
			switch in.name() {
			case "description":
				f.Description = in.text()
			case "risk":
				f.Risk = in.text()
			default:
				in.skip()
			}
		}
		if f.Description != "" && len(r.RiskFactors) < in.most && in.take(len(f.Description)+len(f.Risk)) {
			r.RiskFactors = append(r.RiskFactors, f)
		}
	}
}

func (r *Record) readThreats(in *reader) {
	for ok := in.enter('['); ok && in.more(']'); {
		var t Threat
		for ok := in.enter('{'); ok && in.more('}'); {
			switch in.name() {
			case "tid":
				t.TID = in.number()
			case "name":
				t.Name = in.text()
			case "category":
				t.Category = in.text()
			case "stamp_linked":
				t.Linked = in.stamp()
			default:
				in.skip()
			}
		}
		if t.Name != "" {
			r.Threats = add(in, r.Threats, t)
		}
	}
}

func (r *Record) readFeeds(in *reader) {
	for ok := in.enter('['); ok && in.more(']'); {
		var f Feed
		for ok := in.enter('{'); ok && in.more('}'); {
			switch in.name() {
			case "fid":
				f.FID = in.number()
			case "name":
				f.Name = in.text()
			case "category":
				f.Category = in.text()
			case "organization":
				f.Organization = in.text()
			case "stamp_linked":
				f.Linked = in.stamp()
			default:
				in.skip()
			}
		}
		if f.Name != "" {
			r.Feeds = add(in, r.Feeds, f)
		}
	}
}

// decodeLinks reads the answer to links. One that holds an error, or no list of
// Active DNS, has none.
func decodeLinks(body []byte, most int) (*Links, error) {
	l := &Links{}
	in := newReader(body, most)
	object := in.enter('{')
	for object && in.more('}') {
		if in.name() == "Active DNS" {
			l.readDNS(in)
		} else {
			in.skip()
		}
	}
	if err := in.end(object); err != nil {
		return nil, err
	}
	l.keepNewest(most)
	compact(l.texts)
	return l, nil
}

func (l *Links) readDNS(in *reader) {
	for ok := in.enter('['); ok && in.more(']'); {
		var e DNS
		for ok := in.enter('{'); ok && in.more('}'); {
			switch in.name() {
			case "indicator":
				e.Indicator = in.text()
			case "type":
				e.Type = strings.ToLower(in.text())
			case "stamp_linked":
				e.Linked = in.stamp()
			default:
				in.skip()
			}
		}
		if e.Indicator == "" || !in.take(e.text()) {
			continue
		}
		if l.ActiveDNS == nil {
			l.ActiveDNS = make([]DNS, 0, usualList)
		}
		if l.ActiveDNS = append(l.ActiveDNS, e); len(l.ActiveDNS) >= 2*in.most {
			in.room += l.keepNewest(in.most)
		}
	}
}

func (e DNS) linked() time.Time { return e.Linked }
func (e DNS) text() int         { return len(e.Indicator) + len(e.Type) }

// keepNewest drops the oldest entries beyond the bound; the others stay in the
// order they were sent in. It says how much text that was, in bytes.
func (l *Links) keepNewest(most int) (freed int) {
	if len(l.ActiveDNS) <= most {
		return 0
	}
	ordered, freed := newest(slices.Clone(l.ActiveDNS), most)
	oldest, equal := ordered[most-1].Linked, 0
	for _, e := range ordered {
		if e.Linked.Equal(oldest) {
			equal++
		}
	}
	kept := make([]DNS, 0, most)
	for _, e := range l.ActiveDNS {
		if e.Linked.Equal(oldest) {
			equal--
		}
		if e.Linked.After(oldest) || e.Linked.Equal(oldest) && equal >= 0 {
			kept = append(kept, e)
		}
	}
	l.ActiveDNS = kept
	return freed
}

// decodeFault reads the member error of an answer, empty where there is none.
func decodeFault(body []byte) (fault string) {
	in := newReader(body, 0)
	for ok := in.enter('{'); ok && in.more('}'); {
		if in.name() == "error" {
			fault = strings.Clone(in.text())
		} else {
			in.skip()
		}
	}
	return fault
}

// decodeNothing makes sure that an answer is an object.
func decodeNothing(body []byte) error {
	in := newReader(body, 0)
	object := in.enter('{')
	for object && in.more('}') {
		in.name()
		in.skip()
	}
	return in.end(object)
}

// texts visits every text of the record.
func (r *Record) texts(visit func(*string)) {
	for _, s := range []*string{&r.IID, &r.Indicator, &r.Type, &r.Risk, &r.Retired} {
		visit(s)
	}
	for i := range r.RiskFactors {
		visit(&r.RiskFactors[i].Description)
		visit(&r.RiskFactors[i].Risk)
	}
	for i := range r.Threats {
		t := &r.Threats[i]
		visit(&t.TID)
		visit(&t.Name)
		visit(&t.Category)
	}
	for i := range r.Feeds {
		f := &r.Feeds[i]
		visit(&f.FID)
		visit(&f.Name)
		visit(&f.Category)
		visit(&f.Organization)
	}
}

func (l *Links) texts(visit func(*string)) {
	for i := range l.ActiveDNS {
		visit(&l.ActiveDNS[i].Indicator)
		visit(&l.ActiveDNS[i].Type)
	}
}

// compact puts all texts into one piece of memory of their own, so that the
// answer that they are parts of need not stay.
func compact(texts func(func(*string))) {
	n := 0
	texts(func(s *string) { n += len(*s) })
	var b strings.Builder
	b.Grow(n)
	texts(func(s *string) {
		b.WriteString(*s)
		*s = b.String()[b.Len()-len(*s):]
	})
}
