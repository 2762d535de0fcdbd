package auth_test

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"pulsedive-relay/relay/auth"
)

func TestAudiences(t *testing.T) {
	t.Parallel()
	two := []string{relayURL, "https://Second.Example/Relay/"}
	tests := []struct {
		name       string
		configured []string
		asked      string
		aud        any
		want       string // the audience of the claims; empty: refused
	}{
		{"address that was asked", nil, relayURL, relayURL, relayURL},
		{"slash in the token", nil, relayURL, relayURL + "/", relayURL},
		{"slash in the address", nil, relayURL + "/", relayURL, relayURL},
		{"capitals in the token", nil, relayURL, "HTTPS://Relay.Example", relayURL},
		{"capitals in the address", nil, "HTTPS://RELAY.example", relayURL, relayURL},
		{"list", nil, relayURL, []string{"https://other.example", relayURL}, relayURL},
		{"list of anything", nil, relayURL, []any{1, nil, relayURL}, relayURL},
		{"another host", nil, relayURL, "https://other.example", ""},
		{"another scheme", nil, relayURL, "http://relay.example", ""},
		{"another port", nil, relayURL, relayURL + ":8443", ""},
		{"default port in the token", nil, relayURL, relayURL + ":443/", relayURL},
		{"default port in the address", nil, relayURL + ":443", relayURL, relayURL},
		{"default port of http", nil, "http://relay.example", "http://relay.example:80", "http://relay.example"},
		{"default port before a path", []string{relayURL + ":443/x"}, "", relayURL + "/x", relayURL + "/x"},
		{"default port of the other scheme", nil, relayURL, relayURL + ":80", ""},
		{"default port of an address in brackets", nil, "https://[2001:db8::1]", "https://[2001:DB8::1]:443", "https://[2001:db8::1]"},
		{"the end of an address without brackets", nil, "https://2001:db8:", "https://2001:db8::443", ""},
		{"a longer host", nil, relayURL, relayURL + ".evil.example", ""},
		{"a path more", nil, relayURL, relayURL + "/x", ""},
		{"list without it", nil, relayURL, []string{"https://other.example"}, ""},
		{"empty list", nil, relayURL, []string{}, ""},
		{"absent", nil, relayURL, absent, ""},
		{"null", nil, relayURL, nil, ""},
		{"empty", nil, relayURL, "", ""},
		{"number", nil, relayURL, 7, ""},
		{"empty, and no address", nil, "", "", ""},
		{"slash, and no address", nil, "", "/", ""},
		{"slash, and slash as address", nil, "/", "/", ""},
		{"first of the configured", two, "https://whatever.example", relayURL, relayURL},
		{"second of the configured", two, "", "https://second.example/Relay", "https://second.example/Relay"},
		{"path in another case", two, "", "https://second.example/relay", ""},
		{"asked, and others configured", two, "https://asked.example", "https://asked.example", ""},
		{"blank ones configured", []string{"", " "}, relayURL, relayURL, relayURL},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRelay(issuer, func(config *auth.Config) { config.Audiences = test.configured })
			header := "Bearer " + tokenOf(t, issuer, map[string]any{"aud": test.aud})
			for _, when := range []string{"first", "remembered"} {
				got, err := r.Verify(context.Background(), header, test.asked)
				if got.Audience != test.want || errors.Is(err, auth.ErrAudience) != (test.want == "") {
					t.Errorf("aud %v at %q, %v configured, %s: got %q, %v, want %q",
						test.aud, test.asked, test.configured, when, got.Audience, err, test.want)
				}
			}
		})
	}
}

// Hosts of the allow list are compared without regard to case, and a relay without any accepts nothing.
func TestAllowList(t *testing.T) {
	t.Parallel()
	set := published(t, issuer)
	tests := []struct {
		name    string
		allowed []string
		claim   string
		want    error
	}{
		{"as listed", []string{"keys.example"}, "keys.example", nil},
		{"capitals in the token", []string{"keys.example"}, "KEYS.Example", nil},
		{"capitals and blanks in the list", []string{" Keys.Example "}, "keys.example", nil},
		{"second of two, with port", []string{"a.example", "keys.example:8443"}, "keys.example:8443", nil},
		{"port that is not listed", []string{"keys.example"}, "keys.example:8443", auth.ErrHost},
		{"host without the listed port", []string{"keys.example:8443"}, "keys.example", auth.ErrHost},
		{"a host below", []string{"keys.example"}, "x.keys.example", auth.ErrHost},
		{"a longer host", []string{"keys.example"}, "keys.example.evil.example", auth.ErrHost},
		{"empty list", nil, "keys.example", auth.ErrHost},
		{"list of blanks", []string{"", " "}, "keys.example", auth.ErrHost},
	}
	for _, test := range tests {
		r := relayOver(answering(http.StatusOK, set), "", func(config *auth.Config) { config.Hosts = test.allowed })
		r.wants(t, test.name, tokenOf(t, issuer, map[string]any{"jwks_host": test.claim}), test.want)
		fetched := int64(1)
		if test.want != nil {
			fetched = 0
		}
		r.wantFetches(t, test.name, fetched)
	}
}
