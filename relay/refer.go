package relay

import (
	"context"
	"encoding/base64"
	"slices"

	"pulsedive-relay/relay/ctim"
)

// Referred is the answer to refer.
type Referred struct {
	// Links holds a search link for each observable, then a browse link for each
	// that Pulsedive knows.
	Links []ctim.Link
	// Errors holds one error for each different fault.
	Errors []Error
	Asked
}

func (o Referred) reply() reply {
	return reply{data: func(b []byte) []byte { return ctim.AppendLinks(b, o.Links) }, errors: o.Errors}
}

// AppendJSON appends the answer as callers get it.
func (o Referred) AppendJSON(b []byte) []byte { return o.reply().appendJSON(b) }

// Refer links to pages about observables. Search links need no Pulsedive and are
// always there; each observable is looked up for its browse link. listen may be
// nil.
func (r *Relay) Refer(ctx context.Context, c Caller, list []ctim.Observable, listen Listener) Referred {
	run := newRun(ctx, r, c, list, listen)
	defer run.batch.Close()
	return run.refer()
}

// refer looks everything up and links to it.
func (n *run) refer() Referred {
	n.ask()
	links := n.referLinks()
	return Referred{Links: links, Errors: n.errors(len(links) > 0), Asked: askedOf(n.batch, n.results)}
}

// referLinks links to what was asked about.
func (n *run) referLinks() []ctim.Link {
	links := make([]ctim.Link, 0, 2*len(n.list))
	for _, o := range n.list {
		links = append(links, SearchLink(o))
	}
	for i := range n.outcomes {
		if o := &n.outcomes[i]; o.err == nil && o.record.IID != "" {
			links = append(links, BrowseLink(n.list[i], o.record.IID))
		}
	}
	return links
}

// names are what the types are called in titles.
var names = map[string]string{"ip": "IP", "ipv6": "IPv6", "domain": "domain", "url": "URL"}

// SearchLink is the link to the search for an observable: every one has it.
func SearchLink(o ctim.Observable) ctim.Link {
	name := names[o.Type]
	return ctim.Link{
		ID:          "ref-pulsedive-search-" + o.Type + "-" + percentEncode(o.Value),
		Title:       "Search for this " + name,
		Description: "Lookup this " + name + " on Pulsedive",
		URL:         site + "/browse/?q=" + base64.StdEncoding.EncodeToString(search(o.Value)),
		Categories:  []string{"Search", source},
	}
}

// BrowseLink is the link to the page of an observable that Pulsedive knows by this
// number.
func BrowseLink(o ctim.Observable, iid string) ctim.Link {
	name := names[o.Type]
	return ctim.Link{
		ID:          "ref-pulsedive-detail-" + o.Type + "-" + percentEncode(o.Value),
		Title:       "Browse " + name,
		Description: "Browse this " + name + " on Pulsedive",
		URL:         site + "/indicator/?iid=" + iid,
		Categories:  []string{"Browse", source},
	}
}

// search is the search for one value as Pulsedive's page takes it, in the very
// spelling that callers know (contract: refer links). Differs: the value is
// escaped, so a quote in it leaves the JSON valid.
func search(value string) []byte {
	quoted := ctim.AppendString(nil, value)
	return slices.Concat(
		[]byte(`{"type":["artifact", "domain","ip","ipv6","url"],"risk":["unknown","none","low","medium","high","critical","retired"],"lastseen":["all"],"indicator":[{"raw":{"type":"indicator","value":`),
		quoted, []byte(`}, "htmlsafe":{"type":"indicator","value":`),
		quoted, []byte(`},"exact":true}],"attribute":[],"property":[],"threat":[], "feed":[]}`))
}

// percentEncode encodes all but letters, digits and _.-~ (contract: refer
// links).
func percentEncode(s string) string {
	const hex = "0123456789ABCDEF"
	b := make([]byte, 0, 3*len(s))
	for i := range len(s) {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '_', c == '.', c == '-', c == '~':
			b = append(b, c)
		default:
			b = append(b, '%', hex[c>>4], hex[c&15])
		}
	}
	return string(b)
}
