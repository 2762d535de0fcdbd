package auth

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
)

// Claims is what an accepted token says. Printed, logged or encoded, it does not show the key.
type Claims struct {
	// Key is the caller's own Pulsedive API key (contract: token, claim key); never empty.
	Key string `json:"-"`
	// EntitiesLimit bounds the entities of an answer (contract: token, claim CTR_ENTITIES_LIMIT). 0: not stated, or
	// stated as something that is no positive integer. At most math.MaxInt32.
	EntitiesLimit int
	// Audience is the address that token and relay agree on, without trailing slash (contract: token, claim aud).
	Audience string
	// Host is the key host as the allow list has it, in lower case (contract: token, claim jwks_host).
	Host string
}

// String tells the claims without the key.
func (c Claims) String() string {
	return fmt.Sprintf("{Key:[redacted] EntitiesLimit:%d Audience:%s Host:%s}", c.EntitiesLimit, c.Audience, c.Host)
}

// Format prints String for every verb, where package fmt by itself would print the fields for some. It does not ask for
// %p and %w, which go vet refuses here.
func (c Claims) Format(state fmt.State, _ rune) { _, _ = state.Write([]byte(c.String())) }

// LogValue is what a log shows of the claims: all but the key.
func (c Claims) LogValue() slog.Value {
	return slog.GroupValue(
		slog.Int("entities_limit", c.EntitiesLimit), slog.String("audience", c.Audience), slog.String("host", c.Host))
}

// entitiesLimit reads CTR_ENTITIES_LIMIT: a number, or a text that is one. Whatever is not written as a positive
// integer is 0, and what exceeds 32 bits is the largest that fits.
func entitiesLimit(claim any) int {
	var digits string
	switch claim := claim.(type) {
	case json.Number:
		digits = claim.String()
	case string:
		digits = strings.TrimSpace(claim)
	}
	limit, _ := strconv.ParseInt(digits, 10, 32) // beyond its range: the bound; no integer: 0
	return max(int(limit), 0)
}

// text reads a claim that has to be a string and not blank; ok is false where it is not.
func text(claim any) (value string, ok bool) {
	value, _ = claim.(string)
	return value, strings.TrimSpace(value) != ""
}
