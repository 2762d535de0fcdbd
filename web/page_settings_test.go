package web_test

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"pulsedive-relay/relay/pulsedive/pulsedivetest"
	"pulsedive-relay/store"
	"pulsedive-relay/web"
)

// filled is the form of the page as it is first shown, with changes in pairs.
func (s *site) filled(changes ...string) url.Values {
	form, set := url.Values{}, s.store.Settings()
	for _, f := range store.Fields() {
		if _, pinned := s.store.Pinned(f.Name); pinned {
			continue
		}
		form.Set(f.Name, "")
		if !f.Secret() {
			form.Set(f.Name, set.Text(f))
		}
	}
	for i := 0; i+1 < len(changes); i += 2 {
		form.Set(changes[i], changes[i+1])
	}
	return form
}

// setting is the part of a page about one setting.
func setting(t *testing.T, page, name string) string {
	t.Helper()
	_, rest, ok := strings.Cut(page, ` id="`+name+`">`)
	if !ok {
		t.Fatalf("the page has no setting %s:\n%s", name, page)
	}
	part, _, _ := strings.Cut(rest, `<div class="setting`)
	return part
}

func wantIn(t *testing.T, what, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%s: want %q in it:\n%s", what, part, text)
		}
	}
}

func wantNotIn(t *testing.T, what, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if strings.Contains(text, part) {
			t.Errorf("%s: want no %q in it:\n%s", what, part, text)
		}
	}
}

// TestSettingsPage: all settings are there, with what holds.
func TestSettingsPage(t *testing.T) {
	t.Parallel()
	s := newSite(t, siteOptions{})
	got := s.get("/admin/settings")
	if got.status != 200 {
		t.Fatalf("GET /admin/settings answers %d; want 200:\n%s", got.status, got.text)
	}
	for _, f := range store.Fields() {
		part := setting(t, got.text, f.Name)
		wantIn(t, f.Name, part, ">"+f.Label+"</label>", strings.SplitN(f.Help, "'", 2)[0])
		if origin, pinned := s.store.Pinned(f.Name); pinned {
			wantIn(t, f.Name, part, " disabled", "<code>"+origin+"</code>")
		}
	}
	wantNotIn(t, "fresh settings", got.text, "Reset to default", "data-unsaved", ownKey)
}

// TestSettingsSave: what is saved holds at once; the rest stays.
func TestSettingsSave(t *testing.T) {
	t.Parallel()
	log := &logged{}
	s := newSite(t, siteOptions{Log: log, NoKey: true})
	got := s.post("/admin/settings", s.filled("parallel", "7", "public-url", " https://relay.example.com\r\n\r\nhttps://relay.example.org ", "cache-bytes", "32MiB"))
	if got.status != 303 || got.header.Get("Location") != "/admin/settings" {
		t.Fatalf("saving answers %d %s; want 303 back to the page:\n%s", got.status, got.header.Get("Location"), got.text)
	}
	set := s.live.Settings()
	if set.Parallel != 7 || !slices.Equal(set.PublicURL, []string{"https://relay.example.com", "https://relay.example.org"}) || set.CacheBytes != 32<<20 {
		t.Errorf("after saving %+v holds; want what was typed", set)
	}
	page := s.get("/admin/settings").text
	wantIn(t, "the page after saving", page, "Saved, and in effect from now on: Public URLs, Calls side by side, Memory.")
	wantIn(t, "a changed setting", setting(t, page, "parallel"), `value="7"`, "Default: <code>32</code>", `aria-label="Reset to default: Calls side by side"`)
	wantIn(t, "a changed list", setting(t, page, "public-url"), "https://relay.example.com\nhttps://relay.example.org</textarea>")
	wantNotIn(t, "one that is as it was", setting(t, page, "max-observables"), "Reset to default")
	wantIn(t, "the log", log.String(), `"msg":"settings changed"`, `"Calls side by side"`)

	s.post("/admin/settings", s.filled())
	wantIn(t, "saving the same again", s.get("/admin/settings").text, "Nothing was different")
}

// TestSettingsFaults: nothing is saved unless all is right, and what was typed
// stays.
func TestSettingsFaults(t *testing.T) {
	t.Parallel()
	const hostile = `"><script>alert(1)</script>`
	for _, c := range []struct {
		name   string
		typed  []string
		faults map[string]string // field: part of what is said
	}{
		{"numbers", []string{"parallel", "0", "max-observables", "many", "cache-ttl", "1h"}, map[string]string{"parallel": "between 1 and 256", "max-observables": "&#34;many&#34; is not a whole number"}},
		{"blank", []string{"parallel", " "}, map[string]string{"parallel": "not a whole number"}},
		{"hostile", []string{"public-url", hostile, "upstream-timeout", hostile}, map[string]string{"public-url": "&lt;script&gt;", "upstream-timeout": "not a time like"}},
		{"a password in an address", []string{"public-url", "https://user:hunter2@relay.example.com"}, map[string]string{"public-url": "The value with an @ is not an address"}},
		{"a long one", []string{"public-url", strings.Repeat("x", 5000)}, map[string]string{"public-url": "xxx … xxx"}},
		{"lines of a list", []string{"public-url", "no address\nhttps://relay.example.com\nftp://b.example\nhttps://user:hunter2@relay.example.com", "jwks-hosts", strings.Repeat("a host\n", 30)}, map[string]string{
			"public-url": "&#34;no address&#34; is not an address like https://relay.example.com.\n&#34;ftp://b.example&#34; is not an address like https://relay.example.com.\nThe value with an @ is not an address like https://relay.example.com.</span>",
			"jwks-hosts": "with or without :port.\nSo it is with 20 more.</span>",
		}},
		{"as a whole", []string{"upstream-timeout", "30s", "request-timeout", "20s"}, map[string]string{"upstream-timeout": "must not take longer"}},
		{"a key", []string{"pulsedive-key", "two words"}, map[string]string{"pulsedive-key": "blanks"}},
	} {
		s := newSite(t, siteOptions{NoKey: true})
		before := s.store.Settings()
		got := s.post("/admin/settings", s.filled(c.typed...))
		if got.status != 422 {
			t.Errorf("%s: saving answers %d; want 422", c.name, got.status)
		}
		wantIn(t, c.name, got.text, "Nothing was saved.", "data-unsaved")
		wantNotIn(t, c.name, got.text, hostile, "two words")
		for field, fault := range c.faults {
			wantIn(t, c.name, setting(t, got.text, field), `aria-invalid="true"`, fault)
		}
		for i := 0; i < len(c.typed); i += 2 {
			if c.typed[i+1] == "1h" {
				wantIn(t, c.name+", what was right", setting(t, got.text, c.typed[i]), `value="1h"`)
			}
		}
		if after := s.store.Settings(); !slices.Equal(after.PublicURL, before.PublicURL) || after.CacheTTL != before.CacheTTL || after.Parallel != before.Parallel {
			t.Errorf("%s: settings are %+v; want them as they were", c.name, after)
		}
	}
}

// TestSettingsPinned: a form cannot change what the process fixes.
func TestSettingsPinned(t *testing.T) {
	t.Parallel()
	s := newSite(t, siteOptions{Pins: []store.Pin{{Name: "parallel", Text: "5", Origin: "RELAY_PARALLEL"}}})
	form := s.filled("parallel", "9", "max-observables", "50", "pulsedive-key", "another-key")
	if got := s.post("/admin/settings", form); got.status != 303 {
		t.Fatalf("saving beside a pinned setting answers %d; want 303:\n%s", got.status, got.text)
	}
	if set := s.live.Settings(); set.Parallel != 5 || set.MaxObservables != 50 || set.PulsediveKey != ownKey {
		t.Errorf("after that parallel is %d, observables %d, the key changed: %v; want 5, 50 and no change", set.Parallel, set.MaxObservables, set.PulsediveKey != ownKey)
	}
	wantIn(t, "the pinned setting", setting(t, s.get("/admin/settings").text, "parallel"), "RELAY_PARALLEL", " disabled", `value="5"`)
}

// TestSettingsReset: a default is filled in, not saved.
func TestSettingsReset(t *testing.T) {
	t.Parallel()
	s := newSite(t, siteOptions{})
	s.post("/admin/settings", s.filled("parallel", "7", "cache-ttl", "1h"))
	got := s.post("/admin/settings", s.filled("reset", "parallel", "max-observables", "12"))
	wantIn(t, "the field", setting(t, got.text, "parallel"), `value="32"`)
	wantIn(t, "what else was typed", setting(t, got.text, "max-observables"), `value="12"`)
	wantIn(t, "the page", got.text, "data-unsaved")
	if set := s.live.Settings(); got.status != 200 || set.Parallel != 7 {
		t.Errorf("resetting answers %d, and parallel is %d; want 200 and 7, as it was saved", got.status, set.Parallel)
	}
}

// TestSettingsKey: a key is written, kept, held, removed, and never shown.
func TestSettingsKey(t *testing.T) {
	t.Parallel()
	const first, second = "first-secret-key", "second-secret-key"
	log := &logged{}
	s := newSite(t, siteOptions{NoKey: true, Log: log})
	holds := func(when, want string) {
		t.Helper()
		if got := s.live.Settings().PulsediveKey; got != want {
			t.Errorf("%s the key is %q; want %q", when, got, want)
		}
	}
	var seen strings.Builder
	post := func(changes ...string) answered {
		got := s.post("/admin/settings", s.filled(changes...))
		seen.WriteString(got.text)
		return got
	}
	post("pulsedive-key", first)
	holds("after it was typed", first)
	post()
	holds("after an empty field", first)
	wrong := post("pulsedive-key", second, "parallel", "0")
	holds("after something else was wrong", first)
	wantIn(t, "the form shown again", wrong.text, "A key was typed and waits to be saved")
	held := regexp.MustCompile(`name="held" value="([^"]+)"`).FindStringSubmatch(wrong.text)
	if held == nil {
		t.Fatalf("the form shown again holds no token for the key:\n%s", wrong.text)
	}
	post("held", held[1])
	holds("after it was held", second)
	post("held", held[1], "remove-key", "on")
	holds("after a token was used twice, and the box ticked", "")
	post("held", "made-up")
	holds("after a made-up token", "")
	seen.WriteString(s.get("/admin/settings").text)
	wantNotIn(t, "all pages", seen.String(), first, second)
	wantNotIn(t, "the log", log.String(), first, second)
}

// TestSettingsTestKey: a key is tested as typed, else as stored; with scripts as
// a part, without as the page.
func TestSettingsTestKey(t *testing.T) {
	t.Parallel()
	const typed, refused = "typed-secret-key", "refused-secret-key"
	log := &logged{}
	s := newSite(t, siteOptions{NoKey: true, Plan: pulsedivetest.FreePlan(), Log: log})
	s.fake.RefuseKey(refused)
	test := func(htmx bool, changes ...string) answered {
		var header []string
		if htmx {
			header = []string{"HX-Request", "true"}
		}
		got := s.post("/admin/settings/test-key", s.filled(changes...), header...)
		if got.status != 200 {
			t.Errorf("testing a key answers %d; want 200:\n%s", got.status, got.text)
		}
		wantNotIn(t, "the answer", got.text, typed, refused)
		if strings.Contains(got.text, "<html") == htmx {
			t.Errorf("testing a key with htmx: %v answers a whole page: %v", htmx, !htmx)
		}
		return got
	}
	wantIn(t, "without a key", test(true).text, "There is no key to test")
	wantIn(t, "a typed key", test(true, "pulsedive-key", typed).text, "The key that you typed works.", "It is not saved yet.", "49 of 50 left", "499 of 500 left")
	wantIn(t, "a refused key", test(true, "pulsedive-key", refused).text, "does not work now.", "unauthorized")
	wantIn(t, "a key that is none", test(true, "pulsedive-key", "two words").text, "blanks")
	page := test(false, "pulsedive-key", typed+"2", "parallel", "9")
	wantIn(t, "the page without scripts", page.text, "The key that you typed works.", `value="9"`, "waits to be saved")
	if s.live.Settings().PulsediveKey != "" || s.live.Settings().Parallel == 9 {
		t.Errorf("a test saved %+v; want nothing saved", s.live.Settings())
	}
	s.post("/admin/settings", s.filled("pulsedive-key", typed+"3"))
	wantIn(t, "the stored key", test(true).text, "The stored key works.")
	wantNotIn(t, "the log", log.String(), typed, refused)
}

// TestSettingsShrink: a smaller history is asked about, with its price.
func TestSettingsShrink(t *testing.T) {
	t.Parallel()
	s := newSite(t, siteOptions{})
	for range 5 {
		s.add(&store.Exchange{Summary: store.Summary{At: time.Now(), Source: store.Try, Endpoint: store.Observe, Outcome: store.OK, Results: []store.Result{{State: store.Nothing}}}})
	}
	asked := s.post("/admin/settings", s.filled("history-max", "2", "parallel", "9"))
	wantIn(t, "the question", asked.text, "Keeping less deletes 3 exchanges", "Save and delete 3 exchanges", `value="9"`, "data-unsaved")
	if set := s.live.Settings(); asked.status != 200 || set.HistoryMax == 2 || set.Parallel == 9 || s.store.Status().Exchanges != 5 {
		t.Fatalf("the question answers %d and %+v holds; want 200 and nothing changed", asked.status, set)
	}
	if tiny := s.post("/admin/settings", s.filled("history-bytes", "1")); tiny.status != 422 || !strings.Contains(tiny.text, "256MiB at the least") || s.store.Status().Exchanges != 5 {
		t.Errorf("a database of one byte is answered %d, with %d exchanges left; want 422 with the least, and 5", tiny.status, s.store.Status().Exchanges)
	}
	confirm := regexp.MustCompile(`name="confirm" value="([^"]+)"`).FindStringSubmatch(asked.text)
	if confirm == nil {
		t.Fatalf("the question has no yes:\n%s", asked.text)
	}
	if other := s.post("/admin/settings", s.filled("history-max", "1", "confirm", confirm[1])); !strings.Contains(other.text, "Keeping less deletes 4 exchanges") {
		t.Errorf("a yes to something else answers %d; want the question for that:\n%s", other.status, other.text)
	}
	look := time.NewTicker(time.Millisecond)
	defer look.Stop()
	if yes := s.post("/admin/settings", s.filled("history-max", "2", "parallel", "9", "confirm", confirm[1])); yes.status != 303 {
		t.Fatalf("the yes answers %d; want 303:\n%s", yes.status, yes.text)
	}
	if set := s.live.Settings(); set.HistoryMax != 2 || set.Parallel != 9 {
		t.Errorf("after the yes %+v holds; want 2 exchanges kept and 9 calls", set)
	}
	for late := time.After(patience); s.store.Status().Exchanges != 2; {
		select {
		case <-look.C:
		case <-late:
			t.Fatalf("%s after the yes there are %d exchanges; want 2", patience, s.store.Status().Exchanges)
		}
	}
	if got := s.post("/admin/settings", s.filled("history-age", "1h")); got.status != 303 {
		t.Errorf("a smaller history that deletes nothing answers %d; want it saved", got.status)
	}
}

// TestPasswordPinned: what fixes the password is named, never the password.
func TestPasswordPinned(t *testing.T) {
	t.Parallel()
	s := newSite(t, siteOptions{Change: func(c *web.Config) { c.Password, c.PasswordOrigin = password, "RELAY_ADMIN_PASSWORD" }})
	page := s.get("/admin/settings").text
	wantIn(t, "the page", page, "<code>RELAY_ADMIN_PASSWORD</code>")
	wantNotIn(t, "the page", page, password, `name="current"`)
}

// TestPasswordNowhere: what is typed as a password is in no page and no log.
func TestPasswordNowhere(t *testing.T) {
	t.Parallel()
	const wrong, fresh = "a wrong password", "a fresh password"
	log := &logged{}
	s := newSite(t, siteOptions{Log: log})
	var seen strings.Builder
	for _, form := range []url.Values{
		{"current": {wrong}, "password": {fresh}, "again": {fresh}},
		{"current": {password}, "password": {fresh}, "again": {fresh + "!"}},
		{"current": {password}, "password": {fresh}, "again": {fresh}},
	} {
		got := s.post("/admin/settings/password", form)
		seen.WriteString(got.text + got.header.Get("Location") + s.get("/admin/settings").text)
	}
	wantIn(t, "the pages", seen.String(), "That is not the current password.", "The two passwords differ.", "The password is changed.")
	wantNotIn(t, "the pages", seen.String(), wrong, fresh, password)
	wantNotIn(t, "the log", log.String(), wrong, fresh, password)
}
