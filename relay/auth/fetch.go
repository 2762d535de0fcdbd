package auth

import (
	"context"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/MicahParks/jwkset"
)

// Bounds of a fetch.
const (
	fetchTimeout = 5 * time.Second // for all of it
	maxKeySet    = 64 << 10        // bytes
	minKeyBits   = 2048            // of a key that is used
)

// keyClient uses the transport of the client that is given, within the bounds that hold for every fetch. A timeout that
// is shorter stays.
func keyClient(given *http.Client) *http.Client {
	client := &http.Client{
		Timeout:       fetchTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	if given != nil {
		client.Transport = given.Transport
		if given.Timeout > 0 {
			client.Timeout = min(given.Timeout, fetchTimeout)
		}
	}
	return client
}

// fetchKeys asks a host for its keys, by key id (contract: token).
func fetchKeys(client *http.Client, host string) (map[string]*rsa.PublicKey, error) {
	keys, _, err := fetchKeySet(context.Background(), client, host)
	return keys, err
}

// fetchKeySet is fetchKeys with the header of the answer.
func fetchKeySet(ctx context.Context, client *http.Client, host string) (map[string]*rsa.PublicKey, http.Header, error) {
	address := url.URL{Scheme: "https", Host: host, Path: "/.well-known/jwks"}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address.String(), nil)
	if err != nil {
		return nil, nil, fmt.Errorf("fetching keys: %w", err)
	}
	response, err := client.Do(request)
	if err != nil {
		if outer, ok := errors.AsType[*url.Error](err); ok {
			err = outer.Err // the address adds nothing to the host
		}
		return nil, nil, fmt.Errorf("fetching keys: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, nil, fmt.Errorf("fetching keys: status %d", response.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxKeySet+1))
	if err != nil {
		return nil, nil, fmt.Errorf("reading keys: %w", err)
	}
	if len(body) > maxKeySet {
		return nil, nil, fmt.Errorf("reading keys: more than %d bytes", maxKeySet)
	}
	keys, err := readKeys(body)
	return keys, response.Header, err
}

// readKeys reads a key set. Keys that cannot verify RS256, or are too short, are left out; of two with the same id the
// first counts.
func readKeys(body []byte) (map[string]*rsa.PublicKey, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(body, &set); err != nil || set.Keys == nil {
		return nil, errors.New("reading keys: not a key set")
	}
	keys := make(map[string]*rsa.PublicKey, len(set.Keys))
	for _, raw := range set.Keys {
		if kid, key := readKey(raw); key != nil && keys[kid] == nil {
			keys[kid] = key
		}
	}
	return keys, nil
}

// readKey reads one key of a set; nil where it is of no use here.
func readKey(raw json.RawMessage) (kid string, key *rsa.PublicKey) {
	jwk, err := jwkset.NewJWKFromRawJSON(raw, jwkset.JWKMarshalOptions{}, jwkset.JWKValidateOptions{})
	if err != nil {
		return "", nil // of a kind that is not known, or malformed: no reason to refuse the others
	}
	stated := jwk.Marshal()
	key, ok := jwk.Key().(*rsa.PublicKey)
	forSignatures := stated.USE == "" || stated.USE == jwkset.UseSig
	forRS256 := stated.ALG == "" || stated.ALG == jwkset.AlgRS256
	if !ok || stated.KID == "" || !forSignatures || !forRS256 || key.N.BitLen() < minKeyBits {
		return "", nil
	}
	return stated.KID, key
}
