package e2e

import (
	"path/filepath"
	"regexp"
	"syscall"
	"testing"

	"github.com/playwright-community/playwright-go"
)

// The looks that a page is tried in.
var looks = []pageOptions{{}, {Dark: true}, {Width: phone.Width, Height: phone.Height}, {NoScript: true}}

// startFresh serves with an empty database, and is where, and the link that sets
// the first password.
func startFresh(t *testing.T, environ ...string) (p *process, base, link string) {
	t.Helper()
	p = start(t, append([]string{"RELAY_LISTEN=127.0.0.1:0"}, environ...), "serve")
	link = p.stderr.await(t, `"link":"([^"]+)"`)
	return p, "http://" + p.stderr.await(t, `"listening","address":"([^"]+)"`), link
}

func wantPath(t *testing.T, page playwright.Page, path string) {
	t.Helper()
	must(t, expect.Page(page).ToHaveURL(regexp.MustCompile(regexp.QuoteMeta(path)+"$")))
}

// TestFirstStart: whoever can read the log sets a password, once, and is in.
func TestFirstStart(t *testing.T) {
	t.Parallel()
	_, base, link := startFresh(t)
	for _, look := range looks {
		page := newPage(t, base, look)
		visit(t, page, "/admin/history")
		must(t, expect.Locator(page.GetByText("There is no password yet.")).ToBeVisible())
		noOverflow(t, page)
		visit(t, page, link[len(base):])
		must(t, expect.Locator(page.GetByRole("heading", playwright.PageGetByRoleOptions{Name: "Set a password"})).ToBeVisible())
		noOverflow(t, page)
		if !look.NoScript {
			checkAccessible(t, page)
		}
	}
	page := newPage(t, base, pageOptions{})
	visit(t, page, link[len(base):])
	fill(t, page, "Password", "correct horse battery")
	fill(t, page, "Once more", "another horse battery")
	must(t, button(page, "Set and sign in").Click())
	wantText(t, page, "the two passwords differ")
	fill(t, page, "Password", "correct horse battery")
	fill(t, page, "Once more", "correct horse battery")
	must(t, page.GetByLabel("Once more").Press("Enter"))
	wantPath(t, page, "/admin")
	wantText(t, page, "The password is set, and you are signed in.")
	noOverflow(t, page)
	checkAccessible(t, page)
	shots(t, page, "overview-fresh")
	visit(t, page, link[len(base):])
	wantText(t, page, "This link is used up")
}

// TestSignIn: a wrong password, the right one, out, and in again where one was
// going; also by keyboard alone, narrow, dark and without scripts.
func TestSignIn(t *testing.T) {
	t.Parallel()
	const password = "correct horse battery"
	p := start(t, []string{"RELAY_LISTEN=127.0.0.1:0", "RELAY_ADMIN_PASSWORD=" + password}, "serve")
	base := "http://" + p.stderr.await(t, `"listening","address":"([^"]+)"`)
	for _, look := range looks {
		page := newPage(t, base, look)
		visit(t, page, "/admin/settings")
		field := page.GetByLabel("Password")
		must(t, expect.Locator(field).ToBeFocused())
		must(t, page.Keyboard().Type("wrong horse battery"))
		must(t, page.Keyboard().Press("Enter"))
		wantText(t, page, "That is not the password.")
		noOverflow(t, page)
		if !look.NoScript {
			checkAccessible(t, page)
		}
		shots(t, page, "login-wrong")
		must(t, field.Fill(password))
		must(t, field.Press("Enter"))
		wantPath(t, page, "/admin/settings")
		must(t, button(page, "Sign out").Click())
		wantPath(t, page, "/admin/login")
	}
	p.signal(syscall.SIGTERM).endsWell()
}

// TestSessionOutlivesARestart: of the whole program, on the same file.
func TestSessionOutlivesARestart(t *testing.T) {
	t.Parallel()
	file := "RELAY_DB=" + filepath.Join(t.TempDir(), "relay.db")
	listen := "RELAY_LISTEN=" + ownAddress(t)
	p, base, link := startFresh(t, file, listen)
	page := newPage(t, base, pageOptions{})
	visit(t, page, link[len(base):])
	fill(t, page, "Password", "correct horse battery")
	fill(t, page, "Once more", "correct horse battery")
	must(t, button(page, "Set and sign in").Click())
	wantPath(t, page, "/admin")
	visit(t, page, "/admin/module") // whole, and it asks for nothing while the relay is away
	p.signal(syscall.SIGTERM).endsWell()
	again := start(t, []string{listen, file}, "serve")
	again.stderr.await(t, "listening")
	visit(t, page, "/admin/history")
	wantPath(t, page, "/admin/history")
}
