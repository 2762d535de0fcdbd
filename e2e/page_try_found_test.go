package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/playwright-community/playwright-go"
)

// odd is what an analyst pastes that is not to be asked about as it stands.
const odd = "10.0.0.1 and http://localhost:8080/x, evil[.]example/path/x, hxxp://torn .example.com/a, 198.51.100.23,\n" +
	"203.0.113.0/24 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n"

// retype gives the chip of a value another type.
func retype(t *testing.T, page playwright.Page, value, kind string) {
	t.Helper()
	_, err := page.GetByLabel("Type of " + value).SelectOption(playwright.SelectOptionValues{Values: &[]string{kind}})
	must(t, err)
}

// TestTryUnasked: what is not asked about says so in its chip and in a sentence,
// and is asked where one chooses to; also without scripts.
func TestTryUnasked(t *testing.T) {
	t.Parallel()
	d := startDemo(t)
	for _, o := range []pageOptions{{}, phone, {Dark: true}, {NoScript: true}} {
		page := newPage(t, d.base, o)
		find := func(said string) {
			t.Helper()
			if o.NoScript {
				must(t, button(page, "Find").Click())
			}
			must(t, expect.Locator(page.Locator("#chips-head")).ToHaveText(said))
		}
		visit(t, page, "/admin/try")
		must(t, box(page).Fill(odd))
		find("Found 5, 2 are asked:")
		must(t, expect.Locator(page.Locator(".found-chip.held")).ToHaveCount(3))
		must(t, expect.Locator(page.Locator(".found-chip.off")).ToHaveCount(2))
		must(t, expect.Locator(page.Locator(".found-path")).ToHaveText("/path/x"))
		retype(t, page, "198.51.100.23", "url")
		find("Found 5, 1 is asked:")
		must(t, expect.Locator(page.GetByText("is no URL, not asked")).ToBeVisible())
		retype(t, page, "evil.example", "url")
		find("Found 5, 1 is asked:")
		must(t, expect.Locator(page.Locator(".found-path")).ToHaveCount(0)) // the headline said so before
		retype(t, page, "10.0.0.1", "ip")
		find("Found 5, 2 are asked:")
		noOverflow(t, page)
		if !o.NoScript {
			checkAccessible(t, page)
		}
		must(t, button(page, "Run").Click())
		must(t, expect.Locator(page.GetByRole("heading", playwright.PageGetByRoleOptions{Name: "Done: 2 of 2 answered"})).ToBeVisible())
		must(t, expect.Locator(row(page, "http://evil.example/path/x")).ToBeVisible())
		must(t, expect.Locator(row(page, "10.0.0.1")).ToBeVisible())
		must(t, expect.Locator(page.Locator("#run-left")).ToHaveText("Found 5, 2 are asked. Left out: 1 not public; 1 with a blank inside; 1 not of the chosen type; 2 of a kind that Pulsedive does not know."))
		noOverflow(t, page)
	}
}

// late keeps the answer to the next thing that a page asks for. came is closed when
// it was asked for; release lets the answer go, and waits until it is gone.
func late(t *testing.T, page playwright.Page, pattern string) (came <-chan struct{}, release func()) {
	t.Helper()
	asked, open, gone := make(chan struct{}), make(chan struct{}), make(chan struct{})
	must(t, page.Route(pattern, func(r playwright.Route) {
		defer close(gone)
		close(asked)
		answer, err := r.Fetch()
		<-open
		if err == nil { // where the page waits no more there is nothing to answer
			_ = r.Fulfill(playwright.RouteFulfillOptions{Response: answer})
		}
	}, 1))
	return asked, func() { close(open); <-gone }
}

// TestTryOvertaken: what one chooses and takes out while an answer is late holds, also
// when that answer comes.
func TestTryOvertaken(t *testing.T) {
	t.Parallel()
	d := startDemo(t)
	page := newPage(t, d.base, pageOptions{})
	visit(t, page, "/admin/try?q=198.51.100.23+www.example.com+files.example.net+192.0.2.80+203.0.113.77")
	misfits, chips := expect.Locator(page.Locator(".found-chip.misfit")), expect.Locator(page.Locator(".found-chip"))
	came, release := late(t, page, "**/admin/try/find")
	retype(t, page, "198.51.100.23", "url")
	<-came
	retype(t, page, "www.example.com", "ip")
	must(t, misfits.ToHaveCount(2))
	release()
	came, release = late(t, page, "**/admin/try/find")
	must(t, button(page, "Take out files.example.net").Click())
	<-came
	must(t, button(page, "Take out 192.0.2.80").Click())
	must(t, chips.ToHaveCount(3))
	release()
	must(t, button(page, "Take out 203.0.113.77").Click())
	must(t, chips.ToHaveCount(2))
	must(t, misfits.ToHaveCount(2))
	came, release = late(t, page, "**/admin/try/find")
	must(t, button(page, "Put back 3").Click())
	<-came
	must(t, button(page, "Take out www.example.com").Click())
	must(t, chips.ToHaveCount(4))
	release()
	must(t, expect.Locator(button(page, "Put back 1")).ToBeVisible())
}

// TestTryClear: what is cleared does not come back with the page.
func TestTryClear(t *testing.T) {
	t.Parallel()
	d := startDemo(t)
	page := newPage(t, d.base, pageOptions{})
	visit(t, page, "/admin/try?q=www.example.com")
	must(t, expect.Locator(page.GetByText("Found 1:")).ToBeVisible())
	must(t, link(page, "Clear").Click())
	must(t, expect.Page(page).ToHaveURL(d.base+"/admin/try"))
	_, err := page.Reload()
	must(t, err)
	must(t, expect.Locator(box(page)).ToHaveValue(""))
}

// TestTryMany: a long list of chips says that there is more, and shows all on
// demand; what is over the limit is told before the run and on it.
func TestTryMany(t *testing.T) {
	t.Parallel()
	d := startDemo(t)
	var text strings.Builder
	for i := range 210 {
		fmt.Fprintf(&text, "many%d.example.net\n", i)
	}
	for _, o := range []pageOptions{{}, phone} {
		page := newPage(t, d.base, o)
		visit(t, page, "/admin/try")
		must(t, box(page).Fill("www.example.com"))
		must(t, expect.Locator(page.GetByText("Found 1:")).ToBeVisible())
		must(t, expect.Locator(page.Locator(".chips-all")).ToBeHidden())
		must(t, box(page).Fill(text.String()))
		must(t, expect.Locator(page.GetByText("Found 210, 200 are asked:")).ToBeVisible())
		must(t, expect.Locator(button(page, "Show all 210")).ToBeVisible())
		must(t, expect.Locator(page.Locator(".chips.more")).ToBeVisible())
		noOverflow(t, page)
		checkAccessible(t, page)
		must(t, button(page, "Show all 210").Click())
		must(t, expect.Locator(page.GetByText("Not asked, over the limit of 200 in a run:")).ToBeVisible())
		must(t, expect.Locator(page.Locator(".chips.more")).ToHaveCount(0))
		must(t, button(page, "Take out many1.example.net").Click())
		must(t, expect.Locator(page.GetByText("Found 209, 200 are asked:")).ToBeVisible())
		must(t, button(page, "Show fewer").Click())
		must(t, expect.Locator(button(page, "Show all 209")).ToBeVisible())
		must(t, button(page, "Run").Click())
		must(t, expect.Locator(page.Locator("#run-left")).ToContainText("Found 209, 200 are asked. Left out: 9 over the limit of 200 in a run."))
	}
}

// TestTryTooMuch: a text over 1 MiB is said beside the box, and nothing is sent.
func TestTryTooMuch(t *testing.T) {
	t.Parallel()
	d := startDemo(t)
	page := newPage(t, d.base, pageOptions{})
	visit(t, page, "/admin/try")
	must(t, box(page).Fill("www.example.com "+strings.Repeat("some words ", 1<<17)))
	said := page.GetByRole("alert")
	must(t, expect.Locator(said).ToContainText("That is too much at once: texts and files of up to 1 MiB are read."))
	must(t, expect.Locator(page.Locator(".found-chip")).ToHaveCount(0))
	must(t, button(page, "Run").Click())
	must(t, expect.Locator(box(page)).ToBeFocused())
	must(t, expect.Locator(said).ToBeVisible())
	checkAccessible(t, page)
	must(t, box(page).Fill("www.example.com"))
	must(t, expect.Locator(page.GetByText("Found 1:")).ToBeVisible())
	must(t, expect.Locator(said).ToHaveCount(0))
}
