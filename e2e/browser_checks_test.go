package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/playwright-community/playwright-go"
)

// axeVersion is the axe-core that checks pages; install.sh reads it here.
const axeVersion = "4.14.1"

// violation is what axe says against a page.
type violation struct {
	ID, Impact, Help string
	Nodes            []string
}

// checkAccessible has axe look for what keeps people out, contrast included: no
// violation may be moderate or worse. It needs a page with scripts.
func checkAccessible(t testing.TB, page playwright.Page) {
	t.Helper()
	for _, v := range violations(t, page) {
		if v.Impact != "minor" {
			t.Errorf("%s: %s (%s, %s):\n\t%s", page.URL(), v.Help, v.ID, v.Impact, strings.Join(v.Nodes, "\n\t"))
		}
	}
}

func violations(t testing.TB, page playwright.Page) []violation {
	t.Helper()
	axe, err := os.ReadFile(filepath.Join(installed("axe-core", axeVersion), "package", "axe.min.js"))
	if err != nil {
		t.Fatalf("no axe-core: %v\nrun \"make browser\" first", err)
	}
	_, err = page.Evaluate(string(axe))
	must(t, err)
	text, err := page.Evaluate(`async () => {
		const found = await axe.run(document, { resultTypes: ['violations'] });
		return JSON.stringify(found.violations.map(v => ({
			id: v.id, impact: v.impact, help: v.help,
			nodes: v.nodes.map(n => n.target.join(' ') + ': ' + n.failureSummary.replace(/\s+/g, ' ')),
		})));
	}`)
	must(t, err)
	var all []violation
	must(t, json.Unmarshal([]byte(text.(string)), &all))
	return all
}

// noOverflow checks that a page is no wider than its window. What is wide on
// purpose scrolls in a box of its own.
func noOverflow(t testing.TB, page playwright.Page) {
	t.Helper()
	if wide := overflow(t, page); wide != "" {
		t.Errorf("%s is wider than the window:\n%s", page.URL(), wide)
	}
}

// overflow says how much too wide a page is and which elements stick out; empty
// where it fits.
func overflow(t testing.TB, page playwright.Page) string {
	t.Helper()
	text, err := page.Evaluate(`() => {
		const root = document.documentElement, width = root.clientWidth;
		if (root.scrollWidth <= width) return '';
		const shown = e => getComputedStyle(e).overflowX === 'visible';
		const end = e => { const r = e.getBoundingClientRect(); return shown(e) ? Math.max(r.right, r.left + e.scrollWidth) : r.right; };
		const boxed = e => { for (e = e.parentElement; e && e !== document.body; e = e.parentElement) if (!shown(e)) return true; return false; };
		const out = [...document.body.querySelectorAll('*')].filter(e => end(e) > width + 1 && !boxed(e));
		const name = e => e.tagName.toLowerCase() + [...e.classList].map(c => '.' + c).join('') + ' ends at ' + Math.round(end(e));
		return [root.scrollWidth + ' of ' + width + ' px', ...out.slice(0, 8).map(name)].join('\n');
	}`)
	must(t, err)
	return text.(string)
}

// shots writes a picture of the whole page to the folder that SHOTS names, for
// people to look at; without SHOTS it does nothing. "make shots" sets it.
func shots(t testing.TB, page playwright.Page, name string) {
	t.Helper()
	if folder := os.Getenv("SHOTS"); folder != "" {
		path := filepath.Join(folder, unsafe.ReplaceAllString(name, "-")+".png")
		_, err := page.Screenshot(playwright.PageScreenshotOptions{Path: &path, FullPage: playwright.Bool(true)})
		must(t, err)
	}
}
