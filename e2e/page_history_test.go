package e2e

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/playwright-community/playwright-go"
)

// rows are the exchanges that a page lists.
func rows(page playwright.Page) playwright.Locator { return page.Locator("tr[data-href]") }

// TestHistory: look for an observable, narrow it down, page, and take filters off.
func TestHistory(t *testing.T) {
	t.Parallel()
	d := startDemo(t)
	for _, noScript := range []bool{false, true} {
		page := newPage(t, d.base, pageOptions{NoScript: noScript})
		visit(t, page, "/admin/history")
		must(t, expect.Locator(rows(page)).ToHaveCount(50))
		must(t, link(page, "Older").Click())
		must(t, expect.Page(page).ToHaveURL(regexp.MustCompile(`/admin/history\?before=\d+$`)))
		must(t, link(page, "Newer").Click())
		must(t, field(page, "Observable or domain").Fill("QSNATCH"))
		_, err := field(page, "Verdict").SelectOption(playwright.SelectOptionValues{Labels: &[]string{"Malicious"}})
		must(t, err)
		_, err = field(page, "Time").SelectOption(playwright.SelectOptionValues{Labels: &[]string{"Last 7 days"}})
		must(t, err)
		must(t, field(page, "Observable or domain").Press("Enter"))
		must(t, expect.Page(page).ToHaveURL(regexp.MustCompile(`/admin/history\?q=QSNATCH&(?:verdict=malicious&range=7d|range=7d&verdict=malicious)$`)))
		must(t, expect.Locator(rows(page).First()).ToContainText("qsnatch-c2.example.net"))
		must(t, expect.Locator(field(page, "Observable or domain")).ToHaveValue("QSNATCH"))
		must(t, expect.Locator(field(page, "Observable or domain")).ToHaveAttribute("title", regexp.MustCompile("at a domain or below it")))
		must(t, page.GetByLabel("Take off: Verdict malicious").Click())
		must(t, expect.Page(page).ToHaveURL(d.base+"/admin/history?q=QSNATCH&range=7d"))
		must(t, link(page, "Clear all").Click())
		must(t, expect.Page(page).ToHaveURL(d.base+"/admin/history"))
		must(t, field(page, "Observable or domain").Fill("nothing-like-this"))
		must(t, button(page, "Filter").Click())
		must(t, expect.Locator(page.GetByText("No exchange matches")).ToBeVisible())
	}
}

// TestHistoryBelow: what is below a domain is found by the domain, and what
// Pulsedive knows nothing of can be asked for.
func TestHistoryBelow(t *testing.T) {
	t.Parallel()
	d := startDemo(t)
	d.asked("url:https://login.below.example.com/reset?x")
	d.asked("domain:www.below.example.com")
	d.asked("domain:not-below.example.com")
	for _, noScript := range []bool{false, true} {
		page := newPage(t, d.base, pageOptions{NoScript: noScript})
		visit(t, page, "/admin/history")
		must(t, field(page, "Observable or domain").Fill("Below.example.com"))
		_, err := field(page, "Verdict").SelectOption(playwright.SelectOptionValues{Labels: &[]string{"Nothing known"}})
		must(t, err)
		must(t, button(page, "Filter").Click())
		must(t, expect.Locator(rows(page)).ToHaveCount(2))
		must(t, expect.Locator(rows(page).First()).ToContainText("www.below.example.com"))
		must(t, expect.Locator(rows(page).Last()).ToContainText("https://login.below.example.com/reset?x"))
		must(t, expect.Locator(page.GetByLabel("Take off: Verdict Nothing known")).ToBeVisible())
	}
}

// TestHistoryNarrow: on a phone the table is a list.
func TestHistoryNarrow(t *testing.T) {
	t.Parallel()
	d := startDemo(t)
	page := newPage(t, d.base, phone)
	visit(t, page, "/admin/history?q=login")
	must(t, expect.Locator(rows(page).First()).ToBeVisible())
	noOverflow(t, page)
	must(t, button(page, "Live").Click())
	must(t, page.Locator("summary", playwright.PageLocatorOptions{HasText: "Export"}).Click())
	noOverflow(t, page)
	checkAccessible(t, page)
}

// clipped are the choices of the filters that have less room than they take.
const clipped = `() => {
	const ruler = document.createElement("canvas").getContext("2d");
	return [...document.querySelectorAll(".history-filters select")].flatMap(s => {
		const style = getComputedStyle(s), room = s.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
		ruler.font = style.font;
		return [...s.options].map(o => o.label).filter(text => ruler.measureText(text).width > room);
	}).join();
}`

// TestHistoryChoices: what is chosen is read whole, at any width.
func TestHistoryChoices(t *testing.T) {
	t.Parallel()
	page := newPage(t, startDemo(t).base, pageOptions{})
	visit(t, page, "/admin/history")
	for width := 320; width < 1500; width += 20 {
		must(t, page.SetViewportSize(width, 800))
		got, err := page.Evaluate(clipped)
		must(t, err)
		if got != "" {
			t.Errorf("%d pixels wide: %v have no room; want all choices to be read whole", width, got)
		}
	}
}

// TestHistoryLive: new entries come by themselves, but never under the pointer.
func TestHistoryLive(t *testing.T) {
	t.Parallel()
	d := startDemo(t)
	page := newPage(t, d.base, pageOptions{})
	visit(t, page, "/admin/history")
	ask := func(value string) {
		asks(t, "POST", d.base+"/observe/observables", d.token, `[{"type":"domain","value":"`+value+`"}]`)
	}
	ask("first.example.com")
	must(t, expect.Locator(rows(page).First()).ToContainText("first.example.com"))
	must(t, rows(page).First().Hover())
	ask("second.example.com")
	must(t, expect.Locator(button(page, "New entries")).ToBeVisible())
	must(t, expect.Locator(rows(page).First()).ToContainText("first.example.com"))
	must(t, button(page, "New entries").Click())
	must(t, expect.Locator(rows(page).First()).ToContainText("second.example.com"))
	must(t, expect.Locator(button(page, "New entries")).ToBeHidden())
	must(t, button(page, "Live").Click())
	must(t, expect.Locator(button(page, "Live")).ToHaveAttribute("aria-pressed", "false"))
}

// TestHistoryDelete: one exchange is deleted, with and without scripts.
func TestHistoryDelete(t *testing.T) {
	t.Parallel()
	d := startDemo(t)
	for _, noScript := range []bool{false, true} {
		page := newPage(t, d.base, pageOptions{NoScript: noScript})
		visit(t, page, "/admin/history?range=30d")
		href, err := rows(page).First().GetAttribute("data-href")
		must(t, err)
		gone := page.Locator(`tr[data-href="` + href + `"]`)
		must(t, gone.GetByLabel("Delete the exchange of").Click())
		if noScript {
			must(t, expect.Locator(page.GetByRole("heading", playwright.PageGetByRoleOptions{Name: "Delete this exchange?"})).ToBeVisible())
			must(t, button(page, "Delete it").Click())
			must(t, expect.Locator(page.GetByText("The exchange is deleted.")).ToBeVisible())
			must(t, expect.Page(page).ToHaveURL(d.base+"/admin/history?range=30d"))
		} else {
			must(t, expect.Locator(page.GetByText("Delete this exchange?")).ToBeVisible())
			must(t, button(page, "Delete it").Click())
		}
		must(t, expect.Locator(gone).ToHaveCount(0))
	}
}

// TestHistoryDeleteByKeyboard: whoever deletes by keys stays at that place.
func TestHistoryDeleteByKeyboard(t *testing.T) {
	t.Parallel()
	d := startDemo(t)
	page := newPage(t, d.base, pageOptions{})
	for range 4 {
		d.asked("domain:deleted.example.com")
	}
	visit(t, page, "/admin/history?q=deleted.example.com")
	for many := 4; many > 0; many-- {
		at := min(1, many-1)
		must(t, expect.Locator(rows(page)).ToHaveCount(many))
		must(t, rows(page).Nth(at).GetByLabel("Delete the exchange of").Focus())
		must(t, page.Keyboard().Press("Enter"))
		must(t, button(page, "Delete it").Focus())
		must(t, page.Keyboard().Press("Enter"))
		must(t, expect.Locator(rows(page)).ToHaveCount(many-1))
		if many > 1 {
			must(t, expect.Locator(rows(page).Nth(min(at, many-2)).GetByRole("link").First()).ToBeFocused())
		}
	}
	must(t, expect.Locator(field(page, "Observable or domain")).ToBeFocused())
}

// TestHistoryPurge: what a filter means is deleted, after a page that says how
// much that is.
func TestHistoryPurge(t *testing.T) {
	t.Parallel()
	d := startDemo(t)
	for _, noScript := range []bool{false, true} {
		page := newPage(t, d.base, pageOptions{NoScript: noScript})
		source, mark := "try", "Try, "
		if noScript {
			source, mark = "xdr", "XDR, "
		}
		visit(t, page, "/admin/history?source="+source)
		must(t, link(page, "Delete these…").Click())
		must(t, expect.Locator(page.GetByRole("heading", playwright.PageGetByRoleOptions{Name: "What stays"})).ToBeVisible())
		must(t, page.GetByRole("button", playwright.PageGetByRoleOptions{Name: "Delete "}).Click())
		look, ended := page.GetByText("Look again"), page.GetByText(" deleted.")
		for noScript { // as often as somebody without scripts has to
			must(t, expect.Locator(look.Or(ended)).ToBeVisible())
			if n, err := ended.Count(); err != nil || n > 0 {
				break
			}
			must(t, look.Click())
		}
		must(t, expect.Locator(ended).ToBeVisible())
		must(t, expect.Page(page).ToHaveURL(d.base+"/admin/history"))
		must(t, expect.Locator(rows(page).Filter(playwright.LocatorFilterOptions{HasText: mark})).ToHaveCount(0))
	}
}

// TestHistoryExport: the filtered set as files.
func TestHistoryExport(t *testing.T) {
	t.Parallel()
	d := startDemo(t)
	page := newPage(t, d.base, pageOptions{})
	visit(t, page, "/admin/history?q=qsnatch")
	for name, want := range map[string]string{"CSV": "exchange,at,count,", "JSON lines": `{"id":`} {
		must(t, page.Locator("summary", playwright.PageLocatorOptions{HasText: "Export"}).Click())
		download, err := page.ExpectDownload(func() error {
			return page.GetByRole("link", playwright.PageGetByRoleOptions{Name: name, Exact: playwright.Bool(true)}).Click()
		})
		must(t, err)
		path, err := download.Path()
		must(t, err)
		text, err := os.ReadFile(path)
		must(t, err)
		if !strings.HasPrefix(string(text), want) || !strings.Contains(string(text), "qsnatch-c2.example.net") {
			t.Errorf("%s is kept as %q:\n%.300s\nwant %q first, and the observable", name, download.SuggestedFilename(), text, want)
		}
		must(t, page.Keyboard().Press("Escape"))
		must(t, expect.Locator(page.GetByText("Columns of the CSV file")).ToBeHidden())
	}
}

// TestHistoryKeyboard: from the overview to an exchange by keys alone.
func TestHistoryKeyboard(t *testing.T) {
	t.Parallel()
	d := startDemo(t)
	page := newPage(t, d.base, pageOptions{})
	visit(t, page, "/admin")
	leads(t, page, "h", regexp.MustCompile(`/admin/history$`))
	must(t, expect.Page(page).ToHaveTitle("History · Pulsedive Relay"))
	must(t, field(page, "Observable or domain").Focus())
	must(t, page.Keyboard().Type("qsnatch"))
	must(t, page.Keyboard().Press("Enter"))
	must(t, expect.Page(page).ToHaveURL(d.base+"/admin/history?q=qsnatch"))
	first := rows(page).First().GetByRole("link").First()
	for range 40 {
		if focused, err := first.Evaluate("e => e === document.activeElement", nil); err != nil || focused == true {
			break
		}
		must(t, page.Keyboard().Press("Tab"))
	}
	must(t, expect.Locator(first).ToBeFocused())
}
