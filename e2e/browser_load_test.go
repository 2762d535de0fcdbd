package e2e

import (
	"testing"

	"github.com/playwright-community/playwright-go"
)

const (
	// heaviest is what a page may load at first, in bytes as they are sent, but
	// for the library that draws graphs.
	heaviest = 150 << 10
	// steadiest is how much of it may move from its first paint on, by what browsers
	// call the layout shift: a hundredth is a line of text in one corner.
	steadiest = 0.01
	// slowdown is by how much the browser's processor is slowed, so that what would
	// move is painted before.
	slowdown = 4
)

// weigh is what a page loaded, and how much moved.
const weigh = `async () => {
	const navigation = performance.getEntriesByType('navigation')[0];
	while (!navigation.loadEventEnd) await new Promise(again => setTimeout(again, 10));
	const shift = await new Promise(tell => {
		let sum = 0;
		new PerformanceObserver(list => { for (const e of list.getEntries()) sum += e.value; }).observe({type: 'layout-shift', buffered: true});
		setTimeout(() => tell(sum), 500);
	});
	let bytes = navigation.transferSize, graph = 0;
	for (const e of performance.getEntriesByType('resource')) {
		if (e.name.includes('/cytoscape')) graph += e.transferSize; else bytes += e.transferSize;
	}
	return {bytes, graph, shift};
}`

// TestFirstLoad: pages are light, stand still from the first paint on, also on a
// slow machine far from UTC, and load the graph's library only where there is a
// graph.
func TestFirstLoad(t *testing.T) {
	t.Parallel()
	d := startDemo(t)
	for _, p := range []struct {
		path  string
		graph bool
	}{
		{"/admin", false}, {"/admin/try", false}, {"/admin/history", false}, {"/admin/exchange/1", true}, {"/admin/exchange/1?tab=json", false},
		{"/admin/exchange/1?tab=entities", false}, {"/admin/module", false}, {"/admin/self-test", false}, {"/admin/settings", false},
	} {
		page := newPage(t, d.base, pageOptions{Zone: "America/New_York"})
		slow(t, page)
		visit(t, page, p.path)
		got, err := page.Evaluate(weigh)
		must(t, err)
		load := got.(map[string]any)
		bytes, graph, shift := number(load["bytes"]), number(load["graph"]), number(load["shift"])
		t.Logf("%s loads %.0f bytes, %.0f for graphs, and moves by %.4f", p.path, bytes, graph, shift)
		if bytes > heaviest || bytes == 0 {
			t.Errorf("%s loads %.0f bytes; want %d at most", p.path, bytes, heaviest)
		}
		if (graph > 0) != p.graph {
			t.Errorf("%s loads %.0f bytes of the graph's library; want some: %v", p.path, graph, p.graph)
		}
		if shift > steadiest {
			t.Errorf("%s moves by %.4f as it loads; want %.2f at most", p.path, shift, steadiest)
		}
	}
}

// slow slows down the page's processor.
func slow(t testing.TB, page playwright.Page) {
	t.Helper()
	session, err := page.Context().NewCDPSession(page)
	must(t, err)
	_, err = session.Send("Emulation.setCPUThrottlingRate", map[string]any{"rate": slowdown})
	must(t, err)
}

// number is what the browser gave as a number: it may come as either kind.
func number(v any) float64 {
	if n, ok := v.(int); ok {
		return float64(n)
	}
	f, _ := v.(float64)
	return f
}
