package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"pulsedive-relay/relay/ctim"
	"pulsedive-relay/store"
	"pulsedive-relay/web/view"
)

// exampleURL stands in where no address is known.
const exampleURL = "https://relay.example.com"

// moduleChoice is what was chosen on the page Module; all of it is in the page's
// address.
type moduleChoice struct {
	// urls are the settings'; url is the chosen or typed one, empty where there
	// is none that is right.
	urls   []string
	url    string
	typed  string
	region region
	texts  moduleTexts
	faults map[string]string
}

// moduleText is one of the texts: its place in the form and its bound.
type moduleText struct {
	name, label, help string
	at                *string
	most, rows        int
	required          bool
}

func (c *moduleChoice) list() []moduleText {
	t := &c.texts
	return []moduleText{
		{"title", "Title", "Names the module type in XDR's list of integrations.", &t.title, ctim.MaxTitle, 0, true},
		{"default_name", "Default name", "What a module is called until its user says otherwise.", &t.name, ctim.MaxTitle, 0, true},
		{"short_description", "Short description", "", &t.short, ctim.MaxShortDescription, 2, false},
		{"description", "Description", "", &t.description, ctim.MaxDescription, 5, false},
		{"tips", "Tips", "Markdown, shown beside the fields to fill in.", &t.tips, ctim.MaxDescription, 5, false},
	}
}

// chooseModule reads what was chosen; what is missing has its default.
func (a *Admin) chooseModule(req *http.Request) *moduleChoice {
	q, s := req.URL.Query(), a.cfg.Live.Settings()
	c := &moduleChoice{urls: s.PublicURL, typed: strings.TrimSpace(q.Get("url")), texts: defaultTexts(), faults: map[string]string{}}
	c.chooseURL()
	c.region = regionFor(q.Get("region"), s.JWKSHosts)
	for _, t := range c.list() {
		if sent, ok := q[t.name]; ok {
			*t.at = strings.TrimSpace(strings.ReplaceAll(sent[0], "\r\n", "\n"))
		}
		switch n := utf8.RuneCountInString(*t.at); {
		case t.required && n == 0:
			c.faults[t.name] = "XDR asks for this text."
		case n > t.most:
			c.faults[t.name] = fmt.Sprintf("That has %s characters; %s may be.", view.Count(n), view.Count(t.most))
		}
	}
	return c
}

// chooseURL takes an address of the settings; a typed one counts only where they
// have none.
func (c *moduleChoice) chooseURL() {
	switch {
	case len(c.urls) > 0:
		c.url = c.urls[0]
		if slices.Contains(c.urls, c.typed) {
			c.url = c.typed
		}
	case c.typed != "":
		if _, err := store.Read("urls", "", "", c.typed); err != nil || strings.Contains(c.typed, ",") {
			c.faults["url"] = "That is not an address like " + exampleURL + "."
			return
		}
		c.url = c.typed
	}
}

// regionFor is the region of that id, else the first whose tokens are taken.
func regionFor(id string, hosts []string) region {
	all := xdrRegions()
	if i := slices.IndexFunc(all, func(r region) bool { return r.id == id }); i >= 0 {
		return all[i]
	}
	if i := slices.IndexFunc(all, func(r region) bool { return trusts(hosts, r) }); i >= 0 {
		return all[i]
	}
	return all[0]
}

func trusts(hosts []string, r region) bool {
	return slices.ContainsFunc(hosts, func(h string) bool { return strings.EqualFold(h, r.keyHost) })
}

// query is the choice as part of an address, without what is as usual.
func (c *moduleChoice) query() string {
	q := url.Values{"region": {c.region.id}}
	if c.url != "" {
		q.Set("url", c.url)
	}
	usual := moduleChoice{texts: defaultTexts()}
	for i, t := range usual.list() {
		if chosen := *c.list()[i].at; chosen != *t.at {
			q.Set(t.name, chosen)
		}
	}
	return q.Encode()
}

// module shows what to register in XDR.
func (a *Admin) module(w http.ResponseWriter, req *http.Request) error {
	c := a.chooseModule(req)
	text, err := c.text()
	if err != nil {
		return err
	}
	status := http.StatusOK
	if len(c.faults) > 0 {
		status = http.StatusUnprocessableEntity
	}
	p := view.ModulePage{URLs: c.urls, URL: c.url, Region: c.region.id, URLFault: c.faults["url"], Result: a.moduleResult(c, text)}
	if c.url == "" {
		p.URL = c.typed
	}
	for _, r := range xdrRegions() {
		p.Regions = append(p.Regions, view.RegionView{ID: r.id, Name: r.name, KeyHost: r.keyHost})
	}
	usual := moduleChoice{texts: defaultTexts()}
	for i, t := range c.list() {
		p.Texts = append(p.Texts, view.FieldView{Name: t.name, Label: t.label, Help: t.help, Value: *t.at, Error: c.faults[t.name], Rows: t.rows, Required: t.required})
		p.TextsOpen = p.TextsOpen || *t.at != *usual.list()[i].at || c.faults[t.name] != ""
	}
	page := view.Page{Title: "Module", Current: view.NavModule, Shell: a.shell(req), Styles: []string{"module.css"}}
	return render(w, req, status, view.Module(page, p))
}

// text is the module type of the choice.
func (c *moduleChoice) text() (string, error) {
	address := c.url
	if address == "" {
		address = exampleURL
	}
	return newModuleType(address, c.region, c.texts).text()
}

func (a *Admin) moduleResult(c *moduleChoice, text string) view.ModuleResultView {
	r := view.ModuleResultView{
		JSON: text, Title: c.texts.title, Console: c.region.console, API: c.region.api(), KeyHost: c.region.keyHost,
		Hints: a.moduleHints(c), Wrong: len(c.faults) > 0,
	}
	if !r.Wrong {
		r.Download = "/admin/module/module_type.json?" + c.query()
	}
	return r
}

// moduleHints are what would keep XDR from using the module.
func (a *Admin) moduleHints(c *moduleChoice) []view.Hint {
	var list []view.Hint
	if len(c.faults) > 0 {
		return []view.Hint{{Kind: view.KindError, Title: "This is not right yet.", Text: faultsText(c)}}
	}
	set := view.Link{Href: "/admin/settings#public-url", Label: "Set it in Settings"}
	switch {
	case c.url == "":
		list = append(list, view.Hint{Kind: view.KindWarning, Title: "No public URL is set.", Text: "The address below is an example: type the one that Cisco XDR reaches this relay by.", Link: set})
	case len(c.urls) == 0:
		list = append(list, view.Hint{Kind: view.KindWarning, Title: "This address is not among the settings.", Text: "Until it is, tokens are checked against whatever host a request names.", Link: set})
	}
	if strings.HasPrefix(c.url, "http://") {
		list = append(list, view.Hint{Kind: view.KindWarning, Title: "This address is not https.", Text: "Tokens hold Pulsedive keys; on this way anybody may read them."})
	}
	if !trusts(a.cfg.Live.Settings().JWKSHosts, c.region) {
		list = append(list, a.strangeHost(c.region))
	}
	return list
}

func (a *Admin) strangeHost(r region) view.Hint {
	h := view.Hint{
		Kind: view.KindWarning, Title: "Tokens of this region would be refused.", Text: r.keyHost + " is not among the key hosts.",
		Link: view.Link{Href: "/admin/settings#jwks-hosts", Label: "Add it in Settings"},
	}
	if origin, pinned := a.cfg.Store.Pinned("jwks-hosts"); pinned {
		h.Text, h.Link = r.keyHost+" is not among the key hosts, which "+origin+" sets.", view.Link{}
	}
	return h
}

func faultsText(c *moduleChoice) string {
	var list []string
	if text := c.faults["url"]; text != "" {
		list = append(list, "The relay's address: "+text)
	}
	for _, t := range c.list() {
		if text := c.faults[t.name]; text != "" {
			list = append(list, t.label+": "+text)
		}
	}
	return strings.Join(list, " ")
}

// downloadModule sends the module type as a file.
func (a *Admin) downloadModule(w http.ResponseWriter, req *http.Request) error {
	c := a.chooseModule(req)
	if len(c.faults) > 0 {
		return &problem{http.StatusUnprocessableEntity, "There is no module type of that", faultsText(c)}
	}
	text, err := c.text()
	if err != nil {
		return err
	}
	attach(w.Header(), "application/json", "module_type.json")
	_, err = w.Write([]byte(text))
	return err
}
