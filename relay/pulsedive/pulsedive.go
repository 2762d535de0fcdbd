// Package pulsedive asks Pulsedive, a threat intelligence service, and is as
// frugal with its calls as can be.
//
// A question goes the way cache → questions in flight → pacing → breaker → HTTP.
// Each of these belongs to an API key or to the endpoint: nothing that one key
// was told ever reaches another, and keys are kept only as a keyed hash. What
// comes back is a typed record of what CTIM needs, or one of a few errors, none
// of which holds the key or the address that was asked.
//
// The package knows Pulsedive's words (risk, stamp, feed) and nothing of CTIM,
// of tokens or of relay requests. It takes what Pulsedive says for foreign text.
// Not handled: scanning (it touches the target), and limits that are shared with
// other programs beyond what Pulsedive's answers tell of them.
package pulsedive

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"
)

// DefaultURL is the endpoint that is asked unless told otherwise.
const DefaultURL = "https://pulsedive.com/api/info.php"

// healthIID is the indicator that a health check asks for (contract: health).
const healthIID = "2"

// mostAccounts bounds how many API keys are remembered at once; the least used
// goes first, and with it what was learned of its plan.
const mostAccounts = 10_000

// Config is what a Client needs to know. The zero value asks DefaultURL without
// a cache.
type Config struct {
	// URL is Pulsedive's endpoint for info and links; empty: DefaultURL.
	URL string
	// HTTP carries the calls; nil: connections for Parallel calls. Only its
	// Transport counts: redirects would carry the key elsewhere, cookies would
	// carry what one key was told to another.
	HTTP *http.Client
	// UserAgent names the program to Pulsedive.
	UserAgent string
	// Timeout bounds one call; zero: 10 s.
	Timeout time.Duration
	// Parallel is how many calls one request makes side by side, for which
	// connections are kept; zero: 32.
	Parallel int
	// MostListed is how many entries of each list of an answer are kept, the
	// newest; zero: 1000.
	MostListed int
	// CacheTTL is how long what was found answers again, NotFoundTTL how long
	// that nothing was found; zero: not at all.
	CacheTTL, NotFoundTTL time.Duration
	// CacheBytes bounds the memory of the cache, in bytes; zero: no cache.
	CacheBytes int64
	// HashKey is the secret under which API keys are fingerprinted; empty: one of
	// this process. Fingerprints, and what Kept hands out, are of use to a later
	// process only where it stays the same.
	HashKey []byte
	// Before is the Client that this one takes over from; nil: none. Where both ask
	// the same endpoint under the same HashKey, they share what is known of keys'
	// plans, and the turns of calls: a limit is not forgotten, and not used twice.
	// So they do with the cache, which has the later one's bound from then on.
	Before *Client
	// Log takes what the operator should know; nil: nothing is logged.
	Log *slog.Logger
}

// Client asks one Pulsedive. It is safe for use by many at once.
type Client struct {
	cfg       Config
	url       *url.URL
	transport http.RoundTripper
	header    http.Header
	log       *slog.Logger
	hashKey   []byte
	macs      sync.Pool // of *mac
	accounts  *otter.Cache[fingerprint, *account]
	latest    *latest
	cache     *cache
	flights   flights
	breaker   *breaker
	calls     chan struct{} // holds one for each call on its way
	large     chan struct{} // holds one for each long answer in memory
}

// fingerprint stands for an API key: an HMAC under Config.HashKey.
type fingerprint [16]byte

// New makes a Client, or says what in the Config is wrong.
func New(cfg Config) (*Client, error) {
	cfg = cfg.withDefaults()
	u, err := url.Parse(cfg.URL)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return nil, errors.New("pulsedive: the endpoint must be an http or https address")
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("pulsedive: the endpoint must be without user, query and fragment")
	}
	transport := http.RoundTripper(newTransport(cfg.Parallel))
	if cfg.HTTP != nil && cfg.HTTP.Transport != nil {
		transport = cfg.HTTP.Transport
	}
	hashKey := slices.Clone(cfg.HashKey)
	if len(hashKey) == 0 {
		hashKey = make([]byte, sha256.Size)
		rand.Read(hashKey)
	}
	before := cfg.Before
	if cfg.Before = nil; before == nil || *before.url != *u || !bytes.Equal(before.hashKey, hashKey) {
		before = &Client{latest: &latest{}}
	}
	accounts, err := newAccounts(before.accounts)
	if err != nil {
		return nil, fmt.Errorf("pulsedive: %w", err)
	}
	cache, err := newCache(cfg, before.cache)
	if err != nil {
		return nil, fmt.Errorf("pulsedive: %w", err)
	}
	return &Client{
		cfg: cfg, url: u, transport: transport, log: cfg.Log, accounts: accounts, latest: before.latest, cache: cache,
		header:  http.Header{"User-Agent": {cfg.UserAgent}, "Accept": {"application/json"}, "Accept-Encoding": {"gzip"}},
		hashKey: hashKey,
		macs:    sync.Pool{New: func() any { return &mac{Hash: hmac.New(sha256.New, hashKey)} }},
		breaker: newBreaker(cfg.Log), calls: make(chan struct{}, mostCalls), large: make(chan struct{}, largeAtOnce),
	}, nil
}

// newAccounts is what is known of keys' plans: what an earlier Client knows, unless
// that is nil.
func newAccounts(before *otter.Cache[fingerprint, *account]) (*otter.Cache[fingerprint, *account], error) {
	if before != nil {
		return before, nil
	}
	return otter.New(&otter.Options[fingerprint, *account]{MaximumSize: mostAccounts})
}

func (cfg Config) withDefaults() Config {
	if cfg.URL == "" {
		cfg.URL = DefaultURL
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = 10 * time.Second
	}
	if cfg.Parallel <= 0 {
		cfg.Parallel = 32
	}
	if cfg.MostListed <= 0 {
		cfg.MostListed = 1000
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return cfg
}

// Fingerprint is twelve hex digits that stand for an API key, for people to tell
// callers apart. The key cannot be had from them.
func (c *Client) Fingerprint(key string) string {
	f := c.fingerprint(key)
	return hex.EncodeToString(f[:6])
}

func (c *Client) fingerprint(key string) (f fingerprint) {
	m := c.macs.Get().(*mac)
	defer c.macs.Put(m)
	m.text = append(m.text[:0], key...)
	m.Reset()
	m.Write(m.text)
	copy(f[:], m.Sum(m.sum[:0]))
	clear(m.text)
	return f
}

// mac is what a fingerprint takes, to be used again.
type mac struct {
	hash.Hash
	text []byte
	sum  [sha256.Size]byte
}

// account finds what is known of a key.
func (c *Client) account(key string) (fingerprint, *account) {
	f := c.fingerprint(key)
	if a, ok := c.accounts.GetIfPresent(f); ok {
		return f, a
	}
	a, _ := c.accounts.ComputeIfAbsent(f, func() (*account, bool) { return &account{}, false })
	return f, a
}

// Batch is the questions of one request, all with one key. Batches of the same
// key take turns where its limits make calls wait.
type Batch struct {
	// Anew asks although the cache has an answer. Where a day or a month is used
	// up that one serves all the same. It is set before the first question.
	Anew bool

	client  *Client
	key     string
	print   fingerprint
	account *account
	calls   atomic.Int64
	pending atomic.Int64 // infos announced and not settled
	lanes   [2]lane      // guarded by account.mu
	stopped error        // guarded by account.mu: why nothing more is asked
	trace   trace

	spelt sync.Once
	forms []string // of the key, once spelt
}

// Batch begins a request that will ask for n infos. It must be closed.
func (c *Client) Batch(key string, n int) *Batch {
	b := &Batch{client: c, key: key, trace: trace{most: 2 * n}}
	b.print, b.account = c.account(key)
	b.pending.Store(int64(n))
	b.account.expect(n)
	return b
}

// Close says that the request asks no more.
func (b *Batch) Close() {
	if n := b.pending.Swap(0); n > 0 {
		b.account.settled(int(n))
	}
}

// Calls is how many calls to Pulsedive were made for this batch so far.
func (b *Batch) Calls() int { return int(b.calls.Load()) }

// Quotas lists the limits that are known of the key's plan, shortest period
// first.
func (b *Batch) Quotas() []Quota { return b.account.known() }

// Health makes the one call of a health check.
func (b *Batch) Health(ctx context.Context) error {
	q := inquiry{Question: b.Ask(""), class: infoCall, query: query{iid: healthIID}, decode: decodeHealth}
	_, err := q.resolve(ctx)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}
