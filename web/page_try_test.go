package web_test

import (
	"bytes"
	"html"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"pulsedive-relay/store"
)

// try sends the form of the page Try, and a file with it where there is one.
func (s *site) try(path string, form url.Values, file string, header ...string) answered {
	s.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, values := range form {
		for _, v := range values {
			must(s.t, w.WriteField(name, v))
		}
	}
	if file != "" {
		part, err := w.CreateFormFile("file", "mail.eml")
		must(s.t, err)
		_, err = io.WriteString(part, file)
		must(s.t, err)
	}
	must(s.t, w.Close())
	return s.send(http.MethodPost, path, &body, append(header, "Content-Type", w.FormDataContentType())...)
}

// whole is a form with both questions and a text.
func whole(text string) url.Values {
	return url.Values{"text": {text}, "observe": {"on"}, "refer": {"on"}, "limit": {"100"}}
}

// chips are the values that an answer shows, each with its type.
func chips(text string) string {
	var all []string
	for _, m := range regexp.MustCompile(`(?s)<li class="found-chip( \w+)?".*?<bdi class="obs">(.*?)</bdi>(.*?)</li>`).FindAllStringSubmatch(text, -1) {
		kind := regexp.MustCompile(`selected>([^<]*)<|found-kind">(\w+)<`).FindStringSubmatch(m[3])
		all = append(all, html.UnescapeString(strings.TrimSpace(m[2]))+" "+kind[1]+kind[2]+m[1])
	}
	return strings.Join(all, ", ")
}

// outOf is the key of the chip of a value.
func outOf(t *testing.T, text, value string) string {
	t.Helper()
	m := regexp.MustCompile(`name="out" value="(\w+)"[^>]* aria-label="Take out ` + regexp.QuoteMeta(value) + `"`).FindStringSubmatch(text)
	if m == nil {
		t.Fatalf("there is no chip of %s in:\n%s", value, text)
	}
	return m[1]
}

func TestFindObservables(t *testing.T) {
	t.Parallel()
	s := newSite(t, siteOptions{Pins: []store.Pin{{Name: "max-observables", Text: "3", Origin: "a test"}}})
	const text = "hxxps://a[.]example[.]com/x, 9.9.9.1 and b.example.com; d41d8cd98f00b204e9800998ecf8427e, a@example.com"
	get := s.try("/admin/try/find", whole(text), "", "HX-Request", "true")
	want := "https://a.example.com/x url, 9.9.9.1 ip, b.example.com domain, d41d8cd98f00b204e9800998ecf8427e md5 off, a@example.com email off"
	if got := chips(get.text); get.status != 200 || got != want || strings.Contains(get.text, "<html") {
		t.Errorf("finding in %q answers %d with %s; want %s, as a part of the page:\n%s", text, get.status, got, want, get.text)
	}
	// One out, another of another type, and both stay so while the text grows.
	form := whole(text + " c.example.com d.example.com")
	form["out"] = []string{outOf(t, get.text, "9.9.9.1")}
	form.Set("type-"+outOf(t, get.text, "https://a.example.com/x"), "domain")
	page := s.try("/admin/try/find", form, "")
	want = "a.example.com domain, b.example.com domain, d41d8cd98f00b204e9800998ecf8427e md5 off, a@example.com email off, c.example.com domain, d.example.com domain held"
	if got := chips(page.text); page.status != 200 || got != want || !strings.Contains(page.text, "<html") {
		t.Errorf("without scripts it answers %d with %s; want the page with %s", page.status, got, want)
	}
	for _, want := range []string{"Found 4, 3 are asked:", "Put back 1", "Run asks about the first 3; 1 more is over the limit"} {
		if !strings.Contains(page.text, want) {
			t.Errorf("of four in a text where three may be asked, and one taken out, it does not say %q:\n%s", want, page.text)
		}
	}
	form.Set("restore", "yes")
	if got := s.try("/admin/try/find", form, ""); !strings.Contains(chips(got.text), "9.9.9.1 ip") {
		t.Errorf("put back there is %s; want 9.9.9.1 as well", chips(got.text))
	}
	if n := s.fake.Count(); n != 0 {
		t.Errorf("Pulsedive was called %d times before Run; want not once", n)
	}
}

func TestTryFiles(t *testing.T) {
	t.Parallel()
	s := newSite(t, siteOptions{})
	for _, c := range []struct {
		name, text, file string
		status           int
		want             string // in the answer
	}{
		{"a file", "", "see 9.9.9.1\r\nand a.example.com", 200, ">\nsee 9.9.9.1\nand a.example.com</textarea>"},
		{"text and a file", "9.9.9.9\r\n\r\n", "9.9.9.1", 200, ">\n9.9.9.9\n9.9.9.1</textarea>"},
		{"UTF-16", "", "\xff\xfea\x00.\x00c\x00o\x00m\x00", 200, ">\na.com</textarea>"},
		{"UTF-16, the other way", "", "\xfe\xff\x00a\x00.\x00c\x00o\x00m", 200, ">\na.com</textarea>"},
		{"no text", "9.9.9.9", "MZ\x00\x01", 422, "This file is no text"},
		{"as large as may be", "", strings.Repeat("a b c d\n", 1<<17), 200, "No domain, URL or IP address"},
		{"too large", "x", strings.Repeat("a b c d\n", 1<<17), 413, "That is too much at once"},
		{"far too large", "", strings.Repeat("a b c d\n", 1<<18), 413, "That is too much at once"},
	} {
		form := whole(c.text)
		if got := s.try("/admin/try/find", form, c.file); got.status != c.status || !strings.Contains(html.UnescapeString(got.text), c.want) {
			t.Errorf("%s is answered %d; want %d and %q:\n%.3000s", c.name, got.status, c.status, c.want, got.text)
		}
	}
}

func TestTryForm(t *testing.T) {
	t.Parallel()
	s := newSite(t, siteOptions{})
	without := func(name string) url.Values {
		form := whole("9.9.9.1")
		form.Del(name)
		return form
	}
	limit := func(text string) url.Values {
		form := whole("9.9.9.1")
		form.Set("limit", text)
		return form
	}
	neither := without("observe")
	neither.Del("refer")
	for _, c := range []struct {
		name string
		form url.Values
		want string
	}{
		{"no text", whole(""), "Nothing was found that Pulsedive can be asked about."},
		{"a hash alone", whole("d41d8cd98f00b204e9800998ecf8427e"), "Nothing was found that Pulsedive can be asked about."},
		{"no question", neither, "Choose Observe, Refer, or both."},
		{"no limit", limit(""), "The entities limit is a number from 1 to 1000."},
		{"a limit of none", limit("0"), "The entities limit is a number from 1 to 1000."},
		{"too high a limit", limit("1001"), "The entities limit is a number from 1 to 1000."},
		{"a limit in words", limit("many"), "The entities limit is a number from 1 to 1000."},
	} {
		got := s.try("/admin/try", c.form, "")
		if got.status != http.StatusUnprocessableEntity || !strings.Contains(got.text, c.want) || !strings.Contains(got.text, ">\n"+c.form.Get("text")+"</textarea>") {
			t.Errorf("%s is answered %d; want 422, %q, and the text where it was:\n%s", c.name, got.status, c.want, got.text)
		}
	}
	for _, c := range []struct {
		form     url.Values
		endpoint store.Endpoint
		limit    int
	}{{whole("9.9.9.1"), store.Both, 100}, {without("refer"), store.Observe, 100}, {without("observe"), store.Refer, 0}, {limit("7"), store.Both, 7}} {
		s.runs(c.form)
		list, err := s.store.List(store.Filter{}, store.Cursor{}, 1)
		must(t, err)
		x, err := s.store.Exchange(list.Summaries[0].ID)
		must(t, err)
		if x.Endpoint != c.endpoint || x.EntitiesLimit != c.limit || x.Source != store.Try || x.Caller != "127.0.0.1" {
			t.Errorf("%v is kept as %s by %s of %s, limit %d; want %s by %s, limit %d", c.form, x.Source, x.Caller, x.Endpoint, x.EntitiesLimit, store.Try, c.endpoint, c.limit)
		}
	}
}

// runs runs a form to its end, and is the page of the run.
func (s *site) runs(form url.Values) answered {
	s.t.Helper()
	got := s.try("/admin/try", form, "")
	if got.status != http.StatusSeeOther {
		s.t.Fatalf("running %v is answered %d; want 303:\n%s", form, got.status, got.text)
	}
	for {
		page := s.get(got.header.Get("Location"))
		if !strings.Contains(page.text, "data-at-work") {
			return page
		}
		if err := s.t.Context().Err(); err != nil {
			s.t.Fatalf("the run never ends: %v", err)
		}
	}
}

func TestRunPage(t *testing.T) {
	t.Parallel()
	s := newSite(t, siteOptions{})
	page := s.runs(whole("qsnatch-c2.example.net\nunknown.example.com broken.example.com domain:\"www.example.com\""))
	for _, want := range []string{
		"Done with errors: 3 of 4 answered in ", "Malicious", "Nothing known", "Failed", "The other answers are kept.", `href="/admin/exchange/1"`,
		"Observe and refer, entities limit 100", ">\nqsnatch-c2.example.net\nunknown.example.com broken.example.com domain:\"www.example.com\"</textarea>",
	} {
		if !strings.Contains(page.text, want) && !strings.Contains(html.UnescapeString(page.text), want) {
			t.Errorf("the page of the run lacks %q:\n%s", want, page.text)
		}
	}
	if strings.Contains(page.text, ownKey) {
		t.Errorf("the page holds the key:\n%s", page.text)
	}
	again := s.runs(whole("qsnatch-c2.example.net"))
	if !strings.Contains(again.text, `class="chip"`) || !strings.Contains(again.text, "cache") {
		t.Errorf("what the cache answered is not marked:\n%s", again.text)
	}
	large := s.runs(whole(strings.Repeat("some more words ", 1<<13) + "9.9.9.7 a.example.com"))
	if !strings.Contains(large.text, ">\n9.9.9.7\na.example.com</textarea>") {
		t.Errorf("of a long text the run's page does not show the observables alone:\n%.3000s", large.text)
	}
}

func TestTryPrefilled(t *testing.T) {
	t.Parallel()
	s := newSite(t, siteOptions{})
	got := s.get("/admin/try?q=" + url.QueryEscape("</textarea><script>alert(1)</script> 9.9.9.1"))
	if got.status != 200 || strings.Contains(got.text, "<script>alert") || chips(got.text) != "9.9.9.1 ip" || !strings.Contains(got.text, "data-try") {
		t.Errorf("a page with a text is answered %d with %s; want 9.9.9.1, and no markup of the text's:\n%s", got.status, chips(got.text), got.text)
	}
}

func TestTryWithoutKey(t *testing.T) {
	t.Parallel()
	s := newSite(t, siteOptions{NoKey: true})
	page := s.get("/admin/try")
	if !strings.Contains(page.text, "No Pulsedive key is set.") || !strings.Contains(page.text, `href="/admin/settings#`) || strings.Count(page.text, " disabled") != 2 {
		t.Errorf("without a key the page lacks a word on it, the way to Settings, or lets run:\n%s", page.text)
	}
	if got := s.try("/admin/try", whole("9.9.9.1"), ""); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.text, "Set it in Settings") {
		t.Errorf("running without a key is answered %d; want 422, and what to do:\n%s", got.status, got.text)
	}
	id := s.ask(store.Refer, "ip:9.9.9.1")
	got := s.post("/admin/exchange/"+string(rune('0'+id))+"/again", nil)
	if got.status != http.StatusSeeOther || got.header.Get("Location") != "/admin/exchange/1" {
		t.Errorf("asking again without a key is answered %d to %s; want 303 back to the exchange", got.status, got.header.Get("Location"))
	}
}

// TestTryNeedsSession: nobody tries who is not signed in, and no other site does.
func TestTryNeedsSession(t *testing.T) {
	t.Parallel()
	s := newSite(t, siteOptions{})
	if got := s.try("/admin/try", whole("9.9.9.1"), "", "Sec-Fetch-Site", "cross-site"); got.status != http.StatusForbidden {
		t.Errorf("a form of another site is answered %d; want 403", got.status)
	}
	s.client.Jar = nil
	for _, path := range []string{"/admin/try", "/admin/try/find", "/admin/try/X/cancel", "/admin/exchange/1/again"} {
		if got := s.try(path, whole("9.9.9.1"), ""); got.status != http.StatusSeeOther || got.header.Get("Location") != "/admin/login" {
			t.Errorf("POST %s without a session is answered %d to %s; want 303 to sign in", path, got.status, got.header.Get("Location"))
		}
	}
	if n := s.fake.Count(); n != 0 {
		t.Errorf("Pulsedive was called %d times; want not once", n)
	}
}
