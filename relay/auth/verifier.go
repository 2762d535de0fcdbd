package auth

import (
	"context"
	"crypto/rsa"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/maypok86/otter/v2"
)

// Bounds of the memory of accepted tokens.
const (
	rememberedTokens = 10_000
	rememberedFor    = 10 * time.Minute
	sweepEvery       = time.Minute // so much longer what is remembered may stay in memory
)

// typicalToken is the length in bytes up to which a token is hashed without allocating.
const typicalToken = 2 << 10

// Config is what a Verifier needs to know. It is read once: other hosts or audiences take a new Verifier.
type Config struct {
	// Hosts is the allow list of key hosts, each `host` or `host:port`, compared without regard to case
	// (contract: where this relay answers better). Empty: every token is refused.
	Hosts []string
	// Audiences are this relay's public URLs, the only valid audiences (contract: token, claim aud). Empty: the
	// address that the request came to.
	Audiences []string
	// HTTP fetches the keys. Zero: http.DefaultTransport. Of what is given the transport counts; 5 s at most,
	// no redirects and at most 64 KiB hold in any case.
	HTTP *http.Client
	// Now is the clock. Zero: time.Now.
	Now func() time.Time
	// Log is told when keys were fetched and when that failed. Zero: nobody is.
	Log *slog.Logger
}

// Verifier verifies tokens. It may be used by many goroutines at once and needs no closing. Make one with New.
type Verifier struct {
	hosts     map[string]*keyHost // by name in lower case
	audiences []string            // canonical
	now       func() time.Time
	parser    *jwt.Parser
	accepted  *otter.Cache[digest, remembered]
	sweeping  atomic.Bool // whether sweep is to come
}

// digest is a token's SHA-256.
type digest = [sha256.Size]byte

// remembered is the grant of an accepted token, and when to forget it. The deadline is kept here because the cache
// has a clock of its own.
type remembered struct {
	*grant
	until time.Time
}

// New makes a Verifier that has no keys yet: they are fetched when the first token asks for them.
func New(config Config) *Verifier {
	if config.Now == nil {
		config.Now = time.Now
	}
	if config.Log == nil {
		config.Log = slog.New(slog.DiscardHandler)
	}
	v := &Verifier{
		hosts:     make(map[string]*keyHost, len(config.Hosts)),
		audiences: canonicals(config.Audiences),
		now:       config.Now,
		parser:    newParser(),
		accepted:  otter.Must(&otter.Options[digest, remembered]{MaximumSize: rememberedTokens}),
	}
	client := keyClient(config.HTTP)
	for _, name := range config.Hosts {
		if name = strings.ToLower(strings.TrimSpace(name)); name != "" {
			v.hosts[name] = &keyHost{name: name, client: client, now: config.Now, log: config.Log}
		}
	}
	return v
}

// Verify says what the token in header states, header being the value of the request's Authorization header. asked is
// the address that the request came to, as scheme://host; it is the valid audience where none are configured. The
// errors are those of this package. A ctx that ends makes Verify give up waiting for keys, with an error that is both
// ErrHost and the ctx's; the keys are fetched still.
func (v *Verifier) Verify(ctx context.Context, header, asked string) (Claims, error) {
	token, err := bearer(header)
	if err != nil {
		return Claims{}, err
	}
	var room [typicalToken]byte
	id := sha256.Sum256(append(room[:0], token...))
	known, ok := v.recall(ctx, id)
	if !ok {
		known.grant, err = v.verify(ctx, token)
		if err != nil {
			return Claims{}, err
		}
	}
	now := v.now()
	valid := v.audiences
	if len(valid) == 0 {
		valid = []string{canonical(asked)}
	}
	claims, err := known.claims(now, valid)
	if err == nil && !ok {
		v.remember(id, known.grant, now)
	}
	return claims, err
}

// verify is Verify for a token that is not remembered, up to what depends on the request.
func (v *Verifier) verify(ctx context.Context, token string) (*grant, error) {
	host, kid, err := address(v.parser, token)
	if err != nil {
		return nil, err
	}
	host = strings.ToLower(host)
	signer, err := v.signer(ctx, host, kid)
	if err != nil {
		return nil, err
	}
	return verify(v.parser, token, host, kid, signer)
}

// signer is the key that a host of the allow list publishes under kid.
func (v *Verifier) signer(ctx context.Context, host, kid string) (*rsa.PublicKey, error) {
	allowed, ok := v.hosts[host]
	if !ok {
		return nil, fmt.Errorf("%w: not on the allow list", ErrHost)
	}
	return allowed.key(ctx, kid)
}

// recall is the grant of a remembered token, as long as the key that verified it is the one that serves now.
func (v *Verifier) recall(ctx context.Context, id digest) (remembered, bool) {
	known, ok := v.accepted.GetIfPresent(id)
	if !ok {
		return remembered{}, false
	}
	if !v.now().Before(known.until) {
		v.accepted.Invalidate(id)
		return remembered{}, false
	}
	signer, err := v.signer(ctx, known.host, known.kid)
	return known, err == nil && signer == known.signer
}

func (v *Verifier) remember(id digest, g *grant, now time.Time) {
	until := now.Add(rememberedFor)
	if ends := g.ends.Add(leeway); ends.Before(until) {
		until = ends
	}
	v.accepted.Set(id, remembered{grant: g, until: until})
	v.sweepSoon()
}

// sweepSoon has a sweep come, where none is to come yet: one timer for all tokens, and none where nothing is
// remembered.
func (v *Verifier) sweepSoon() {
	if v.sweeping.CompareAndSwap(false, true) {
		time.AfterFunc(sweepEvery, v.sweep)
	}
}

// sweep forgets what is over: a caller's key does not stay in memory where nobody asks again.
func (v *Verifier) sweep() {
	v.sweeping.Store(false) // first: what is remembered from now on may not be seen below
	left, now := false, v.now()
	for id, known := range v.accepted.All() {
		if now.Before(known.until) {
			left = true
		} else {
			v.accepted.Invalidate(id)
		}
	}
	if left {
		v.sweepSoon()
	}
}
