package relay

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"reflect"
	"sync"
	"sync/atomic"
	"time"

	"pulsedive-relay/relay/auth"
	"pulsedive-relay/relay/pulsedive"
	"pulsedive-relay/store"
)

// keepEvery is how often the cache is written to the store: what came since is
// lost where the program is killed.
const keepEvery = 30 * time.Second

// LiveConfig is what a Live is made of, beside settings.
type LiveConfig struct {
	// Store takes exchanges and what the cache holds; nil: nothing is kept.
	Store *store.Store
	// UserAgent names the program to Pulsedive.
	UserAgent string
	// KeysHTTP fetches the keys of key hosts; nil: the usual client.
	KeysHTTP *http.Client
	// PulsediveHTTP asks Pulsedive; nil: the usual client.
	PulsediveHTTP *http.Client
	// Applied is told settings when they hold, the first ones too; nil: nobody is.
	Applied func(store.Settings)
	// Log takes one line for each request; nil: nothing is logged.
	Log *slog.Logger
}

// Live is a Relay whose settings may change while it answers: requests in work
// end with those they began with. Tokens and keys that were verified are forgotten
// only where whose tokens are valid changes; what is known of keys' limits, and
// what the cache holds, only where another endpoint is asked.
type Live struct {
	cfg     LiveConfig
	places  *Places    // of all its relays together
	mu      sync.Mutex // held while settings are applied, or the cache is written
	current atomic.Pointer[liveRelay]
	kept    time.Time // up to when the cache was written
	secret  []byte    // see HashKey
}

// liveRelay is a relay with its settings.
type liveRelay struct {
	*Relay
	settings store.Settings
	handler  http.Handler
}

// NewLive makes a Live that answers by these settings.
func NewLive(cfg LiveConfig, s store.Settings) (*Live, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	l := &Live{cfg: cfg, places: NewPlaces(), secret: make([]byte, sha256.Size)}
	if rand.Read(l.secret); cfg.Store != nil {
		l.secret = cfg.Store.Secret()
	}
	return l, l.Apply(s)
}

// Relay is the relay by the settings that hold now. It is for one piece of work,
// not to be held on to.
func (l *Live) Relay() *Relay { return l.current.Load().Relay }

// Settings are those that hold now.
func (l *Live) Settings() store.Settings { return l.current.Load().settings }

// ServeHTTP answers what a Relay's Handler does.
func (l *Live) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	l.current.Load().handler.ServeHTTP(w, req)
}

// Apply makes settings hold for all requests from now on. Where it fails the old
// ones do.
func (l *Live) Apply(s store.Settings) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var verifier *auth.Verifier
	var client *pulsedive.Client
	if old := l.current.Load(); old != nil {
		if reflect.DeepEqual(old.settings.Trust, s.Trust) {
			verifier = old.cfg.Verifier
		}
		if asksAlike(old.settings, s) {
			client = old.cfg.Pulsedive
		}
	}
	if verifier == nil {
		verifier = auth.New(auth.Config{Hosts: s.JWKSHosts, Audiences: s.PublicURL, HTTP: l.cfg.KeysHTTP, Log: l.cfg.Log})
	}
	if client == nil {
		l.saveCache(false) // for when this endpoint is asked again
		var err error
		if client, err = l.client(s); err != nil {
			return err
		}
	}
	r := New(Config{
		Verifier: verifier, Pulsedive: client, Store: l.cfg.Store, RequestTimeout: s.RequestTimeout, Parallel: s.Parallel,
		MaxObservables: s.MaxObservables, EntitiesMax: s.EntitiesMax, Places: l.places, Log: l.cfg.Log,
	})
	l.current.Store(&liveRelay{Relay: r, settings: s, handler: r.Handler()})
	if l.cfg.Applied != nil {
		l.cfg.Applied(s)
	}
	return nil
}

// asksAlike says whether Pulsedive is asked in the same way.
func asksAlike(a, b store.Settings) bool {
	return a.PulsediveEndpoint == b.PulsediveEndpoint && a.Cache == b.Cache && a.UpstreamTimeout == b.UpstreamTimeout &&
		a.Parallel == b.Parallel && a.EntitiesMax == b.EntitiesMax
}

// client asks Pulsedive by these settings, with the cache of before or else what the
// store kept of an earlier one. It keeps as many entries of each list as the entities limit can ask for.
func (l *Live) client(s store.Settings) (*pulsedive.Client, error) {
	cfg := pulsedive.Config{
		URL: s.PulsediveURL, UserAgent: l.cfg.UserAgent, HTTP: l.cfg.PulsediveHTTP, Timeout: s.UpstreamTimeout, Parallel: s.Parallel,
		MostListed: max(s.EntitiesMax, DefaultEntitiesLimit),
		CacheTTL:   s.CacheTTL, NotFoundTTL: s.CacheNotFoundTTL, CacheBytes: s.CacheBytes, Log: l.cfg.Log,
	}
	var before *pulsedive.Client
	if old := l.current.Load(); old != nil {
		before = old.cfg.Pulsedive
	}
	cfg.Before, cfg.HashKey = before, HashKey(l.secret, s.PulsediveURL)
	client, err := newClient(cfg)
	if err != nil {
		return nil, err
	}
	if l.cfg.Store != nil && !client.SharesCache(before) {
		l.fill(client)
	}
	return client, nil
}

// fill puts into a client's cache what the store kept of an earlier one.
func (l *Live) fill(client *pulsedive.Client) {
	restored := 0
	err := l.cfg.Store.Kept(func(k store.Kept) bool {
		if client.Restore(pulsedive.Kept(k)) {
			restored++
		}
		return true
	})
	if err != nil {
		l.cfg.Log.Warn("what the cache held before is lost", "error", err)
	}
	if restored > 0 {
		l.cfg.Log.Info("cache filled with what it held before", "entries", restored)
	}
}

// HashKey is the secret under which callers' keys are hashed at an endpoint: what
// one Pulsedive answered is not kept for another.
func HashKey(secret []byte, endpoint string) []byte {
	if endpoint == pulsedive.DefaultURL {
		return secret
	}
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(endpoint))
	return mac.Sum(nil)
}

func newClient(cfg pulsedive.Config) (*pulsedive.Client, error) {
	c, err := pulsedive.New(cfg)
	if err != nil {
		return nil, fmt.Errorf("making Pulsedive's client: %w", err)
	}
	return c, nil
}

// KeepCache writes what the cache holds to the store, now and again until ctx
// ends, and then once more.
func (l *Live) KeepCache(ctx context.Context) {
	tick := time.NewTicker(keepEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			l.keepCache(false)
		case <-ctx.Done():
			l.keepCache(true)
			return
		}
	}
}

// keepCache writes what is new in the cache.
func (l *Live) keepCache(last bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.saveCache(last)
}

// saveCache does nothing where the store cannot write, which that says by itself:
// what is new waits until it can. The last time is tried all the same: the fault
// may be over, unless it is that the file must not be written.
func (l *Live) saveCache(last bool) {
	current := l.current.Load()
	if current == nil || l.cfg.Store == nil {
		return
	}
	if fault := l.cfg.Store.Failing(); fault != nil && (!last || errors.Is(fault, store.ErrReadOnly)) {
		return
	}
	// An answer is dated before it is in the cache: look a little further back.
	now := time.Now().Add(-time.Second)
	var list []store.Kept
	current.cfg.Pulsedive.Kept(l.kept, func(k pulsedive.Kept) bool {
		list = append(list, store.Kept(k))
		return true
	})
	if len(list) > 0 {
		if err := l.cfg.Store.Keep(list); err != nil {
			l.cfg.Log.Warn("the cache was not written", "error", err)
			return
		}
	}
	l.kept = now
}
