package auth_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"pulsedive-relay/relay/auth"
)

// What is no key set is refused as if the host were not there.
func TestAnswersOfKeyHosts(t *testing.T) {
	t.Parallel()
	set, token := published(t, issuer), tokenOf(t, issuer, nil)
	for _, test := range []struct {
		name   string
		status int
		body   string
		want   error
	}{
		{"key set", 200, set, nil},
		{"key set of 64 KiB", 200, set + strings.Repeat(" ", 64<<10-len(set)), nil},
		{"key set of 64 KiB and a byte", 200, set + strings.Repeat(" ", 64<<10-len(set)+1), auth.ErrHost},
		{"key set with status 201", 201, set, auth.ErrHost},
		{"key set with status 404", 404, set, auth.ErrHost},
		{"key set with status 500", 500, set, auth.ErrHost},
		{"nothing", 200, "", auth.ErrHost},
		{"a page", 200, "<!doctype html>", auth.ErrHost},
		{"half a key set", 200, set[:len(set)/2], auth.ErrHost},
		{"two key sets", 200, set + set, auth.ErrHost},
		{"a list", 200, "[]", auth.ErrHost},
		{"null", 200, "null", auth.ErrHost},
		{"an object without keys", 200, "{}", auth.ErrHost},
		{"null as keys", 200, `{"keys":null}`, auth.ErrHost},
		{"an object as keys", 200, `{"keys":{}}`, auth.ErrHost},
		{"no keys", 200, `{"keys":[]}`, auth.ErrKeyID},
		{"keys that are none", 200, `{"keys":[1,null,"x",{},{"kty":"RSA"},{"kty":"new"}]}`, auth.ErrKeyID},
		{"such keys and a good one", 200, strings.Replace(set, "[", `[1,null,"x",{},{"kty":"RSA"},{"kty":"new"},`, 1), nil},
	} {
		relayOver(answering(test.status, test.body), issuer.Host()).wants(t, test.name, token, test.want)
	}
}

// Keys that must not verify RS256 do not.
func TestUsableKeys(t *testing.T) {
	t.Parallel()
	long, short := newKey(t, 2048), newKey(t, 1024)
	type members = map[string]any
	for _, test := range []struct {
		name string
		key  *rsa.PrivateKey
		keys []members
		want error
	}{
		{"bare", long, []members{{}}, nil},
		{"for signatures, RS256", long, []members{{"use": "sig", "alg": "RS256"}}, nil},
		{"for encryption", long, []members{{"use": "enc"}}, auth.ErrKeyID},
		{"for RS512", long, []members{{"alg": "RS512"}}, auth.ErrKeyID},
		{"of another kind", long, []members{{"kty": "oct", "k": "AAAA"}}, auth.ErrKeyID},
		{"of another id", long, []members{{"kid": "another"}}, auth.ErrKeyID},
		{"without an id", long, []members{{"kid": ""}}, auth.ErrKeyID},
		{"of 1024 bits", short, []members{{}}, auth.ErrKeyID},
		{"with an even exponent", long, []members{{"e": "Ag"}}, auth.ErrSignature},
		{"with an exponent of 1", long, []members{{"e": "AQ"}}, auth.ErrKeyID},
		{"second of its id", long, []members{{"n": encoded(newKey(t, 2048).N)}, {}}, auth.ErrSignature},
		{"second of its id, the first of no use", long, []members{{"use": "enc"}, {}}, nil},
	} {
		r := relayOver(answering(http.StatusOK, keySetOf(t, &test.key.PublicKey, test.keys...)), ownHost)
		r.wants(t, "a key "+test.name, ownToken(t, jwt.SigningMethodRS256, test.key, nil), test.want)
	}
}

// A key of an elliptic curve is no key here, whatever a token says of its algorithm.
func TestCurveKey(t *testing.T) {
	t.Parallel()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatalf("making a key: %v", err)
	}
	point, err := key.PublicKey.Bytes()
	if err != nil {
		t.Fatalf("encoding a key: %v", err)
	}
	x, y := base64.RawURLEncoding.EncodeToString(point[1:33]), base64.RawURLEncoding.EncodeToString(point[33:])
	set := `{"keys":[{"kty":"EC","crv":"P-256","kid":"` + ownKID + `","x":"` + x + `","y":"` + y + `"}]}`
	r := relayOver(answering(http.StatusOK, set), ownHost)
	r.wants(t, "ES256", ownToken(t, jwt.SigningMethodES256, key, nil), auth.ErrKeyID)
}

func newKey(t *testing.T, bits int) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatalf("making a key of %d bits: %v", bits, err)
	}
	return key
}

// A redirect is not followed, not even to the same host; the request goes to the one address that there is.
func TestRedirects(t *testing.T) {
	t.Parallel()
	set := published(t, issuer)
	for _, to := range []string{"https://evil.example/jwks", "http://169.254.169.254/", "/keys"} {
		var asked []string
		host := keyHost(func(r *http.Request) (*http.Response, error) {
			asked = append(asked, r.Method+" "+r.URL.String())
			if len(asked) > 1 {
				return answer(r, http.StatusOK, set), nil
			}
			redirect := answer(r, http.StatusFound, "")
			redirect.Header.Set("Location", to)
			return redirect, nil
		})
		relayOver(host, issuer.Host()).wants(t, "redirect to "+to, tokenOf(t, issuer, nil), auth.ErrHost)
		if want := "GET https://" + issuer.Host() + "/.well-known/jwks"; len(asked) != 1 || asked[0] != want {
			t.Errorf("redirect to %s: got requests %q, want only %q", to, asked, want)
		}
	}
}

// A certificate that nobody vouches for is a host that is not there: the keys are only as good as the connection.
func TestUntrustedCertificate(t *testing.T) {
	t.Parallel()
	by := newIssuer(t)
	var log bytes.Buffer
	v := auth.New(auth.Config{Hosts: []string{by.Host()}, Log: slog.New(slog.NewTextHandler(&log, nil))})
	token := tokenOf(t, by, map[string]any{"exp": time.Now().Unix() + 60})
	if got, err := v.Verify(t.Context(), "Bearer "+token, relayURL); !errors.Is(err, auth.ErrHost) {
		t.Errorf("default client, untrusted certificate: got %v, %v, want %v", got, err, auth.ErrHost)
	}
	if got := by.Fetches(); got != 0 {
		t.Errorf("default client, untrusted certificate: got %d fetches, want 0", got)
	}
	if got := log.String(); strings.Contains(got, "https://") {
		t.Errorf("log of a failed fetch: got %s, want no address but the host", got)
	}
	for _, want := range []string{"keys not fetched", by.Host(), "certificate"} {
		if got := log.String(); !strings.Contains(got, want) {
			t.Errorf("log of a failed fetch: got %s, want %q in it", got, want)
		}
	}
}

// The caller's client is used, not changed.
func TestClientIsCopied(t *testing.T) {
	t.Parallel()
	client := &http.Client{Transport: issuer.Client().Transport}
	v := auth.New(auth.Config{Hosts: []string{issuer.Host()}, HTTP: client})
	if _, err := v.Verify(t.Context(), "Bearer "+tokenOf(t, issuer, nil), relayURL); err != nil {
		t.Errorf("default clock, issuer's client: got %v, want no error", err)
	}
	if client.Timeout != 0 || client.CheckRedirect != nil {
		t.Errorf("the client given: got timeout %s and a redirect rule (%t), want neither",
			client.Timeout, client.CheckRedirect != nil)
	}
}
