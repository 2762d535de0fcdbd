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
