package authtest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"pulsedive-relay/relay/auth"
	"pulsedive-relay/relay/auth/authtest"
)

const audience = "https://relay.example"

func start(t *testing.T) *authtest.Issuer {
	t.Helper()
	issuer, err := authtest.NewIssuer()
	if err != nil {
		t.Fatalf("starting an issuer: %v", err)
	}
	t.Cleanup(issuer.Close)
	return issuer
}

// keySet asks the key host for its keys.
func keySet(t *testing.T, issuer *authtest.Issuer) (status int, body string) {
	t.Helper()
	response, err := issuer.Client().Get("https://" + issuer.Host() + "/.well-known/jwks")
	if err != nil {
		t.Fatalf("fetching the key set: %v", err)
	}
	defer response.Body.Close()
	read, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatalf("reading the key set: %v", err)
	}
	return response.StatusCode, string(read)
}

// A Verifier accepts what the issuer signs, refuses what it signs wrongly, and follows a rotation.
func TestIssuerAndVerifier(t *testing.T) {
	t.Parallel()
	issuer := start(t)
	now := time.Now()
	verifier := auth.New(auth.Config{
		Hosts: []string{issuer.Host()}, HTTP: issuer.Client(), Now: func() time.Time { return now },
	})
	claims := map[string]any{"aud": audience, "jwks_host": issuer.Host(), "key": "k"}
	accepted := func(token string, err error) error {
		t.Helper()
		if err != nil {
			t.Fatalf("signing: %v", err)
		}
		_, err = verifier.Verify(t.Context(), "Bearer "+token, audience)
		return err
	}
	if err := accepted(issuer.Token(claims)); err != nil {
		t.Errorf("a good token: got %v, want no error", err)
	}
	for _, kind := range []string{authtest.OtherKey, authtest.UnknownKID} {
		if err := accepted(issuer.TokenSignedBy(kind, claims)); err == nil {
			t.Errorf("a token %s: got no error, want one", kind)
		}
	}
	if err := issuer.Rotate(); err != nil {
		t.Fatalf("rotating: %v", err)
	}
	now = now.Add(time.Minute)
	if err := accepted(issuer.Token(claims)); err != nil {
		t.Errorf("a good token after a rotation: got %v, want no error", err)
	}
	if got := issuer.Fetches(); got != 2 {
		t.Errorf("two keys in turn: got %d fetches, want 2", got)
	}
	if token, err := issuer.TokenSignedBy("no-such-kind", claims); err == nil {
		t.Errorf("a token of no such kind: got %q, want an error", token)
	}
}

// Claims are signed as they are: none is added, none is left out.
func TestTokenAddsNoClaims(t *testing.T) {
	t.Parallel()
	token, err := start(t).Token(map[string]any{"a": nil})
	if err != nil {
		t.Fatalf("signing: %v", err)
	}
	got := jwt.MapClaims{}
	if _, _, err := jwt.NewParser().ParseUnverified(token, got); err != nil {
		t.Fatalf("parsing: %v", err)
	}
	if value, ok := got["a"]; len(got) != 1 || !ok || value != nil {
		t.Errorf("claims of a token with a null claim: got %v, want that one", got)
	}
}

// The key set is that of one public key, with what makes it a signing key, and no private part.
func TestKeySet(t *testing.T) {
	t.Parallel()
	status, body := keySet(t, start(t))
	var got struct{ Keys []map[string]string }
	if err := json.Unmarshal([]byte(body), &got); err != nil || status != http.StatusOK || len(got.Keys) != 1 {
		t.Fatalf("key set: got status %d, %s, %v, want one key", status, body, err)
	}
	key := got.Keys[0]
	if key["kty"] != "RSA" || key["use"] != "sig" || key["alg"] != "RS256" || key["kid"] == "" || len(key) != 6 {
		t.Errorf("key: got %v, want kty RSA, use sig, alg RS256, a kid, n and e", key)
	}
}

func TestDown(t *testing.T) {
	t.Parallel()
	issuer := start(t)
	for n, test := range []struct {
		down bool
		want int
	}{{false, http.StatusOK}, {true, http.StatusServiceUnavailable}, {false, http.StatusOK}} {
		issuer.SetDown(test.down)
		if got, body := keySet(t, issuer); got != test.want {
			t.Errorf("down %t: got status %d, %s, want %d", test.down, got, body, test.want)
		}
		if got := issuer.Fetches(); got != n+1 {
			t.Errorf("fetches: got %d, want %d", got, n+1)
		}
	}
}

// A closed issuer answers nobody, signs still, and another one is not trusted in its place.
func TestClose(t *testing.T) {
	t.Parallel()
	closed, other := start(t), start(t)
	closed.Close()
	for _, issuer := range []*authtest.Issuer{closed, other} {
		response, err := closed.Client().Get("https://" + issuer.Host() + "/.well-known/jwks")
		if err == nil {
			response.Body.Close()
			t.Errorf("asking %s by the client of the closed issuer: got status %d, want an error", issuer.Host(), response.StatusCode)
		}
	}
	if token, err := closed.Token(nil); err != nil || strings.Count(token, ".") != 2 {
		t.Errorf("a token of the closed issuer: got %q, %v, want one", token, err)
	}
}
