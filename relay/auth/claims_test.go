package auth_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"testing"

	"pulsedive-relay/relay/auth"
)

func TestEntitiesLimit(t *testing.T) {
	t.Parallel()
	raw := func(number string) any { return json.Number(number) }
	tests := []struct {
		name  string
		claim any
		want  int
	}{
		{"absent", absent, 0},
		{"number", 7, 7},
		{"numeric string", "7", 7},
		{"numeric string with blanks", " 7 ", 7},
		{"one", 1, 1},
		{"zero", 0, 0},
		{"negative", -3, 0},
		{"negative string", "-3", 0},
		{"fraction", 1.5, 0},
		{"fraction string", "1.5", 0},
		{"word", "x", 0},
		{"empty string", "", 0},
		{"hexadecimal string", "0x10", 0},
		{"string with underscore", "1_000", 0},
		{"true", true, 0},
		{"null", nil, 0},
		{"list", []int{7}, 0},
		{"object", map[string]int{"a": 7}, 0},
		{"beyond a float", raw("1e400"), 0},
		{"beyond 32 bits", raw("2147483648"), math.MaxInt32},
		{"beyond 64 bits", raw("99999999999999999999"), math.MaxInt32},
		{"400 digits", strings.Repeat("9", 400), math.MaxInt32},
		{"far below zero", raw("-99999999999999999999"), 0},
	}
	r := newRelay(issuer)
	for _, test := range tests {
		got, err := r.ask(tokenOf(t, issuer, map[string]any{"CTR_ENTITIES_LIMIT": test.claim}))
		if err != nil || got.EntitiesLimit != test.want {
			t.Errorf("limit %s (%v): got %d, %v, want %d", test.name, test.claim, got.EntitiesLimit, err, test.want)
		}
	}
}

func TestClaims(t *testing.T) {
	t.Parallel()
	got, err := newRelay(issuer).ask(tokenOf(t, issuer, map[string]any{"CTR_ENTITIES_LIMIT": 5, "aud": relayURL + "/"}))
	want := auth.Claims{Key: pulsedive, EntitiesLimit: 5, Audience: relayURL, Host: issuer.Host()}
	if err != nil || got != want {
		t.Errorf("claims of a good token: got %v, key as wanted: %t, %v, want %v", got, got.Key == want.Key, err, want)
	}
}

// However claims are shown, the key is not.
func TestKeyIsNeverShown(t *testing.T) {
	t.Parallel()
	const secret = "s3cr3t-k3y"
	claims := auth.Claims{Key: secret, EntitiesLimit: 5, Audience: relayURL, Host: "keys.example"}
	type around struct {
		Claims  auth.Claims
		Pointer *auth.Claims
	}
	values := []any{
		claims, &claims,
		[]auth.Claims{claims},
		map[string]auth.Claims{"a": claims},
		around{claims, &claims},
		fmt.Errorf("with %v", claims),
	}
	var shown bytes.Buffer
	for _, value := range values {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%T"} {
			fmt.Fprintf(&shown, verb+"\n", value)
		}
		fmt.Fprintln(&shown, value)
		slog.New(slog.NewTextHandler(&shown, nil)).Info("text", "claims", value)
		slog.New(slog.NewJSONHandler(&shown, nil)).Info("json", "claims", value)
	}
	for _, value := range values[:5] {
		encoded, err := json.Marshal(value)
		if err != nil {
			t.Fatalf("encoding %T: %v", value, err)
		}
		shown.Write(encoded)
	}
	for _, form := range []string{secret, fmt.Sprintf("%x", secret), fmt.Sprintf("%X", secret)} {
		if got := shown.String(); strings.Contains(got, form) {
			t.Errorf("claims in every form: got one with %q, want none:\n%s", form, got)
		}
	}
	if got, want := claims.String(), "{Key:[redacted] EntitiesLimit:5 Audience:https://relay.example Host:keys.example}"; got != want {
		t.Errorf("claims as a string: got %s, want %s", got, want)
	}
}

// No error and no log line tells what is in a token, not even the one about a host that was put where the key belongs.
func TestErrorsTellNothingOfTheToken(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	r := newRelay(issuer, func(config *auth.Config) { config.Log = slog.New(slog.NewJSONHandler(&log, nil)) })
	const marked = "m4rk3d"
	good := tokenOf(t, issuer, map[string]any{"key": marked})
	headers := []string{
		"Basic " + marked, marked, "Bearer " + marked, "Bearer " + marked + "." + marked + "." + marked, "Bearer " + good + " x",
		"Bearer " + good[:len(good)-4], "Bearer " + strings.Repeat(marked, 3000),
		"Bearer " + tokenOf(t, issuer, map[string]any{"jwks_host": marked}),
		"Bearer " + tokenOf(t, issuer, map[string]any{"aud": marked, "key": marked}),
		"Bearer " + tokenOf(t, issuer, map[string]any{"exp": marked, "key": marked}),
		"Bearer " + tokenOf(t, issuer, map[string]any{"exp": 1, "key": marked}),
		"Bearer " + tokenOf(t, issuer, map[string]any{"nbf": 4102444800, "key": marked}),
		"Bearer " + wrongToken(t, issuer, "other-key", map[string]any{"key": marked}),
		"Bearer " + wrongToken(t, issuer, "unknown-kid", map[string]any{"key": marked}),
	}
	for _, header := range headers {
		_, err := r.Verify(t.Context(), header, relayURL)
		if err == nil {
			t.Errorf("a faulty header: got no error, want one")
			continue
		}
		for _, part := range strings.FieldsFunc(header, func(c rune) bool { return c == ' ' || c == '.' }) {
			if len(part) > 1 && part != "Bearer" && strings.Contains(err.Error(), part) {
				t.Errorf("error of a faulty header: got %q, want none of the header in it", err)
			}
		}
		if strings.Contains(err.Error(), marked) {
			t.Errorf("error of a faulty header: got %q, want none of the claims in it", err)
		}
	}
	if got := log.String(); strings.Contains(got, marked) || !strings.Contains(got, "keys fetched") {
		t.Errorf("log: got %s, want word of the fetch and none of the claims", got)
	}
}
