package web_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"pulsedive-relay/web"
)

// becomeKnown signs in, and is the cookie of the browser that is known by then.
func (d *door) becomeKnown() string {
	d.t.Helper()
	return cookieOf(d.t, d.visit("POST", "/admin/login", url.Values{"password": {password}}), "relay_known")
}

// login is how a sign-in from an address is answered, with cookies or without.
func (d *door) login(from, password, cookies string) int {
	d.t.Helper()
	return d.visit("POST", "/admin/login", url.Values{"password": {password}}, "From", from, "Cookie", cookies).Code
}

// siege has strangers guess from everywhere until everybody has to wait.
func (d *door) siege() {
	d.t.Helper()
	for i := range 40 {
		d.login(fmt.Sprintf("[2001:db8:%x::1]:1", i+1), wrongPassword, "")
	}
	if code := d.login("198.51.100.1:1", password, ""); code != 429 {
		d.t.Fatalf("a stranger who comes after forty wrong guesses from everywhere is answered %d; want 429", code)
	}
}

// TestKnownBrowser: strangers who guess from everywhere do not keep out who was
// inside before, be it from another address.
func TestKnownBrowser(t *testing.T) {
	t.Parallel()
	d := newDoor(t, "", nil)
	d.setPassword(password)
	known := d.becomeKnown()
	if strings.Contains(known, password) || strings.Count(known, ".") != 2 {
		t.Errorf("the cookie of a known browser is %q; want a name, an end and a signature", known)
	}
	d.wantInside("the cookie alone", known, false)
	d.siege()
	if code := d.login("198.51.100.2:1", password, known); code != 303 {
		t.Errorf("a known browser's right password during a siege is answered %d; want 303", code)
	}
	_, value, _ := strings.Cut(known, "=")
	parts := strings.Split(value, ".")
	for name, forged := range map[string]string{
		"no signature":       parts[0] + "." + parts[1],
		"an empty one":       parts[0] + "." + parts[1] + ".",
		"another name":       "OTHER." + parts[1] + "." + parts[2],
		"a later end":        parts[0] + ".99999999999." + parts[2],
		"more than that":     value + ".x",
		"another's in front": "x." + value,
		"nothing":            "",
	} {
		if code := d.login("198.51.100.2:1", password, "relay_known="+forged); code != 429 {
			t.Errorf("a cookie with %s, %q, is answered %d; want 429, as for everybody", name, forged, code)
		}
	}
}

// TestKnownBrowserSlowsDown: the tries of a known browser count together,
// wherever they come from, and leave those of addresses alone.
func TestKnownBrowserSlowsDown(t *testing.T) {
	t.Parallel()
	d := newDoor(t, "", nil)
	d.setPassword(password)
	known, other := d.becomeKnown(), d.becomeKnown()
	var got []int
	for i := range 7 {
		got = append(got, d.login(fmt.Sprintf("198.51.100.%d:1", i), wrongPassword, known))
	}
	if want := []int{422, 422, 422, 422, 422, 429, 429}; !slices.Equal(got, want) {
		t.Errorf("seven guesses with one cookie from as many addresses answer %v; want %v", got, want)
	}
	if code := d.login("198.51.100.9:1", password, known); code != 429 {
		t.Errorf("the right password within the wait answers %d; want 429", code)
	}
	for name, cookies := range map[string]string{"the same address without the cookie": "", "another known browser": other} {
		if code := d.login("198.51.100.0:1", password, cookies); code != 303 {
			t.Errorf("%s is answered %d; want 303", name, code)
		}
	}
	// In an hour it guesses as often as an address that always tries at once.
	checked := func(cookies func(i int) string) (n int) {
		for range 3600 {
			d.clock.pass(time.Second)
			if d.login("203.0.113.5:1", wrongPassword, cookies(n)) == 422 {
				n++
			}
		}
		return n
	}
	alone, stolen := checked(func(int) string { return "" }), checked(func(int) string { return known })
	if stolen > alone {
		t.Errorf("in an hour %d guesses are checked with a stolen cookie, and %d of one address; want no more", stolen, alone)
	}
	d.clock.pass(6 * time.Minute)
	if code := d.login("203.0.113.5:1", password, known); code != 303 {
		t.Errorf("the right password after the wait answers %d; want 303", code)
	}
}

// TestKnownBrowserEnds: half a year, another password and signing out everywhere
// end it; a restart and signing out do not.
func TestKnownBrowserEnds(t *testing.T) {
	t.Parallel()
	d := newDoor(t, "", nil)
	// wantKnown looks during a siege of its own.
	wantKnown := func(when, known string, want int) {
		t.Helper()
		d.clock.pass(time.Minute)
		d.siege()
		if code := d.login("198.51.100.2:1", password, known); code != want {
			t.Errorf("%s a browser's right password is answered %d during a siege; want %d", when, code, want)
		}
		d.clock.pass(time.Minute)
	}
	d.setPassword(password)
	known := d.becomeKnown()
	d.visit("POST", "/admin/logout", nil, "Cookie", d.signIn(password))
	wantKnown("signed out", known, 303)
	must(t, d.store.Close())
	d = newDoor(t, d.path, nil)
	wantKnown("after a restart", known, 303)
	known = d.becomeKnown()
	d.visit("POST", "/admin/logout-everywhere", nil, "Cookie", d.signIn(password))
	wantKnown("signed out everywhere", known, 429)
	must(t, d.store.Close())
	d = newDoor(t, d.path, nil)
	wantKnown("signed out everywhere, after a restart", known, 429)
	known = d.becomeKnown()
	d.setPassword(wrongPassword)
	d.setPassword(password)
	wantKnown("the password was set anew", known, 429)
	known = d.becomeKnown()
	signedIn := d.clock.now()
	d.clock.set(signedIn.Add(180*24*time.Hour - 5*time.Minute))
	wantKnown("before half a year", known, 303)
	d.clock.set(signedIn.Add(180 * 24 * time.Hour))
	wantKnown("after half a year", known, 429)
}

// TestSetPasswordForgetsTries: who sets a password gets in at once, and browsers
// are known by the new one alone.
func TestSetPasswordForgetsTries(t *testing.T) {
	t.Parallel()
	const other = "another horse battery"
	for _, way := range []string{"command", "page"} {
		d := newDoor(t, "", nil)
		d.setPassword(password)
		first := d.visit("POST", "/admin/login", url.Values{"password": {password}})
		mine := cookie(t, first) + "; " + cookieOf(t, first, "relay_known")
		d.siege()
		for range 6 {
			d.login("192.0.2.9:1", wrongPassword, "")
		}
		if way == "command" {
			must(t, d.admin.SetPassword(other))
		} else {
			got := d.visit("POST", "/admin/settings/password", url.Values{"current": {password}, "password": {other}, "again": {other}}, "Cookie", mine)
			mine = cookie(t, got) + "; " + cookieOf(t, got, "relay_known")
			d.wantInside("whoever changed it", mine, true)
		}
		for _, from := range []string{"192.0.2.9:1", "198.51.100.1:1"} {
			if code := d.login(from, other, ""); code != 303 {
				t.Errorf("by %s: after the password was set %s is answered %d; want 303", way, from, code)
			}
		}
	}
	pinned := newDoor(t, "", func(c *web.Config) { c.Password, c.PasswordOrigin = password, "RELAY_ADMIN_PASSWORD" })
	if err := pinned.admin.SetPassword(other); err == nil || !strings.Contains(err.Error(), "RELAY_ADMIN_PASSWORD") {
		t.Errorf("setting a pinned password: %v; want an error that names the variable", err)
	}
}

// TestSessionStaysEnded: a request that was under way when its session ended cannot
// bring it back, neither by itself nor with a cookie that somebody stole.
func TestSessionStaysEnded(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]string{"sign out": "/admin/logout", "sign out everywhere": "/admin/logout-everywhere"} {
		d := newDoor(t, "", nil)
		d.setPassword(password)
		session := d.signIn(password)
		_, token, _ := strings.Cut(session, "=")
		held, ok, err := d.store.Sessions().Find(token)
		if !ok || err != nil {
			t.Fatalf("finding the session: got %v, %v; want it", ok, err)
		}
		if got := d.visit("POST", end, nil, "Cookie", session); got.Code != 303 {
			t.Fatalf("%s answers %d; want 303", name, got.Code)
		}
		must(t, d.store.Sessions().Commit(token, held, d.clock.now().Add(time.Hour)))
		d.wantInside(name+", then the end of an older request", session, false)
	}
}
