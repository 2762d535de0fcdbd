package web_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"pulsedive-relay/relay"
	"pulsedive-relay/store"
	"pulsedive-relay/web"
)

const wrongPassword = "wrong horse battery"

// door is an admin UI as its visitors find it: from outside, with a clock that the
// test sets. A site is the same from inside.
type door struct {
	t     *testing.T
	admin *web.Admin
	h     http.Handler
	store *store.Store
	path  string
	clock clock
	log   logged
}

// newDoor opens an admin UI on a new database, or on that of an earlier one.
func newDoor(t *testing.T, path string, change func(*web.Config)) *door {
	t.Helper()
	d := &door{t: t, path: path}
	d.clock.set(time.Now())
	if d.path == "" {
		d.path = filepath.Join(t.TempDir(), "relay.db")
	}
	log := slog.New(slog.NewJSONHandler(&d.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	var err error
	if d.store, err = store.Open(store.Config{Path: d.path, Log: log, Now: d.clock.now}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.store.Close() })
	live, err := relay.NewLive(relay.LiveConfig{Store: d.store, Log: log}, d.store.Settings())
	if err != nil {
		t.Fatal(err)
	}
	cfg := web.Config{Live: live, Store: d.store, Log: log, Now: d.clock.now}
	if change != nil {
		change(&cfg)
	}
	if d.admin, err = web.New(cfg); err != nil {
		t.Fatal(err)
	}
	d.h = mounted(d.admin)
	return d
}

func mounted(a *web.Admin) http.Handler {
	m := http.NewServeMux()
	m.Handle("/admin/", http.StripPrefix("/admin", a.Handler()))
	m.Handle("/admin", http.StripPrefix("/admin", a.Handler()))
	return m
}

// visit is one request, with header lines in pairs.
func (d *door) visit(method, path string, form url.Values, header ...string) *httptest.ResponseRecorder {
	d.t.Helper()
	return visit(d.h, method, path, form, append([]string{"From", "192.0.2.9:40000"}, header...)...)
}

// signIn signs in with a password and is the cookie, as a header's value.
func (d *door) signIn(password string) string {
	d.t.Helper()
	got := d.visit("POST", "/admin/login", url.Values{"password": {password}})
	if got.Code != http.StatusSeeOther {
		d.t.Fatalf("signing in answers %d %s; want 303", got.Code, got.Body)
	}
	return cookie(d.t, got)
}

// cookie is the session that an answer begins.
func cookie(t *testing.T, got *httptest.ResponseRecorder) string {
	t.Helper()
	return cookieOf(t, got, "relay_admin")
}

// cookieOf is a cookie that an answer sets, as a header's value.
func cookieOf(t *testing.T, got *httptest.ResponseRecorder, name string) string {
	t.Helper()
	for _, c := range got.Result().Cookies() {
		if c.Name == name && c.Value != "" {
			return c.Name + "=" + c.Value
		}
	}
	t.Fatalf("the answer sets %v; want the cookie %s", got.Result().Header["Set-Cookie"], name)
	return ""
}

// wantInside says whether a cookie opens the admin UI.
func (d *door) wantInside(name, cookie string, want bool) {
	d.t.Helper()
	got := d.visit("GET", "/admin/module", nil, "Cookie", cookie)
	if inside := got.Code != http.StatusSeeOther; inside != want {
		d.t.Errorf("%s: GET /admin/module answers %d to %q; inside should be %v", name, got.Code, got.Header().Get("Location"), want)
	}
}

// setPassword sets one that is checked fast.
func (d *door) setPassword(password string) {
	d.t.Helper()
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	must(d.t, err)
	must(d.t, d.store.SetPassword(hash))
}

func TestSetup(t *testing.T) {
	t.Parallel()
	d := newDoor(t, "", nil)
	if got := d.visit("GET", "/admin", nil); got.Code != 303 || !strings.HasPrefix(got.Header().Get("Location"), "/admin/login") {
		t.Errorf("a stranger's GET /admin answers %d to %q; want 303 to the login", got.Code, got.Header().Get("Location"))
	}
	if got := d.visit("GET", "/admin/login", nil); !strings.Contains(got.Body.String(), "There is no password yet") {
		t.Errorf("the login of a fresh install says %s; want that there is no password", got.Body)
	}
	if got := d.visit("GET", "/admin/setup?token=WRONG", nil); got.Code != 404 {
		t.Errorf("setup with a wrong token answers %d; want 404", got.Code)
	}
	link := d.admin.SetupPath()
	if got := d.visit("GET", link, nil); got.Code != 200 || !strings.Contains(got.Body.String(), "Set a password") {
		t.Fatalf("the setup link %q answers %d %s; want the form", link, got.Code, got.Body)
	}
	token := strings.TrimPrefix(link, "/admin/setup?token=")
	for name, form := range map[string]url.Values{
		"too short": {"token": {token}, "password": {"short"}, "again": {"short"}},
		"too long":  {"token": {token}, "password": {strings.Repeat("x", 73)}, "again": {strings.Repeat("x", 73)}},
		"differing": {"token": {token}, "password": {password}, "again": {wrongPassword}},
		"no token":  {"password": {password}, "again": {password}},
	} {
		got := d.visit("POST", "/admin/setup", form)
		if _, set := d.store.Password(); set || got.Code != 422 && got.Code != 404 {
			t.Errorf("setup with %s passwords answers %d and sets one: %v; want a refusal", name, got.Code, set)
		}
	}
	got := d.visit("POST", "/admin/setup", url.Values{"token": {token}, "password": {password}, "again": {password}})
	if got.Code != 303 {
		t.Fatalf("setup answers %d %s; want 303", got.Code, got.Body)
	}
	d.wantInside("after setup", cookie(t, got), true)
	if d.admin.SetupPath() != "" || d.visit("GET", link, nil).Code != 404 {
		t.Errorf("the setup link still counts (%q); want it used up", d.admin.SetupPath())
	}
	if text := d.log.String(); strings.Contains(text, password) || strings.Contains(text, token) {
		t.Errorf("the log holds the password or the token:\n%s", text)
	}
}

// Of several who follow the setup link at once one sets the password.
func TestSetupAtOnce(t *testing.T) {
	t.Parallel()
	d := newDoor(t, "", nil)
	token := strings.TrimPrefix(d.admin.SetupPath(), "/admin/setup?token=")
	var all sync.WaitGroup
	var set atomic.Int64
	for i := range 4 {
		all.Go(func() {
			mine := fmt.Sprintf("%s %d", password, i)
			got := d.visit("POST", "/admin/setup", url.Values{"token": {token}, "password": {mine}, "again": {mine}})
			if got.Code == 303 {
				set.Add(1)
			}
		})
	}
	all.Wait()
	if n := set.Load(); n != 1 {
		t.Errorf("%d of 4 who followed the link at once were told that they set the password; want one", n)
	}
}

func TestCookie(t *testing.T) {
	t.Parallel()
	d := newDoor(t, "", nil)
	d.setPassword(password)
	for proto, secure := range map[string]bool{"http": false, "https": true} {
		got := d.visit("POST", "/admin/login", url.Values{"password": {password}}, "X-Forwarded-Proto", proto)
		all := got.Result().Cookies()
		if len(all) != 2 {
			t.Errorf("signing in over %s sets %v; want two cookies", proto, got.Result().Header["Set-Cookie"])
		}
		for _, c := range all {
			if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/admin" || c.Secure != secure || c.MaxAge <= 0 {
				t.Errorf("signing in over %s sets %s; want HttpOnly, SameSite=Strict, Path=/admin, an end, Secure: %v", proto, c, secure)
			}
		}
	}
}

func TestSessionOutlivesARestart(t *testing.T) {
	t.Parallel()
	d := newDoor(t, "", nil)
	d.setPassword(password)
	session := d.signIn(password)
	if err := d.store.Close(); err != nil {
		t.Fatal(err)
	}
	again := newDoor(t, d.path, nil)
	again.wantInside("after a restart", session, true)
	again.clock.pass(12*time.Hour + time.Minute)
	again.wantInside("after twelve idle hours", session, false)
}

// A page that stays fresh by itself does not keep its session from ending.
func TestSessionEndsThoughAPageIsOpen(t *testing.T) {
	t.Parallel()
	d := newDoor(t, "", nil)
	d.setPassword(password)
	session := d.signIn(password)
	start := d.clock.now()
	for passed := time.Duration(0); passed < 12*time.Hour; passed += time.Hour {
		d.clock.set(start.Add(passed))
		if got := d.visit("GET", "/admin/history", nil, "Cookie", session, "HX-Request", "true"); got.Code >= 400 || got.Header().Get("Set-Cookie") != "" {
			t.Fatalf("after %s a fresh list is answered %d, with the cookie %q; want it, and none", passed, got.Code, got.Header().Get("Set-Cookie"))
		}
	}
	d.clock.set(start.Add(12*time.Hour + time.Minute))
	d.wantInside("after twelve hours without a visit", session, false)
}

func TestSigningOut(t *testing.T) {
	t.Parallel()
	d := newDoor(t, "", nil)
	d.setPassword(password)
	one, two, three := d.signIn(password), d.signIn(password), d.signIn(password)
	d.visit("POST", "/admin/logout", nil, "Cookie", one)
	d.wantInside("signed out", one, false)
	d.wantInside("another session", two, true)
	d.visit("POST", "/admin/logout-everywhere", nil, "Cookie", two)
	d.wantInside("signed out everywhere, this one", two, false)
	d.wantInside("signed out everywhere, another one", three, false)
	four := d.signIn(password)
	d.setPassword(wrongPassword)
	d.wantInside("the password was set anew", four, false)
}

func TestChangePassword(t *testing.T) {
	t.Parallel()
	d := newDoor(t, "", nil)
	d.setPassword(password)
	other, mine := d.signIn(password), d.signIn(password)
	change := func(current, password, again string) *httptest.ResponseRecorder {
		return d.visit("POST", "/admin/settings/password", url.Values{"current": {current}, "password": {password}, "again": {again}}, "Cookie", mine)
	}
	before, _ := d.store.Password()
	change(wrongPassword, "another password", "another password")
	change(password, "another password", "differs from it")
	change(password, "short", "short")
	if after, _ := d.store.Password(); !bytes.Equal(before, after) {
		t.Errorf("wrong forms changed the password")
	}
	mine = cookie(t, change(password, "another password", "another password"))
	d.wantInside("whoever changed it", mine, true)
	d.wantInside("another session", other, false)
	d.signIn("another password")
}

func TestPinnedPassword(t *testing.T) {
	t.Parallel()
	d := newDoor(t, "", func(c *web.Config) { c.Password, c.PasswordOrigin = password, "RELAY_ADMIN_PASSWORD" })
	if d.admin.SetupPath() != "" {
		t.Errorf("with a pinned password the setup link is %q; want none", d.admin.SetupPath())
	}
	session := d.signIn(password)
	d.visit("POST", "/admin/settings/password", url.Values{"current": {password}, "password": {"another password"}, "again": {"another password"}}, "Cookie", session)
	if _, set := d.store.Password(); set {
		t.Error("a pinned password was changed in the store")
	}
	_, err := web.New(web.Config{Store: d.store, Password: "short", PasswordOrigin: "RELAY_ADMIN_PASSWORD"})
	if err == nil || !strings.Contains(err.Error(), "RELAY_ADMIN_PASSWORD") || strings.Contains(err.Error(), "short ") {
		t.Errorf("a pinned password that is too short: %v; want an error that names the variable", err)
	}
}

// TestOtherPasswordEndsSessions: a session lives as long as the password that it
// began with counts, wherever another one comes from.
func TestOtherPasswordEndsSessions(t *testing.T) {
	t.Parallel()
	pinned := func(password string) func(*web.Config) {
		return func(c *web.Config) { c.Password, c.PasswordOrigin = password, "RELAY_ADMIN_PASSWORD" }
	}
	d := newDoor(t, "", pinned(password))
	session := d.signIn(password)
	// again opens the same database with what counts from now on.
	again := func(change func(*web.Config)) {
		must(t, d.store.Close())
		d = newDoor(t, d.path, change)
	}
	again(pinned(password))
	d.wantInside("pinned the same", session, true)
	again(pinned(wrongPassword))
	d.wantInside("pinned another", session, false)
	again(nil)
	d.wantInside("pinned no more, and none is stored", session, false)
	d.setPassword(password)
	d.wantInside("the same as was pinned is stored", session, false)
	stored := d.signIn(password)
	again(pinned(password))
	d.wantInside("pinned the same as is stored", stored, false)
	again(nil)
	d.wantInside("stored as before", stored, true)
}

// TestRequestAcrossAPasswordChange: a request that was at work when another
// password was set does not bring its session back.
func TestRequestAcrossAPasswordChange(t *testing.T) {
	t.Parallel()
	d := newDoor(t, "", nil)
	d.setPassword(password)
	session := d.signIn(password)
	kept, err := d.store.Sessions().All()
	must(t, err)
	d.setPassword(wrongPassword)
	for _, one := range kept { // what such a request writes at its end
		_, token, _ := strings.Cut(session, "=")
		must(t, d.store.Sessions().Commit(token, one, d.clock.now().Add(time.Hour)))
	}
	d.wantInside("a session that was written once more", session, false)
}
