package relay_test

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pulsedive-relay/relay"
	"pulsedive-relay/relay/auth/authtest"
	"pulsedive-relay/relay/ctim"
	"pulsedive-relay/relay/pulsedive/pulsedivetest"
)

const wrongHost = "Authorization failed: Wrong jwks_host in JWT payload. Make sure domain follows the visibility.<region>.cisco.com structure"

func TestPoint5KeyHostMustBeAllowedBeforeAnythingIsFetched(t *testing.T) {
	t.Parallel()
	var connections atomic.Int64
	stranger := httptest.NewUnstartedServer(http.NotFoundHandler())
	stranger.Config.ErrorLog = log.New(io.Discard, "", 0)
	stranger.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	stranger.StartTLS()
	t.Cleanup(stranger.Close)
	w := newWorld(t, options{})
	address := stranger.Listener.Addr().String()
	for _, host := range []string{
		address, "user@" + address, w.issuer.Host() + "@" + address, w.issuer.Host() + "/", "https://" + w.issuer.Host(),
		w.issuer.Host() + "/../../", w.issuer.Host() + "?", w.issuer.Host() + "#", "visibility.amp.cisco.com.example.com", "169.254.169.254",
	} {
		a := w.askWith(w.token(testKey, object{"jwks_host": host}), observePath, bodyOf("domain", "a.example"))
		wantErrors(t, "jwks_host "+host, a, fatal("authorization error", wrongHost))
	}
	if n := connections.Load(); n != 0 {
		t.Errorf("key hosts that are not allowed: %d connections to one of them, want none", n)
	}
	wantCalls(t, "key hosts that are not allowed", w, 0)
}

func TestPoint5KeysAreFetchedOnce(t *testing.T) {
	t.Parallel()
	own, err := authtest.NewIssuer()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(own.Close)
	w := newWorld(t, options{issuer: own, fake: pulsedivetest.Config{Generate: true}})
	for i := range 3 {
		for path, body := range endpoints {
			wantErrors(t, path, w.askWith(w.token(fmt.Sprint("key", i), nil), path, body))
		}
	}
	wantErrors(t, "100 domains", w.ask(observePath, bodyOf("domain", numbered(100)...)))
	if n := own.Fetches(); n != 1 {
		t.Errorf("ten requests with four tokens: the keys were fetched %d times, want once", n)
	}
}

func TestPoint6Audience(t *testing.T) {
	t.Parallel()
	const public, other = "https://relay.example.com", "https://relay.example.org/xdr"
	refused := fatal("authorization error", "Authorization failed: Wrong configuration-token-audience")
	for name, c := range map[string]struct {
		configured []string
		aud        any // {base} is the address that is asked
		header     http.Header
		host       string
		good       bool
	}{
		"the address asked":                      {nil, "{base}", nil, "", true},
		"the address asked, with a slash":        {nil, "{base}/", nil, "", true},
		"a list with the address asked":          {nil, []string{public, "{base}"}, nil, "", true},
		"another address":                        {nil, public, nil, "", false},
		"another scheme":                         {nil, "https://{host}", nil, "", false},
		"https ended by a proxy":                 {nil, "https://{host}", http.Header{"X-Forwarded-Proto": {"https"}}, "", true},
		"http where a proxy ended https":         {nil, "{base}", http.Header{"X-Forwarded-Proto": {"https"}}, "", false},
		"the Host header's address":              {nil, "http://relay.example.net", nil, "relay.example.net", true},
		"a path beneath the address":             {nil, "{base}/observe", nil, "", false},
		"configured":                             {[]string{public}, public, nil, "", true},
		"configured with a slash":                {[]string{public + "/"}, public, nil, "", true},
		"configured, with a slash in the token":  {[]string{public}, public + "/", nil, "", true},
		"the second configured, with its path":   {[]string{public, other}, other, nil, "", true},
		"the address asked, others configured":   {[]string{public, other}, "{base}", nil, "", false},
		"the Host header's, others configured":   {[]string{public}, "http://relay.example.net", nil, "relay.example.net", false},
		"a configured one without its path":      {[]string{other}, "https://relay.example.org", nil, "", false},
		"a number":                               {nil, 5, nil, "", false},
		"an empty text":                          {nil, "", nil, "", false},
		"an empty list":                          {nil, []string{}, nil, "", false},
		"a configured one in capitals of a host": {[]string{public}, "https://RELAY.example.com", nil, "", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, options{audiences: c.configured, fake: pulsedivetest.Config{Generate: true}})
			place := strings.NewReplacer("{base}", w.server.URL, "{host}", w.server.Listener.Addr().String())
			switch aud := c.aud.(type) {
			case string:
				c.aud = place.Replace(aud)
			case []string:
				c.aud = slices.Collect(func(yield func(string) bool) {
					for _, a := range aud {
						yield(place.Replace(a))
					}
				})
			}
			req := w.request(http.MethodPost, observePath, bodyOf("domain", "a.example"))
			req.Header = c.header.Clone()
			if req.Header == nil {
				req.Header = http.Header{}
			}
			req.Host = c.host
			req.Header.Set("Authorization", "Bearer "+w.token(testKey, object{"aud": c.aud}))
			if a := w.do(req); c.good {
				wantErrors(t, name, a)
				wantVerdicts(t, name, a, "a.example")
			} else {
				wantErrors(t, name, a, refused)
				wantCalls(t, name, w, 0)
			}
		})
	}
}

func TestPoint6TimesOfTheTokenAreCheckedWithLeeway(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{fake: pulsedivetest.Config{Generate: true}})
	expired := fatal("authorization error", "Authorization failed: The JWT has expired")
	early := fatal("authorization error", "Authorization failed: The JWT is not valid yet. Compare the clock of the relay's host")
	in := func(d time.Duration) int64 { return time.Now().Add(d).Unix() }
	for name, c := range map[string]struct {
		claims object
		want   []relay.Error
	}{
		"no times":                 {object{"exp": nil}, nil},
		"expired half a minute":    {object{"exp": in(-30 * time.Second)}, nil},
		"expired two minutes":      {object{"exp": in(-2 * time.Minute)}, []relay.Error{expired}},
		"valid in half a minute":   {object{"nbf": in(30 * time.Second)}, nil},
		"valid in two minutes":     {object{"nbf": in(2 * time.Minute)}, []relay.Error{early}},
		"issued in half a minute":  {object{"iat": in(30 * time.Second)}, nil},
		"issued in two minutes":    {object{"iat": in(2 * time.Minute)}, []relay.Error{early}},
		"all three, as they ought": {object{"iat": in(-time.Minute), "nbf": in(-time.Minute), "exp": in(time.Minute)}, nil},
	} {
		a := w.askWith(w.token(testKey, c.claims), observePath, bodyOf("domain", "a.example"))
		wantErrors(t, name, a, c.want...)
	}
}

func TestPoint7EntitiesLimitBelongsToTheRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{relay: relay.Config{EntitiesMax: 150}})
	var factors []object
	for i := range 200 {
		factors = append(factors, object{"rfid": i, "description": fmt.Sprint("factor ", i), "risk": "low"})
	}
	w.fake.SetInfo("many.example", record("domain", "many.example", object{"riskfactors": factors}))
	w.fake.SetLinks("many.example", dns("ip", "192.0.2.1"))
	// The same relay is asked in turn: none of the limits may stay.
	for _, c := range []struct {
		limit any
		want  int
	}{{7, 7}, {nil, 100}, {"3", 3}, {nil, 100}, {1, 1}, {1000, 150}, {"x", 100}, {0, 100}, {-5, 100}, {2.5, 100}, {" 12 ", 12}, {1e30, 100}, {[]int{4}, 100}, {150, 150}, {2, 2}} {
		asked := fmt.Sprintf("limit %v", c.limit)
		a := w.askWith(w.token(testKey, object{"CTR_ENTITIES_LIMIT": c.limit}), observePath, bodyOf("domain", "many.example"))
		wantErrors(t, asked, a)
		if n := len(docs[ctim.Indicator](t, a, "indicators")); n != c.want {
			t.Errorf("%s: %d indicators, want %d", asked, n, c.want)
		}
		if n := len(docs[ctim.Sighting](t, a, "sightings")); n != c.want {
			t.Errorf("%s: %d sightings, want %d", asked, n, c.want)
		}
		if n := len(docs[ctim.Relationship](t, a, "relationships")); n != c.want {
			t.Errorf("%s: %d relationships, want %d", asked, n, c.want)
		}
	}
	for _, c := range w.fake.Calls() {
		if c.Get == "links" {
			t.Error("a limit that is used up: links were asked for, want none")
		}
	}
}
