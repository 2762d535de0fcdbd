package web

import (
	"fmt"
	"hash/fnv"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"pulsedive-relay/store"
	"pulsedive-relay/web/view"
)

// historyPage is how many exchanges a page of the history lists.
const historyPage = 50

// history lists exchanges, newest first.
func (a *Admin) history(w http.ResponseWriter, req *http.Request) error {
	form := req.URL.Query()
	s := soughtBy(form, a.cfg.Now())
	cursor := store.Cursor{Before: place(form.Get("before")), After: place(form.Get("after"))}
	if !isPart(req) && saysNothing(form) { // what a form without scripts sends
		http.Redirect(w, req, historyPath(s.with("before", form.Get("before"), "after", form.Get("after"))), http.StatusSeeOther)
		return nil
	}
	p := a.historyFrame(s)
	if len(s.faults) > 0 {
		p.Shell = a.shell(req)
		return render(w, req, http.StatusUnprocessableEntity, view.History(p))
	}
	list, err := a.cfg.Store.List(s.Filter, cursor, historyPage)
	if err != nil {
		return err
	}
	seen := fingerprint(list)
	if isPart(req) && form.Get("seen") == seen {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	if err := a.fill(&p, s, list, cursor); err != nil {
		return err
	}
	if cursor == (store.Cursor{}) {
		p.Live = historyPath(s.with("seen", seen))
	}
	if isPart(req) {
		return render(w, req, http.StatusOK, view.HistoryList(p))
	}
	p.Shell = a.shell(req)
	a.tellPurge(&p.Shell)
	return render(w, req, http.StatusOK, view.History(p))
}

// historyFrame is all of the page but the list.
func (a *Admin) historyFrame(s *sought) view.HistoryPage {
	p := view.HistoryPage{Now: a.cfg.Now(), Chips: s.chips(), Faulty: len(s.faults) > 0, Columns: exportColumns()}
	p.Fields, p.Times = s.fields()
	p.TimesOpen = s.query.Has("from") || s.query.Has("to")
	query := s.fixed().Encode()
	p.CSV, p.JSONL, p.Purge = "/admin/history/export?"+join("format=csv", query), "/admin/history/export?"+join("format=jsonl", query), "/admin/history/purge"
	if query != "" {
		p.Purge += "?" + query
	}
	return p
}

func join(a, b string) string {
	if b == "" {
		return a
	}
	return a + "&" + b
}

// fill is the list itself, with the ways on from it.
func (a *Admin) fill(p *view.HistoryPage, s *sought, list store.Page, cursor store.Cursor) error {
	p.Rows = rowsOf(list.Summaries, s.Filter)
	here := historyPath(s.with("before", text(cursor.Before), "after", text(cursor.After)))
	for i := range p.Rows {
		one := exchangePath(list.Summaries[i].ID) + "/delete"
		p.Rows[i].DeleteTo, p.Rows[i].Delete = one, one+"?"+url.Values{"back": {here}}.Encode()
	}
	if list.Newer > 0 {
		p.Newer = historyPath(s.with("after", text(list.Newer)))
	}
	if list.Older > 0 {
		p.Older = historyPath(s.with("before", text(list.Older)))
	}
	if p.Partial = list.Partial; list.Partial {
		p.Reached = list.Reached
	}
	p.First, p.Newest = cursor == store.Cursor{}, historyPath(s.query)
	p.Text = view.Plural(len(p.Rows), "exchange", "exchanges")
	if s.all() {
		n, _, err := a.cfg.Store.Count(s.Filter, math.MaxInt)
		if err != nil {
			return err
		}
		p.Text = view.Count(len(p.Rows)) + " of " + view.Plural(n, "exchange", "exchanges")
	} else if p.Newer != "" || p.Older != "" {
		p.Text += " on this page"
	}
	return nil
}

// saysNothing says whether a query has fields without a value.
func saysNothing(form url.Values) bool {
	for _, name := range filterNames {
		if form.Has(name) && strings.TrimSpace(form.Get(name)) == "" {
			return true
		}
	}
	return false
}

// place reads a number of an exchange; 0: there is none.
func place(s string) uint64 {
	n, _ := strconv.ParseUint(s, 10, 64)
	return n
}

// text writes a number of an exchange; empty: there is none.
func text(n uint64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatUint(n, 10)
}

// fingerprint tells one state of a list from another.
func fingerprint(p store.Page) string {
	h := fnv.New64a()
	for i := range p.Summaries {
		fmt.Fprintln(h, p.Summaries[i].ID, p.Summaries[i].Count)
	}
	fmt.Fprint(h, p.Older)
	return strconv.FormatUint(h.Sum64(), 36)
}
