package auth

import (
	"errors"
	"fmt"
	"strings"

	"github.com/golang-jwt/jwt/v5"
)

// maxHeader bounds an Authorization header, in bytes; XDR's have about 1 KiB.
const maxHeader = 16 << 10

// bearer takes the token out of an Authorization header's value.
func bearer(header string) (string, error) {
	if len(header) > maxHeader {
		return "", fmt.Errorf("%w: header of %d bytes", ErrStructure, len(header))
	}
	header = strings.TrimSpace(header)
	if header == "" {
		return "", ErrNoHeader
	}
	scheme, token := header, ""
	if blank := strings.IndexAny(header, " \t"); blank >= 0 {
		scheme, token = header[:blank], strings.TrimSpace(header[blank:])
	}
	switch {
	case !strings.EqualFold(scheme, "Bearer"):
		return "", ErrScheme
	case token == "":
		return "", fmt.Errorf("%w: no token", ErrStructure)
	}
	return token, nil
}

// newParser parses tokens for their signature only: times and audience are checked by grant.claims, in one place for
// tokens that are new and tokens that are remembered. Numbers stay as written, so that one too large spoils no token.
func newParser() *jwt.Parser {
	return jwt.NewParser(jwt.WithValidMethods([]string{jwt.SigningMethodRS256.Alg()}), jwt.WithJSONNumber(),
		jwt.WithStrictDecoding(), jwt.WithoutClaimsValidation())
}

// address finds where the key of a token is said to be. Nothing that it returns is verified.
func address(parser *jwt.Parser, token string) (host, kid string, err error) {
	if strings.ContainsAny(token, "\r\n") { // the one thing that base64 reads over
		return "", "", ErrStructure
	}
	claims := jwt.MapClaims{}
	parsed, _, err := parser.ParseUnverified(token, claims)
	if err != nil && !errors.Is(err, jwt.ErrTokenUnverifiable) { // that one is an unknown algorithm: for later
		return "", "", ErrStructure // no detail: it would quote the token
	}
	host, ok := text(claims["jwks_host"])
	if !ok {
		return "", "", ErrNoHost
	}
	kid, _ = text(parsed.Header["kid"])
	return host, kid, nil
}
