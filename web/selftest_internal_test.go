package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pulsedive-relay/relay"
	"pulsedive-relay/relay/pulsedive/pulsedivetest"
	"pulsedive-relay/store"
	"pulsedive-relay/web/view"
)

// server answers every path alike, by https.
func server(t *testing.T, status int, text string) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "https://elsewhere.example.com/")
		w.WriteHeader(status)
		io.WriteString(w, text)
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

// wantFinding compares what a check came to.
func wantFinding(t *testing.T, name string, got finding, state view.Health, text string) {
	t.Helper()
	if got.state != state || !strings.Contains(got.text, text) {
		t.Errorf("%s: %s, %q; want %s, %q", name, got.state, got.text, state, text)
	}
	if (got.state == view.HealthFail || got.state == view.HealthWarn) && got.advice == "" {
		t.Errorf("%s: %s without advice", name, got.state)
	}
}

func TestCheckReach(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status int
		text   string
		want   view.Health
		says   string
	}{
		{200, "ok\n", view.HealthOK, "answers there"},
		{200, "<html>", view.HealthFail, "not this relay"},
		{404, "ok", view.HealthFail, "status 404"},
		{302, "ok", view.HealthFail, "status 302"}, // not followed
	} {
		s := server(t, c.status, c.text)
		wantFinding(t, c.says, checkReach(t.Context(), ownClient(s.Client()), s.URL), c.want, c.says)
	}
	s := server(t, 200, "ok")
	wantFinding(t, "a strange authority", checkReach(t.Context(), ownClient(nil), s.URL), view.HealthFail, "The certificate does not verify")
	wantFinding(t, "no TLS", checkReach(t.Context(), ownClient(nil), "http"+strings.TrimPrefix(s.URL, "https")), view.HealthFail, "status 400")
}

func TestCheckCertificate(t *testing.T) {
	t.Parallel()
	s := server(t, 200, "ok")
	ends := s.Certificate().NotAfter
	const day = 24 * time.Hour
	for _, c := range []struct {
		left time.Duration
		want view.Health
		says string
	}{
		{90*day + time.Hour, view.HealthOK, "90 days left"},
		{21*day + time.Hour, view.HealthOK, "21 days left"},
		{20*day + time.Hour, view.HealthWarn, "20 days left"},
		{7*day + time.Hour, view.HealthWarn, "7 days left"},
		{6*day + time.Hour, view.HealthFail, "6 days left"},
		{-time.Hour, view.HealthFail, "It ended at"},
	} {
		wantFinding(t, c.left.String(), checkCertificate(t.Context(), ownClient(s.Client()), s.URL, ends.Add(-c.left)), c.want, c.says)
	}
	wantFinding(t, "a strange authority", checkCertificate(t.Context(), ownClient(nil), s.URL, ends.Add(-90*day)), view.HealthFail, "does not verify")
	// A port that only root may take, unlike one just given back.
	got := checkCertificate(t.Context(), ownClient(s.Client()), "https://127.0.0.1:1", ends)
	if got.state != view.HealthFail || !strings.Contains(got.text, "look at. The connection was refused") {
		t.Errorf("nobody there: %s, %q; want it broken and refused", got.state, got.text)
	}
}

func TestPlainly(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		want string
	}{
		{&url.Error{Op: "Get", URL: "https://relay.example.com/?key=secret", Err: &net.DNSError{Err: "no such host", Name: "relay.example.com", IsNotFound: true}}, "The name relay.example.com is not known"},
		{&net.DNSError{Err: "server misbehaving", Name: "relay.example.com\u202e"}, `The name relay.example.com\u202e could not be looked up`},
		{context.DeadlineExceeded, "There was no answer in time."},
		{&url.Error{Op: "Get", URL: "https://relay.example.com/?key=secret", Err: errors.New("EOF")}, "There was no answer: EOF."},
	} {
		got := plainly(c.err)
		if !strings.HasPrefix(got, c.want) || strings.Contains(got, "secret") {
			t.Errorf("%v: %q; want %q and no secret", c.err, got, c.want)
		}
	}
}

func TestCheckDiskAndHistory(t *testing.T) {
	t.Parallel()
	wantFinding(t, "unknown", checkDisk(-1), view.HealthIdle, "cannot be told")
	wantFinding(t, "full", checkDisk(0), view.HealthFail, "0 B are left")
	wantFinding(t, "nearly full", checkDisk(500_000_000), view.HealthWarn, "500 MB are left")
	wantFinding(t, "room", checkDisk(50_000_000_000), view.HealthOK, "50 GB are left")
	wantFinding(t, "failing", checkHistory(store.Status{Err: "no space left on device", Unwritten: 3}, 9), view.HealthFail, "no space left")
	wantFinding(t, "failed", checkHistory(store.Status{Unwritten: 3}, 9), view.HealthWarn, "3 exchanges were lost")
	wantFinding(t, "well", checkHistory(store.Status{}, 9), view.HealthOK, "No exchange was lost")
}

// TestLowAlike: the overview and the self-test begin to warn at the same time, of the
// disk and of a limit.
func TestLowAlike(t *testing.T) {
	t.Parallel()
	for free, want := range map[int64]view.Health{0: view.HealthFail, 99_999_999: view.HealthFail, 100_000_000: view.HealthWarn, 999_999_999: view.HealthWarn, 1_000_000_000: view.HealthOK} {
		check, row := checkDisk(free), databaseRow(store.Status{Writable: true, Free: free})
		if check.state != want || row.State != want {
			t.Errorf("%d bytes are left: the self-test says %s, the overview %s; want %s", free, check.state, row.State, want)
		}
	}
	synctest.Test(t, func(t *testing.T) { // as a day ends
		fake := pulsedivetest.New(pulsedivetest.Config{Plan: pulsedivetest.Plan{PerDay: 10}})
		live, err := relay.NewLive(relay.LiveConfig{PulsediveHTTP: &http.Client{Transport: fake.Transport()}}, store.Defaults())
		if err != nil {
			t.Fatal(err)
		}
		own := relay.Caller{Key: "operators-own-key"}
		for left := 9; left > 0; left-- {
			want := view.HealthOK
			if left <= 2 {
				want = view.HealthWarn
			}
			wantFinding(t, "a limit", checkKey(t.Context(), live.Relay(), own), want, fmt.Sprintf("%d of 10 left this day", left))
			if stat, ok := leftOf(live.Relay().Quotas(own.Key), time.Now()); !ok || stat.Level != left || stat.Low != (left <= 2) {
				t.Errorf("%d of 10 are left: the overview has %+v; want it to be low from 2 on", left, stat)
			}
		}
	})
}

// TestFind: a check that hangs, or fails on its own, does not hold up the others.
func TestFind(t *testing.T) {
	t.Parallel()
	never := make(chan struct{})
	defer close(never)
	hangs := check{limit: time.Millisecond, run: func(context.Context) finding { <-never; return fine("") }}
	wantFinding(t, "one that hangs", hangs.find(), view.HealthFail, "no result within 1 ms")
	fails := check{limit: time.Minute, run: func(context.Context) finding { panic("oh") }}
	wantFinding(t, "one that fails", fails.find(), view.HealthFail, "The check itself went wrong.")
}

// TestOneRun: there is one run at a time.
func TestOneRun(t *testing.T) {
	t.Parallel()
	wait := make(chan struct{})
	var tests selfTests
	checks := func() []check {
		return []check{{limit: time.Minute, run: func(context.Context) finding { <-wait; return fine("") }}}
	}
	first, second := tests.begin(checks, time.Now), tests.begin(checks, time.Now)
	if first != second || !first.end().IsZero() {
		t.Errorf("a second start while a run goes on: another run: %v, ended: %v; want the same one", first != second, first.end())
	}
	close(wait)
	<-first.over
	if third := tests.begin(checks, time.Now); third == first || tests.last() != third {
		t.Errorf("a start after the run's end begins none")
	}
}
