package e2e

import (
	"testing"

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

// wantText checks that a text can be seen.
func wantText(t testing.TB, page playwright.Page, text string) {
	t.Helper()
	must(t, expect.Locator(page.GetByText(text).First()).ToBeVisible())
}
