package auth_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"pulsedive-relay/relay/auth"
	"pulsedive-relay/relay/auth/authtest"
)

// The contract's table, in its words.
func TestHeaders(t *testing.T) {
	t.Parallel()
	good := tokenOf(t, issuer, nil)
	with := func(claim string, value any) string {
		return "Bearer " + tokenOf(t, issuer, map[string]any{claim: value})
	}
	tests := []struct {
		name, header string
		want         error
		fetches      int64
	}{
		{"no header", "", auth.ErrNoHeader, 0},
		{"blank header", " \t ", auth.ErrNoHeader, 0},
		{"Basic instead of Bearer", "Basic abc", auth.ErrScheme, 0},
		{"a token without scheme", good, auth.ErrScheme, 0},
		{"a scheme that begins like Bearer", "BearerX " + good, auth.ErrScheme, 0},
		{"Bearer without a token", "Bearer", auth.ErrStructure, 0},
		{"Bearer and blanks", "Bearer   ", auth.ErrStructure, 0},
		{"Bearer and two words", "Bearer " + good + " x", auth.ErrStructure, 0},
		{"a line break in the token", "Bearer " + good[:9] + "\n" + good[9:], auth.ErrStructure, 0},
		{"no JWT", "Bearer garbage", auth.ErrStructure, 0},
		{"JWT of three wrong parts", "Bearer a.b.c", auth.ErrStructure, 0},
		{"JWT of four parts", "Bearer " + good + ".x", auth.ErrStructure, 0},
		{"padded signature", "Bearer " + good + "==", auth.ErrStructure, 0},
		{"claims that are a list", "Bearer e30.W10.", auth.ErrStructure, 0},
		{"claims that are null", "Bearer e30.bnVsbA.", auth.ErrNoHost, 0},
		{"header of 16 KiB and more", "Bearer " + good + strings.Repeat(" ", 16<<10), auth.ErrStructure, 0},
		{"no jwks_host", with("jwks_host", absent), auth.ErrNoHost, 0},
		{"blank jwks_host", with("jwks_host", " "), auth.ErrNoHost, 0},
		{"null jwks_host", with("jwks_host", nil), auth.ErrNoHost, 0},
		{"jwks_host that is a list", with("jwks_host", []string{issuer.Host()}), auth.ErrNoHost, 0},
		{"jwks_host by another case of the claim's name", with("JWKS_HOST", issuer.Host()), nil, 1},
		{"host that is not allowed", with("jwks_host", "127.0.0.1:9"), auth.ErrHost, 0},
		{"allowed host and a path", with("jwks_host", issuer.Host()+"/x"), auth.ErrHost, 0},
		{"allowed host as user of another", with("jwks_host", issuer.Host()+"@evil.example"), auth.ErrHost, 0},
		{"allowed host without its port", with("jwks_host", "127.0.0.1"), auth.ErrHost, 0},
		{"allowed host and a blank", with("jwks_host", issuer.Host()+" "), auth.ErrHost, 0},
		{"unknown kid", "Bearer " + wrongToken(t, issuer, authtest.UnknownKID, nil), auth.ErrKeyID, 1},
		{"signed with another key", "Bearer " + wrongToken(t, issuer, authtest.OtherKey, nil), auth.ErrSignature, 1},
		{"no signature", "Bearer " + good[:strings.LastIndexByte(good, '.')+1], auth.ErrSignature, 1},
		{"another audience", with("aud", "https://other.example"), auth.ErrAudience, 1},
		{"no key", with("key", absent), auth.ErrNoKey, 1},
		{"blank key", with("key", "  "), auth.ErrNoKey, 1},
		{"null key", with("key", nil), auth.ErrNoKey, 1},
		{"key that is a number", with("key", 17), auth.ErrNoKey, 1},
		{"key by another case of the claim's name", with("Key", "another"), nil, 1},
		{"good", "Bearer " + good, nil, 1},
		{"scheme in lower case", "bearer " + good, nil, 1},
		{"scheme in capitals, blanks", "  BEARER \t " + good + " ", nil, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRelay(issuer)
			got, err := r.Verify(context.Background(), test.header, relayURL)
			if !errors.Is(err, test.want) {
				t.Errorf("%s: got %v, %v, want error %v", test.name, got, err, test.want)
			}
			if want := (auth.Claims{}); test.want != nil && got != want {
				t.Errorf("%s: got %v beside an error, want %v", test.name, got, want)
			}
			if test.want == nil && got.Key != pulsedive {
				t.Errorf("%s: got key %q, want %q", test.name, got.Key, pulsedive)
			}
			r.wantFetches(t, test.name, test.fetches)
		})
	}
}

// A token with every fault, mended one after the other: the faults are told in the order of the contract's table.
func TestOrderOfFaults(t *testing.T) {
	t.Parallel()
	by := newIssuer(t)
	by.SetDown(true)
	r := newRelay(by)
	changes := map[string]any{
		"jwks_host": absent, "aud": "https://other.example", "exp": "soon", "nbf": start.Unix() + 3600, "key": absent,
	}
	kind := authtest.UnknownKID
	steps := []struct {
		fault string
		want  error
		mend  func()
	}{
		{"no jwks_host", auth.ErrNoHost, func() { changes["jwks_host"] = "evil.example" }},
		{"host not allowed", auth.ErrHost, func() { changes["jwks_host"] = by.Host() }},
		{"host down", auth.ErrHost, func() { by.SetDown(false); r = newRelay(by) }},
		{"unknown kid", auth.ErrKeyID, func() { kind = authtest.OtherKey }},
		{"another key", auth.ErrSignature, func() { kind = "" }},
		{"another audience", auth.ErrAudience, func() { changes["aud"] = relayURL }},
		{"malformed exp", auth.ErrStructure, func() { changes["exp"] = start.Unix() - 3600 }},
		{"expired", auth.ErrExpired, func() { changes["exp"] = absent }},
		{"not yet valid", auth.ErrNotYetValid, func() { changes["nbf"] = absent }},
		{"no key", auth.ErrNoKey, func() { changes["key"] = pulsedive }},
		{"nothing wrong", nil, func() {}},
	}
	for _, step := range steps {
		token := ""
		if kind == "" {
			token = tokenOf(t, by, changes)
		} else {
			token = wrongToken(t, by, kind, changes)
		}
		r.wants(t, step.fault, token, step.want)
		step.mend()
	}
}

// Every sentinel can be told from the others.
func TestErrorsDiffer(t *testing.T) {
	t.Parallel()
	all := []error{
		auth.ErrNoHeader, auth.ErrScheme, auth.ErrStructure, auth.ErrNoHost, auth.ErrHost, auth.ErrKeyID,
		auth.ErrSignature, auth.ErrAudience, auth.ErrExpired, auth.ErrNotYetValid, auth.ErrNoKey,
	}
	texts := map[string]bool{}
	for _, err := range all {
		texts[err.Error()] = true
	}
	if len(texts) != len(all) {
		t.Errorf("texts of the errors: got %d different ones, want %d", len(texts), len(all))
	}
}
