package auth

import (
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// leeway is by how much the issuer's clock and ours may differ (contract: where this relay answers better).
const leeway = 60 * time.Second

// The bounds of a token that states none; a time beyond them counts as they do.
var (
	earliest = time.Time{}
	latest   = time.Date(9999, time.December, 31, 0, 0, 0, 0, time.UTC)
)

// grant is what a token with a good signature says, before it is held against a request. It does not change.
type grant struct {
	host, kid string
	signer    *rsa.PublicKey // the key that verified it

	audiences     []string // canonical
	begins, ends  time.Time
	untimely      bool   // a time is no number
	key           string // empty: none
	entitiesLimit int
}

// verify checks a token's signature against the key that host publishes under kid, and reads its claims.
func verify(parser *jwt.Parser, token, host, kid string, signer *rsa.PublicKey) (*grant, error) {
	claims := jwt.MapClaims{}
	_, err := parser.ParseWithClaims(token, claims, func(*jwt.Token) (any, error) { return signer, nil })
	if err != nil {
		return nil, ErrSignature // a token that parses fails for nothing else
	}
	g := &grant{
		host: host, kid: kid, signer: signer,
		audiences:     audiences(claims["aud"]),
		entitiesLimit: entitiesLimit(claims["CTR_ENTITIES_LIMIT"]),
	}
	if key, ok := text(claims["key"]); ok {
		g.key = key
	}
	g.ends = g.moment(claims, "exp", latest)
	g.begins = g.moment(claims, "nbf", earliest)
	if issued := g.moment(claims, "iat", earliest); issued.After(g.begins) {
		g.begins = issued
	}
	return g, nil
}

// moment reads a claim that is a time, in seconds since 1970, where the token has it.
func (g *grant) moment(claims jwt.MapClaims, name string, absent time.Time) time.Time {
	claim, ok := claims[name]
	if !ok {
		return absent
	}
	number, _ := claim.(json.Number)
	seconds, err := number.Float64()
	if err != nil {
		g.untimely = true
		return absent
	}
	seconds = min(max(seconds, float64(earliest.Unix())), float64(latest.Unix()))
	whole, part := math.Modf(seconds)
	return time.Unix(int64(whole), int64(part*float64(time.Second)))
}

// claims holds the grant against a request at a time. The order is the one in which the contract's table is tried.
func (g *grant) claims(now time.Time, accepted []string) (Claims, error) {
	match := slices.IndexFunc(g.audiences, func(one string) bool { return slices.Contains(accepted, one) })
	switch {
	case match < 0:
		return Claims{}, ErrAudience
	case g.untimely:
		return Claims{}, fmt.Errorf("%w: a time is no number", ErrStructure)
	case !now.Before(g.ends.Add(leeway)):
		return Claims{}, ErrExpired
	case now.Before(g.begins.Add(-leeway)):
		return Claims{}, ErrNotYetValid
	case g.key == "":
		return Claims{}, ErrNoKey
	}
	return Claims{Key: g.key, EntitiesLimit: g.entitiesLimit, Audience: g.audiences[match], Host: g.host}, nil
}
