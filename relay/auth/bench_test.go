package auth_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"net/http"
	"strconv"
	"testing"
)

// BenchmarkRemembered is a token that was accepted before.
func BenchmarkRemembered(b *testing.B) {
	r := newRelay(issuer)
	header := "Bearer " + tokenOf(b, issuer, nil)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Verify(b.Context(), header, relayURL); err != nil {
			b.Fatalf("a good token: got %v, want no error", err)
		}
	}
}

// BenchmarkRememberedDigest is the floor of BenchmarkRemembered: the token's SHA-256.
func BenchmarkRememberedDigest(b *testing.B) {
	token := []byte(tokenOf(b, issuer, nil))
	b.ReportAllocs()
	for b.Loop() {
		sha256.Sum256(token)
	}
}

// BenchmarkNew is a token that was never seen, with its key at hand.
func BenchmarkNew(b *testing.B) {
	set := published(b, issuer)
	headers := make([]string, 64)
	for n := range headers {
		headers[n] = "Bearer " + tokenOf(b, issuer, map[string]any{"jti": strconv.Itoa(n)})
	}
	var r *relay
	n := len(headers)
	b.ReportAllocs()
	for b.Loop() {
		if n == len(headers) {
			b.StopTimer()
			r, n = relayOver(answering(http.StatusOK, set), issuer.Host()), 1
			if _, err := r.Verify(b.Context(), headers[0], relayURL); err != nil {
				b.Fatalf("a good token: got %v, want no error", err)
			}
			b.StartTimer()
		}
		if _, err := r.Verify(b.Context(), headers[n], relayURL); err != nil {
			b.Fatalf("a good token: got %v, want no error", err)
		}
		n++
	}
}

// BenchmarkNewSignature is the floor of BenchmarkNew: one signature by a key of the same size.
func BenchmarkNewSignature(b *testing.B) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		b.Fatalf("making a key: %v", err)
	}
	digest := sha256.Sum256([]byte("token"))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, digest[:])
	if err != nil {
		b.Fatalf("signing: %v", err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA256, digest[:], signature); err != nil {
			b.Fatalf("verifying: %v", err)
		}
	}
}
