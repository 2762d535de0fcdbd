package e2e

import (
	"regexp"
	"testing"

	"github.com/playwright-community/playwright-go"
)

func runChecks(t *testing.T, page playwright.Page) {
	button := page.Locator("#run-checks")
	must(t, button.Click())
	must(t, expect.Locator(button).ToHaveText("Run again"))
	must(t, expect.Locator(page.GetByText("Took ")).ToBeVisible())
}

// TestSelfTest: one button says what is well. In a demo that knows its own
// address that is all of it.
func TestSelfTest(t *testing.T) {
	t.Parallel()
	d := startDemo(t)
	page := newPage(t, d.base, pageOptions{})
	visit(t, page, "/admin/self-test")
	wantText(t, page, "none run yet")
	runChecks(t, page)
	wantText(t, page, "1 check needs a look")
	must(t, link(page, "Set it in Settings").Click())
	fill(t, page, "Public URLs", d.base)
	must(t, button(page, "Save settings").Click())
	wantText(t, page, "in effect from now on")

	must(t, page.WaitForLoadState())
	must(t, page.Keyboard().Press("Escape")) // out of any field
	leads(t, page, "c", regexp.MustCompile(`/admin/self-test$`))
	must(t, expect.Locator(page.GetByRole("heading", playwright.PageGetByRoleOptions{Name: "Self-test"})).ToBeVisible())
	must(t, page.Locator("#run-checks").Focus())
	must(t, page.Keyboard().Press("Enter"))
	wantText(t, page, "All is well")
	wantText(t, page, "This relay answers there")
	must(t, expect.Locator(page.Locator("#run-checks")).ToBeFocused())
}

// TestSelfTestWithoutScript: the page waits for the run.
func TestSelfTestWithoutScript(t *testing.T) {
	t.Parallel()
	d := startDemo(t)
	page := newPage(t, d.base, pageOptions{Width: phone.Width, Height: phone.Height, NoScript: true})
	visit(t, page, "/admin/self-test")
	runChecks(t, page)
	wantText(t, page, "keep the rules of CTIM")
	noOverflow(t, page)
}
