package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"

	"pulsedive-relay/relay/ctim"
	"pulsedive-relay/static"
	"pulsedive-relay/store"
	"pulsedive-relay/web/view"
)

// errNoExchange is an address whose number is none.
var errNoExchange = fmt.Errorf("no number of an exchange: %w", store.ErrNotFound)

// exchangeOf is the exchange that a path names.
func (a *Admin) exchangeOf(req *http.Request) (*store.Exchange, error) {
	id, err := strconv.ParseUint(chi.URLParam(req, "id"), 10, 64)
	if err != nil {
		return nil, errNoExchange
	}
	return a.cfg.Store.Exchange(id)
}

// looked is an exchange as somebody looks at it: taken apart, with what the
// address asks for.
type looked struct {
	*store.Exchange
	now      time.Time
	query    url.Values
	bundle   *ctim.Bundle
	links    []ctim.Link // as they were sent; nil: none were
	subjects []subject
	// one is the place of the only observable that the page is about, else -1.
	one   int
	hints []view.Hint
}

// look takes an exchange apart. What cannot be is told by a hint.
func (a *Admin) look(x *store.Exchange, query url.Values) *looked {
	l := &looked{Exchange: x, now: a.cfg.Now(), query: query, bundle: &ctim.Bundle{}, one: -1}
	var err error
	sent := x.Refer
	switch x.Endpoint {
	case store.Observe, store.Both:
		l.bundle, err = takeBundle(x.Answer)
	case store.Refer:
		sent = x.Answer
	}
	if err == nil && len(sent) > 0 && x.Endpoint != store.Health {
		l.links, err = takeLinks(sent)
	}
	if err != nil {
		l.hints = append(l.hints, view.Hint{
			Kind: view.KindWarning, Title: "The answer in the history could not be taken apart.", Text: whyNotTaken(err),
			Link: view.Link{Href: l.href("tab", "json"), Label: "Look at it as it is"},
		})
	}
	l.subjects = bySubject(x.Results, l.bundle)
	if n, err := strconv.Atoi(query.Get("o")); err == nil && n >= 0 && n < len(l.subjects) {
		l.one = n
	}
	if len(l.subjects) == 1 {
		l.one = 0
	}
	return l
}

func whyNotTaken(err error) string {
	if err == errTooLarge {
		return "It is too large for a page. What is told here are the facts that are kept beside it."
	}
	return "It is cut off, or in a form that this version does not know. What is told here are the facts that are kept beside it."
}

// path is the address of the exchange.
func (l *looked) path() string { return exchangePath(l.ID) }

// href is the address of a part of the page, by pairs of names and values; those
// that are empty are left out. The observable that is looked at stays.
func (l *looked) href(pairs ...string) string {
	q := url.Values{}
	if l.one >= 0 && len(l.subjects) > 1 {
		q.Set("o", strconv.Itoa(l.one))
	}
	if before := l.query.Get("before"); before != "" {
		q.Set("before", before)
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if q.Del(pairs[i]); pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return l.path()
	}
	return l.path() + "?" + q.Encode()
}

// chosen are the observables that the page is about.
func (l *looked) chosen() []*subject {
	if l.one >= 0 {
		return []*subject{&l.subjects[l.one]}
	}
	list := make([]*subject, len(l.subjects))
	for i := range list {
		list[i] = &l.subjects[i]
	}
	return list
}

// exchange shows one exchange.
func (a *Admin) exchange(w http.ResponseWriter, req *http.Request) error {
	x, err := a.exchangeOf(req)
	if err != nil {
		return err
	}
	l := a.look(x, req.URL.Query())
	p := view.ExchangePage{
		Page: view.Page{Title: l.kind(), Current: view.NavHistory, Shell: a.shell(req), Styles: []string{"exchange.css"}, Scripts: []string{"exchange.js"}},
		Path: l.path(), Kind: l.kind(), At: x.At, Now: l.now, Outcome: string(x.Outcome), Asked: l.asked(),
		Again: len(x.Results) > 0, Exports: l.exports(), Facts: l.facts(),
	}
	p.Before, p.Diff = a.before(l), a.diff(l)
	l.title(&p)
	tab := a.tab(l)
	p.Tabs, p.Body, p.Print = l.tabs(tab.name), tab.body, l.print(tab.name)
	p.Page.Scripts = append(tab.scripts, p.Page.Scripts...)
	p.Hints, p.Folded = append(l.faultHints(), l.hints...), tab.name != "summary"
	return render(w, req, http.StatusOK, view.Exchange(p))
}

// print is the address of what is printed: the summary, at the page that is looked
// at. In other tabs the page is one of another list.
func (l *looked) print(tab string) string {
	page := ""
	if tab == "summary" {
		page = l.query.Get("page")
	}
	return l.href("tab", "", "page", page) + "#print"
}

// part is what a tab shows.
type part struct {
	name    string
	body    templ.Component
	scripts []string
}

// graphScripts draw; they are loaded only where there is something to draw.
var graphScripts = []string{static.Cytoscape, static.CytoscapeDagre, "graph.js"}

// tab is the part that the address asks for; of an unknown name the first.
func (a *Admin) tab(l *looked) part {
	drawn := func(p part, g *view.GraphView) part {
		if g != nil {
			p.scripts = slices.Clone(graphScripts)
		}
		return p
	}
	switch name := l.query.Get("tab"); {
	case name == "graph" && l.hasEntities():
		g := l.graphPart()
		return drawn(part{name: name, body: view.ExchangeGraph(g)}, g.Graph)
	case name == "entities" && l.hasEntities():
		return part{name: name, body: view.ExchangeEntities(l.entities())}
	case name == "links" && len(l.subjects) > 0:
		return part{name: name, body: view.ExchangeLinks(l.linksView())}
	case name == "json":
		return part{name: name, body: view.ExchangeJSON(l.jsonParts())}
	case name == "timing":
		return part{name: name, body: view.ExchangeTiming(l.timing(mostSpans))}
	}
	s := l.summary()
	return drawn(part{name: "summary", body: templ.Join(view.ExchangeSummary(s), view.ExchangeReport(l.report()))}, s.Graph)
}

// hasEntities says whether there can be CTIM in the answer.
func (l *looked) hasEntities() bool {
	return len(l.subjects) > 0 && (l.Endpoint == store.Observe || l.Endpoint == store.Both)
}

func (l *looked) tabs(current string) []view.TabView {
	tab := func(name, label string, count int) view.TabView {
		t := view.TabView{Label: label, Href: l.href("tab", name), Current: name == current}
		if name == "summary" {
			t.Href = l.href("tab", "")
		}
		if count > 0 {
			t.Count = view.Count(count)
		}
		return t
	}
	list := []view.TabView{tab("summary", "Summary", 0)}
	if l.hasEntities() {
		list = append(list, tab("graph", "Graph", 0), tab("entities", "Entities", l.countEntities()))
	}
	if len(l.subjects) > 0 {
		list = append(list, tab("links", "Refer links", len(l.allLinks())))
	}
	return append(list, tab("json", "JSON", 0), tab("timing", "Timing", 0))
}

// page is where the page of a list begins that the address asks for, and its
// pager, without text where all fits on one page.
func (l *looked) page(total, size int, pairs ...string) (from int, p view.PagerView) {
	n, _ := strconv.Atoi(l.query.Get("page"))
	n = max(min(n, (total-1)/size+1), 1)
	from = (n - 1) * size
	if total <= size {
		return 0, p
	}
	p.Text = view.Count(from+1) + " to " + view.Count(min(from+size, total)) + " of " + view.Count(total)
	p.NewerLabel, p.OlderLabel = "Previous", "Next"
	if n > 1 {
		p.Newer = l.href(append(pairs, "page", strconv.Itoa(n-1))...)
	}
	if from+size < total {
		p.Older = l.href(append(pairs, "page", strconv.Itoa(n+1))...)
	}
	return from, p
}
