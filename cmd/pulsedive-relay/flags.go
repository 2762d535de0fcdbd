package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/term"

	"pulsedive-relay/relay"
	"pulsedive-relay/relay/auth"
	"pulsedive-relay/relay/pulsedive"
)

// The flags are grouped by what they are about. Help texts stand here once; the
// table in README.md is made of them.

// listenFlags is where the relay listens.
type listenFlags struct {
	Listen string `default:":9090" placeholder:"ADDRESS" help:"Address to listen on, host:port; without a host on all of them."`
}

func (f *listenFlags) Validate() error { return validAddress(f.Listen) }

func validAddress(address string) error {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("--listen: %q is no address like :9090 or 127.0.0.1:9090", address)
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return fmt.Errorf("--listen: %q is no port between 0 and 65535", port)
	}
	return nil
}

// trustFlags is whose tokens are valid.
type trustFlags struct {
	PublicURL []string `name:"public-url" placeholder:"URL,…" help:"The addresses that XDR knows this relay by: the only valid audiences of tokens. Unset: whatever host a request names."`
	JWKSHosts []string `name:"jwks-hosts" default:"visibility.amp.cisco.com,visibility.eu.amp.cisco.com,visibility.apjc.amp.cisco.com" placeholder:"HOST,…" help:"Key hosts whose tokens are taken, host or host:port."`
}

func (f *trustFlags) Validate() error {
	for _, s := range f.PublicURL {
		u, err := url.Parse(s)
		if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
			return fmt.Errorf("--public-url: %q is no address like https://relay.example.com", s)
		}
	}
	for _, s := range f.JWKSHosts {
		if s == "" || strings.ContainsAny(s, "/?#@ \t\n\\") {
			return fmt.Errorf("--jwks-hosts: %q is no host like visibility.amp.cisco.com", s)
		}
	}
	if len(f.JWKSHosts) == 0 {
		return errors.New("--jwks-hosts: without a key host no token is valid")
	}
	return nil
}

// verifier checks tokens by these flags. client is for keys; nil: the usual one.
func (f *trustFlags) verifier(client *http.Client, log *slog.Logger) *auth.Verifier {
	return auth.New(auth.Config{Hosts: f.JWKSHosts, Audiences: f.PublicURL, HTTP: client, Log: log})
}

// endpointFlags is which Pulsedive is asked.
type endpointFlags struct {
	PulsediveURL string `name:"pulsedive-url" default:"https://pulsedive.com/api/info.php" placeholder:"URL" help:"Pulsedive's endpoint."`
}

// keyFlags is the operator's own key.
type keyFlags struct {
	PulsediveKey string `placeholder:"KEY" help:"Your own Pulsedive API key, for the terminal; never used for a caller's request. Better set as variable: others on the machine see flags."`
}

// boundFlags is how much is done at once, and for how long.
type boundFlags struct {
	UpstreamTimeout  time.Duration `default:"10s" placeholder:"TIME" help:"Time for one call to Pulsedive."`
	RequestTimeout   time.Duration `default:"25s" placeholder:"TIME" help:"Time for one request; at its end what is there is answered."`
	Parallel         int           `default:"32" placeholder:"N" help:"Calls to Pulsedive side by side for one request, 1 to 256."`
	MaxObservables   int           `default:"200" placeholder:"N" help:"Observables that one request may ask about, 1 to 10000."`
	EntitiesMax      int           `default:"1000" placeholder:"N" help:"Upper bound on the entities limit that a token names, 1 to 10000."`
	CacheTTL         time.Duration `name:"cache-ttl" default:"15m" placeholder:"TIME" help:"How long what Pulsedive found answers again, for the same key; 0: not at all."`
	CacheNotFoundTTL time.Duration `name:"cache-not-found-ttl" default:"5m" placeholder:"TIME" help:"The same where Pulsedive knew nothing."`
	CacheBytes       int64         `default:"67108864" placeholder:"BYTES" help:"Memory for the cache, in bytes; 0: no cache."`
}

func (f *boundFlags) Validate() error {
	for _, c := range []struct {
		name             string
		n, least, atMost int64
	}{
		{"parallel", int64(f.Parallel), 1, 256},
		{"max-observables", int64(f.MaxObservables), 1, 10_000},
		{"entities-max", int64(f.EntitiesMax), 1, 10_000},
		{"cache-bytes", f.CacheBytes, 0, 1 << 40},
	} {
		if c.n < c.least || c.n > c.atMost {
			return fmt.Errorf("--%s: %d is not between %d and %d", c.name, c.n, c.least, c.atMost)
		}
	}
	for _, c := range []struct {
		name             string
		d, least, atMost time.Duration
	}{
		{"upstream-timeout", f.UpstreamTimeout, time.Millisecond, 10 * time.Minute},
		{"request-timeout", f.RequestTimeout, time.Millisecond, 10 * time.Minute},
		{"cache-ttl", f.CacheTTL, 0, 30 * 24 * time.Hour},
		{"cache-not-found-ttl", f.CacheNotFoundTTL, 0, 30 * 24 * time.Hour},
	} {
		if c.d < c.least || c.d > c.atMost {
			return fmt.Errorf("--%s: %s is not between %s and %s", c.name, c.d, c.least, c.atMost)
		}
	}
	return nil
}

// client asks the Pulsedive at an address, within these bounds.
func (f *boundFlags) client(address string, log *slog.Logger) (*pulsedive.Client, error) {
	c, err := pulsedive.New(pulsedive.Config{
		URL: address, UserAgent: "pulsedive-relay/" + relay.Version, Timeout: f.UpstreamTimeout, Parallel: f.Parallel,
		MostListed: max(f.EntitiesMax, relay.DefaultEntitiesLimit),
		CacheTTL:   f.CacheTTL, NotFoundTTL: f.CacheNotFoundTTL, CacheBytes: f.CacheBytes, Log: log,
	})
	if err != nil {
		return nil, usageError{fmt.Errorf("--pulsedive-url: %w", err)}
	}
	return c, nil
}

// relay is a relay within these bounds.
func (f *boundFlags) relay(v *auth.Verifier, c *pulsedive.Client, log *slog.Logger) *relay.Relay {
	return relay.New(relay.Config{
		Verifier: v, Pulsedive: c, RequestTimeout: f.RequestTimeout, Parallel: f.Parallel,
		MaxObservables: f.MaxObservables, EntitiesMax: f.EntitiesMax, Log: log,
	})
}

// logFlags is how the log looks.
type logFlags struct {
	LogLevel  string `default:"info" enum:"debug,info,warn,error" placeholder:"LEVEL" help:"The least that is logged: debug, info, warn, error."`
	LogFormat string `default:"auto" enum:"auto,text,json" placeholder:"FORMAT" help:"text, json, or auto: text on a terminal, else json."`
}

// logger writes to standard error.
func (f *logFlags) logger(p *process) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(f.LogLevel)) // one of the enum
	o := &slog.HandlerOptions{Level: level}
	if f.LogFormat == "text" || (f.LogFormat == "auto" && isTerminal(p.stderr)) {
		return slog.New(slog.NewTextHandler(p.stderr, o))
	}
	return slog.New(slog.NewJSONHandler(p.stderr, o))
}

func isTerminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
