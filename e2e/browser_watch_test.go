package e2e

import (
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/playwright-community/playwright-go"
)

// watcher notes what no page of ours may do: errors and violations of the content
// security policy (both come by the console), scripts that throw, requests that
// leave the origin, answers of 500 and above, and scripts, styles or pictures
// that there are not. A 404 or 422 is fine for a page or a fetch: tests ask for
// those, and look at them.
type watcher struct {
	base  *url.URL
	allow []string
	mu    sync.Mutex
	found []string
}

// watch notes from now on what happens in a context, in all its pages.
func watch(context playwright.BrowserContext, base string, allow []string) *watcher {
	w := &watcher{allow: allow}
	var err error
	if w.base, err = url.Parse(base); err != nil {
		w.note("the base is no address: " + err.Error())
		return w
	}
	context.OnConsole(w.console)
	context.OnWebError(func(e playwright.WebError) {
		w.note("a script failed: " + strings.TrimPrefix(e.Error().Error(), "playwright: "))
	})
	context.OnRequest(w.request)
	context.OnResponse(w.response)
	return w
}

func (w *watcher) console(m playwright.ConsoleMessage) {
	if m.Type() != "error" {
		return
	}
	for _, fine := range []string{
		"Failed to load resource: the server responded with a status", // judged in response
		"htmx:afterRequest", "htmx:sendAbort", // a newer request replaced one; of what failed there is another line
	} {
		if strings.HasPrefix(m.Text(), fine) {
			return
		}
	}
	w.note("console: " + m.Text())
}

func (w *watcher) request(r playwright.Request) {
	u, err := url.Parse(r.URL())
	if err != nil || u.Host != "" && (u.Scheme != w.base.Scheme || u.Host != w.base.Host) {
		w.note("left the origin: " + r.Method() + " " + r.URL())
	}
}

func (w *watcher) response(r playwright.Response) {
	asked := r.Request().ResourceType()
	if status := r.Status(); status >= 500 || status >= 400 && !slices.Contains([]string{"document", "fetch", "xhr"}, asked) {
		w.note("answered " + r.StatusText() + ": " + asked + " " + r.URL())
	}
}

// note keeps a problem, unless the test allows it.
func (w *watcher) note(problem string) {
	for _, part := range w.allow {
		if strings.Contains(problem, part) {
			return
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.found = append(w.found, problem)
}

// problems are those noted so far.
func (w *watcher) problems() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.found)
}
