// Package auth turns the bearer token of a request into Claims: whose Pulsedive key to use, and how many entities to
// answer (contract: token). It knows tokens, the hosts that publish their signing keys, and nothing of observables,
// Pulsedive or answers; what callers read about its errors is said elsewhere.
//
// # What is trusted
//
// Three things: the allow list of key hosts, the certificates by which those hosts are known, and the keys that they
// publish. Everything in a request is foreign: the token, the key host and key id that it names, and the address that
// the request claims to have come to.
//
// The allow list comes first. A token names its own key host, so whoever writes a token chooses where the relay looks
// for the key. Without the list that is a request forged by a stranger, from inside the operator's network
// (SSRF), and an issuer of the stranger's own besides. A host that is not on the list is therefore refused before
// anything is fetched, and the address that is fetched is built from the list's text, never from the token's.
// Redirects are not followed, answers are bounded in size and time, and the path is fixed.
//
// Only RS256 is accepted, because it is the only algorithm that the issuer uses. A token that chooses its algorithm
// chooses how it is judged: "none" has no signature, and HS256 would take the public key, which anybody can read, for
// a shared secret. For the same reason a key serves only if it is an RSA key of at least 2048 bits that is meant for
// signatures and, where it says so, for RS256.
//
// # What a token proves, and what not
//
// The signing keys are the platform's, not a tenant's: a valid token proves that Cisco XDR (formerly SecureX) made it
// for some module of some tenant. Any tenant can write any claim into a module type of its own, this relay's address
// as the audience too. A valid token therefore never entitles its bearer to anything of the operator's, least of all
// to a Pulsedive key that is stored here. It entitles its bearer to have the relay ask Pulsedive with the key in the
// token, which the bearer brought along: Claims.Key is that key, and there is no other way to get one.
//
// Whoever controls the Authorization header without a signing key can make the relay parse 16 KiB, verify a signature,
// and fetch the keys of an allowed host once a minute (once in five seconds where that host has never answered). Whoever
// controls the Host header can, where no public addresses are configured, have a token accepted that was made for
// another address: the audience then only says that the token and the request agree. Configured audiences end that.
// A stolen token is good until it expires; that it travels by TLS only is the operator's part.
//
// # What is remembered
//
// The keys of a host are good for an hour; after that they are fetched again before anybody is answered, and only
// where that fails do the old ones keep serving, so that an outage of the key host is not one of the relay. A key that
// the issuer withdraws is thus trusted for up to an hour, and longer while its host cannot be reached.
//
// Verifying a signature costs more than everything else here, so accepted tokens are remembered, for ten minutes and
// never past their expiry, by their SHA-256: the token itself is not kept, so memory holds nothing that could be sent
// again as a token. It does hold the Pulsedive keys of the remembered tokens, no longer than that. A remembered token
// skips the signature and nothing else. Allow list, audience and times are checked each time, and the key that verified
// it must still be the very key that its host published last: every new key set has each token verified anew.
// Remembering therefore adds nothing to how long a withdrawn key is trusted.
//
// No error, log line or formatted value of this package holds a token, any text out of a token, or a Pulsedive key.
// Claims.Audience and Claims.Host are what the token and the list agree on.
package auth
