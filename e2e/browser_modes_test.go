package e2e

import (
	"regexp"
	"strings"
	"testing"

	"github.com/playwright-community/playwright-go"
)

// adminPages are the pages of the admin UI, and what their main form or list does
// where no script helps. "EXCHANGE" stands for the path of an exchange.
var adminPages = []struct {
	path string
	use  func(t *testing.T, page playwright.Page)
}{
	{"/admin", func(t *testing.T, page playwright.Page) {
		must(t, expect.Locator(rows(page).First()).ToBeVisible())
		must(t, expect.Locator(page.GetByRole("table").First()).ToBeVisible()) // the chart's numbers
		must(t, link(page, "7 d").Click())
		wantText(t, page, "Calls, 7 d")
	}},
	{"/admin/try", func(t *testing.T, page playwright.Page) {
		must(t, box(page).Fill("hxxps://login[.]example[.]org/a"))
		must(t, button(page, "Find").Click())
		wantText(t, page, "Found 1:")
	}},
	{"/admin/history", func(t *testing.T, page playwright.Page) {
		fill(t, page, "Observable or domain", "qsnatch")
		must(t, button(page, "Filter").Click())
		must(t, expect.Page(page).ToHaveURL(regexp.MustCompile(`/admin/history\?q=qsnatch$`)))
		must(t, expect.Locator(rows(page).First()).ToContainText("qsnatch-c2.example.net"))
	}},
	{"/admin/history/purge?source=try", func(t *testing.T, page playwright.Page) {
		must(t, expect.Locator(page.GetByRole("button", playwright.PageGetByRoleOptions{Name: "Delete "})).ToBeVisible())
		must(t, link(page, "Keep them").Click())
		must(t, expect.Page(page).ToHaveURL(regexp.MustCompile(`/admin/history\?source=try$`)))
	}},
	{"EXCHANGE", func(t *testing.T, page playwright.Page) {
		wantText(t, page, "known command and control endpoint")
		must(t, link(page, "JSON").Click())
		wantText(t, page, `"verdicts"`)
	}},
	{"EXCHANGE?tab=entities", func(t *testing.T, page playwright.Page) {
		fill(t, page, "Filter indicators", "feed")
		must(t, button(page, "Filter").Click())
		wantText(t, page, "5 entries")
	}},
	{"EXCHANGE?tab=links", func(t *testing.T, page playwright.Page) {
		wantText(t, page, "Search for this domain")
	}},
	{"EXCHANGE?tab=json", func(t *testing.T, page playwright.Page) {
		must(t, expect.Locator(link(page, "Download")).ToBeVisible())
	}},
	{"EXCHANGE?tab=timing", func(t *testing.T, page playwright.Page) {
		wantText(t, page, "Translation into CTIM JSON")
	}},
	{"EXCHANGE/delete", func(t *testing.T, page playwright.Page) {
		must(t, expect.Locator(button(page, "Delete it")).ToBeVisible())
		must(t, link(page, "Keep it").Click())
		must(t, expect.Page(page).ToHaveURL(regexp.MustCompile(`/admin/history$`)))
	}},
	{"/admin/module", func(t *testing.T, page playwright.Page) {
		fill(t, page, "Relay's address", "https://relay.example.com")
		must(t, button(page, "Make the module type").Click())
		must(t, expect.Locator(page.Locator("#module-type")).ToContainText(`"url": "https://relay.example.com"`))
	}},
	{"/admin/self-test", runChecks},
	{"/admin/settings", func(t *testing.T, page playwright.Page) {
		fill(t, page, "Calls side by side", "7")
		must(t, button(page, "Save settings").Click())
		wantText(t, page, "Saved, and in effect from now on: Calls side by side.")
	}},
}

// eachAdminPage visits each page in one browser context.
func eachAdminPage(t *testing.T, o pageOptions, do func(t *testing.T, page playwright.Page, use func(t *testing.T, page playwright.Page))) {
	d := startDemo(t)
	exchange := d.asked("domain:qsnatch-c2.example.net")
	page := newPage(t, d.base, o)
	for _, p := range adminPages {
		t.Run(p.path, func(t *testing.T) {
			path := strings.Replace(p.path, "EXCHANGE", exchange, 1)
			if response := visit(t, page, path); response.Status() != 200 {
				t.Fatalf("GET %s answers %d; want 200", path, response.Status())
			}
			do(t, page, p.use)
		})
	}
}

// TestEachPageWithoutScript: every page is there and does what it is for, and has
// no button that needs a script.
func TestEachPageWithoutScript(t *testing.T) {
	t.Parallel()
	eachAdminPage(t, pageOptions{NoScript: true}, func(t *testing.T, page playwright.Page, use func(t *testing.T, page playwright.Page)) {
		must(t, expect.Locator(page.GetByRole("heading", playwright.PageGetByRoleOptions{Level: playwright.Int(1)})).ToBeVisible())
		must(t, expect.Locator(page.Locator(".needs-js:visible")).ToHaveCount(0))
		noOverflow(t, page)
		use(t, page)
	})
}

// TestEachPageByKeyboard: on every page the first Tab leads past the navigation,
// "?" tells the keys, and "g" with a letter leads to a page.
func TestEachPageByKeyboard(t *testing.T) {
	t.Parallel()
	eachAdminPage(t, pageOptions{}, func(t *testing.T, page playwright.Page, _ func(t *testing.T, page playwright.Page)) {
		press := func(keys ...string) {
			t.Helper()
			for _, key := range keys {
				must(t, page.Keyboard().Press(key))
			}
		}
		press("Tab")
		must(t, expect.Locator(link(page, "Skip to content")).ToBeFocused())
		press("Enter")
		must(t, expect.Locator(page.GetByRole("main")).ToBeFocused())
		keys := page.GetByRole("dialog", playwright.PageGetByRoleOptions{Name: "Keyboard"})
		press("?")
		must(t, expect.Locator(keys).ToBeVisible())
		press("Escape")
		must(t, expect.Locator(keys).ToBeHidden())
		leads(t, page, "h", regexp.MustCompile(`/admin/history$`))
	})
}
