package view

import (
	"strings"

	"pulsedive-relay/static"
)

// product stands in every title.
const product = "Pulsedive Relay"

// Page is what the layout needs to know of a page under /admin.
type Page struct {
	// Title is the page's name, for the window's title.
	Title string
	// Current marks the page in the navigation: one of the Nav constants.
	Current string
	// Shell is the same for all pages of one answer.
	Shell Shell
	// Scripts and Styles are further files under /static/, loaded after the
	// shell's own: "lib/uplot-1.6.32.min.js", "overview.js".
	Scripts, Styles []string
	// Refresh has the page come again where there are no scripts, as the meta tag
	// of that name says it: "2", or "0;url=/admin/…". Empty: it stays.
	Refresh string
}

// The pages of the navigation.
const (
	NavOverview = "overview"
	NavTry      = "try"
	NavHistory  = "history"
	NavModule   = "module"
	NavSelfTest = "self-test"
	NavSettings = "settings"
)

// Shell is what stands around every page.
type Shell struct {
	// Version is the relay's; Uptime how long it runs, in words ("4 d 6 h").
	Version, Uptime string
	// Demo marks all intelligence as made up.
	Demo bool
	// SignedIn is whether there is a session to sign out of.
	SignedIn bool
	// Flash is told once, after a form was sent; nil: nothing to tell.
	Flash *Flash
	// Hints stand above the page: what is missing or risky.
	Hints []Hint
}

// PlainPage is a page without navigation: signing in, setup, errors.
type PlainPage struct {
	// Title is the window's title and the heading of the card.
	Title string
	// Demo marks all intelligence as made up.
	Demo bool
	// Flash is told above the card; nil: nothing to tell.
	Flash *Flash
}

// Link is a way to go on. One without Href is not shown.
type Link struct {
	Href, Label string
}

// navLink is one entry of the navigation.
type navLink struct {
	Name, Label, Href, Icon, Key string
}

// navigation lists the pages. Key is what follows g on the keyboard.
func navigation() []navLink {
	return []navLink{
		{NavOverview, "Overview", "/admin", "overview", "o"},
		{NavTry, "Try", "/admin/try", "try", "t"},
		{NavHistory, "History", "/admin/history", "history", "h"},
		{NavModule, "Module", "/admin/module", "module", "m"},
		{NavSelfTest, "Self-test", "/admin/self-test", "self-test", "c"},
		{NavSettings, "Settings", "/admin/settings", "settings", "s"},
	}
}

// title is the window's.
func title(page string) string {
	if page == "" || page == product {
		return product
	}
	return page + " · " + product
}

// asset is the address of an embedded file: the one place that knows it.
func asset(name string) string {
	return static.URL(name)
}

// stylesheet is the id of the link to the stylesheet. Cytoscape looks for it: a
// page that has it gets no style element, which the policy would forbid.
const stylesheet = "__________cytoscape_stylesheet"

// htmxConfig keeps htmx within the content security policy, off other origins,
// and from keeping pages with intelligence in the browser's storage. Answers of
// 422 are forms with errors and are swapped in like any other.
const htmxConfig = `{"includeIndicatorStyles":false,"allowEval":false,"allowScriptTags":false,"selfRequestsOnly":true,` +
	`"historyCacheSize":0,"refreshOnHistoryMiss":true,"scrollIntoViewOnBoost":false,` +
	`"responseHandling":[{"code":"204","swap":false},{"code":"[23]..","swap":true},{"code":"422","swap":true},{"code":"[45]..","swap":false,"error":true}]}`

// classes joins those that are not empty.
func classes(names ...string) string {
	var kept []string
	for _, name := range names {
		if name != "" {
			kept = append(kept, name)
		}
	}
	return strings.Join(kept, " ")
}
