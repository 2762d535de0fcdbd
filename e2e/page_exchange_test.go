package e2e

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/playwright-community/playwright-go"
)

// mostSeeded is more exchanges than a demo begins with.
const mostSeeded = 4096

// asked has XDR ask about observables of the sample, type:value each, and is the
// path of the exchange: the latest there is.
func (d *demo) asked(values ...string) string {
	d.t.Helper()
	var list []string
	for _, one := range values {
		kind, value, _ := strings.Cut(one, ":")
		list = append(list, fmt.Sprintf(`{"type":%q,"value":%q}`, kind, value))
	}
	if resp, text := asks(d.t, "POST", d.base+"/observe/observables", d.token, "["+strings.Join(list, ",")+"]"); resp.StatusCode != 200 {
		d.t.Fatalf("observe answers %d: %s", resp.StatusCode, text)
	}
	last, none := 0, mostSeeded
	for none-last > 1 {
		middle := (last + none) / 2
		if resp, _ := asks(d.t, "GET", d.base+"/admin/exchange/"+strconv.Itoa(middle), "", ""); resp.StatusCode == 200 {
			last = middle
		} else {
			none = middle
		}
	}
	return "/admin/exchange/" + strconv.Itoa(last)
}

// drawn waits until a graph is drawn.
func drawn(t testing.TB, page playwright.Page) playwright.Locator {
	t.Helper()
	graph := page.Locator("#graph[data-drawn]")
	must(t, expect.Locator(graph).ToBeVisible())
	return graph
}

// TestExchangeStory: an analyst opens an answer, sees what it means and why, and
// follows it to its last detail.
func TestExchangeStory(t *testing.T) {
	t.Parallel()
	d := startDemo(t)
	path := d.asked("domain:qsnatch-c2.example.net")
	page := newPage(t, d.base, pageOptions{})
	visit(t, page, path)
	must(t, expect.Locator(page.GetByRole("heading", playwright.PageGetByRoleOptions{Name: "qsnatch-c2.example.net", Level: playwright.Int(1)})).ToBeVisible())
	must(t, expect.Locator(page.Locator(".badge.large")).ToHaveText("Malicious"))
	must(t, expect.Locator(page.Locator(".why").GetByText("known command and control endpoint")).ToBeVisible())
	graph := drawn(t, page)

	// The graph by keyboard.
	must(t, graph.Focus())
	must(t, page.Keyboard().Press("ArrowRight"))
	must(t, page.Keyboard().Press("ArrowRight"))
	said := page.Locator("#graph-said")
	must(t, expect.Locator(said.Locator("strong")).ToBeVisible())
	must(t, page.Keyboard().Press("Escape"))
	must(t, expect.Locator(said).ToContainText("Point at a node"))
	picture, err := page.ExpectDownload(func() error {
		return button(page, "Save PNG").Click()
	})
	must(t, err)
	if name := picture.SuggestedFilename(); !strings.HasSuffix(name, "-graph.png") {
		t.Errorf("the picture is named %q; want …-graph.png", name)
	}
	must(t, link(page, "Larger").Click())
	drawn(t, page)
	must(t, expect.Locator(page.Locator("#graph-table tbody tr")).ToHaveCount(13))

	// Entities: filtered while typing, sorted by a click, without a new page.
	tabs := page.GetByRole("navigation", playwright.PageGetByRoleOptions{Name: "Parts of the exchange"})
	must(t, tabs.GetByRole("link", playwright.LocatorGetByRoleOptions{Name: "Entities"}).Click())
	must(t, expect.Page(page).ToHaveURL(regexp.MustCompile("tab=entities")))
	must(t, page.WaitForLoadState())
	_, err = page.Evaluate("window.same = true")
	must(t, err)
	must(t, page.GetByLabel("Filter indicators").Fill("feed"))
	must(t, expect.Locator(page.GetByText("5 entries")).ToBeVisible())
	must(t, link(page, "Title").Press("Enter")) // and the focus stays
	must(t, expect.Locator(page.Locator("th[aria-sort=ascending]")).ToContainText("Title"))
	must(t, expect.Locator(link(page, "Title")).ToBeFocused())
	sightings := page.GetByRole("link", playwright.PageGetByRoleOptions{Name: "Sightings"})
	must(t, sightings.Press("Enter"))
	must(t, expect.Locator(page.GetByText("10 entries")).ToBeVisible())
	must(t, expect.Locator(sightings).ToBeFocused())
	if same, err := page.Evaluate("window.same === true"); err != nil || same != true {
		t.Errorf("the page was loaded anew (%v, %v); want only its table changed", same, err)
	}

	must(t, tabs.GetByRole("link", playwright.LocatorGetByRoleOptions{Name: "Refer links"}).Click())
	must(t, expect.Locator(page.GetByText("Search for this domain")).ToBeVisible())
	must(t, tabs.GetByRole("link", playwright.LocatorGetByRoleOptions{Name: "JSON"}).Click())
	must(t, button(page, "Unfold all").Click())
	must(t, expect.Locator(page.Locator(".jl > .j-s", playwright.PageLocatorOptions{HasText: "sighting-of"}).First()).ToBeVisible())
	answer, err := page.ExpectDownload(func() error {
		return link(page, "Download").Click()
	})
	must(t, err)
	file, err := answer.Path()
	must(t, err)
	if text, err := os.ReadFile(file); err != nil || !strings.HasPrefix(string(text), `{"data":{"verdicts"`) {
		t.Errorf("downloaded %.80q (%v); want the answer", text, err)
	}
	must(t, tabs.GetByRole("link", playwright.LocatorGetByRoleOptions{Name: "Timing"}).Click())
	must(t, expect.Locator(page.GetByText("Translation into CTIM JSON")).ToBeVisible())
}

// TestExchangeGraphs: of several observables the worst is drawn at first, large
// enough to be read, and each of the others is one click away.
func TestExchangeGraphs(t *testing.T) {
	t.Parallel()
	d := startDemo(t)
	path := d.asked("domain:www.example.com", "domain:qsnatch-c2.example.net", "domain:everything.example", "domain:broken.example.com")
	for _, o := range []pageOptions{{}, {Dark: true}, phone} {
		page := newPage(t, d.base, o)
		visit(t, page, path+"?tab=graph")
		drawn(t, page)
		current := page.Locator(".picks [aria-current]")
		must(t, expect.Locator(current).ToContainText("qsnatch-c2.example.net"))
		part := page.GetByText("a part of it")
		must(t, expect.Locator(part).ToBeHidden())
		must(t, link(page, "Malicious everything.example").Click())
		must(t, expect.Locator(current).ToContainText("everything.example"))
		drawn(t, page)
		if o.Width > 0 { // a hundred nodes below each other
			must(t, expect.Locator(part).ToBeVisible())
			must(t, button(page, "Fit").Click())
			must(t, expect.Locator(part).ToBeHidden())
		}
		must(t, link(page, "All 4 together").Click())
		drawn(t, page)
		noOverflow(t, page)
		checkAccessible(t, page)
		shots(t, page, fmt.Sprintf("exchange-together-%d-%v", o.Width, o.Dark))
		must(t, link(page, "Failed broken.example.com").Click())
		must(t, expect.Locator(page.GetByText("There is nothing to draw")).ToBeVisible())
		must(t, expect.Locator(current).ToContainText("broken.example.com"))
	}
}

// TestExchangeAgain: what changed since the answer before, from the line that
// tells of it.
func TestExchangeAgain(t *testing.T) {
	t.Parallel()
	d := startDemo(t)
	d.asked("domain:qsnatch-c2.example.net")
	page := newPage(t, d.base, pageOptions{})
	visit(t, page, d.asked("domain:qsnatch-c2.example.net"))
	must(t, link(page, "Show what changed").Click())
	must(t, expect.Locator(page.GetByText("Nothing: 1 observable has the same")).ToBeVisible())
}

// TestExchangeHostile: names full of markup and hidden characters do nothing, on
// no part of the page, and widen nothing.
func TestExchangeHostile(t *testing.T) {
	t.Parallel()
	d := startDemo(t)
	path := d.asked("domain:hostile.example", `url:https://hostile.example/a"b\c?q=<script>alert(1)</script>&x='1'`)
	for _, o := range []pageOptions{{Dark: true}, phone} {
		page := newPage(t, d.base, o)
		page.OnDialog(func(one playwright.Dialog) { t.Errorf("%s opens a dialog: %s", page.URL(), one.Message()) })
		for _, query := range []string{"", "?o=0", "?o=1", "?tab=graph", "?tab=entities", "?tab=entities&type=sightings", "?tab=links", "?tab=json", "?tab=timing"} {
			visit(t, page, path+query)
			noOverflow(t, page)
			checkAccessible(t, page)
			shots(t, page, fmt.Sprintf("exchange-hostile%s-%d", query, o.Width))
		}
	}
}

// TestExchangeLooks: each part in both looks, wide and narrow, keeps nobody out.
func TestExchangeLooks(t *testing.T) {
	t.Parallel()
	d := startDemo(t)
	one := d.asked("domain:qsnatch-c2.example.net")
	many := d.asked("domain:everything.example", "domain:unknown.example.com", "domain:broken.example.com", "domain:www.example.com")
	for _, o := range []pageOptions{{}, {Dark: true}, phone} {
		page := newPage(t, d.base, o)
		for _, path := range []string{one, one + "?tab=graph", one + "?tab=entities", one + "?tab=links", one + "?tab=json", one + "?tab=timing", many, many + "?tab=graph", many + "?tab=timing"} {
			visit(t, page, path)
			if strings.HasSuffix(path, "graph") || path == one {
				drawn(t, page)
			}
			noOverflow(t, page)
			checkAccessible(t, page)
			shots(t, page, fmt.Sprintf("exchange%s-%d-%v", strings.TrimPrefix(path, "/admin/exchange"), o.Width, o.Dark))
		}
	}
}

// TestExchangeNoScript: all of it is there without scripts.
func TestExchangeNoScript(t *testing.T) {
	t.Parallel()
	d := startDemo(t)
	path := d.asked("domain:qsnatch-c2.example.net")
	page := newPage(t, d.base, pageOptions{NoScript: true})
	visit(t, page, path)
	must(t, link(page, "A table says the same.").Click())
	must(t, expect.Locator(page.Locator("#graph-table tbody tr")).ToHaveCount(13))
	must(t, page.GetByRole("link", playwright.PageGetByRoleOptions{Name: "Entities"}).Click())
	must(t, page.GetByLabel("Filter indicators").Fill("feed"))
	must(t, button(page, "Filter").Click())
	must(t, expect.Locator(page.GetByText("5 entries")).ToBeVisible())
	must(t, link(page, "Title").Click())
	must(t, expect.Locator(page.Locator("th[aria-sort=ascending]")).ToContainText("Title"))
	must(t, page.GetByText("Delete", playwright.PageGetByTextOptions{Exact: playwright.Bool(true)}).Click())
	must(t, expect.Locator(button(page, "Delete exchange")).ToBeVisible())
	must(t, page.GetByText("Export", playwright.PageGetByTextOptions{Exact: playwright.Bool(true)}).Click())
	must(t, expect.Locator(link(page, "Answer as JSON")).ToBeVisible())
}

// TestExchangePrint: on paper it is light, and a report without controls that is
// complete enough for a ticket, with times that hold tomorrow.
func TestExchangePrint(t *testing.T) {
	t.Parallel()
	d := startDemo(t)
	page := newPage(t, d.base, pageOptions{Dark: true})
	path := d.asked("domain:qsnatch-c2.example.net")
	visit(t, page, path)
	must(t, expect.Locator(page.Locator(".report")).ToBeHidden())
	must(t, page.EmulateMedia(playwright.PageEmulateMediaOptions{Media: playwright.MediaPrint}))
	must(t, expect.Locator(page.GetByText("Run again")).ToBeHidden())
	must(t, expect.Locator(page.GetByText("Sample data")).ToBeVisible())
	must(t, expect.Locator(page.GetByRole("navigation", playwright.PageGetByRoleOptions{Name: "Pages"})).ToBeHidden())
	must(t, expect.Locator(page.Locator("#graph-card")).ToBeHidden()) // it is drawn for the dark
	must(t, expect.Locator(page.Locator(".why").GetByText("known command and control endpoint")).ToBeVisible())
	for _, want := range []string{"Judgements", "Indicators", "Sightings", "Relations", "Refer links", "Answered in"} {
		must(t, expect.Locator(page.Locator(".report h2", playwright.PageLocatorOptions{HasText: want}).First()).ToBeVisible())
	}
	must(t, expect.Locator(page.Locator(".report a[href*='/browse/?q=']")).ToBeVisible())
	relative, err := page.Evaluate(`[...document.querySelectorAll("time")].filter(t => t.offsetParent && !(getComputedStyle(t).fontSize === "0px" && getComputedStyle(t, "::after").content.includes("UTC"))).map(t => t.outerHTML).join("\n")`)
	if err != nil || relative != "" {
		t.Errorf("times that are not told in full: %v (%v)", relative, err)
	}
	noOverflow(t, page)
	shots(t, page, "exchange-print")
	ground, err := page.Evaluate("getComputedStyle(document.body).backgroundColor")
	if err != nil || ground != "rgb(255, 255, 255)" {
		t.Errorf("the ground is %v (%v); want white", ground, err)
	}
	light := newPage(t, d.base, pageOptions{Zone: "America/New_York"})
	visit(t, light, path)
	drawn(t, light)
	must(t, light.EmulateMedia(playwright.PageEmulateMediaOptions{Media: playwright.MediaPrint}))
	must(t, expect.Locator(light.Locator("#graph")).ToBeVisible())
	must(t, expect.Locator(button(light, "Save PNG")).ToBeHidden())
	_, err = light.Evaluate(`document.getElementById("graph-in-part").hidden = false`)
	must(t, err)
	must(t, expect.Locator(light.Locator("#graph-in-part")).ToBeHidden()) // paper cannot be dragged

	// From another part the menu leads to what is printed, and prints it.
	must(t, light.EmulateMedia(playwright.PageEmulateMediaOptions{Media: playwright.MediaScreen}))
	must(t, light.AddInitScript(playwright.Script{Content: playwright.String(`window.print = () => { document.documentElement.dataset.printed = location.pathname + location.search; };`)}))
	visit(t, light, path+"?tab=timing")
	for range 2 { // the second time it is here already
		must(t, light.Locator("details.menu > summary").Click())
		must(t, link(light, "Print or save as PDF").Click())
		must(t, expect.Locator(light.Locator("html[data-printed='"+path+"']")).ToBeAttached())
		must(t, expect.Page(light).ToHaveURL(regexp.MustCompile(path+"$")))
		_, err := light.Evaluate("delete document.documentElement.dataset.printed")
		must(t, err)
	}
	// Without scripts it leads there.
	plain := newPage(t, d.base, pageOptions{NoScript: true})
	visit(t, plain, path+"?tab=timing")
	must(t, plain.Locator("details.menu > summary").Click())
	must(t, link(plain, "Print or save as PDF").Click())
	must(t, expect.Page(plain).ToHaveURL(regexp.MustCompile(path+"#print$")))
	must(t, plain.EmulateMedia(playwright.PageEmulateMediaOptions{Media: playwright.MediaPrint}))
	must(t, expect.Locator(plain.Locator(".report .timing")).ToBeVisible())

	// As wide as paper is, the calls fit, and an address stays in one line.
	paper := newPage(t, d.base, pageOptions{Width: 703})
	must(t, paper.EmulateMedia(playwright.PageEmulateMediaOptions{Media: playwright.MediaPrint}))
	many := d.asked("ip:198.51.100.23", "url:https://login.example.org/reset?session=44", "domain:"+strings.Repeat("long.", 20)+"example.com")
	for _, query := range []string{"", "?tab=timing"} {
		visit(t, paper, many+query)
		noOverflow(t, paper)
		lines, err := paper.Evaluate(`[...document.querySelectorAll(".timing-value .obs")].filter(o => o.textContent.trim() === "198.51.100.23").map(o => String(Math.round(o.offsetHeight / parseFloat(getComputedStyle(o).lineHeight)))).join()`)
		if err != nil || lines != "1,1" {
			t.Errorf("%q: the address of two calls takes %q lines (%v); want one each", query, lines, err)
		}
	}
}
