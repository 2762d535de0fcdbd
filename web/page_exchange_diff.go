package web

import (
	"slices"
	"strconv"

	"pulsedive-relay/relay/ctim"
	"pulsedive-relay/store"
	"pulsedive-relay/web/view"
)

// beforeSeen is how many exchanges are looked at for one that asked the same
// before.
const beforeSeen = 20

// before is the exchange that last asked about the one observable; nil: none did,
// or it is not known.
func (a *Admin) before(l *looked) *view.BeforeView {
	if l.one < 0 || l.query.Get("before") != "" {
		return nil
	}
	o := l.subjects[l.one].Observable
	page, err := a.cfg.Store.List(store.Filter{Observable: o.Value}, store.Cursor{Before: l.ID}, beforeSeen)
	if err != nil {
		return nil
	}
	for i := range page.Summaries {
		for j := range page.Summaries[i].Results {
			if r := &page.Summaries[i].Results[j]; r.Observable == o {
				return &view.BeforeView{
					Href: exchangePath(page.Summaries[i].ID), Compare: l.href("before", strconv.FormatUint(page.Summaries[i].ID, 10)),
					At: page.Summaries[i].At, Verdict: verdictOf(r),
				}
			}
		}
	}
	return nil
}

// sameObservable finds an observable among others; -1: it is not there.
func sameObservable(list []subject, o ctim.Observable) int {
	for i := range list {
		if list[i].Observable == o {
			return i
		}
	}
	return -1
}

// diff is the difference to the exchange that the address names as before; nil:
// it names none, or there is nothing to compare.
func (a *Admin) diff(l *looked) *view.DiffView {
	text := l.query.Get("before")
	if text == "" {
		return nil
	}
	hint := func(title, text string) {
		l.hints = append(l.hints, view.Hint{Kind: view.KindInfo, Title: title, Text: text})
	}
	id, err := strconv.ParseUint(text, 10, 64)
	var x *store.Exchange
	if err == nil {
		x, err = a.cfg.Store.Exchange(id)
	}
	if err != nil {
		hint("There is nothing to compare with.", "The earlier exchange is not in the history any more.")
		return nil
	}
	before := a.look(x, nil)
	d := &view.DiffView{Href: before.path(), At: x.At}
	compared, whole := 0, l.hasEntities() && before.hasEntities() && len(l.hints)+len(before.hints) == 0
	for _, now := range l.chosen() {
		place := sameObservable(before.subjects, now.Observable)
		if place < 0 {
			d.Other++
			continue
		}
		compared++
		if c := change(&before.subjects[place], now, whole); c.Before != c.After || len(c.Lists) > 0 {
			d.Changes = append(d.Changes, c)
		} else {
			d.Same++
		}
	}
	if compared == 0 {
		hint("There is nothing to compare.", "The earlier exchange asked about other observables.")
		return nil
	}
	return d
}

// change is the difference between what was and what is known of an observable.
// Where one of the two has no whole answer only the verdicts are compared: what is
// not in it is not gone.
func change(before, after *subject, whole bool) view.ChangeView {
	c := view.ChangeView{Type: after.Observable.Type, Value: after.Observable.Value, Before: verdictOf(before.Result), After: verdictOf(after.Result)}
	if !whole || before.State == store.Errored || after.State == store.Errored {
		return c
	}
	for i, label := range []string{"Risk factors", "Threats", "Feeds"} {
		lists(&c, label, namesOf(before, i), namesOf(after, i))
	}
	lists(&c, "Relations", relatedTo(before), relatedTo(after))
	return c
}

// lists notes what came and went of a kind, where anything did.
func lists(c *view.ChangeView, label string, before, after []string) {
	come, gone := less(after, before), less(before, after)
	if len(come)+len(gone) > 0 {
		c.Lists = append(c.Lists, view.DiffList{Label: label, Come: come, Gone: gone})
	}
}

func namesOf(s *subject, kind int) []string {
	var list []string
	for i := range s.reasons {
		if s.reasons[i].kind == kind {
			list = append(list, s.reasons[i].name())
		}
	}
	return list
}

func relatedTo(s *subject) []string {
	var list []string
	for _, r := range s.relations() {
		list = append(list, relationView(r, s.name()).Value)
	}
	return list
}

// less is what is in one list but not in the other, each once.
func less(list, other []string) []string {
	had := make(map[string]bool, len(other))
	for _, one := range other {
		had[one] = true
	}
	var left []string
	for _, one := range list {
		if !had[one] {
			had[one] = true
			left = append(left, one)
		}
	}
	return slices.Clip(left)
}
