package main

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"time"

	"pulsedive-relay/relay"
	"pulsedive-relay/relay/auth/authtest"
	"pulsedive-relay/relay/pulsedive/pulsedivetest"
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
	Listen  string        `default:"127.0.0.1:9090" placeholder:"ADDRESS" help:"Address to listen on, host:port."`
	Plan    string        `noenv:"" default:"none" enum:"none,free,pro" placeholder:"PLAN" help:"Limits of the made-up Pulsedive: none, free (1 call a second, 50 a day), pro (10 a second)."`
	Latency time.Duration `noenv:"" default:"80ms" placeholder:"TIME" help:"How long the made-up Pulsedive takes to answer."`
	boundFlags
	logFlags
}

// Validate is called by kong.
func (c *demoCommand) Validate() error {
	if c.Latency < 0 || c.Latency > time.Minute {
		return fmt.Errorf("--latency: %s is not between 0s and 1m", c.Latency)
	}
	if err := validAddress(c.Listen); err != nil {
		return err
	}
	return c.boundFlags.Validate()
}

// demo is a relay whose Pulsedive and whose token issuer live in this process.
type demo struct {
	issuer    *authtest.Issuer
	pulsedive *http.Server
	relay     *relay.Relay
	listener  net.Listener
}

// Run serves until the process is told to end.
func (c *demoCommand) Run(p *process) error {
	d, err := c.start(p, c.logger(p))
	if err != nil {
		return err
	}
	defer d.close()
	base := baseURL(d.listener.Addr())
	token, err := d.token(base, demoKey, 0)
	if err != nil {
		return fmt.Errorf("making a token: %w", err)
	}
	c.greet(p, base, token)
	m := routes(d.relay, web.Home{Version: relay.Version, Demo: true})
	m.HandleFunc("POST "+tokenPath, d.serveToken)
	return serve(p.ctx, d.listener, m, c.RequestTimeout, c.logger(p))
}

func (c *demoCommand) start(p *process, log *slog.Logger) (*demo, error) {
	l, err := listen(p.ctx, c.Listen)
	if err != nil {
		return nil, err
	}
	d := &demo{listener: l}
	if d.issuer, err = authtest.NewIssuer(); err != nil {
		d.close()
		return nil, fmt.Errorf("starting the token issuer: %w", err)
	}
	upstream, err := listen(p.ctx, "127.0.0.1:0")
	if err != nil {
		d.close()
		return nil, fmt.Errorf("starting the made-up Pulsedive: %w", err)
	}
	plan, _ := pulsedivetest.PlanByName(c.Plan) // one of the enum
	fake := pulsedivetest.New(pulsedivetest.Config{Plan: plan, Latency: c.Latency})
	fake.RecordCalls(false)
	fake.LoadSample()
	d.pulsedive = &http.Server{Handler: fake, ReadHeaderTimeout: headerTimeout}
	go d.pulsedive.Serve(upstream)
	client, err := c.client(baseURL(upstream.Addr())+"/api/info.php", log)
	if err != nil {
		d.close()
		return nil, err
	}
	// The only place where the local issuer is trusted.
	trust := trustFlags{JWKSHosts: []string{d.issuer.Host()}}
	d.relay = c.relay(trust.verifier(d.issuer.Client(), log), client, log)
	return d, nil
}

func (d *demo) close() {
	d.listener.Close()
	if d.issuer != nil {
		d.issuer.Close()
	}
	if d.pulsedive != nil {
		d.pulsedive.Close()
	}
}

// token is good for the demo at base, however its host is spelled.
func (d *demo) token(base, key string, limit int) (string, error) {
	audience := []string{base}
	if _, port, err := net.SplitHostPort(d.listener.Addr().String()); err == nil {
		audience = append(audience, "http://localhost:"+port, "http://127.0.0.1:"+port, "http://[::1]:"+port)
	}
	claims := map[string]any{
		"iss": "pulsedive-relay demo", "aud": audience, "jwks_host": d.issuer.Host(), "key": key,
		"iat": time.Now().Unix(), "exp": time.Now().Add(demoTokenLife).Unix(),
	}
	if limit > 0 {
		claims["CTR_ENTITIES_LIMIT"] = limit
	}
	return d.issuer.Token(claims)
}

// serveToken hands out a token, for the command token.
func (d *demo) serveToken(w http.ResponseWriter, req *http.Request) {
	limit, _ := strconv.Atoi(req.FormValue("entities_limit"))
	key := req.FormValue("key")
	if key == "" {
		key = demoKey
	}
	token, err := d.token("http://"+req.Host, key, limit)
	if err != nil {
		http.Error(w, "making a token failed", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	fmt.Fprintln(w, token)
}

// greet tells what runs here, and what to type next.
func (c *demoCommand) greet(p *process, base, token string) {
	fmt.Fprintf(p.stdout, `pulsedive-relay %s, demo at %s

All intelligence here is made up, and nothing leaves this machine.
Plan of the made-up Pulsedive: %s. End with Ctrl+C.

Paste into another terminal (the token is good for %s):

TOKEN=%s
`, relay.Version, base, c.Plan, demoTokenLife, token)
	for _, line := range [][2]string{
		{"/health", ""},
		{"/observe/observables", `[{"type":"domain","value":"qsnatch-c2.example.net"}]`},
		{"/refer/observables", `[{"type":"domain","value":"qsnatch-c2.example.net"},{"type":"ip","value":"198.51.100.23"}]`},
	} {
		fmt.Fprintf(p.stdout, "\n%s\n", curlLine(base+line[0], line[1]))
	}
	fmt.Fprintf(p.stdout, "\nMore to ask about:\n")
	for _, s := range pulsedivetest.Sample() {
		if len(s.Value) <= 48 {
			fmt.Fprintf(p.stdout, "  %-7s %-44s %s\n", s.Type, s.Value, firstSentence(s.Shows))
		}
	}
	fmt.Fprintln(p.stdout)
}
