package e2e

import (
	"regexp"
	"testing"
	"time"

	"github.com/playwright-community/playwright-go"
)

// What tests find on a page as people do: by role, name and label.

// button is a button by its name.
func button(page playwright.Page, name string) playwright.Locator {
	return page.GetByRole("button", playwright.PageGetByRoleOptions{Name: name, Exact: playwright.Bool(true)})
}

// link is a link by its name.
func link(page playwright.Page, name string) playwright.Locator {
	return page.GetByRole("link", playwright.PageGetByRoleOptions{Name: name, Exact: playwright.Bool(true)})
}

// field is a field of a form by its label.
func field(page playwright.Page, label string) playwright.Locator {
	return page.GetByLabel(label, playwright.PageGetByLabelOptions{Exact: playwright.Bool(true)})
}

// fill puts a text into the field of that label.
func fill(t testing.TB, page playwright.Page, label, text string) {
	t.Helper()
	must(t, field(page, label).Fill(text))
}

// wantField checks what is in the field of that label.
func wantField(t testing.TB, page playwright.Page, label, text string) {
	t.Helper()
	must(t, expect.Locator(field(page, label)).ToHaveValue(text))
}

// leads presses "g" and a letter until a page is there that the address tells: the
// letter counts within a second only, and a busy browser may be later than that.
func leads(t testing.TB, page playwright.Page, letter string, to *regexp.Regexp) {
	t.Helper()
	must(t, page.WaitForLoadState()) // else nothing listens to keys yet
	for deadline := time.Now().Add(patience); ; {
		must(t, page.Keyboard().Press("g"))
		must(t, page.Keyboard().Press(letter))
		err := page.WaitForURL(to, playwright.PageWaitForURLOptions{Timeout: playwright.Float(3000)})
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("g and %s lead to %s; want an address like %s: %v", letter, page.URL(), to, err)
		}
	}
}

// wantText checks that a text can be seen.
func wantText(t testing.TB, page playwright.Page, text string) {
	t.Helper()
	must(t, expect.Locator(page.GetByText(text).First()).ToBeVisible())
}
