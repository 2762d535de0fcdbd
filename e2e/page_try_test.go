package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/playwright-community/playwright-go"
)

// mail is what an analyst pastes: two observables that the demo knows, one that
// it does not, and two that Pulsedive cannot be asked about.
const mail = "Please check hxxps://login[.]example[.]org/reset?session=44 seen from 198.51.100.23,\n" +
	"also qsnatch-c2[.]example[.]net and 2001:db8::41. Attachment 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n" +
	"from service@bank.example.org\n"

// box is where the text goes.
func box(page playwright.Page) playwright.Locator {
	return page.GetByLabel("Text with observables")
}

// row is a row of a table by its text.
func row(page playwright.Page, text string) playwright.Locator {
	return page.GetByRole("row", playwright.PageGetByRoleOptions{Name: text})
}

// TestTryMail: a pasted mail becomes chips, a run, and a result.
func TestTryMail(t *testing.T) {
	t.Parallel()
	d := startDemo(t)
	page := newPage(t, d.base, pageOptions{})
	visit(t, page, "/admin/try")
	shots(t, page, "try-empty")
	must(t, box(page).Fill(mail))
	must(t, expect.Locator(page.GetByText("Found 4:")).ToBeVisible())
	must(t, expect.Locator(page.Locator(".found-chip.off")).ToHaveCount(2))
	shots(t, page, "try-found")
	retype(t, page, "qsnatch-c2.example.net", "ip")
	must(t, expect.Locator(page.GetByText("Found 4, 3 are asked:")).ToBeVisible())
	must(t, button(page, "Take out 2001:db8::41").Click())
	must(t, expect.Locator(page.GetByText("Found 3, 2 are asked:")).ToBeVisible())
	must(t, button(page, "Put back 1").Click())
	must(t, expect.Locator(page.GetByText("Found 4, 3 are asked:")).ToBeVisible())
	must(t, expect.Locator(page.GetByLabel("Type of qsnatch-c2.example.net")).ToHaveValue("ip"))
	retype(t, page, "qsnatch-c2.example.net", "domain")
	must(t, expect.Locator(page.GetByText("Found 4:")).ToBeVisible())
	must(t, button(page, "Run").Click())
	must(t, expect.Page(page).ToHaveURL(regexp.MustCompile(`/admin/try/[A-Z0-9]{20,}$`)))
	must(t, expect.Locator(page.GetByRole("heading", playwright.PageGetByRoleOptions{Name: "Done: 4 of 4 answered"})).ToBeVisible())
	must(t, expect.Locator(row(page, "qsnatch-c2.example.net")).ToContainText("Malicious"))
	must(t, expect.Locator(row(page, "2001:db8::41")).ToContainText("Nothing known"))
	must(t, expect.Locator(row(page, "198.51.100.23")).ToContainText("relation"))
	must(t, expect.Locator(link(page, "Open the result")).ToHaveAttribute("href", regexp.MustCompile(`^/admin/exchange/\d+$`)))
	must(t, expect.Locator(page.GetByText("9f86d081")).ToHaveCount(2)) // in the box, and as chip
	must(t, expect.Locator(page.Locator("#try-said")).ToContainText("Done: 4 of 4 answered"))
	noOverflow(t, page)
	checkAccessible(t, page)
	shots(t, page, "try-done")
	visit(t, page, "/admin/try")
	must(t, expect.Locator(page.GetByRole("heading", playwright.PageGetByRoleOptions{Name: "Latest tries"})).ToBeVisible())
	shots(t, page, "try-latest")
}

// longRun are thirty more observables for a text: with a call a second the run is
// at work as long as a test looks, also where the machine is busy.
var longRun = func() string {
	var b strings.Builder
	for i := range 30 {
		fmt.Fprintf(&b, "+more%d.example.net", i)
	}
	return b.String()
}()

// TestTryWaits: on a free key a run says what it waits for, goes on while nobody
// looks, and what it had is kept where it is cancelled.
func TestTryWaits(t *testing.T) {
	t.Parallel()
	d := startDemo(t, "--plan=free")
	page := newPage(t, d.base, pageOptions{})
	visit(t, page, "/admin/try?q=198.51.100.23+qsnatch-c2.example.net+192.0.2.80+www.example.com+203.0.113.77+files.example.net"+longRun)
	must(t, expect.Locator(page.GetByText("Found 36:")).ToBeVisible())
	must(t, box(page).Press("Control+Enter"))
	must(t, expect.Locator(page.GetByRole("heading", playwright.PageGetByRoleOptions{Name: "a second on this key)"})).ToContainText("left (1 call a second on this key)"))
	must(t, expect.Locator(page.GetByText("waiting for the limit").First()).ToBeVisible())
	must(t, expect.Locator(page.Locator(".run-next").First()).ToBeVisible())
	noOverflow(t, page)
	checkAccessible(t, page)
	shots(t, page, "try-waiting")
	here := page.URL()
	visit(t, page, "/admin/try")
	must(t, expect.Locator(page.GetByRole("heading", playwright.PageGetByRoleOptions{Name: "Asking Pulsedive"})).ToBeVisible())
	must(t, expect.Locator(button(page, "Cancel")).ToBeVisible())
	checkAccessible(t, page)
	shots(t, page, "try-beside")
	must(t, link(page, "Open the page of this run").Click())
	must(t, expect.Page(page).ToHaveURL(here))
	must(t, expect.Locator(page.GetByText("relations to come").First()).ToBeVisible())
	must(t, button(page, "Cancel").Click())
	must(t, expect.Locator(page.GetByRole("heading", playwright.PageGetByRoleOptions{Name: "Cancelled: "})).ToBeVisible())
	must(t, expect.Locator(page.GetByText("not answered").First()).ToBeVisible())
	must(t, expect.Locator(link(page, "Open the result")).ToBeVisible())
	checkAccessible(t, page)
	shots(t, page, "try-cancelled")
}

// TestTryWithoutScript: forms and reloads do the same.
func TestTryWithoutScript(t *testing.T) {
	t.Parallel()
	d := startDemo(t, "--plan=free")
	page := newPage(t, d.base, pageOptions{NoScript: true})
	visit(t, page, "/admin/try")
	file := filepath.Join(t.TempDir(), "mail.eml")
	must(t, os.WriteFile(file, []byte(mail), 0o600))
	must(t, box(page).Fill("files.example.net"))
	must(t, page.GetByLabel("Text file").SetInputFiles(file))
	must(t, button(page, "Find").Click())
	must(t, expect.Locator(box(page)).ToHaveValue("files.example.net\n"+mail))
	must(t, expect.Locator(page.GetByText("Found 5:")).ToBeVisible())
	shots(t, page, "try-no-script")
	must(t, button(page, "Take out files.example.net").Click())
	must(t, button(page, "Take out 2001:db8::41").Click())
	must(t, expect.Locator(page.GetByText("Found 3:")).ToBeVisible())
	must(t, button(page, "Run").Click())
	must(t, expect.Locator(page.GetByRole("heading", playwright.PageGetByRoleOptions{Name: "of 3"})).ToBeVisible())
	must(t, expect.Locator(page.GetByRole("heading", playwright.PageGetByRoleOptions{Name: "Done: 3 of 3 answered"})).ToBeVisible())
	must(t, expect.Locator(link(page, "Open the result")).ToBeVisible())
	noOverflow(t, page)
}

// TestTryByKeyboard: all of it without a pointer.
func TestTryByKeyboard(t *testing.T) {
	t.Parallel()
	d := startDemo(t)
	page := newPage(t, d.base, pageOptions{})
	visit(t, page, "/admin/try")
	press := func(keys ...string) {
		t.Helper()
		for _, key := range keys {
			must(t, page.Keyboard().Press(key))
		}
	}
	press("/")
	must(t, expect.Locator(box(page)).ToBeFocused())
	must(t, page.Keyboard().Type("198.51.100.23 qsnatch-c2.example.net www.example.com"))
	must(t, expect.Locator(page.GetByText("Found 3:")).ToBeVisible())
	must(t, expect.Locator(page.Locator("#try-said")).ToHaveText("Found 3"))
	press("Tab")
	must(t, expect.Locator(page.GetByLabel("Type of 198.51.100.23")).ToBeFocused())
	press("Tab", "ArrowRight")
	must(t, expect.Locator(button(page, "Take out qsnatch-c2.example.net")).ToBeFocused())
	press("Delete")
	must(t, expect.Locator(page.GetByText("Found 2:")).ToBeVisible())
	must(t, expect.Locator(button(page, "Take out www.example.com")).ToBeFocused())
	press("Backspace")
	must(t, expect.Locator(page.GetByText("Found 1:")).ToBeVisible())
	must(t, expect.Locator(button(page, "Take out 198.51.100.23")).ToBeFocused())
	press("Tab", "Tab")
	must(t, expect.Locator(page.GetByLabel("Observe")).ToBeFocused())
	press("Tab")
	press("Space")
	must(t, expect.Locator(page.GetByLabel("Refer")).Not().ToBeChecked())
	press("Tab", "Control+Enter")
	must(t, expect.Locator(page.GetByRole("heading", playwright.PageGetByRoleOptions{Name: "Done: 1 of 1 answered"})).ToBeVisible())
	must(t, expect.Locator(page.GetByText("Observe, entities limit 100")).ToBeVisible())
	must(t, expect.Locator(page.GetByLabel("Refer")).Not().ToBeChecked())
}

// TestTryFromElsewhere: "/" leads from any page to the box, ready to type.
func TestTryFromElsewhere(t *testing.T) {
	t.Parallel()
	d := startDemo(t)
	page := newPage(t, d.base, pageOptions{})
	const text = "hxxps://login[.]example[.]org/a/b"
	for _, from := range []string{"/admin", "/admin/history", "/admin/exchange/1"} {
		visit(t, page, from)
		must(t, page.Keyboard().Press("/"))
		must(t, page.WaitForURL(regexp.MustCompile("/admin/try"), playwright.PageWaitForURLOptions{WaitUntil: playwright.WaitUntilStateLoad}))
		must(t, expect.Locator(box(page)).ToBeFocused())
		must(t, page.Keyboard().Type(text))
		must(t, expect.Locator(box(page)).ToHaveValue(text))
		must(t, expect.Locator(page.GetByText("Found 1:")).ToBeVisible())
	}
}

// drag does to the page what a dragged file does: the events that end with last,
// over the box. The file's bytes are text, again and again.
const drag = `([last, name, text, times]) => {
	const files = new DataTransfer();
	files.items.add(new File([text.repeat(times)], name));
	const over = document.getElementById('f-text');
	for (const kind of ['dragenter', 'dragover', last]) {
		const stopped = !over.dispatchEvent(new DragEvent(kind, {bubbles: true, cancelable: true, dataTransfer: files}));
		if (kind !== 'dragenter' && kind !== 'dragleave' && !stopped) throw new Error('the browser would open the file: nobody takes ' + kind);
	}
}`

// TestTryDrop: a file that is dropped lands in the box, and the box says before
// that it takes it; what is no text, or too much, is said.
func TestTryDrop(t *testing.T) {
	t.Parallel()
	d := startDemo(t)
	page := newPage(t, d.base, pageOptions{})
	visit(t, page, "/admin/try")
	drags := func(last, name, text string, times int) {
		t.Helper()
		_, err := page.Evaluate(drag, []any{last, name, text, times})
		must(t, err)
	}
	target := func(is bool) {
		t.Helper()
		look, note := "solid", expect.Locator(page.GetByText("Drop it here")).Not()
		if is {
			look, note = "dashed", expect.Locator(page.GetByText("Drop it here"))
		}
		must(t, expect.Locator(box(page)).ToHaveCSS("border-top-style", look))
		must(t, note.ToBeVisible())
	}
	target(false)
	drags("dragover", "mail.eml", mail, 1)
	target(true)
	shots(t, page, "try-drop")
	drags("dragleave", "mail.eml", mail, 1)
	target(false)
	must(t, expect.Locator(box(page)).ToHaveValue(""))
	drags("drop", "mail.eml", mail, 1)
	target(false)
	must(t, expect.Locator(box(page)).ToHaveValue(mail))
	must(t, expect.Locator(page.GetByText("Found 4:")).ToBeVisible())
	must(t, expect.Locator(box(page)).ToBeFocused())
	drags("drop", "program.exe", "MZ\x00\x01", 1)
	must(t, expect.Locator(page.GetByText("This file is no text")).ToBeVisible())
	drags("drop", "long.log", "192.0.2.1 is what this log says\n", 1<<15+1)
	must(t, expect.Locator(page.GetByRole("alert")).ToContainText("files of up to 1 MiB are read"))
	must(t, expect.Locator(box(page)).ToHaveValue(mail))
	drags("drop", "more.txt", "www.example.com", 1)
	must(t, expect.Locator(box(page)).ToHaveValue(strings.TrimSpace(mail)+"\nwww.example.com"))
	must(t, expect.Locator(page.GetByText("Found 5:")).ToBeVisible())
}

// hold keeps what a page asks for until it is released.
func hold(t *testing.T, page playwright.Page, pattern string) (release func()) {
	t.Helper()
	open := make(chan struct{})
	must(t, page.Route(pattern, func(r playwright.Route) {
		<-open
		_ = r.Continue()
	}))
	return func() { close(open) }
}

// TestTryTypedAhead: what is typed after "/" while the page is on its way lands in
// the box, in order, whatever is slow.
func TestTryTypedAhead(t *testing.T) {
	t.Parallel()
	d := startDemo(t)
	page := newPage(t, d.base, pageOptions{})
	visit(t, page, "/admin/history")
	document, script := hold(t, page, "**/admin/try"), hold(t, page, "**/static/try.js*")
	write := func(text string) {
		t.Helper()
		must(t, page.Keyboard().Type(text))
	}
	must(t, page.Keyboard().Press("/"))
	write("hxxps://g?x") // keys that are shortcuts otherwise
	must(t, page.Keyboard().Press("Backspace"))
	write("login[.]")
	document()
	must(t, expect.Locator(box(page)).ToBeAttached()) // the page is there, its script is not
	write("example[.]")
	script()
	must(t, page.WaitForLoadState(playwright.PageWaitForLoadStateOptions{State: playwright.LoadStateLoad}))
	write("org/a b")
	must(t, expect.Locator(box(page)).ToHaveValue("hxxps://g?login[.]example[.]org/a b"))
	must(t, expect.Locator(box(page)).ToBeFocused())
	visit(t, page, "/admin/history")
	visit(t, page, "/admin/try")
	must(t, expect.Locator(box(page)).ToHaveValue(""))
}

// TestTryAnywhere: dark and narrow, with what is hostile and long.
func TestTryAnywhere(t *testing.T) {
	t.Parallel()
	d := startDemo(t)
	long := "https://hostile.example/" + strings.Repeat("very-long/", 120) + "end"
	for _, o := range []struct {
		name string
		pageOptions
	}{{"narrow", phone}, {"dark", pageOptions{Dark: true}}, {"narrow-dark", pageOptions{Width: 375, Dark: true}}} {
		page := newPage(t, d.base, o.pageOptions)
		visit(t, page, "/admin/try")
		must(t, box(page).Fill(mail+"hostile.example everything.example broken.example.com\n"+long+"\nhttps://hostile.example/a\u202egnp.exe?q=<script>alert(1)</script>"))
		must(t, expect.Locator(page.GetByText("Found 9:")).ToBeVisible())
		noOverflow(t, page)
		checkAccessible(t, page)
		shots(t, page, "try-found-"+o.name)
		must(t, button(page, "Run").Click())
		must(t, expect.Locator(page.GetByRole("heading", playwright.PageGetByRoleOptions{Name: " answered in "})).ToBeVisible())
		noOverflow(t, page)
		checkAccessible(t, page)
		shots(t, page, "try-done-"+o.name)
	}
}

// TestTryFaults: what cannot be asked is said beside the form, which stays.
func TestTryFaults(t *testing.T) {
	t.Parallel()
	d := startDemo(t)
	page := newPage(t, d.base, pageOptions{})
	visit(t, page, "/admin/try")
	must(t, box(page).Fill("nothing to see"))
	must(t, button(page, "Run").Click())
	must(t, expect.Locator(page.GetByRole("alert")).ToContainText("Nothing was found"))
	must(t, expect.Locator(box(page)).ToHaveValue("nothing to see"))
	shots(t, page, "try-fault")
	checkAccessible(t, page)
	file := filepath.Join(t.TempDir(), "program.exe")
	must(t, os.WriteFile(file, []byte("MZ\x00\x01"), 0o600))
	must(t, page.GetByLabel("Text file").SetInputFiles(file))
	must(t, expect.Locator(page.GetByText("This file is no text")).ToBeVisible())
	must(t, os.WriteFile(file, []byte("\xff\xfee\x00x\x00a\x00m\x00p\x00l\x00e\x00.\x00o\x00r\x00g\x00"), 0o600))
	must(t, page.GetByLabel("Text file").SetInputFiles(file))
	must(t, expect.Locator(page.GetByText("Found 1:")).ToBeVisible())
	must(t, button(page, "Run").Click())
	must(t, expect.Locator(page.GetByRole("heading", playwright.PageGetByRoleOptions{Name: "Done: 1 of 1"})).ToBeVisible())
	visit(t, page, "/admin/try/GONE")
	must(t, expect.Locator(page.GetByText("This run is not known any more")).ToBeVisible())
}

// TestTryAgain: asking again asks Pulsedive anew, and leads to the new exchange
// with the difference to the old one; also where it has to wait.
func TestTryAgain(t *testing.T) {
	t.Parallel()
	for _, plan := range []string{"none", "free"} {
		d := startDemo(t, "--plan="+plan)
		for _, noScript := range []bool{false, true} {
			page := newPage(t, d.base, pageOptions{NoScript: noScript})
			visit(t, page, "/admin/exchange/1")
			must(t, button(page, "Run again").Click())
			must(t, expect.Page(page).ToHaveURL(regexp.MustCompile(`/admin/exchange/\d+\?before=1$`)))
			wantText(t, page, "Pulsedive call")
		}
	}
}

// TestTryAgainIsOver: it leads there also where it was over before its page could look.
func TestTryAgainIsOver(t *testing.T) {
	t.Parallel()
	d := startDemo(t, "--plan=free")
	page := newPage(t, d.base, pageOptions{})
	visit(t, page, "/admin/try?q=198.51.100.23+qsnatch-c2.example.net+www.example.com")
	must(t, button(page, "Run").Click())
	must(t, page.Locator("#run-result").Click())
	asked := make(chan string, 100)
	page.OnRequest(func(r playwright.Request) {
		if strings.Contains(r.URL(), "/admin/try/") {
			select {
			case asked <- r.URL():
			default:
			}
		}
	})
	result := regexp.MustCompile(`/admin/exchange/\d+\?before=\d+$`)
	must(t, button(page, "Run again").Click())
	must(t, expect.Page(page).ToHaveURL(result))
	_, err := page.Goto(<-asked, playwright.PageGotoOptions{WaitUntil: playwright.WaitUntilStateCommit})
	must(t, err)
	must(t, expect.Page(page).ToHaveURL(result))
}

// TestTryLost: a relay that ended is said once, in the run's card.
func TestTryLost(t *testing.T) {
	t.Parallel()
	d := startDemo(t, "--plan=free")
	page := newPage(t, d.base, pageOptions{Allow: []string{"Failed to load resource", "console: htmx:"}})
	visit(t, page, "/admin/try?q=198.51.100.23+qsnatch-c2.example.net+www.example.com+192.0.2.80"+longRun)
	must(t, button(page, "Run").Click())
	must(t, expect.Locator(page.GetByRole("heading", playwright.PageGetByRoleOptions{Name: "Asking Pulsedive"})).ToBeVisible())
	d.signal(syscall.SIGTERM).endsWell()
	must(t, expect.Locator(page.Locator(".run-lost")).ToHaveText("The relay does not answer. This page asks again until it does."))
	must(t, expect.Locator(page.Locator("#toasts .hint")).ToHaveCount(0))
	shots(t, page, "try-lost")
}
