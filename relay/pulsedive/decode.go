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
	var has struct{ iid, risk, seen, other bool }
	var updated, added time.Time
	var fault string
	err := newReader(body, most).document(func(in *reader, name []byte) error {
		var err error
		switch string(name) {
		case `"iid"`:
			has.iid = true
			r.IID, err = in.number()
		case `"indicator"`:
			has.other = true
			r.Indicator, err = in.text()
		case `"type"`:
			r.Type, err = in.text()
		case `"risk"`:
			has.risk = true
			r.Risk, err = in.text()
		case `"retired"`:
			r.Retired, err = in.text()
		case `"stamp_seen"`:
			has.seen = true
			r.Seen, err = in.stamp()
		case `"stamp_updated"`:
			updated, err = in.stamp()
		case `"stamp_added"`:
			added, err = in.stamp()
		case `"stamp_retired"`:
			r.RetiredAt, err = in.stamp()
		case `"riskfactors"`:
			err = in.list(r.addRiskFactor)
		case `"threats"`:
			err = in.list(r.addThreat)
		case `"feeds"`:
			err = in.list(r.addFeed)
		case `"error"`:
			fault, err = in.text()
		default:
			err = in.d.SkipValue()
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if r.IID == "" && !has.risk && !has.seen && (fault != "" || has.other) {
		return nil, notFound(fault)
	}
	r.Type, r.Risk = strings.ToLower(r.Type), strings.ToLower(r.Risk)
	for _, t := range []time.Time{updated, added} {
		if r.Seen.IsZero() {
			r.Seen = t
		}
	}
	r.missing = missing(r, has.risk, has.seen)
	r.keepNewest(most)
	return r, nil
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

// keepNewest orders threats and feeds, newest first and otherwise as sent, and
// drops what is beyond the bound.
func (r *Record) keepNewest(most int) {
	slices.SortStableFunc(r.Threats, func(a, b Threat) int { return b.Linked.Compare(a.Linked) })
	slices.SortStableFunc(r.Feeds, func(a, b Feed) int { return b.Linked.Compare(a.Linked) })
	r.RiskFactors = r.RiskFactors[:min(len(r.RiskFactors), most)]
	r.Threats = r.Threats[:min(len(r.Threats), most)]
	r.Feeds = r.Feeds[:min(len(r.Feeds), most)]
}

func (r *Record) addRiskFactor(in *reader) error {
	var f RiskFactor
	err := in.object(func(in *reader, name []byte) (err error) {
		switch string(name) {
		case `"description"`:
			f.Description, err = in.text()
		case `"risk"`:
			f.Risk, err = in.text()
		default:
			err = in.d.SkipValue()
		}
		return err
	})
	if f.Description != "" {
		r.RiskFactors = append(r.RiskFactors, f)
	}
	return err
}

func (r *Record) addThreat(in *reader) error {
	var t Threat
	err := in.object(func(in *reader, name []byte) (err error) {
		switch string(name) {
		case `"tid"`:
			t.TID, err = in.number()
		case `"name"`:
			t.Name, err = in.text()
		case `"category"`:
			t.Category, err = in.text()
		case `"stamp_linked"`:
			t.Linked, err = in.stamp()
		default:
			err = in.d.SkipValue()
		}
		return err
	})
	if t.Name != "" {
		r.Threats = append(r.Threats, t)
	}
	return err
}

func (r *Record) addFeed(in *reader) error {
	var f Feed
	err := in.object(func(in *reader, name []byte) (err error) {
		switch string(name) {
		case `"fid"`:
			f.FID, err = in.number()
		case `"name"`:
			f.Name, err = in.text()
		case `"category"`:
			f.Category, err = in.text()
		case `"organization"`:
			f.Organization, err = in.text()
		case `"stamp_linked"`:
			f.Linked, err = in.stamp()
		default:
			err = in.d.SkipValue()
		}
		return err
	})
	if f.Name != "" {
		r.Feeds = append(r.Feeds, f)
	}
	return err
}

// decodeLinks reads the answer to links. One that holds an error, or no list of
// Active DNS, has none.
func decodeLinks(body []byte, most int) (*Links, error) {
	l := &Links{}
	err := newReader(body, most).document(func(in *reader, name []byte) error {
		if string(name) != `"Active DNS"` {
			return in.d.SkipValue()
		}
		return in.list(func(in *reader) error {
			var e DNS
			err := in.object(e.member)
			if e.Indicator != "" && len(l.ActiveDNS) < most {
				l.ActiveDNS = append(l.ActiveDNS, e)
			}
			return err
		})
	})
	return l, err
}

func (e *DNS) member(in *reader, name []byte) (err error) {
	switch string(name) {
	case `"indicator"`:
		e.Indicator, err = in.text()
	case `"type"`:
		e.Type, err = in.text()
	case `"stamp_linked"`:
		e.Linked, err = in.stamp()
	default:
		err = in.d.SkipValue()
	}
	return err
}

// decodeFault reads the member error of an answer, empty where there is none.
func decodeFault(body []byte) string {
	var fault string
	_ = newReader(body, 0).document(func(in *reader, name []byte) (err error) {
		if string(name) != `"error"` {
			return in.d.SkipValue()
		}
		fault, err = in.text()
		return err
	})
	return fault
}
