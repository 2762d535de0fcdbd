// Package authtest is a token issuer on this machine: it signs tokens as Cisco XDR does and publishes its public key
// on an https key host at 127.0.0.1, so that package auth can be used whole, with its real client, where the real
// issuer is out of reach: in tests and in the demo.
//
// Key, key id and certificate are made afresh for each issuer and never leave the process. A relay that nobody told
// to allow the issuer's host and to trust its client accepts none of its tokens.
package authtest

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"

	"github.com/MicahParks/jwkset"
	"github.com/golang-jwt/jwt/v5"
)

const keyBits = 2048

// The kinds of tokens that Issuer.TokenSignedBy makes, named as in the recorded cases of the contract.
const (
	OtherKey   = "other-key"   // names the issuer's key id and is signed with another key
	UnknownKID = "unknown-kid" // is signed with a key, and names a key id, that the key host does not publish
)

// Issuer signs tokens with its RSA key and publishes the key (contract: token). Its methods may be called by many
// goroutines at once. Close it when done.
type Issuer struct {
	host *keyHost

	mu      sync.Mutex
	current signer
	other   signer
}

type signer struct {
	kid string
	key *rsa.PrivateKey
}

// NewIssuer makes a key and starts the key host on a free port.
func NewIssuer() (*Issuer, error) {
	current, err := newSigner()
	if err != nil {
		return nil, err
	}
	set, err := current.published()
	if err != nil {
		return nil, err
	}
	host, err := startKeyHost(set)
	if err != nil {
		return nil, fmt.Errorf("starting the key host: %w", err)
	}
	return &Issuer{host: host, current: current}, nil
}

// Close stops the key host; tokens can still be signed.
func (i *Issuer) Close() { i.host.close() }

// Host is the key host as tokens name it: 127.0.0.1 and its port.
func (i *Issuer) Host() string { return i.host.address }

// Client trusts the key host's certificate and no other.
func (i *Issuer) Client() *http.Client { return i.host.client }

// Fetches is how often the key set was asked for, with whatever answer.
func (i *Issuer) Fetches() int { return int(i.host.fetches.Load()) }

// SetDown makes the key host answer 503, or its keys again.
func (i *Issuer) SetDown(down bool) { i.host.down.Store(down) }

// Rotate replaces the key and its id; the key host forgets the old ones at once.
func (i *Issuer) Rotate() error {
	next, err := newSigner()
	if err != nil {
		return err
	}
	set, err := next.published()
	if err != nil {
		return err
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.current = next
	i.host.set.Store(&set)
	return nil
}

// Token signs the claims as they are and adds none.
func (i *Issuer) Token(claims map[string]any) (string, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.current.sign(claims)
}

// TokenSignedBy signs the claims wrongly, in the way that kind names: OtherKey or UnknownKID.
func (i *Issuer) TokenSignedBy(kind string, claims map[string]any) (string, error) {
	if kind != OtherKey && kind != UnknownKID {
		return "", fmt.Errorf("no such kind of token: %q", kind)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.other.key == nil {
		other, err := newSigner()
		if err != nil {
			return "", err
		}
		i.other = other
	}
	wrong := i.other
	if kind == OtherKey {
		wrong.kid = i.current.kid
	}
	return wrong.sign(claims)
}

func newSigner() (signer, error) {
	key, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return signer{}, fmt.Errorf("making a key: %w", err)
	}
	return signer{kid: rand.Text(), key: key}, nil
}

func (s signer) sign(claims map[string]any) (string, error) {
	token := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.MapClaims(claims))
	token.Header["kid"] = s.kid
	signed, err := token.SignedString(s.key)
	if err != nil {
		return "", fmt.Errorf("signing a token: %w", err)
	}
	return signed, nil
}

// published is the key set that holds the signer's public key.
func (s signer) published() ([]byte, error) {
	jwk, err := jwkset.NewJWKFromKey(&s.key.PublicKey, jwkset.JWKOptions{Metadata: jwkset.JWKMetadataOptions{
		ALG: jwkset.AlgRS256, KID: s.kid, USE: jwkset.UseSig,
	}})
	if err != nil {
		return nil, fmt.Errorf("describing a key: %w", err)
	}
	set, err := json.Marshal(jwkset.JWKSMarshal{Keys: []jwkset.JWKMarshal{jwk.Marshal()}})
	if err != nil {
		return nil, fmt.Errorf("describing a key set: %w", err)
	}
	return set, nil
}
