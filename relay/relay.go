// Package relay is what Cisco XDR asks and what this program answers: the
// endpoints, the checks of what comes in, and the mapping of Pulsedive's records
// to CTIM.
//
// A request goes one way: http.go takes it, observables.go reads the body, the
// package auth the token; observe.go, refer.go or health.go asks the package
// pulsedive; translate.go makes CTIM of a record; http.go writes the answer once.
// errors.go holds every error that a caller can see.
//
// The package keeps no state of its own between requests: keys of key hosts are
// auth's, records and limits are pulsedive's. It knows nothing of flags,
// listeners and pages.
package relay

import (
	"log/slog"
	"time"

	"pulsedive-relay/relay/auth"
	"pulsedive-relay/relay/pulsedive"
	"pulsedive-relay/store"
)

// Version is the relay's version.
const Version = "3.0.0"

// Bounds that are not for configuration.
const (
	// MaxInWork is how many requests are in work at once; more are refused.
	MaxInWork = 1000
	// SmallBody is up to how many bytes a body is read whoever else sends one: more
	// than a request of two hundred observables has as a rule.
	SmallBody = 64 << 10
	// MaxLargeBodies is how many larger bodies are read at once.
	MaxLargeBodies = 32
	// LargeBodyWait is how long a larger body waits for a place among those.
	LargeBodyWait = time.Second
	// maxBody is the largest request body, in bytes.
	maxBody = 1 << 20
	// maxFaultText is the longest text on what is wrong with a body, in
	// characters.
	maxFaultText = 16 << 10
)

// DefaultEntitiesLimit is the entities limit of a token that names none
// (contract: CTR_ENTITIES_LIMIT).
const DefaultEntitiesLimit = 100

// Config is what a Relay is made of. Verifier and Pulsedive are needed; the rest
// has defaults.
type Config struct {
	// Verifier checks tokens.
	Verifier *auth.Verifier
	// Pulsedive answers questions.
	Pulsedive *pulsedive.Client
	// Store takes every exchange; nil: none is kept.
	Store *store.Store
	// RequestTimeout bounds the work on one request; zero: 25 s.
	RequestTimeout time.Duration
	// Parallel is how many observables of one request are asked about side by
	// side; zero: 32.
	Parallel int
	// MaxObservables is how many observables one request may ask about; zero:
	// 200.
	MaxObservables int
	// EntitiesMax bounds the entities limit that a token may name; zero: 1000.
	EntitiesMax int
	// Places bounds the requests at once; nil: this Relay's own.
	Places *Places
	// Now is the clock of the answers' content (which DNS entries are recent);
	// nil: time.Now.
	Now func() time.Time
	// NewID makes the random part of ids, for many at once; nil: random UUIDs.
	NewID func() string
	// Log takes one line for each request to an endpoint; nil: nothing is logged.
	Log *slog.Logger
}

// Relay answers requests. It is safe for use by many at once.
type Relay struct {
	cfg Config
	*Places
}

// Places are what bounds the requests at once. Relays that follow each other share
// them, as the requests of an earlier one are still in work.
type Places struct {
	inWork      chan struct{}
	largeBodies chan struct{} // bodies beyond SmallBody that are being read
}

// NewPlaces makes places that are all free.
func NewPlaces() *Places {
	return &Places{inWork: make(chan struct{}, MaxInWork), largeBodies: make(chan struct{}, MaxLargeBodies)}
}

// Caller is on whose behalf Pulsedive is asked.
type Caller struct {
	// Key is the caller's own Pulsedive API key.
	Key string
	// EntitiesLimit is the most indicators, and the most sightings, for one
	// observable; zero: DefaultEntitiesLimit.
	EntitiesLimit int
}

// New makes a Relay.
func New(cfg Config) *Relay {
	orDefault(&cfg.RequestTimeout, 25*time.Second)
	orDefault(&cfg.Parallel, 32)
	orDefault(&cfg.MaxObservables, 200)
	orDefault(&cfg.EntitiesMax, 1000)
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Places == nil {
		cfg.Places = NewPlaces()
	}
	return &Relay{cfg: cfg, Places: cfg.Places}
}

func orDefault[T int | time.Duration](v *T, value T) {
	if *v <= 0 {
		*v = value
	}
}

// limit is the entities limit that holds for a caller's request.
func (r *Relay) limit(c Caller) int {
	if c.EntitiesLimit <= 0 {
		return min(DefaultEntitiesLimit, r.cfg.EntitiesMax)
	}
	return min(c.EntitiesLimit, r.cfg.EntitiesMax)
}
