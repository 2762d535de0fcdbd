package relay

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"pulsedive-relay/relay/auth"
	"pulsedive-relay/relay/ctim"
	"pulsedive-relay/relay/pulsedive"
)

// The types of error that Cisco XDR knows and this relay uses.
const (
	// Fatal: what the error is about has no answer.
	Fatal = "fatal"
	// Warning: the answer stands, but is less than it could be.
	Warning = "warning"
)

// The codes of errors that are the relay's own. A fault that Pulsedive answered
// with has the phrase of its HTTP status as code.
const (
	codeInvalid    = "invalid argument"
	codeAuth       = "authorization error"
	codeKey        = "key error"
	codeUnknown    = "unknown"
	codeConnection = "connection error"
	codeTimeout    = "timeout"
	codeResponse   = "invalid response"
	codeTooMany    = "too many requests"
	codeTooMuch    = "answer too large"
	codeWatchdog   = "health check failed"
	codeLeft       = "caller left"
	codeCancelled  = "cancelled"
)

// Error is one error as a caller sees it. None holds a key, a token, or the
// address that Pulsedive was asked at.
type Error struct {
	Type    string `json:"type"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

func (e Error) Error() string { return e.Code + ": " + e.Message }

var (
	errWatchdog = Error{Fatal, codeWatchdog, "Invalid Health Check"}
	errInWork   = Error{Fatal, codeTooMany, fmt.Sprintf("The relay has %d requests in work, as many as it takes. Try again in a moment.", MaxInWork)}
	errTooMuch  = Error{Warning, codeTooMuch, fmt.Sprintf("The answer would be larger than %d MiB: not all observables are in it. Ask about fewer at once, or with a lower entities limit.", maxAnswer>>20)}
	errTooLong  = Error{Fatal, codeInvalid, fmt.Sprintf("The request body is larger than %d MiB.", maxBody>>20)}
	errSlowBody = Error{Fatal, codeInvalid, "The request body did not arrive as a whole."}
	errLeft     = Error{Fatal, codeLeft, "The caller hung up before there was an answer."}
	errUnknown  = Error{Fatal, codeUnknown, "The relay could not answer for a reason of its own. Its log has more under the request's id."}
)

// known is what callers see of the errors that have a name. Texts of the token's
// faults are the contract's, but for the last two: the relay before this one had
// no answer for them.
var known = []struct {
	is            error
	code, message string
}{
	{auth.ErrNoHeader, codeAuth, "Authorization header is missing"},
	{auth.ErrScheme, codeAuth, "Wrong authorization type"},
	{auth.ErrStructure, codeAuth, "Wrong JWT structure"},
	{auth.ErrNoHost, codeAuth, "jwks_host is missing in JWT payload. Make sure custom_jwks_host field is present in module_type"},
	{auth.ErrHost, codeAuth, "Wrong jwks_host in JWT payload. Make sure domain follows the visibility.<region>.cisco.com structure"},
	{auth.ErrKeyID, codeAuth, "kid from JWT header not found in API response"},
	{auth.ErrSignature, codeAuth, "Failed to decode JWT with provided key. Make sure domain in custom_jwks_host corresponds to your SecureX instance region."},
	{auth.ErrAudience, codeAuth, "Wrong configuration-token-audience"},
	{auth.ErrNoKey, codeAuth, "Wrong JWT payload structure"},
	{auth.ErrExpired, codeAuth, "The JWT has expired"},
	{auth.ErrNotYetValid, codeAuth, "The JWT is not valid yet. Compare the clock of the relay's host"},

	{pulsedive.ErrShape, codeKey, "The data structure of Pulsedive API has changed. The module is broken."},
	{pulsedive.ErrNotJSON, codeResponse, "Pulsedive answered with something that is no JSON."},
	{pulsedive.ErrTooLarge, codeResponse, fmt.Sprintf("Pulsedive's answer is larger than %d MiB.", pulsedive.MaxAnswer>>20)},
	{pulsedive.ErrTimeout, codeTimeout, "Pulsedive took too long to answer."},
	{pulsedive.ErrConnection, codeConnection, "Pulsedive could not be reached."},
}

// errorFor is the one place where errors become what callers see. Whatever has
// no name here is unknown, and says nothing of its text.
func errorFor(err error) Error {
	var own Error
	var payload *payloadError
	var status *pulsedive.StatusError
	var certificate *pulsedive.CertificateError
	var unavailable *pulsedive.UnavailableError
	switch {
	case errors.As(err, &own):
		return own
	case errors.As(err, &payload):
		return Error{Fatal, codeInvalid, "Invalid JSON payload received. " + payload.faults}
	case errors.As(err, &status):
		return statusError(status)
	case errors.As(err, &certificate):
		return Error{Fatal, codeUnknown, "Unable to verify SSL certificate: " + certificate.Reason}
	case errors.As(err, &unavailable):
		return Error{Fatal, codeConnection, "Pulsedive failed too often in a row and is left alone until " + unavailable.Until.UTC().Format(time.TimeOnly) + " UTC."}
	}
	for _, k := range known {
		if !errors.Is(err, k.is) {
			continue
		}
		if k.code == codeAuth {
			return Error{Fatal, codeAuth, "Authorization failed: " + k.message}
		}
		return Error{Fatal, k.code, k.message}
	}
	return errUnknown
}

func statusError(e *pulsedive.StatusError) Error {
	message, code := e.Message, strings.ToLower(e.Reason)
	if message == "" {
		message = "The Pulsedive API error."
	}
	if code == "" {
		code = codeUnknown
	}
	return Error{Fatal, code, message}
}

// limitText is what a limit says of itself.
func limitText(e *pulsedive.LimitError) string {
	if e.Message == "" {
		return http.StatusText(http.StatusTooManyRequests) + "."
	}
	return e.Message
}

// appendErrors appends the member errors of an answer, a list.
func appendErrors(b []byte, list []Error) []byte {
	b = append(b, '[')
	for i, e := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = ctim.AppendString(append(b, `{"type":`...), e.Type)
		b = ctim.AppendString(append(b, `,"code":`...), e.Code)
		b = ctim.AppendString(append(b, `,"message":`...), e.Message)
		b = append(b, '}')
	}
	return append(b, ']')
}
