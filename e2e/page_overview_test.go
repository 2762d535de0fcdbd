package e2e

import (
	"strings"
	"testing"

	"github.com/playwright-community/playwright-go"
)

// shifted is how much of a page moved after it was loaded: on a busy machine it is
// painted before its deferred scripts have run.
func shifted(t testing.TB, page playwright.Page) float64 {
	t.Helper()
	sum, err := page.Evaluate(`() => new Promise(done => {
		const loaded = performance.getEntriesByType('navigation')[0].loadEventEnd;
		let sum = 0;
		new PerformanceObserver(list => list.getEntries().forEach(e => { if (!e.hadRecentInput && e.startTime > loaded) sum += e.value; })).observe({ type: 'layout-shift', buffered: true });
		setTimeout(() => done(sum * 1000), 300);
	})`)
	must(t, err)
	switch n := sum.(type) {
	case int:
		return float64(n) / 1000
	case float64:
		return n / 1000
	}
	t.Fatalf("the sum of shifts is %v", sum)
	return 0
}

// TestOverview: the state at a glance, with charts that can be read as tables.
func TestOverview(t *testing.T) {
	t.Parallel()
	d := startDemo(t, "--plan=free")
	page := newPage(t, d.base, pageOptions{})
	visit(t, page, "/admin")
	must(t, expect.Locator(page.Locator("[data-chart] canvas")).ToHaveCount(2))
	must(t, expect.Locator(page.GetByRole("img", playwright.PageGetByRoleOptions{Name: "Bar chart."})).ToBeVisible())
	if moved := shifted(t, page); moved > 0.001 {
		t.Errorf("the overview moves by %.3f after it was loaded; want it to stand still", moved)
	}
	hours := page.GetByRole("region", playwright.PageGetByRoleOptions{Name: "Calls an hour by outcome"})
	must(t, expect.Locator(hours).ToBeHidden())
	must(t, button(page, "Table").First().Click())
	must(t, expect.Locator(hours).ToBeVisible())
	checkAccessible(t, page)
	must(t, link(page, "7 d").Click())
	must(t, expect.Locator(page.GetByText("Calls, 7 d")).ToBeVisible())
	must(t, button(page, "Dark").Click())
	must(t, expect.Locator(page.Locator("[data-chart] canvas")).ToHaveCount(2))
}

// TestOverviewLive: what happens while one looks is seen, unless paused.
func TestOverviewLive(t *testing.T) {
	t.Parallel()
	d := startDemo(t, "--plan=free")
	page := newPage(t, d.base, pageOptions{})
	visit(t, page, "/admin")
	live := button(page, "Live")
	must(t, expect.Locator(page.GetByText("no limit of your key is known")).ToBeVisible())
	must(t, live.Click())
	must(t, expect.Locator(live).ToHaveAttribute("aria-pressed", "false"))
	asks(t, "POST", d.base+"/observe/observables", d.token, `[{"type":"domain","value":"just-now.example.com"}]`)
	must(t, live.Click())
	must(t, expect.Locator(page.GetByText("of 50 left")).ToBeVisible())
	must(t, expect.Locator(page.Locator("#ov-latest").GetByText("just-now.example.com")).ToBeVisible())
	must(t, expect.Locator(page.Locator("#ov-chain").GetByText("answered")).ToBeVisible())
	must(t, expect.Locator(page.Locator("[data-chart] canvas")).ToHaveCount(2))
}

// TestOverviewPlain: without scripts the tables stand in for the charts.
func TestOverviewPlain(t *testing.T) {
	t.Parallel()
	d := startDemo(t)
	page := newPage(t, d.base, pageOptions{NoScript: true, Width: phone.Width})
	visit(t, page, "/admin")
	must(t, expect.Locator(page.GetByRole("region", playwright.PageGetByRoleOptions{Name: "Calls an hour by outcome"})).ToBeVisible())
	must(t, expect.Locator(page.GetByRole("region", playwright.PageGetByRoleOptions{Name: "Time to an answer, by the hour"})).ToBeVisible())
	must(t, expect.Locator(button(page, "Live")).ToBeHidden())
	must(t, link(page, "Malicious").First().Click())
	must(t, expect.Page(page).ToHaveTitle("History · Pulsedive Relay"))
	must(t, expect.Locator(page.GetByText("Take off: Verdict malicious").Or(page.GetByLabel("Take off: Verdict malicious"))).ToBeVisible())
}

// TestOverviewFresh: a fresh install says what to do next.
func TestOverviewFresh(t *testing.T) {
	t.Parallel()
	db := t.TempDir()
	p := start(t, []string{"RELAY_LISTEN=127.0.0.1:0", "RELAY_DB=" + db + "/relay.db", "RELAY_ADMIN_PASSWORD=correct horse battery", "RELAY_PUBLIC_URL=https://relay.example.com"}, "serve")
	base := "http://" + p.stderr.await(t, `"address":"([^"]+)"`)
	for _, o := range []pageOptions{{}, {Width: phone.Width, Dark: true}} {
		page := newPage(t, base, o)
		visit(t, page, "/admin")
		must(t, page.GetByLabel("Password").Fill("correct horse battery"))
		must(t, button(page, "Sign in").Click())
		must(t, expect.Locator(page.GetByRole("heading", playwright.PageGetByRoleOptions{Name: "What to do next"})).ToBeVisible())
		steps := page.GetByRole("listitem").Filter(playwright.LocatorFilterOptions{HasText: "Set the public URL"})
		if text, err := steps.TextContent(); err != nil || !strings.Contains(text, "Done:") {
			t.Errorf("the first step reads %q (%v); want it done", text, err)
		}
		shots(t, page, "overview-fresh")
		noOverflow(t, page)
		checkAccessible(t, page)
	}
}
