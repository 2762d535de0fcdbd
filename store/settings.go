package store

import "time"

// Settings are what operators edit. What is true of one (name, default, bounds,
// meaning) stands in its tags alone: the command line, its variables, the README
// and the settings page are made of them.
type Settings struct {
	Trust             `group:"Whose tokens are valid"`
	PulsediveEndpoint `group:"Pulsedive"`
	OwnKey            `group:"Pulsedive"`
	Callers           `group:"Bounds"`
	Bounds            `group:"Bounds"`
	Cache             `group:"Cache"`
	History           `group:"History"`
}

// Trust is whose tokens are valid.
type Trust struct {
	PublicURL []string `name:"public-url" label:"Public URLs" type:"urls" placeholder:"URL,…" help:"Addresses that XDR knows this relay by: the only valid audiences of tokens. Unset: whatever host a request names."`
	JWKSHosts []string `name:"jwks-hosts" label:"Key hosts" type:"hosts" default:"visibility.amp.cisco.com,visibility.eu.amp.cisco.com,visibility.apjc.amp.cisco.com" placeholder:"HOST,…" help:"Key hosts whose tokens are taken, host or host:port."`
}

// PulsediveEndpoint is which Pulsedive is asked.
type PulsediveEndpoint struct {
	PulsediveURL string `name:"pulsedive-url" label:"Endpoint" type:"endpoint" default:"https://pulsedive.com/api/info.php" placeholder:"URL" help:"Address that Pulsedive is asked at."`
}

// OwnKey is the operator's own key.
type OwnKey struct {
	PulsediveKey string `name:"pulsedive-key" label:"API key" type:"key" placeholder:"KEY" help:"Your own Pulsedive API key, for the page Try and the commands observe and refer; never used for a caller's request."`
}

// Bounds is how much is done at once, and for how long.
type Bounds struct {
	UpstreamTimeout time.Duration `name:"upstream-timeout" label:"Time for a call" type:"time" least:"1ms" most:"10m" default:"10s" placeholder:"TIME" help:"Time for one call to Pulsedive."`
	RequestTimeout  time.Duration `name:"request-timeout" label:"Time for a request" type:"time" least:"1ms" most:"10m" default:"25s" placeholder:"TIME" help:"Time for one request; at its end what is there is answered."`
	Parallel        int           `name:"parallel" label:"Calls side by side" type:"number" least:"1" most:"256" default:"32" placeholder:"N" help:"Calls to Pulsedive side by side for one request, ${least} to ${most}."`
}

// Callers is how much a caller may ask for.
type Callers struct {
	MaxObservables int `name:"max-observables" label:"Observables per request" type:"number" least:"1" most:"10000" default:"200" placeholder:"N" help:"Observables that one request may ask about, ${least} to ${most}."`
	EntitiesMax    int `name:"entities-max" label:"Largest entities limit" type:"number" least:"1" most:"10000" default:"1000" placeholder:"N" help:"Upper bound on the entities limit that a token names, ${least} to ${most}."`
}

// Cache is what is remembered of Pulsedive's answers.
type Cache struct {
	CacheTTL         time.Duration `name:"cache-ttl" label:"Found, kept for" type:"time" least:"0s" most:"720h" default:"15m" placeholder:"TIME" help:"How long what Pulsedive found answers again, for the same key; 0s: not at all."`
	CacheNotFoundTTL time.Duration `name:"cache-not-found-ttl" label:"Not found, kept for" type:"time" least:"0s" most:"720h" default:"5m" placeholder:"TIME" help:"The same where Pulsedive knew nothing."`
	CacheBytes       int64         `name:"cache-bytes" label:"Memory" type:"bytes" most:"1099511627776" default:"64MiB" placeholder:"BYTES" help:"Memory for the cache; 0: no cache."`
}

// History is how much of the history is kept.
type History struct {
	HistoryMax   int           `name:"history-max" label:"Exchanges kept" type:"number" least:"0" most:"10000000" default:"100000" placeholder:"N" help:"Exchanges that the history keeps, ${least} to ${most}; 0: none are written."`
	HistoryAge   time.Duration `name:"history-age" label:"Kept for" type:"time" least:"1h" most:"87600h" default:"2160h" placeholder:"TIME" help:"How long the history keeps an exchange; 2160h are 90 days."`
	HistoryBytes int64         `name:"history-bytes" label:"Size of the database" type:"bytes" most:"1099511627776" default:"4GiB" placeholder:"BYTES" help:"How large the database may get before the history deletes its oldest exchanges, 256MiB or more; 0: as large as it gets."`
}
