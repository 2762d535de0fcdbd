package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"pulsedive-relay/relay"
	"pulsedive-relay/web"
)

// Times of a connection, beside the request timeout.
const (
	headerTimeout = 5 * time.Second
	readTimeout   = 15 * time.Second
	idleTimeout   = 2 * time.Minute
	// drainTimeout is how long requests in work may take to end when the
	// program is told to.
	drainTimeout = 30 * time.Second
	maxHeader    = 32 << 10
)

// serveCommand is the relay.
type serveCommand struct {
	listenFlags
	DB string `name:"db" default:"pulsedive-relay.db" placeholder:"FILE" help:"Database file. This version keeps nothing yet and does not open it."`
	trustFlags
	endpointFlags
	keyFlags
	boundFlags
	logFlags
}

// Run serves until the process is told to end.
func (c *serveCommand) Run(p *process) error {
	log := c.logger(p)
	client, err := c.client(c.PulsediveURL, log)
	if err != nil {
		return err
	}
	r := c.relay(c.verifier(nil, log), client, log)
	if len(c.PublicURL) == 0 {
		log.Warn("no public URL is set: tokens are checked against whatever host a request names", "set", prefix+"PUBLIC_URL")
	}
	l, err := listen(p.ctx, c.Listen)
	if err != nil {
		return err
	}
	log.Info("listening", "address", l.Addr().String(), "version", relay.Version, "pulsedive", c.PulsediveURL, "key_hosts", c.JWKSHosts)
	return serve(p.ctx, l, routes(r, web.Home{Version: relay.Version}), c.RequestTimeout, log)
}

// routes is all that one listener answers.
func routes(r *relay.Relay, home web.Home) *http.ServeMux {
	m := http.NewServeMux()
	m.Handle("GET /{$}", home)
	m.Handle("GET /static/", web.Static())
	m.Handle("/", r.Handler())
	return m
}

func listen(ctx context.Context, address string) (net.Listener, error) {
	var c net.ListenConfig
	l, err := c.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listening on %s: %w; is another instance running? --listen takes another address", address, unwrapNet(err))
	}
	return l, nil
}

// unwrapNet leaves out what net.OpError says of the address a second time.
func unwrapNet(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err
	}
	return err
}

// serve answers on l until ctx ends, then drains: requests in work are finished,
// new connections refused.
func serve(ctx context.Context, l net.Listener, h http.Handler, request time.Duration, log *slog.Logger) error {
	s := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      readTimeout + request + drainTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(l) }()
	select {
	case err := <-ended:
		return fmt.Errorf("serving: %w", err)
	case <-ctx.Done():
	}
	log.Info("ending: requests in work are finished first", "at_most", drainTimeout)
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
	defer cancel()
	if err := s.Shutdown(drain); err != nil {
		s.Close()
		return fmt.Errorf("requests were still in work after %s: %w", drainTimeout, err)
	}
	log.Info("ended")
	return nil
}
