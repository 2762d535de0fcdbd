package web_test

import (
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestGuessingSlowsDown(t *testing.T) {
	t.Parallel()
	d := newDoor(t, "", nil)
	d.setPassword(password)
	guess := func(from, password string) int {
		return d.visit("POST", "/admin/login", url.Values{"password": {password}}, "From", from).Code
	}
	var got []int
	for range 7 {
		got = append(got, guess("192.0.2.66:1", wrongPassword))
	}
	if want := []int{422, 422, 422, 422, 422, 429, 429}; !slices.Equal(got, want) {
		t.Errorf("seven guesses answer %v; want %v", got, want)
	}
	if code := guess("192.0.2.66:2", password); code != 429 {
		t.Errorf("the right password within the wait answers %d; want 429", code)
	}
	if code := guess("192.0.2.67:1", password); code != 303 {
		t.Errorf("another address is answered %d; want 303", code)
	}
	d.clock.pass(2 * time.Second)
	if code := guess("192.0.2.66:2", password); code != 303 {
		t.Errorf("the right password after the wait answers %d; want 303", code)
	}
	for i := range 40 { // from everywhere
		got = append(got, guess("[2001:db8:"+string(rune('a'+i%6))+string(rune('a'+i/6))+"::1]:1", wrongPassword))
	}
	if got[len(got)-1] != 429 {
		t.Errorf("the last of forty guesses from as many networks is answered %d; want 429", got[len(got)-1])
	}
	if text := d.log.String(); strings.Contains(text, wrongPassword) || !strings.Contains(text, `"caller":"192.0.2.66","tries":5`) {
		t.Errorf("want the guesses logged, and not what was guessed:\n%s", text)
	}
}

// TestGuessingAtOnce: forty guesses at the same time are checked no more often
// than forty in a row, and the log tells of the refused ones once for each wait.
func TestGuessingAtOnce(t *testing.T) {
	t.Parallel()
	d := newDoor(t, "", nil)
	d.setPassword(password)
	for round, want := range []int{5, 1} {
		var answers [600]atomic.Int32
		var all sync.WaitGroup
		for range 40 {
			all.Go(func() {
				got := d.visit("POST", "/admin/login", url.Values{"password": {wrongPassword}}, "From", "192.0.2.66:1")
				answers[got.Code].Add(1)
			})
		}
		all.Wait()
		if checked, refused := int(answers[422].Load()), int(answers[429].Load()); checked != want || refused != 40-want {
			t.Errorf("round %d of forty wrong passwords at once: %d were checked and %d refused; want %d and %d", round+1, checked, refused, want, 40-want)
		}
		if told := strings.Count(d.log.String(), "sign-ins are refused"); told != round+1 {
			t.Errorf("after round %d the log tells %d times of refused sign-ins; want %d", round+1, told, round+1)
		}
		d.clock.pass(1100 * time.Millisecond)
	}
}

// TestRightPasswordsCountNot: who knows the password may use it as often as they
// like.
func TestRightPasswordsCountNot(t *testing.T) {
	t.Parallel()
	d := newDoor(t, "", nil)
	d.setPassword(password)
	session := d.signIn(password)
	for range 6 {
		session = d.signIn(password)
		d.visit("POST", "/admin/settings/password", url.Values{"current": {password}, "password": {"short"}, "again": {"short"}}, "Cookie", session)
	}
	d.wantInside("after many right passwords", session, true)
}
