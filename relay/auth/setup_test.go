package auth_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pulsedive-relay/relay/auth"
	"pulsedive-relay/relay/auth/authtest"
)

const (
	relayURL  = "https://relay.example"
	pulsedive = "my-pulsedive-key"
)

var start = time.Date(2026, time.November, 23, 10, 54, 1, 0, time.UTC)

// issuer serves the tests that change nothing about it; making a key takes longer than most of them.
var issuer *authtest.Issuer

func TestMain(m *testing.M) {
	var err error
	if issuer, err = authtest.NewIssuer(); err != nil {
		fmt.Fprintln(os.Stderr, "starting an issuer:", err)
		os.Exit(1)
	}
	code := m.Run()
	issuer.Close()
	os.Exit(code)
}

// newIssuer is an issuer for one test that changes it.
func newIssuer(t *testing.T) *authtest.Issuer {
	t.Helper()
	own, err := authtest.NewIssuer()
	if err != nil {
		t.Fatalf("starting an issuer: %v", err)
	}
	t.Cleanup(own.Close)
	return own
}

// clock is a Now that stands still until it is moved.
type clock struct{ moved atomic.Int64 }

func (c *clock) now() time.Time       { return start.Add(time.Duration(c.moved.Load())) }
func (c *clock) move(d time.Duration) { c.moved.Add(int64(d)) }

// fetches counts what goes through a client.
type fetches struct {
	http.RoundTripper
	n atomic.Int64
}

func (f *fetches) RoundTrip(r *http.Request) (*http.Response, error) {
	f.n.Add(1)
	return f.RoundTripper.RoundTrip(r)
}

// relay is a Verifier that trusts one issuer, with its clock and its count of fetches.
type relay struct {
	*auth.Verifier
	clock   clock
	fetches fetches
}

// newRelay is a relay with what change makes of its config.
func newRelay(by *authtest.Issuer, change ...func(*auth.Config)) *relay {
	return relayOver(by.Client().Transport, by.Host(), change...)
}

// relayOver is a relay that fetches the keys of one host over a transport.
func relayOver(transport http.RoundTripper, host string, change ...func(*auth.Config)) *relay {
	r := &relay{fetches: fetches{RoundTripper: transport}}
	config := auth.Config{Hosts: []string{host}, HTTP: &http.Client{Transport: &r.fetches}, Now: r.clock.now}
	for _, one := range change {
		one(&config)
	}
	r.Verifier = auth.New(config)
	return r
}

// absent as a claim's value leaves the claim out.
var absent = new(int)

// claimsOf are valid claims of a token by that key host, with changes.
func claimsOf(host string, changes map[string]any) map[string]any {
	claims := map[string]any{"aud": relayURL, "exp": 4102444800, "jwks_host": host, "key": pulsedive}
	maps.Copy(claims, changes)
	maps.DeleteFunc(claims, func(_ string, value any) bool { return value == absent })
	return claims
}

// tokenOf is a valid token by that issuer, with changes to its claims.
func tokenOf(tb testing.TB, by *authtest.Issuer, changes map[string]any) string {
	tb.Helper()
	token, err := by.Token(claimsOf(by.Host(), changes))
	if err != nil {
		tb.Fatalf("signing a token of %v: %v", changes, err)
	}
	return token
}

// wrongToken is a token with the kind of fault that the issuer knows.
func wrongToken(tb testing.TB, by *authtest.Issuer, kind string, changes map[string]any) string {
	tb.Helper()
	token, err := by.TokenSignedBy(kind, claimsOf(by.Host(), changes))
	if err != nil {
		tb.Fatalf("signing a token %s: %v", kind, err)
	}
	return token
}

// ask verifies a token that came to relayURL.
func (r *relay) ask(token string) (auth.Claims, error) {
	return r.Verify(context.Background(), "Bearer "+token, relayURL)
}

// wants fails the test where a token does not end as wanted; nil is a token that is accepted.
func (r *relay) wants(t *testing.T, asked, token string, want error) {
	t.Helper()
	if got, err := r.ask(token); !errors.Is(err, want) {
		t.Errorf("%s: got %v, %v, want error %v", asked, got, err, want)
	}
}

// wantFetches fails the test where keys were fetched more or less often.
func (r *relay) wantFetches(t *testing.T, asked string, want int64) {
	t.Helper()
	if got := r.fetches.n.Load(); got != want {
		t.Errorf("%s: got %d fetches, want %d", asked, got, want)
	}
}

// keyHost answers requests for keys in place of a host.
type keyHost func(*http.Request) (*http.Response, error)

func (h keyHost) RoundTrip(r *http.Request) (*http.Response, error) { return h(r) }

// answering is a host that gives everybody the same answer.
func answering(status int, body string) keyHost {
	return func(r *http.Request) (*http.Response, error) { return answer(r, status, body), nil }
}

func answer(r *http.Request, status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}
}

// published is the issuer's key set.
func published(tb testing.TB, by *authtest.Issuer) string {
	tb.Helper()
	response, err := by.Client().Get("https://" + by.Host() + "/.well-known/jwks")
	if err != nil {
		tb.Fatalf("fetching the issuer's keys: %v", err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		tb.Fatalf("reading the issuer's keys: %v", err)
	}
	return string(body)
}
