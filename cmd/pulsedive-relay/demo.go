package main

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"pulsedive-relay/relay"
	"pulsedive-relay/relay/auth/authtest"
	"pulsedive-relay/relay/pulsedive/pulsedivetest"
	"pulsedive-relay/store"
	"pulsedive-relay/web"
)

const (
	// demoKey is the Pulsedive key in the demo's tokens: the fake one takes any.
	demoKey = "demo-key"
	// demoTokenLife is how long a token of the demo's is valid.
	demoTokenLife = 24 * time.Hour
	// tokenPath is where a demo hands out tokens.
	tokenPath = "/demo/token"
)

// demoCommand is the relay on made-up intelligence.
type demoCommand struct {
	Listen        string        `type:"address" default:"127.0.0.1:9090" placeholder:"ADDRESS" help:"Address to listen on, host:port; port 0 is any free one."`
	Plan          string        `noenv:"" type:"choice" default:"none" enum:"none,free,pro" placeholder:"PLAN" help:"Limits of the made-up Pulsedive: none, free (1 call a second, 50 a day) or pro (10 a second). With one of them requests wait their turn."`
	Latency       time.Duration `noenv:"" type:"time" least:"0s" most:"1m" default:"80ms" placeholder:"TIME" help:"How long the made-up Pulsedive takes to answer."`
	store.Callers `group:"Bounds"`
	store.Bounds  `group:"Bounds"`
	store.Cache   `group:"Cache"`
	logFlags      `group:"Log"`
}

// demo is a relay whose Pulsedive and whose token issuer live in this process.
type demo struct {
	issuer    *authtest.Issuer
	pulsedive *http.Server
	listener  net.Listener
	folder    string // with the database
	store     *store.Store
	live      *relay.Live
	admin     *web.Admin
}

// Run serves until the process is told to end.
func (c *demoCommand) Run(p *process) error {
	log := c.logger(p)
	d, err := c.start(p, log)
	if err != nil {
		return err
	}
	defer d.close()
	base := baseURL(d.listener.Addr())
	token, err := d.token(base, demoKey, 0)
	if err != nil {
		return fmt.Errorf("making a token: %w", err)
	}
	if err := c.greet(p, base, token); err != nil {
		return fmt.Errorf("telling what runs here: %w", err)
	}
	m := routes(d.live, web.Home{Version: relay.Version, Demo: true, Admin: true, Address: strings.TrimPrefix(base, "http://")}, d.admin)
	m.Post(tokenPath, d.serveToken)
	defer keepCache(p.ctx, d.live)()
	return serve(p.ctx, []site{{d.listener, m}}, log)
}

func (c *demoCommand) start(p *process, log *slog.Logger) (_ *demo, err error) {
	d := &demo{}
	defer func() {
		if err != nil {
			d.close()
		}
	}()
	if d.listener, err = listen(p.ctx, c.Listen); err != nil {
		return nil, err
	}
	if d.issuer, err = authtest.NewIssuer(); err != nil {
		return nil, fmt.Errorf("starting the token issuer: %w", err)
	}
	address, err := d.fake(p, c)
	if err != nil {
		return nil, fmt.Errorf("starting the made-up Pulsedive: %w", err)
	}
	if err := d.remember(c, address, log); err != nil {
		return nil, err
	}
	// The only place where the local issuer is trusted.
	d.live, err = relay.NewLive(relay.LiveConfig{Applied: p.tuneMemory, Store: d.store, UserAgent: userAgent, KeysHTTP: d.issuer.Client(), Log: log}, d.store.Settings())
	if err != nil {
		return nil, err
	}
	if err := seed(p.ctx, d.store, address, d.listener.Addr().String(), d.issuer.Host()); err != nil {
		return nil, fmt.Errorf("making up a history: %w", err)
	}
	d.admin, err = web.New(web.Config{Live: d.live, Store: d.store, Demo: true, Address: d.listener.Addr().String(), Log: log})
	return d, err
}

// remember opens a database that goes with the demo.
func (d *demo) remember(c *demoCommand, pulsedive string, log *slog.Logger) (err error) {
	if d.folder, err = os.MkdirTemp("", name+"-demo-"); err != nil {
		return fmt.Errorf("making a folder for the demo's database: %w", err)
	}
	const origin = "the demo"
	pins := []store.Pin{
		{Name: "jwks-hosts", Text: d.issuer.Host(), Origin: origin}, {Name: "pulsedive-url", Text: pulsedive, Origin: origin},
		{Name: "pulsedive-key", Text: demoKey, Origin: origin},
	}
	d.store, err = store.Open(store.Config{Path: filepath.Join(d.folder, "demo.db"), Pins: pins, Log: log})
	if err != nil {
		return err
	}
	s := d.store.Settings()
	s.Callers, s.Bounds, s.Cache = c.Callers, c.Bounds, c.Cache
	return d.store.SaveSettings(s)
}

// fake starts the made-up Pulsedive and says where it is.
func (d *demo) fake(p *process, c *demoCommand) (string, error) {
	l, err := listen(p.ctx, "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	plan, _ := pulsedivetest.PlanByName(c.Plan) // one of the enum
	fake := pulsedivetest.New(pulsedivetest.Config{Plan: plan, Latency: c.Latency})
	fake.RecordCalls(false)
	fake.LoadSample()
	d.pulsedive = &http.Server{Handler: fake, ReadHeaderTimeout: headerTimeout}
	go d.pulsedive.Serve(l)
	return baseURL(l.Addr()) + "/api/info.php", nil
}

func (d *demo) close() {
	if d.listener != nil {
		d.listener.Close()
	}
	if d.admin != nil {
		d.admin.Close()
	}
	if d.issuer != nil {
		d.issuer.Close()
	}
	if d.pulsedive != nil {
		d.pulsedive.Close()
	}
	if d.store != nil {
		d.store.Close()
	}
	if d.folder != "" {
		os.RemoveAll(d.folder)
	}
}

// token is good for the demo at base, however its host is spelled.
func (d *demo) token(base, key string, limit int) (string, error) {
	audience := []string{base}
	if _, port, err := net.SplitHostPort(d.listener.Addr().String()); err == nil {
		for _, host := range []string{"localhost", "127.0.0.1", "[::1]"} {
			if one := "http://" + host + ":" + port; !slices.Contains(audience, one) {
				audience = append(audience, one)
			}
		}
	}
	now := time.Now()
	claims := map[string]any{
		"iss": name + " demo", "aud": audience, "jwks_host": d.issuer.Host(), "key": key,
		"iat": now.Unix(), "exp": now.Add(demoTokenLife).Unix(),
	}
	if limit > 0 {
		claims["CTR_ENTITIES_LIMIT"] = limit
	}
	return d.issuer.Token(claims)
}

// serveToken hands out a token, for the command token.
func (d *demo) serveToken(w http.ResponseWriter, req *http.Request) {
	limit, _ := strconv.Atoi(req.PostFormValue("entities_limit")) // none: 0
	key := req.PostFormValue("key")
	if key == "" {
		key = demoKey
	}
	token, err := d.token("http://"+req.Host, key, limit)
	if err != nil {
		http.Error(w, "making a token failed", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	fmt.Fprintln(w, token)
}
