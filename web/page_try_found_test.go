package web_test

import (
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"pulsedive-relay/relay/pulsedive/pulsedivetest"
	"pulsedive-relay/store"
	"pulsedive-relay/web"
)

// kept is what the exchanges of the history asked about, newest first, one "type
// value" each.
func (s *site) kept() string {
	s.t.Helper()
	list, err := s.store.List(store.Filter{}, store.Cursor{}, 100)
	must(s.t, err)
	var all []string
	for _, x := range list.Summaries {
		for _, r := range x.Results {
			all = append(all, r.Observable.Type+" "+r.Observable.Value)
		}
	}
	return strings.Join(all, ", ")
}

// TestTryLeavesOut: what a run does not ask about is said before it and on it.
func TestTryLeavesOut(t *testing.T) {
	t.Parallel()
	s := newSite(t, siteOptions{Pins: []store.Pin{{Name: "max-observables", Text: "3", Origin: "a test"}}})
	const text = "a.example.com b.example.com c.example.com d.example.com e.example.com c.example.com/x 10.0.0.1 9.9.9.0/24"
	part := html.UnescapeString(s.try("/admin/try/find", whole(text), "", "HX-Request", "true").text)
	for _, want := range []string{"Found 6, 3 are asked:", "Not asked, over the limit of 3 in a run:", "2 more are over the limit of a run", "1 is not public", "1 with a path but without http://"} {
		if !strings.Contains(part, want) {
			t.Errorf("before the run it does not say %q:\n%s", want, part)
		}
	}
	const want = "Found 6, 3 are asked. Left out: 2 over the limit of 3 in a run; 1 not public; 1 of a kind that Pulsedive does not know; 1 with a path, asked without it."
	if page := s.runs(whole(text)); !strings.Contains(html.UnescapeString(page.text), want) {
		t.Errorf("the run does not say %q:\n%s", want, page.text)
	}
	if page := s.runs(whole(strings.Repeat("some more words ", 1<<13) + text)); !strings.Contains(page.text, ">\na.example.com\nb.example.com\nc.example.com\nd.example.com\ne.example.com</textarea>") {
		t.Errorf("of a long text the run's page does not keep what is over the limit:\n%.3000s", page.text)
	}
	if page := s.runs(whole("a.example.com b.example.com")); strings.Contains(page.text, `id="run-left"`) {
		t.Errorf("a run that leaves out nothing says otherwise:\n%s", page.text)
	}
}

// TestTryOverAgain: what means the same as another that is over the limit is over too.
func TestTryOverAgain(t *testing.T) {
	t.Parallel()
	s := newSite(t, siteOptions{Pins: []store.Pin{{Name: "max-observables", Text: "1", Origin: "a test"}}})
	form := whole("a.example.com b.example.com https://b.example.com/x")
	form.Set("type-"+outOf(t, s.try("/admin/try/find", form, "").text, "https://b.example.com/x"), "domain")
	part := html.UnescapeString(s.try("/admin/try/find", form, "", "HX-Request", "true").text)
	has(t, "what is over", part, "Found 2, 1 is asked:", "; 1 more ")
	if n := strings.Count(part, "not asked: over the limit of a run"); n != 2 {
		t.Errorf("%d chips say that they are over the limit; want the 2 that are:\n%s", n, part)
	}
}

// TestTryTooMuch: a text over the bound is said beside the box, where it stays.
func TestTryTooMuch(t *testing.T) {
	t.Parallel()
	s := newSite(t, siteOptions{})
	for _, path := range []string{"/admin/try", "/admin/try/find"} {
		for name, size := range map[string]int{"too long": 1<<20 + 1, "far too long": 3 << 20} {
			form := whole(strings.Repeat("x", size))
			got := s.try(path, form, "")
			if got.status != http.StatusRequestEntityTooLarge || !strings.Contains(got.text, `id="try-fault"`) || !strings.Contains(got.text, "That is too much at once. Texts and files of up to 1 MiB") || strings.Contains(got.text, "No domain, URL") {
				t.Errorf("a text that is %s for %s is answered %d; want 413, and why beside the box:\n%.3000s", name, path, got.status, got.text)
			}
			if name == "too long" && !strings.Contains(got.text, form.Get("text")) {
				t.Errorf("a text that is %s for %s is not in the box any more", name, path)
			}
		}
	}
}

// TestTryNotPublic: what nobody outside knows is not asked about, unless somebody
// chooses to.
func TestTryNotPublic(t *testing.T) {
	t.Parallel()
	s := newSite(t, siteOptions{})
	const text = "10.0.0.1, ::1 and 192.0.2.1 evil.example http://localhost:8080/x domain:\"a.corp\" 9.9.9.9"
	get := s.try("/admin/try/find", whole(text), "", "HX-Request", "true")
	want := "10.0.0.1 private, not asked held, ::1 loopback, not asked held, 192.0.2.1 documentation, not asked held, evil.example documentation, not asked held, " +
		"http://localhost:8080/x internal name, not asked held, a.corp internal name, not asked held, 9.9.9.9 ip"
	if got := chips(get.text); got != want || !strings.Contains(get.text, "Found 7, 1 is asked:") {
		t.Errorf("of %q it offers %s; want %s", text, got, want)
	}
	s.runs(whole(text))
	if got := s.kept(); got != "ip 9.9.9.9" {
		t.Errorf("the run asked about %s; want 9.9.9.9 alone", got)
	}
	alone := whole("10.0.0.1")
	if got := s.try("/admin/try", alone, ""); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.text, "Nothing of what was found is asked about. The chips say why.") {
		t.Errorf("a private address alone is answered %d; want 422, and why:\n%s", got.status, got.text)
	}
	alone.Set("type-"+outOf(t, get.text, "10.0.0.1"), "ip")
	page := s.runs(alone)
	if got := s.kept(); got != "ip 10.0.0.1, ip 9.9.9.9" || chips(page.text) != "10.0.0.1 ip" {
		t.Errorf("chosen, a private address is asked about: %s, and shown as %s; want both", got, chips(page.text))
	}
	again := s.post("/admin/exchange/2/again", nil)
	if got := s.kept(); again.status != http.StatusSeeOther || got != "ip 10.0.0.1, ip 10.0.0.1, ip 9.9.9.9" {
		t.Errorf("asked again, a private address is answered %d, with %s; want it asked again", again.status, got)
	}
}

// TestTryDemo: what the demo knows stands for what is public.
func TestTryDemo(t *testing.T) {
	t.Parallel()
	s := newSite(t, siteOptions{Change: func(c *web.Config) { c.Demo = true }})
	get := s.try("/admin/try/find", whole("192.0.2.1 evil.example 10.0.0.1"), "", "HX-Request", "true")
	if got, want := chips(get.text), "192.0.2.1 ip, evil.example domain, 10.0.0.1 private, not asked held"; got != want {
		t.Errorf("the demo offers %s; want %s", got, want)
	}
}

// TestTryTypes: a type that a value cannot be is said, and not asked; with the
// path behind it a domain can be a URL, and a URL its host.
func TestTryTypes(t *testing.T) {
	t.Parallel()
	s := newSite(t, siteOptions{})
	form := whole("9.9.9.9 a[.]example[.]com/b https://c.example.com/d hxxp://e .example.com/f")
	get := s.try("/admin/try/find", form, "", "HX-Request", "true")
	want := "9.9.9.9 ip, a.example.com/b domain, https://c.example.com/d url, http://e.example.com/f blank inside, not asked held"
	if got := shown(get.text); got != want {
		t.Errorf("it offers %s; want %s", got, want)
	}
	form.Set("type-"+outOf(t, get.text, "9.9.9.9"), "url")
	form.Set("type-"+outOf(t, get.text, "a.example.com"), "url")
	form.Set("type-"+outOf(t, get.text, "https://c.example.com/d"), "domain")
	get = s.try("/admin/try/find", form, "", "HX-Request", "true")
	want = "9.9.9.9 url misfit, http://a.example.com/b url, c.example.com domain, http://e.example.com/f blank inside, not asked held"
	if got := shown(get.text); got != want || !strings.Contains(get.text, ">is no URL, not asked<") || !strings.Contains(get.text, "1 is not what the chosen type says, and not asked about.") {
		t.Errorf("with other types it offers %s; want %s, and why one is not asked:\n%s", got, want, get.text)
	}
	s.runs(form)
	if got := s.kept(); got != "url http://a.example.com/b, domain c.example.com" {
		t.Errorf("the run asked about %s; want what fits its type", got)
	}
}

// shown is the chips without the marks in their values.
func shown(text string) string {
	return chips(strings.NewReplacer(`<s class="found-path">`, "", "</s>", "").Replace(text))
}

// TestTryWhileAtWork: who comes back to the page finds what is at work, with its
// progress and its end; others beside it.
func TestTryWhileAtWork(t *testing.T) {
	t.Parallel()
	inBubble(t, pulsedivetest.FreePlan(), func(t *testing.T, b *bubble) {
		first := b.start("files.example.net")
		second := b.start(fourSamples)
		page := b.page("/admin/try")
		for _, want := range []string{
			"Asking Pulsedive: 0 of 4", "data-at-work", `action="` + second + `/cancel" hx-post="` + second + `/cancel?beside=yes"`, `hx-get="` + second + "?seen=", `&amp;beside=yes" `, `<a href="` + second + `">Open the page of this run</a>`,
			`<a href="` + first + `">at work: 0 of 1</a>`,
		} {
			if !strings.Contains(page, want) {
				t.Errorf("while two runs are at work the page lacks %q:\n%s", want, page)
			}
		}
		for what, text := range map[string]string{"the page": page, "its card, asked for again": b.part(second + "?seen=then&beside=yes")} {
			hasNot(t, what, text, "Observables of the run", "goes on when you leave")
			has(t, what, text, `id="run-progress"`, "Open the page of this run")
		}
		if strings.Contains(page, `http-equiv="refresh"`) {
			t.Errorf("the page comes again by itself, and takes away what is being typed:\n%s", page)
		}
		if !strings.Contains(b.page(second), `http-equiv="refresh"`) || strings.Contains(b.page(second), "Open the page of this run") {
			t.Errorf("the run's own page does not come again by itself, or leads to itself:\n%s", b.page(second))
		}
		b.ask("POST", second+"/cancel", url.Values{})
		time.Sleep(time.Minute)
		if page := b.page("/admin/try"); strings.Contains(page, `id="run"`) || strings.Count(page, `class="run-line"`) != 2 {
			t.Errorf("after both ended the page shows one as if it were at work, or does not list both:\n%s", page)
		}
	})
}
