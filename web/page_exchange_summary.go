package web

import (
	"cmp"
	"slices"
	"strconv"

	"pulsedive-relay/relay/ctim"
	"pulsedive-relay/store"
	"pulsedive-relay/web/view"
)

// subjectsPage is how many observables a page of the summary has.
const subjectsPage = 25

// summary is why the verdict is what it is.
func (l *looked) summary() view.SummaryView {
	s := view.SummaryView{One: l.one >= 0}
	if l.one >= 0 {
		s.Subjects = []view.SubjectView{l.subjectView(&l.subjects[l.one])}
		s.Graph = l.graph(l.chosen(), false)
		if l.Endpoint == store.Refer {
			links := l.linksView()
			s.Links = &links
		}
		return s
	}
	var cards []*subject
	cards, s.Pager = l.cards()
	for _, one := range cards {
		v := l.subjectView(one)
		v.Href = l.href("o", strconv.Itoa(one.place))
		s.Subjects = append(s.Subjects, v)
	}
	if len(cards) == 0 {
		s.Quotas, s.Note = l.quotas(), l.note()
	}
	return s
}

// cards are the observables that a page of the summary shows, the worst first.
func (l *looked) cards() ([]*subject, view.PagerView) {
	order := l.worstFirst()
	from, pager := l.page(len(order), subjectsPage, "tab", "")
	return order[from:min(from+subjectsPage, len(order))], pager
}

// worstFirst are the observables that the page is about in the order of weight.
func (l *looked) worstFirst() []*subject {
	order := l.chosen()
	slices.SortStableFunc(order, func(a, b *subject) int {
		va, vb := verdictOf(a.Result), verdictOf(b.Result)
		switch {
		case va == vb:
			return cmp.Compare(severity(b.Risk), severity(a.Risk))
		case view.Worst(va, vb) == va:
			return -1
		}
		return 1
	})
	return order
}

// note says what an exchange without observables was about.
func (l *looked) note() string {
	switch {
	case l.Endpoint == store.Health && l.Outcome == store.OK:
		return "Pulsedive answered with the caller's key. Cisco XDR asks this to show that the module works."
	case l.Endpoint == store.Health:
		return "Cisco XDR asked whether the module works, and was told that it does not."
	case l.Outcome == store.Failed:
		return "The request was refused before anything was asked. What was wrong with it stands above; it is all that Cisco XDR was told."
	}
	return "The request held no observable of a type that this relay supports: IPs, domains and URLs. The answer is empty, as it should be."
}

// subjectView is what is known of an observable, for a page.
func (l *looked) subjectView(s *subject) view.SubjectView {
	v := view.SubjectView{
		Type: s.Observable.Type, Value: s.Observable.Value, Now: l.now, Verdict: verdictOf(s.Result),
		Risk: s.Risk, Retired: s.Retired, Seen: s.Seen, Error: s.Error, Pulsedive: l.pulsedivePage(s),
		Why: [3]view.ReasonsView{{Kind: view.Factor}, {Kind: view.Threat}, {Kind: view.Feed}},
	}
	if s.Answered != (ctim.Observable{}) && s.Answered.Value != v.Value {
		v.Answered = s.Answered.Value
	}
	if s.verdict != nil {
		v.Until = s.verdict.ValidTime.End
	}
	if j := s.judgement; j != nil {
		v.Severity, v.Confidence, v.TLP = j.Severity, j.Confidence, j.TLP
	}
	for i := range s.reasons {
		why := &v.Why[s.reasons[i].kind]
		why.List = append(why.List, reasonView(&s.reasons[i]))
	}
	for i := range v.Why {
		v.Why[i].More = l.href("tab", "entities")
	}
	for _, r := range s.relations() {
		v.Relations = append(v.Relations, relationView(r, s.name()))
	}
	v.Unrelated = l.unrelated(s)
	return v
}

// cut says whether the entities limit may have cut what an answer holds of an
// observable.
func (l *looked) cut(s *subject) bool {
	return len(s.reasons) > 0 && len(s.reasons) == l.EntitiesLimit
}

// unrelated is why the answer has no relations of an observable that is known;
// empty: nothing kept it from having them.
func (l *looked) unrelated(s *subject) string {
	switch {
	case s.State != store.Known || !l.hasEntities():
		return ""
	case s.Error == "too many requests":
		return "Pulsedive’s limit was used up"
	case s.Error == "timeout":
		return "the request ended before they came"
	case s.Error != "":
		return "asking for them failed (" + s.Error + ")"
	case l.cut(s) && s.Observable.Type != "url":
		return "not asked for, as the entities limit of " + strconv.Itoa(l.EntitiesLimit) + " was reached"
	}
	return ""
}

func reasonView(r *reason) view.ReasonView {
	v := view.ReasonView{Name: r.name(), Risk: r.risk, Producer: r.indicator.Producer, URI: r.indicator.SourceURI}
	if r.kind != factor {
		v.Linked = r.indicator.ValidTime.Start
	}
	if len(r.indicator.Tags) > 0 {
		v.Tag = r.indicator.Tags[0]
	}
	return v
}

// relationView is a relation as one of its two sides sees it.
func relationView(r ctim.Relation, self ctim.Observable) view.RelationView {
	other, how := r.Related, "resolves to"
	if r.Source != self {
		other, how = r.Source, "name of it"
	}
	return view.RelationView{Type: other.Type, Value: other.Value, How: how}
}

// pulsedivePage is an observable's page at Pulsedive; empty: it is not known.
func (l *looked) pulsedivePage(s *subject) string {
	if s.judgement != nil && view.OnPulsedive(s.judgement.SourceURI) {
		return s.judgement.SourceURI
	}
	for _, one := range l.linksOf(s) {
		if len(one.Categories) > 0 && one.Categories[0] == "Browse" && view.OnPulsedive(one.URL) {
			return one.URL
		}
	}
	return ""
}

// quotas are what was known of the limits of the caller's key.
func (l *looked) quotas() []view.QuotaView {
	var list []view.QuotaView
	for _, q := range l.Quotas {
		v := view.QuotaView{Period: q.Period, Limit: q.Limit, Left: q.Left}
		if !q.Ends.IsZero() {
			v.Ends = view.Time(q.Ends)
		}
		list = append(list, v)
	}
	return list
}
