package web

import (
	"net/url"

	"pulsedive-relay/relay"
	"pulsedive-relay/relay/ctim"
	"pulsedive-relay/web/view"
)

// linksPage is how many links a page has.
const linksPage = 50

// allLinks are the links that were sent, or those that the answer implies.
func (l *looked) allLinks() []ctim.Link {
	if l.links != nil {
		return l.links
	}
	var list []ctim.Link
	for i := range l.subjects {
		list = append(list, relay.SearchLink(l.subjects[i].Observable))
	}
	for i := range l.subjects {
		if iid := iidOf(l.subjects[i].judgement); iid != "" {
			list = append(list, relay.BrowseLink(l.subjects[i].Observable, iid))
		}
	}
	return list
}

// iidOf is the number by which Pulsedive knows what a judgement is on.
func iidOf(j *ctim.Judgement) string {
	if j == nil || !view.OnPulsedive(j.SourceURI) {
		return ""
	}
	u, err := url.Parse(j.SourceURI)
	if err != nil {
		return ""
	}
	return u.Query().Get("iid")
}

// linksOf are the links that were sent for one observable.
func (l *looked) linksOf(s *subject) []ctim.Link {
	search, browse := relay.SearchLink(s.Observable).ID, relay.BrowseLink(s.Observable, "").ID
	var list []ctim.Link
	for _, one := range l.allLinks() {
		if one.ID == search || one.ID == browse {
			list = append(list, one)
		}
	}
	return list
}

// chosenLinks are the links for the observables that the page is about.
func (l *looked) chosenLinks() []ctim.Link {
	if l.one >= 0 && len(l.subjects) > 1 {
		return l.linksOf(&l.subjects[l.one])
	}
	return l.allLinks()
}

// linksView is the page of links that the address asks for.
func (l *looked) linksView() view.LinksView {
	all := l.chosenLinks()
	from, pager := l.page(len(all), linksPage, "tab", "links")
	v := l.listLinks(all, from, linksPage)
	v.Pager = pager
	return v
}

// listLinks lists some of all links.
func (l *looked) listLinks(all []ctim.Link, from, most int) view.LinksView {
	v := view.LinksView{Sent: l.links != nil, Total: len(all)}
	for _, one := range all[from:min(from+most, len(all))] {
		v.List = append(v.List, view.ReferLinkView{Title: one.Title, Description: one.Description, URL: one.URL, ID: one.ID, Categories: one.Categories})
	}
	return v
}
