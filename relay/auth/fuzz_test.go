package auth_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"math"
	"net/http"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"pulsedive-relay/relay/auth"
)

// Whatever the header, it is accepted only if its token was signed, to the letter: one that is made up, and one that a
// part of was cut out of a signed token and replaced.
func FuzzHeader(f *testing.F) {
	good := tokenOf(f, issuer, nil)
	f.Add("", uint16(0), uint16(0), "")
	f.Add("Bearer a.b.c", uint16(len(good)-1), uint16(1), "A")
	f.Add("Bearer "+good, uint16(len(good)), uint16(0), "\n")
	f.Add("bearer e30.e30.", uint16(0), uint16(36), "eyJhbGciOiJub25lIn0")
	f.Add("BEARER .."+good, uint16(50), uint16(3), "==")
	r := newRelay(issuer)
	f.Fuzz(func(t *testing.T, header string, at, cut uint16, insert string) {
		from := min(int(at), len(good))
		to := min(from+int(cut), len(good))
		for _, one := range []string{header, "Bearer " + good[:from] + insert + good[to:]} {
			got, err := r.Verify(t.Context(), one, relayURL)
			words := strings.Fields(one)
			signed := len(words) == 2 && words[1] == good
			if err == nil && !signed {
				t.Errorf("header %q: got %v, want an error", one, got)
			}
			if err != nil && got != (auth.Claims{}) {
				t.Errorf("header %q: got %v beside %v, want no claims", one, got, err)
			}
		}
	})
}

// Whatever the claims of a signed token, they are accepted only with a key and for this relay, with a limit within its
// bounds, and the same when remembered.
func FuzzClaims(f *testing.F) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		f.Fatalf("making a key: %v", err)
	}
	const common = `{"jwks_host":"` + ownHost + `","aud":"` + relayURL + `"`
	f.Add([]byte(common + `,"key":"k","CTR_ENTITIES_LIMIT":"7","exp":4102444800}`))
	f.Add([]byte(common + `,"key":"k","exp":1e400,"nbf":-1,"iat":1.5}`))
	f.Add([]byte(common + `,"key":"k","CTR_ENTITIES_LIMIT":1e400,"aud":["/",null]}{}`))
	f.Add([]byte(`{"jwks_host":"` + ownHost + `","aud":[[]],"exp":{}}`))
	r := relayOver(answering(http.StatusOK, keySetOf(f, &key.PublicKey, map[string]any{})), ownHost)
	head := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"RS256","kid":"` + ownKID + `"}`))
	f.Fuzz(func(t *testing.T, claims []byte) {
		text := head + "." + base64.RawURLEncoding.EncodeToString(claims)
		signature, err := jwt.SigningMethodRS256.Sign(text, key)
		if err != nil {
			t.Fatalf("signing: %v", err)
		}
		token := text + "." + base64.RawURLEncoding.EncodeToString(signature)
		got, err := r.ask(token)
		again, errAgain := r.ask(token)
		if got != again || (err == nil) != (errAgain == nil) {
			t.Errorf("claims %q: got %v, %v, then %v, %v, want the same", claims, got, err, again, errAgain)
		}
		if err != nil {
			return
		}
		if strings.TrimSpace(got.Key) == "" || got.EntitiesLimit < 0 || got.EntitiesLimit > math.MaxInt32 ||
			got.Audience != relayURL || got.Host != ownHost {
			t.Errorf("claims %q: got %v, want a key, a limit from 0 to %d, this relay and its key host", claims, got, math.MaxInt32)
		}
	})
}

// Whatever a key host answers, a token is accepted only if the answer holds the key that signed it.
func FuzzKeySet(f *testing.F) {
	set, token := published(f, issuer), tokenOf(f, issuer, nil)
	modulus := set[strings.Index(set, `"n":"`)+5:]
	modulus = modulus[:strings.IndexByte(modulus, '"')]
	f.Add(set)
	f.Add(`{"keys":[]}`)
	f.Add(`{"keys":[{"kty":"RSA","n":"` + modulus + `","e":"AQAB","kid":"x","x5c":["AAAA"],"x5u":"http://127.0.0.1/"}]}`)
	f.Add(`{"keys":[{"kty":"EC","crv":"P-256","x":"AA","y":"AA","kid":"x"},{"kty":"OKP","crv":"Ed25519","x":"AA"}]}`)
	f.Fuzz(func(t *testing.T, body string) {
		r := relayOver(answering(http.StatusOK, body), issuer.Host())
		if got, err := r.ask(token); err == nil && !strings.Contains(body, modulus) {
			t.Errorf("key set %q: got %v, want an error", body, got)
		}
	})
}
