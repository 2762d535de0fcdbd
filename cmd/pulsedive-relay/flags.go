package main

import (
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"pulsedive-relay/relay"
	"pulsedive-relay/relay/auth"
	"pulsedive-relay/relay/pulsedive"
)

// The flags are grouped by what they are about. Help texts stand here once; the
// table in README.md is made of them.

// listenFlags is where the relay listens.
type listenFlags struct {
	Listen string `type:"address" default:":9090" placeholder:"ADDRESS" help:"Address to listen on, host:port; without a host on all of them. The demo's default is 127.0.0.1:9090."`
}

// trustFlags is whose tokens are valid.
type trustFlags struct {
	PublicURL []string `name:"public-url" type:"urls" placeholder:"URL,…" help:"Addresses that XDR knows this relay by: the only valid audiences of tokens. Unset: whatever host a request names."`
	JWKSHosts []string `name:"jwks-hosts" type:"hosts" default:"visibility.amp.cisco.com,visibility.eu.amp.cisco.com,visibility.apjc.amp.cisco.com" placeholder:"HOST,…" help:"Key hosts whose tokens are taken, host or host:port."`
}

// verifier checks tokens by these flags. client is for keys; nil: the usual one.
func (f *trustFlags) verifier(client *http.Client, log *slog.Logger) *auth.Verifier {
	return auth.New(auth.Config{Hosts: f.JWKSHosts, Audiences: f.PublicURL, HTTP: client, Log: log})
}

// endpointFlags is which Pulsedive is asked.
type endpointFlags struct {
	PulsediveURL string `name:"pulsedive-url" type:"endpoint" default:"https://pulsedive.com/api/info.php" placeholder:"URL" help:"Pulsedive's endpoint."`
}

// keyFlags is the operator's own key.
type keyFlags struct {
	PulsediveKey string `type:"key" placeholder:"KEY" help:"Your own Pulsedive API key, for observe and refer; never used for a caller's request. Better set as variable: others on the machine see flags."`
}

// boundFlags is how much is done at once, and for how long.
type boundFlags struct {
	UpstreamTimeout time.Duration `type:"time" least:"1ms" most:"10m" default:"10s" placeholder:"TIME" help:"Time for one call to Pulsedive."`
	RequestTimeout  time.Duration `type:"time" least:"1ms" most:"10m" default:"25s" placeholder:"TIME" help:"Time for one request; at its end what is there is answered."`
	Parallel        int           `type:"number" least:"1" most:"256" default:"32" placeholder:"N" help:"Calls to Pulsedive side by side for one request, ${least} to ${most}."`
}

// callerFlags is how much a caller may ask for.
type callerFlags struct {
	MaxObservables int `type:"number" least:"1" most:"10000" default:"200" placeholder:"N" help:"Observables that one request may ask about, ${least} to ${most}."`
	EntitiesMax    int `type:"number" least:"1" most:"10000" default:"1000" placeholder:"N" help:"Upper bound on the entities limit that a token names, ${least} to ${most}."`
}

// cacheFlags is what is remembered of Pulsedive's answers.
type cacheFlags struct {
	CacheTTL         time.Duration `name:"cache-ttl" type:"time" least:"0s" most:"720h" default:"15m" placeholder:"TIME" help:"How long what Pulsedive found answers again, for the same key; 0s: not at all."`
	CacheNotFoundTTL time.Duration `name:"cache-not-found-ttl" type:"time" least:"0s" most:"720h" default:"5m" placeholder:"TIME" help:"The same where Pulsedive knew nothing."`
	CacheBytes       int64         `type:"bytes" most:"1099511627776" default:"64MiB" placeholder:"BYTES" help:"Memory for the cache; 0: no cache."`
}

// client asks the Pulsedive at an address, within these bounds. It keeps as many
// entries of each list as the entities limit can ask for.
func (f *boundFlags) client(address string, entities int, cache cacheFlags, log *slog.Logger) (*pulsedive.Client, error) {
	c, err := pulsedive.New(pulsedive.Config{
		URL: address, UserAgent: name + "/" + relay.Version, Timeout: f.UpstreamTimeout, Parallel: f.Parallel,
		MostListed: max(entities, relay.DefaultEntitiesLimit),
		CacheTTL:   cache.CacheTTL, NotFoundTTL: cache.CacheNotFoundTTL, CacheBytes: cache.CacheBytes, Log: log,
	})
	if err != nil {
		return nil, fmt.Errorf("making Pulsedive's client: %w", err)
	}
	return c, nil
}

// relay is a relay within these bounds.
func (f *boundFlags) relay(v *auth.Verifier, c *pulsedive.Client, callers callerFlags, log *slog.Logger) *relay.Relay {
	return relay.New(relay.Config{
		Verifier: v, Pulsedive: c, RequestTimeout: f.RequestTimeout, Parallel: f.Parallel,
		MaxObservables: callers.MaxObservables, EntitiesMax: callers.EntitiesMax, Log: log,
	})
}

// logFlags is how the log looks.
type logFlags struct {
	LogLevel  string `type:"choice" default:"info" enum:"debug,info,warn,error" placeholder:"LEVEL" help:"The least that is logged: debug, info, warn or error."`
	LogFormat string `type:"choice" default:"auto" enum:"auto,text,json" placeholder:"FORMAT" help:"text, json or auto: text on a terminal, else json."`
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
