package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/playwright-community/playwright-go"
)

func saveWrong(t *testing.T, page playwright.Page) {
	fill(t, page, "Calls side by side", "0")
	fill(t, page, "Public URLs", "https://"+strings.Repeat("long", 300)+".example.com/?x")
	must(t, button(page, "Save settings").Click())
	wantText(t, page, "2 fields are not right")
}

func askSmaller(t *testing.T, page playwright.Page) {
	fill(t, page, "Exchanges kept", "10")
	must(t, button(page, "Save settings").Click())
	wantText(t, page, "Keeping less deletes")
}

// TestSettings: an operator changes settings, is told what is wrong, and what is
// not saved yet.
func TestSettings(t *testing.T) {
	t.Parallel()
	d := startDemo(t)
	page := newPage(t, d.base, pageOptions{})
	visit(t, page, "/admin/settings")
	unsaved := page.GetByText("Not saved yet")
	must(t, expect.Locator(unsaved).ToBeHidden())
	fill(t, page, "Calls side by side", "0")
	must(t, expect.Locator(unsaved).ToBeVisible())
	calls := page.GetByLabel("Calls side by side", playwright.PageGetByLabelOptions{Exact: playwright.Bool(true)})
	must(t, calls.Press("Enter"))
	wantText(t, page, "1 field is not right")
	wantText(t, page, `"0" is not a whole number between 1 and 256.`)
	must(t, expect.Locator(calls).ToBeFocused())
	wantField(t, page, "Calls side by side", "0")

	fill(t, page, "Calls side by side", "7")
	fill(t, page, "Public URLs", "https://relay.example.com\nhttps://relay.example.org")
	must(t, button(page, "Save settings").Click())
	wantText(t, page, "Saved, and in effect from now on: Public URLs, Calls side by side.")
	must(t, expect.Locator(unsaved).ToBeHidden())
	wantField(t, page, "Public URLs", "https://relay.example.com\nhttps://relay.example.org")

	must(t, button(page, "Reset to default: Calls side by side").Click())
	wantField(t, page, "Calls side by side", "32")
	must(t, expect.Locator(unsaved).ToBeVisible())
	var asked atomic.Bool // the driver's goroutine tells
	page.OnDialog(func(one playwright.Dialog) {
		if one.Type() == "beforeunload" {
			asked.Store(true)
		}
		_ = one.Accept()
	})
	must(t, link(page, "Module").Click())
	must(t, expect.Page(page).ToHaveURL(regexp.MustCompile("/admin/module$")))
	if !asked.Load() {
		t.Errorf("leaving with changes that are not saved was not asked about")
	}
	must(t, expect.Locator(page.GetByLabel("Relay's address")).ToHaveValue("https://relay.example.com"))
	visit(t, page, "/admin/settings")
	wantField(t, page, "Calls side by side", "7")
}

// TestSettingsHistory: keeping less says what it costs, and does it only then.
func TestSettingsHistory(t *testing.T) {
	t.Parallel()
	d := startDemo(t)
	page := newPage(t, d.base, pageOptions{})
	visit(t, page, "/admin/settings")
	askSmaller(t, page)
	must(t, link(page, "Keep them all").Click())
	wantField(t, page, "Exchanges kept", "100000")
	askSmaller(t, page)
	must(t, page.GetByRole("button", playwright.PageGetByRoleOptions{Name: "Save and delete"}).Click())
	wantText(t, page, "in effect from now on: Exchanges kept.")
	wantField(t, page, "Exchanges kept", "10")
}

// TestSettingsKeyInBrowser: the key is tested, and in no page.
func TestSettingsKeyInBrowser(t *testing.T) {
	t.Parallel()
	d := startDemo(t, "--plan=free")
	for _, noScript := range []bool{false, true} {
		page := newPage(t, d.base, pageOptions{NoScript: noScript})
		visit(t, page, "/admin/settings")
		must(t, button(page, "Test the key").Click())
		wantText(t, page, "The stored key works.")
		wantText(t, page, "of 50 left")
		source, err := page.Content()
		must(t, err)
		if strings.Contains(source, "demo-key") {
			t.Errorf("without scripts %v: the page holds the key", noScript)
		}
		noOverflow(t, page)
	}
}

// TestSettingsWithoutScript: the same by forms alone.
func TestSettingsWithoutScript(t *testing.T) {
	t.Parallel()
	d := startDemo(t)
	page := newPage(t, d.base, pageOptions{Width: phone.Width, Height: phone.Height, NoScript: true})
	visit(t, page, "/admin/settings")
	saveWrong(t, page)
	noOverflow(t, page)
	fill(t, page, "Public URLs", "")
	fill(t, page, "Calls side by side", "9")
	must(t, button(page, "Save settings").Click())
	wantText(t, page, "in effect from now on: Calls side by side.")
	must(t, button(page, "Reset to default: Calls side by side").Click())
	wantField(t, page, "Calls side by side", "32")
	askSmaller(t, page)
	noOverflow(t, page)
}

// TestBackupInBrowser: a backup is downloaded, with a name that tells when.
func TestBackupInBrowser(t *testing.T) {
	t.Parallel()
	d := startDemo(t)
	page := newPage(t, d.base, pageOptions{})
	visit(t, page, "/admin/settings#backup")
	got, err := page.ExpectDownload(func() error { return button(page, "Download a backup").Click() })
	must(t, err)
	path := filepath.Join(t.TempDir(), "copy.db")
	must(t, got.SaveAs(path))
	file, err := os.Stat(path)
	must(t, err)
	if name := got.SuggestedFilename(); !regexp.MustCompile(`^pulsedive-relay-\d{4}-\d\d-\d\d-\d{6}\.db$`).MatchString(name) || file.Size() < 100_000 {
		t.Errorf("downloaded %s of %d bytes; want a database with the date in its name", name, file.Size())
	}
}

// TestSettingsPassword: the password that protects the page is set on it.
func TestSettingsPassword(t *testing.T) {
	t.Parallel()
	d := startDemo(t)
	page := newPage(t, d.base, pageOptions{})
	visit(t, page, "/admin/settings")
	fill(t, page, "New password", "correct horse battery")
	fill(t, page, "Once more", "correct horse")
	must(t, button(page, "Change the password").Click())
	wantText(t, page, "the two passwords differ")
	fill(t, page, "New password", "correct horse battery")
	fill(t, page, "Once more", "correct horse battery")
	must(t, button(page, "Change the password").Click())
	wantText(t, page, "The password is changed.")
	must(t, expect.Locator(page.GetByLabel("Current password")).ToBeVisible())
}
