package e2e

import (
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/playwright-community/playwright-go"

	"pulsedive-relay/relay/pulsedive/pulsedivetest"
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

// TestBackupWithSecrets: secrets ask for the admin password, beside the box.
func TestBackupWithSecrets(t *testing.T) {
	t.Parallel()
	const password = "correct horse battery"
	p := start(t, []string{"RELAY_LISTEN=127.0.0.1:0", "RELAY_ADMIN_PASSWORD=" + password}, "serve")
	base := "http://" + p.stderr.await(t, `"listening","address":"([^"]+)"`)
	for _, look := range looks {
		page := newPage(t, base, look)
		visit(t, page, "/admin/settings")
		fill(t, page, "Password", password)
		must(t, button(page, "Sign in").Click())
		asked := field(page, "Admin password")
		must(t, expect.Locator(asked).ToBeHidden())
		must(t, field(page, "With secrets").Check())
		must(t, expect.Locator(asked).ToBeVisible())
		must(t, asked.Fill("wrong horse battery"))
		must(t, asked.Press("Enter"))
		wantText(t, page, "That is not the password. Nothing was downloaded.")
		must(t, expect.Locator(field(page, "With secrets")).ToBeChecked())
		must(t, expect.Locator(asked).ToBeInViewport())
		if !look.NoScript {
			must(t, expect.Locator(asked).ToBeFocused())
			checkAccessible(t, page)
		}
		noOverflow(t, page)
		shots(t, page, fmt.Sprintf("settings-backup-%d-%v", look.Width, look.Dark))
		must(t, asked.Fill(password))
		got, err := page.ExpectDownload(func() error { return button(page, "Download a backup").Click() })
		must(t, err)
		if name := got.SuggestedFilename(); !strings.HasPrefix(name, "pulsedive-relay-") {
			t.Errorf("downloaded %s; want a database", name)
		}
		if !look.NoScript {
			wantField(t, page, "Admin password", "")
			must(t, expect.Locator(page.GetByText("Nothing was downloaded.")).ToBeHidden())
		}
	}
}

// TestEndpointElsewhere: an operator who points at a proxy of theirs is asked for
// the key again, may test both first, and the stored key goes nowhere by itself.
func TestEndpointElsewhere(t *testing.T) {
	t.Parallel()
	const password, key, other = "correct horse battery", "operators-own-key", "key-of-the-proxy"
	for _, look := range looks {
		home, proxy := pulsedivetest.New(pulsedivetest.Config{}), pulsedivetest.New(pulsedivetest.Config{})
		homeServer, proxyServer := httptest.NewServer(home), httptest.NewServer(proxy)
		t.Cleanup(homeServer.Close)
		t.Cleanup(proxyServer.Close)
		p := start(t, []string{"RELAY_LISTEN=127.0.0.1:0", "RELAY_ADMIN_PASSWORD=" + password}, "serve")
		page := newPage(t, "http://"+p.stderr.await(t, `"listening","address":"([^"]+)"`), look)
		visit(t, page, "/admin/settings")
		fill(t, page, "Password", password)
		must(t, button(page, "Sign in").Click())
		save := func(want string) {
			t.Helper()
			must(t, button(page, "Save settings").Click())
			wantText(t, page, want)
		}
		fill(t, page, "Endpoint", homeServer.URL+"/api/info.php")
		fill(t, page, "API key", key)
		save("in effect from now on: Endpoint, API key.")

		fill(t, page, "Endpoint", proxyServer.URL+"/pulsedive")
		must(t, button(page, "Test the key").Click())
		wantText(t, page, "The stored key was not sent.")
		save("The stored key is for " + homeServer.URL)
		wantField(t, page, "Endpoint", proxyServer.URL+"/pulsedive")
		noOverflow(t, page)
		if !look.NoScript {
			must(t, expect.Locator(field(page, "API key")).ToBeFocused())
			checkAccessible(t, page)
		}
		shots(t, page, fmt.Sprintf("settings-elsewhere-%d-%v", look.Width, look.Dark))
		if n := proxy.Count(); n != 0 {
			t.Errorf("the proxy had %d calls before a key was typed for it; want none", n)
		}
		fill(t, page, "API key", other)
		must(t, button(page, "Test the key").Click())
		wantText(t, page, "Key and endpoint are not saved yet.")
		save("in effect from now on: Endpoint, API key.")
		if calls := proxy.Calls(); len(calls) != 1 || calls[0].Key != other {
			t.Errorf("the proxy had the calls %+v; want one with the key that was typed for it", calls)
		}
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
