package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/playwright-community/playwright-go"
)

// pages are all that people see. Add a page here and it is looked at in both
// looks, wide and narrow, and is among the pictures of "make shots".
var pages = []struct {
	name, path string
	// reach does on the page what leads to what is meant; nil: it is that page.
	reach func(t *testing.T, page playwright.Page)
}{
	{name: "home", path: "/"},
	{name: "overview", path: "/admin"},
	{name: "overview-week", path: "/admin?range=7d"},
	{name: "history", path: "/admin/history"},
	{name: "history-filtered", path: "/admin/history?q=hostile&source=xdr&range=7d"},
	{name: "history-nothing", path: "/admin/history?q=nothing-like-this"},
	{name: "history-purge", path: "/admin/history/purge?source=try"},
	{name: "try", path: "/admin/try"},
	{name: "module", path: "/admin/module"},
	{name: "module-open", path: "/admin/module?title=My+Pulsedive&url=http://relay.example.com/" + strings.Repeat("long", 50)},
	{name: "self-test", path: "/admin/self-test"},
	{name: "self-test-done", path: "/admin/self-test", reach: runChecks},
	{name: "settings", path: "/admin/settings"},
	{name: "settings-wrong", path: "/admin/settings", reach: saveWrong},
	{name: "settings-shrink", path: "/admin/settings", reach: askSmaller},
}

// TestPages: each page loads clean, fits its window and keeps nobody out.
func TestPages(t *testing.T) {
	t.Parallel()
	d := startDemo(t)
	for _, p := range pages {
		t.Run(p.name, func(t *testing.T) {
			for _, width := range []int{1280, phone.Width} {
				for _, dark := range []bool{false, true} {
					page := newPage(t, d.base, pageOptions{Width: width, Dark: dark})
					if response := visit(t, page, p.path); response.Status() != 200 {
						t.Fatalf("GET %s answers %d; want 200", p.path, response.Status())
					}
					if p.reach != nil {
						p.reach(t, page)
					}
					look := "light"
					if dark {
						look = "dark"
					}
					shots(t, page, fmt.Sprintf("%s-%d-%s", p.name, width, look))
					noOverflow(t, page)
					checkAccessible(t, page)
				}
			}
		})
	}
}

// TestHomeInBrowser: the page at the relay's address says what this is, with and
// without scripts.
func TestHomeInBrowser(t *testing.T) {
	t.Parallel()
	d := startDemo(t)
	for _, noScript := range []bool{false, true} {
		page := newPage(t, d.base, pageOptions{NoScript: noScript})
		visit(t, page, "/")
		must(t, expect.Page(page).ToHaveTitle("Pulsedive Relay"))
		must(t, expect.Locator(page.GetByRole("heading", playwright.PageGetByRoleOptions{Name: "Pulsedive Relay"})).ToBeVisible())
		must(t, expect.Locator(page.GetByText("all intelligence is made up")).ToBeVisible())
		must(t, expect.Locator(page.GetByText("POST /observe/observables")).ToBeVisible())
	}
}
