package web

import (
	"slices"
	"strconv"
	"time"

	"pulsedive-relay/relay/ctim"
	"pulsedive-relay/web/view"
)

const (
	// mostNodes bounds what is drawn: more is slow, and nobody can read it.
	mostNodes = 300
	// mostBeside bounds how many of each kind are drawn beside the summary, where
	// there is less room.
	mostBeside = 5
	// mostTogether bounds how many observables are drawn at once: with more no label
	// can be read. mostPicked bounds how many can be picked to be drawn alone.
	mostTogether = 12
	mostPicked   = 200
	// mostRows bounds the table that says the same.
	mostRows = 500
	// mostLabel is how many characters a label has; the whole is in the details.
	mostLabel = 28
)

// allTogether stands in the address for the drawing of several observables.
const allTogether = "all"

// graphMaker makes the drawing of an answer: observables, what they are members or
// sightings of, and the names and addresses that belong together. An indicator
// that several observables share is one node.
type graphMaker struct {
	view.GraphView
	most  int
	seen  bool           // sightings are nodes of their own
	kinds map[string]int // how many of each kind there are
	nodes map[string]string
	edges map[[2]string]bool
}

// graphPart is the drawing of one observable, the worst unless the address names
// another, and what else can be drawn.
func (l *looked) graphPart() view.GraphPart {
	order := l.worstFirst()
	if len(order) == 1 {
		return view.GraphPart{Graph: l.graph(order, true)}
	}
	together := order[:min(len(order), mostTogether)]
	of := l.query.Get("of")
	drawn := order[max(slices.IndexFunc(order, (*subject).tied), 0)]
	for _, one := range order {
		if strconv.Itoa(one.place) == of {
			drawn = one
		}
	}
	p := view.GraphPart{More: max(len(order)-mostPicked, 0)}
	for _, one := range order[:len(order)-p.More] {
		p.Picks = append(p.Picks, view.GraphPick{
			Value: one.Observable.Value, Verdict: verdictOf(one.Result), Current: of != allTogether && one == drawn,
			Href: l.href("tab", "graph", "of", strconv.Itoa(one.place)),
		})
	}
	p.Together = view.TabView{Label: "All " + view.Count(len(together)) + " together", Href: l.href("tab", "graph", "of", allTogether), Current: of == allTogether}
	if len(together) < len(order) {
		p.Together.Label = "The worst " + strconv.Itoa(len(together)) + " together"
	}
	if p.Together.Current {
		p.Graph = l.graph(together, true)
	} else {
		p.Graph = l.graph([]*subject{drawn}, true)
	}
	return p
}

// tied says whether there is anything to draw of an observable.
func (s *subject) tied() bool { return len(s.reasons)+len(s.sightings) > 0 }

// graph is the drawing of observables; nil: there is nothing to draw.
func (l *looked) graph(list []*subject, large bool) *view.GraphView {
	g := &graphMaker{most: mostNodes, seen: large, kinds: map[string]int{}, nodes: map[string]string{}, edges: map[[2]string]bool{}}
	g.Name, g.Large = "exchange-"+strconv.FormatUint(l.ID, 10)+"-graph.png", large
	g.All = l.href("tab", "entities")
	if !large {
		g.Href = l.href("tab", "graph")
	}
	for _, one := range list {
		g.subject(one)
	}
	share := max(g.most-len(list), 0) / max(len(list), 1)
	for _, one := range list {
		g.around(one, share)
	}
	if len(g.Edges) == 0 {
		return nil
	}
	return &g.GraphView
}

func observableKey(o ctim.Observable) string { return "o " + o.Type + " " + o.Value }

// node adds a node, or finds the one that is there; empty: there is no room.
func (g *graphMaker) node(key string, make func() view.GraphNode) string {
	if id, ok := g.nodes[key]; ok {
		return id
	}
	n := make()
	if len(g.Nodes) >= g.most || !g.seen && g.kinds[n.Kind] >= mostBeside {
		g.nodes[key] = ""
		g.Left++
		return ""
	}
	g.kinds[n.Kind]++
	n.ID = "n" + strconv.Itoa(len(g.Nodes))
	whole := n.Title
	n.Label, n.Title = view.Visible(view.Clip(whole, mostLabel)), view.Visible(view.Clip(whole, 500))
	for i := range n.Facts {
		n.Facts[i].Text = view.Visible(view.Clip(n.Facts[i].Text, 300))
	}
	if !view.SafeLink(n.URI) {
		n.URI = ""
	}
	g.Nodes, g.nodes[key] = append(g.Nodes, n), n.ID
	return n.ID
}

func (g *graphMaker) edge(from, to, kind string) {
	if from == "" || to == "" || from == to || g.edges[[2]string{from, to}] {
		return
	}
	g.edges[[2]string{from, to}] = true
	g.Edges = append(g.Edges, view.GraphEdge{From: from, To: to, Kind: kind})
}

func (g *graphMaker) row(r view.GraphRow) {
	if len(g.Rows) >= mostRows {
		g.More++
		return
	}
	g.Rows = append(g.Rows, r)
}

func textFact(name, text string) view.GraphFact { return view.GraphFact{Name: name, Text: text} }

func whenFact(name string, t time.Time) view.GraphFact { return view.GraphFact{Name: name, Time: &t} }

// telling leaves out facts that say nothing.
func telling(list ...view.GraphFact) []view.GraphFact {
	kept := list[:0]
	for _, f := range list {
		if f.Text != "" || f.Time != nil && !f.Time.IsZero() {
			kept = append(kept, f)
		}
	}
	return kept
}

// subject adds an observable that was asked about.
func (g *graphMaker) subject(s *subject) {
	g.node(observableKey(s.name()), func() view.GraphNode {
		verdict := verdictOf(s.Result)
		n := view.GraphNode{Kind: "observable", Tone: string(verdict), Title: s.name().Value}
		n.Facts = telling(textFact("Type", s.name().Type), textFact("Verdict", verdict.Word()), textFact("Risk", s.Risk), whenFact("Last seen", s.Seen))
		if s.judgement != nil {
			n.URI = s.judgement.SourceURI
			n.Facts = append(n.Facts, whenFact("Valid until", s.judgement.ValidTime.End))
		}
		return n
	})
}

// around adds what an observable is tied to, up to a share of the nodes.
func (g *graphMaker) around(s *subject, share int) {
	self := g.nodes[observableKey(s.name())]
	most := g.most
	g.most = min(g.most, len(g.Nodes)+share)
	relations := s.relations()
	// Relations come last, but some room is theirs.
	room := min(len(relations), share/3)
	g.most -= room
	for i := range s.reasons {
		g.reason(s, self, &s.reasons[i], i)
	}
	g.most += room
	for _, r := range relations {
		g.relation(r, s)
	}
	g.most = most
}

// kinds are the names of the kinds of reasons.
var kinds = [...]string{factor: view.Factor, threat: view.Threat, feed: view.Feed}

// hows are how an observable is tied to each kind.
var hows = [...]string{factor: "sighting of", threat: "sighting of", feed: "member of"}

func (g *graphMaker) reason(s *subject, self string, r *reason, nth int) {
	uri := r.indicator.SourceURI
	to := g.node(kinds[r.kind]+" "+r.indicator.ID, func() view.GraphNode {
		n := view.GraphNode{Kind: kinds[r.kind], Title: r.name(), URI: uri}
		n.Facts = telling(textFact("Risk", r.risk), textFact("Severity", r.indicator.Severity), textFact("From", r.indicator.Producer))
		if len(r.indicator.Tags) > 0 {
			n.Facts = append(n.Facts, textFact("Category", r.indicator.Tags[0]))
		}
		if r.kind != factor {
			n.Facts = append(n.Facts, telling(whenFact("Linked", r.indicator.ValidTime.Start))...)
		}
		return n
	})
	from, how := self, "indicates"
	if g.seen && to != "" {
		from = g.node("s "+strconv.Itoa(s.place)+" "+strconv.Itoa(nth), func() view.GraphNode {
			return view.GraphNode{Kind: "sighting", Title: "Sighting: " + r.sighting.Description, URI: r.sighting.SourceURI, Facts: telling(
				textFact("Of", s.name().Value), whenFact("Observed", r.sighting.ObservedTime.Start), textFact("Confidence", r.sighting.Confidence), textFact("Severity", r.sighting.Severity))}
		})
		g.edge(self, from, how)
		if how = "leads"; from == "" {
			from, how = self, "indicates"
		}
	}
	g.edge(from, to, how)
	g.row(view.GraphRow{From: s.name().Value, How: hows[r.kind], To: r.name(), Kind: kinds[r.kind], Seen: r.sighting.ObservedTime.Start, URI: uri})
}

// relation adds a pair of observables. It points from what is left in the drawing
// to the observable that was asked about.
func (g *graphMaker) relation(r ctim.Relation, s *subject) {
	related := func(o ctim.Observable) string {
		return g.node(observableKey(o), func() view.GraphNode {
			return view.GraphNode{Kind: "related", Title: o.Value, Facts: []view.GraphFact{textFact("Type", o.Type)}}
		})
	}
	self, other := r.Source, r.Related
	how := "resolves to"
	if other == s.name() {
		self, other = other, self
		how = "has the name"
	}
	g.edge(related(other), related(self), "resolves")
	seen := time.Time{}
	if len(s.sightings) > 0 {
		seen = s.sightings[0].ObservedTime.Start
	}
	g.row(view.GraphRow{From: self.Value, How: how, To: other.Value, Mono: true, Kind: "related", Seen: seen})
}
