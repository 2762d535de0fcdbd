package relay

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"pulsedive-relay/relay/auth"
	"pulsedive-relay/relay/pulsedive"
)

// What a caller sees of each error, however it is wrapped.
func TestErrorsThatCallersSee(t *testing.T) {
	t.Parallel()
	const module = "Make sure custom_jwks_host field is present in module_type"
	limit := &pulsedive.LimitError{StatusError: pulsedive.StatusError{Status: 429, Reason: "Too Many Requests", Message: "No more."}, Period: pulsedive.Day}
	for _, c := range []struct {
		err           error
		code, message string
	}{
		{auth.ErrNoHeader, "authorization error", "Authorization failed: Authorization header is missing"},
		{auth.ErrScheme, "authorization error", "Authorization failed: Wrong authorization type"},
		{auth.ErrStructure, "authorization error", "Authorization failed: Wrong JWT structure"},
		{auth.ErrNoHost, "authorization error", "Authorization failed: jwks_host is missing in JWT payload. " + module},
		{auth.ErrHost, "authorization error", "Authorization failed: Wrong jwks_host in JWT payload. Make sure domain follows the visibility.<region>.cisco.com structure"},
		{auth.ErrKeyID, "authorization error", "Authorization failed: kid from JWT header not found in API response"},
		{auth.ErrSignature, "authorization error", "Authorization failed: Failed to decode JWT with provided key. Make sure domain in custom_jwks_host corresponds to your SecureX instance region."},
		{auth.ErrAudience, "authorization error", "Authorization failed: Wrong configuration-token-audience"},
		{auth.ErrNoKey, "authorization error", "Authorization failed: Wrong JWT payload structure"},
		{auth.ErrExpired, "authorization error", "Authorization failed: The JWT has expired"},
		{auth.ErrNotYetValid, "authorization error", "Authorization failed: The JWT is not valid yet. Compare the clock of the relay's host"},
		{pulsedive.ErrShape, "key error", "The data structure of Pulsedive API has changed. The module is broken."},
		{pulsedive.ErrNotJSON, "invalid response", "Pulsedive answered with something that is no JSON."},
		{pulsedive.ErrTooLarge, "invalid response", "Pulsedive's answer is larger than 10 MiB."},
		{pulsedive.ErrTimeout, "timeout", "Pulsedive took too long to answer."},
		{pulsedive.ErrConnection, "connection error", "Pulsedive could not be reached."},
		{&pulsedive.StatusError{Status: 500, Reason: "Internal Server Error", Message: "Database error."}, "internal server error", "Database error."},
		{&pulsedive.StatusError{Status: 503, Reason: "Service Unavailable"}, "service unavailable", "The Pulsedive API error."},
		{&pulsedive.StatusError{Status: 599}, "unknown", "The Pulsedive API error."},
		{limit, "too many requests", "No more."},
		{&pulsedive.CertificateError{Reason: "certificate has expired"}, "unknown", "Unable to verify SSL certificate: certificate has expired"},
		{&pulsedive.UnavailableError{Until: time.Date(2026, 1, 2, 3, 4, 5, 0, time.FixedZone("", 3600))}, "connection error", "Pulsedive failed too often in a row and is left alone until 02:04:05 UTC."},
		{Error{Fatal, "x", "y"}, "x", "y"},
		{errors.New("secret"), "unknown", errUnknown.Message},
		{context.DeadlineExceeded, "unknown", errUnknown.Message},
		{&pulsedive.PanicError{Value: "secret"}, "unknown", errUnknown.Message},
	} {
		want := Error{Fatal, c.code, c.message}
		for _, err := range []error{c.err, fmt.Errorf("asking: %w", c.err), errors.Join(errors.New("secret"), c.err)} {
			if got := errorFor(err); got != want {
				t.Errorf("%v: callers see\n %+v, want\n %+v", err, got, want)
			}
		}
	}
}

func TestLimitWithoutMessage(t *testing.T) {
	t.Parallel()
	if got := limitText(&pulsedive.LimitError{}); got != "Too Many Requests." {
		t.Errorf("a limit that says nothing: %q, want Too Many Requests.", got)
	}
}
