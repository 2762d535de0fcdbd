package auth_test

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"pulsedive-relay/relay/auth"
)

// What is remembered is the whole token: any change of it is a token of its own.
func TestTamperedAfterRemembering(t *testing.T) {
	t.Parallel()
	r := newRelay(issuer)
	token := tokenOf(t, issuer, nil)
	r.wants(t, "the token", token, nil)
	parts := strings.Split(token, ".")
	forged := base64.RawURLEncoding.EncodeToString([]byte(
		`{"aud":"` + relayURL + `","jwks_host":"` + issuer.Host() + `","key":"another"}`))
	respelled := []byte(token) // the last letter has four bits that say nothing
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	respelled[len(token)-1] = letters[strings.IndexByte(letters, token[len(token)-1])^1]
	flipped := []byte(token)
	flipped[len(flipped)-20] ^= 1
	for name, tampered := range map[string]string{
		"other claims":           parts[0] + "." + forged + "." + parts[2],
		"a changed signature":    string(flipped),
		"another spelling":       string(respelled),
		"half a signature":       token[:len(token)-170],
		"signature of zeroes":    parts[0] + "." + parts[1] + "." + strings.Repeat("A", len(parts[2])),
		"no signature":           parts[0] + "." + parts[1] + ".",
		"claims of another case": parts[0] + "." + strings.ToUpper(parts[1]) + "." + parts[2],
	} {
		if got, err := r.ask(tampered); err == nil {
			t.Errorf("%s: got %v, want an error", name, got)
		}
	}
	r.wants(t, "the token again", token, nil)
}

// A remembered token ends when it says so, not when it is forgotten.
func TestExpiryOfRemembered(t *testing.T) {
	t.Parallel()
	r := newRelay(issuer)
	token := tokenOf(t, issuer, map[string]any{"exp": start.Unix() + 60})
	r.wants(t, "120 s before exp and leeway", token, nil)
	r.clock.move(2*time.Minute - time.Nanosecond)
	r.wants(t, "just before the leeway ends", token, nil)
	r.clock.move(time.Nanosecond)
	r.wants(t, "when the leeway ends", token, auth.ErrExpired)
}

// A clock that is set back makes a remembered token not yet valid.
func TestRememberedBeforeItsTime(t *testing.T) {
	t.Parallel()
	r := newRelay(issuer)
	token := tokenOf(t, issuer, map[string]any{"nbf": start.Unix()})
	r.wants(t, "at nbf", token, nil)
	r.clock.move(-time.Hour)
	r.wants(t, "an hour before nbf", token, auth.ErrNotYetValid)
}

// A token that the issuer's keys no longer vouch for is refused as soon as the keys are fetched, remembered or not.
func TestWithdrawnKey(t *testing.T) {
	t.Parallel()
	by := newIssuer(t)
	r := newRelay(by)
	old := tokenOf(t, by, nil)
	r.wants(t, "before the rotation", old, nil)
	if err := by.Rotate(); err != nil {
		t.Fatalf("rotating: %v", err)
	}
	r.clock.move(time.Hour - time.Nanosecond)
	r.wants(t, "just before the keys are old: remembered for ten minutes only, keys still good", old, nil)
	r.clock.move(time.Nanosecond)
	r.wants(t, "once the keys are old", old, auth.ErrKeyID)
	r.wants(t, "signed with the new key", tokenOf(t, by, nil), nil)
	r.wantFetches(t, "one key after the other", 2)
}

// A token of an unknown key has the keys fetched, and what was remembered by the old ones is verified anew.
func TestKeyWithdrawnWhileRemembered(t *testing.T) {
	t.Parallel()
	by := newIssuer(t)
	r := newRelay(by)
	old := tokenOf(t, by, nil)
	r.wants(t, "before the rotation", old, nil)
	if err := by.Rotate(); err != nil {
		t.Fatalf("rotating: %v", err)
	}
	r.clock.move(time.Minute)
	r.wants(t, "remembered, with keys a minute old", old, nil)
	r.wants(t, "signed with the new key", tokenOf(t, by, nil), nil)
	r.wants(t, "remembered, its key withdrawn", old, auth.ErrKeyID)
	r.wantFetches(t, "one unknown key", 2)
}

// The same id may come to stand for another key: what the old one signed is then signed wrongly.
func TestKeyReplacedUnderItsID(t *testing.T) {
	t.Parallel()
	before, after := newKey(t, 2048), newKey(t, 2048)
	body := keySetOf(t, &before.PublicKey, map[string]any{})
	host := keyHost(func(r *http.Request) (*http.Response, error) { return answer(r, http.StatusOK, body), nil })
	r := relayOver(host, ownHost)
	old := ownToken(t, jwt.SigningMethodRS256, before, nil)
	r.wants(t, "before", old, nil)
	body = keySetOf(t, &after.PublicKey, map[string]any{})
	r.clock.move(time.Hour - time.Minute)
	r.wants(t, "a minute before the keys are old", old, nil)
	r.clock.move(time.Minute)
	r.wants(t, "remembered, the keys fetched since", old, auth.ErrSignature)
	r.wants(t, "signed with the new key", ownToken(t, jwt.SigningMethodRS256, after, nil), nil)
}

// Another allow list takes another Verifier, which remembers nothing of the one before.
func TestHostTakenOffTheList(t *testing.T) {
	t.Parallel()
	token := tokenOf(t, issuer, nil)
	newRelay(issuer).wants(t, "host on the list", token, nil)
	r := newRelay(issuer, func(config *auth.Config) { config.Hosts = []string{"other.example"} })
	r.wants(t, "host off the list", token, auth.ErrHost)
	r.wantFetches(t, "host off the list", 0)
}

// The config is read once: what becomes of its slices is no business of the Verifier's.
func TestConfigIsCopied(t *testing.T) {
	t.Parallel()
	hosts, urls := []string{issuer.Host()}, []string{relayURL}
	r := newRelay(issuer, func(config *auth.Config) { config.Hosts, config.Audiences = hosts, urls })
	hosts[0], urls[0] = "other.example", "https://other.example"
	r.wants(t, "slices changed after New", tokenOf(t, issuer, nil), nil)
}
