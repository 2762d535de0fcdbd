package auth

import "errors"

// The reasons for which Verify refuses a header, in the order in which they are looked for (contract: token). What it
// returns may wrap them with detail for a log; the detail never holds anything out of the token.
var (
	// ErrNoHeader: the Authorization header is missing or blank.
	ErrNoHeader = errors.New("no authorization header")
	// ErrScheme: the header's scheme is not Bearer.
	ErrScheme = errors.New("authorization scheme is not bearer")
	// ErrStructure: no token, no parsable one, one longer than 16 KiB, or one whose times are no numbers.
	//
	// Differs: the relay that this one replaces answers `Bearer` without a token with HTTP 500.
	ErrStructure = errors.New("malformed token")
	// ErrNoHost: the claim jwks_host is missing, blank or no string.
	ErrNoHost = errors.New("token names no key host")
	// ErrHost: the key host is not on the allow list, or there is no getting a key set from it.
	//
	// Differs: the relay that this one replaces fetches from any host that a token names.
	ErrHost = errors.New("wrong key host")
	// ErrKeyID: the token names no key, or one that its key host does not publish.
	ErrKeyID = errors.New("unknown key id")
	// ErrSignature: the token is not signed with RS256, or not by the key that it names.
	ErrSignature = errors.New("wrong signature")
	// ErrAudience: the token is for another audience, or says none.
	ErrAudience = errors.New("wrong audience")
	// ErrExpired: the token's exp is 60 s ago or longer.
	//
	// Differs: the relay that this one replaces answers an expired token with HTTP 500.
	ErrExpired = errors.New("token is expired")
	// ErrNotYetValid: the token's nbf or iat is more than 60 s ahead.
	ErrNotYetValid = errors.New("token is not yet valid")
	// ErrNoKey: the claim key is missing, blank or no string.
	ErrNoKey = errors.New("token holds no key")
)
