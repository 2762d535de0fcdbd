package auth_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net/http"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"pulsedive-relay/relay/auth"
)

const (
	ownHost = "keys.example"
	ownKID  = "own"
)

// encoded is an integer as key sets have it.
func encoded(n *big.Int) string { return base64.RawURLEncoding.EncodeToString(n.Bytes()) }

// keySetOf publishes RSA keys, each with the members that its entry in more adds or replaces.
func keySetOf(tb testing.TB, key *rsa.PublicKey, more ...map[string]any) string {
	tb.Helper()
	keys := make([]map[string]any, 0, len(more))
	for _, members := range more {
		one := map[string]any{"kty": "RSA", "kid": ownKID, "n": encoded(key.N), "e": encoded(big.NewInt(int64(key.E)))}
		for name, value := range members {
			one[name] = value
		}
		keys = append(keys, one)
	}
	set, err := json.Marshal(map[string]any{"keys": keys})
	if err != nil {
		tb.Fatalf("encoding a key set: %v", err)
	}
	return string(set)
}

// ownToken is a token of ownHost, signed as told.
func ownToken(tb testing.TB, method jwt.SigningMethod, key any, header map[string]any) string {
	tb.Helper()
	token := jwt.NewWithClaims(method, jwt.MapClaims(claimsOf(ownHost, nil)))
	token.Header["kid"] = ownKID
	for name, value := range header {
		token.Header[name] = value
	}
	signed, err := token.SignedString(key)
	if err != nil {
		tb.Fatalf("signing with %s: %v", method.Alg(), err)
	}
	return signed
}

// A token that chooses another algorithm is refused, whatever key it takes for it.
func TestAlgorithms(t *testing.T) {
	t.Parallel()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatalf("making a key: %v", err)
	}
	pkix, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatalf("encoding the public key: %v", err)
	}
	pkcs1 := x509.MarshalPKCS1PublicKey(&key.PublicKey)
	armoured := func(kind string, der []byte) []byte { return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}) }
	set := keySetOf(t, &key.PublicKey, map[string]any{})
	tests := []struct {
		name, token string
		want        error
	}{
		{"RS256", ownToken(t, jwt.SigningMethodRS256, key, nil), nil},
		{"RS384", ownToken(t, jwt.SigningMethodRS384, key, nil), auth.ErrSignature},
		{"RS512", ownToken(t, jwt.SigningMethodRS512, key, nil), auth.ErrSignature},
		{"PS256", ownToken(t, jwt.SigningMethodPS256, key, nil), auth.ErrSignature},
		{"none", ownToken(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, nil), auth.ErrSignature},
		{"HS256 with PKIX PEM", ownToken(t, jwt.SigningMethodHS256, armoured("PUBLIC KEY", pkix), nil), auth.ErrSignature},
		{"HS256 with PKCS1 PEM", ownToken(t, jwt.SigningMethodHS256, armoured("RSA PUBLIC KEY", pkcs1), nil), auth.ErrSignature},
		{"HS256 with DER", ownToken(t, jwt.SigningMethodHS256, pkix, nil), auth.ErrSignature},
		{"HS256 with modulus", ownToken(t, jwt.SigningMethodHS256, key.N.Bytes(), nil), auth.ErrSignature},
		{"HS256 with key set", ownToken(t, jwt.SigningMethodHS256, []byte(set), nil), auth.ErrSignature},
		{"unknown algorithm", ownToken(t, jwt.SigningMethodRS256, key, map[string]any{"alg": "XS256"}), auth.ErrSignature},
		{"rs256", ownToken(t, jwt.SigningMethodRS256, key, map[string]any{"alg": "rs256"}), auth.ErrSignature},
		{"algorithm that is no string", ownToken(t, jwt.SigningMethodRS256, key, map[string]any{"alg": 256}), auth.ErrSignature},
		{"key in the header", ownToken(t, jwt.SigningMethodRS384, key, map[string]any{"jwk": json.RawMessage(set)}), auth.ErrSignature},
		{"null kid", ownToken(t, jwt.SigningMethodRS256, key, map[string]any{"kid": nil}), auth.ErrKeyID},
		{"blank kid", ownToken(t, jwt.SigningMethodRS256, key, map[string]any{"kid": " "}), auth.ErrKeyID},
		{"kid that is a number", ownToken(t, jwt.SigningMethodRS256, key, map[string]any{"kid": 1}), auth.ErrKeyID},
	}
	for _, test := range tests {
		relayOver(answering(http.StatusOK, set), ownHost).wants(t, test.name, test.token, test.want)
	}
}
