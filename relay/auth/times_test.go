package auth_test

import (
	"encoding/json"
	"testing"
	"time"

	"pulsedive-relay/relay/auth"
)

// The edges of exp, nbf and iat, 60 s apart from the clock, told alike when the token is new and when it is known.
func TestTimes(t *testing.T) {
	t.Parallel()
	at := func(seconds int64) any { return start.Unix() + seconds }
	raw := func(number string) any { return json.Number(number) }
	tests := []struct {
		name, claim string
		value       any
		want        error
	}{
		{"no exp", "exp", absent, nil},
		{"exp ahead", "exp", at(3600), nil},
		{"exp 59 s ago", "exp", at(-59), nil},
		{"exp 60 s ago", "exp", at(-60), auth.ErrExpired},
		{"exp 59.5 s ago", "exp", float64(start.Unix()) - 59.5, nil},
		{"exp long ago", "exp", 1, auth.ErrExpired},
		{"exp zero", "exp", 0, auth.ErrExpired},
		{"exp negative", "exp", -1, auth.ErrExpired},
		{"exp before all times", "exp", raw("-1e300"), auth.ErrExpired},
		{"exp at the zero time", "exp", time.Time{}.Unix(), auth.ErrExpired},
		{"exp after all times", "exp", raw("1e300"), nil},
		{"exp beyond 64 bits", "exp", raw("9223372036854775808"), nil},
		{"exp beyond a float", "exp", raw("1e400"), auth.ErrStructure},
		{"exp that is a numeric string", "exp", "4102444800", auth.ErrStructure},
		{"exp null", "exp", nil, auth.ErrStructure},
		{"exp true", "exp", true, auth.ErrStructure},
		{"exp list", "exp", []int{4102444800}, auth.ErrStructure},
		{"nbf past", "nbf", at(-3600), nil},
		{"nbf 60 s ahead", "nbf", at(60), nil},
		{"nbf 61 s ahead", "nbf", at(61), auth.ErrNotYetValid},
		{"nbf after all times", "nbf", raw("1e300"), auth.ErrNotYetValid},
		{"nbf malformed", "nbf", "x", auth.ErrStructure},
		{"iat past", "iat", at(-3600), nil},
		{"iat 60 s ahead", "iat", at(60), nil},
		{"iat 61 s ahead", "iat", at(61), auth.ErrNotYetValid},
		{"iat malformed", "iat", map[string]int{}, auth.ErrStructure},
	}
	r := newRelay(issuer)
	for _, test := range tests {
		token := tokenOf(t, issuer, map[string]any{test.claim: test.value})
		r.wants(t, test.name, token, test.want)
		r.wants(t, test.name+", again", token, test.want)
	}
}

// Of nbf and iat the later one counts, whichever it is.
func TestLaterBeginning(t *testing.T) {
	t.Parallel()
	early, late := start.Unix(), start.Unix()+3600
	for _, changes := range []map[string]any{{"nbf": early, "iat": late}, {"nbf": late, "iat": early}} {
		r := newRelay(issuer)
		token := tokenOf(t, issuer, changes)
		r.wants(t, "one of nbf and iat an hour ahead", token, auth.ErrNotYetValid)
		r.clock.move(time.Hour - 61*time.Second)
		r.wants(t, "61 s before the later one", token, auth.ErrNotYetValid)
		r.clock.move(time.Second)
		r.wants(t, "60 s before the later one", token, nil)
	}
}
