package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"syscall"
	"time"

	"github.com/go-chi/chi/v5"

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
	listenFlags   `group:"Listening"`
	trustFlags    `group:"Whose tokens are valid"`
	endpointFlags `group:"Pulsedive"`
	keyFlags      `group:"Pulsedive"`
	callerFlags   `group:"Bounds"`
	boundFlags    `group:"Bounds"`
	cacheFlags    `group:"Cache"`
	DB            string `name:"db" type:"text" group:"Database" default:"pulsedive-relay.db" placeholder:"FILE" help:"Database file. This version keeps nothing yet and does not open it."`
	logFlags      `group:"Log"`
}

// Run serves until the process is told to end.
func (c *serveCommand) Run(p *process) error {
	tuneMemory(p, c.CacheBytes)
	log := c.logger(p)
	client, err := c.client(c.PulsediveURL, c.EntitiesMax, c.cacheFlags, log)
	if err != nil {
		return err
	}
	r := c.relay(c.verifier(nil, log), client, c.callerFlags, log)
	l, err := listen(p.ctx, c.Listen)
	if err != nil {
		return err
	}
	if len(c.PublicURL) == 0 {
		log.Warn("no public URL is set: tokens are checked against whatever host a request names", "set", prefix+"PUBLIC_URL")
	}
	log.Info("listening", "address", l.Addr().String(), "version", relay.Version, "pulsedive", c.PulsediveURL, "key_hosts", c.JWKSHosts)
	return serve(p.ctx, l, routes(r, web.Home{Version: relay.Version}), c.RequestTimeout, log)
}

// routes is all that one listener answers. What is no page is the relay's.
func routes(r *relay.Relay, home web.Home) *chi.Mux {
	m := chi.NewRouter()
	m.Method(http.MethodGet, "/", home)
	m.Method(http.MethodHead, "/", home)
	m.Mount("/static", web.Static())
	rest := r.Handler()
	m.NotFound(rest.ServeHTTP)
	m.MethodNotAllowed(rest.ServeHTTP)
	return m
}

func listen(ctx context.Context, address string) (net.Listener, error) {
	var c net.ListenConfig
	l, err := c.Listen(ctx, "tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("listening on %s: the address is in use; is another instance running? --listen takes another address", address)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("listening on %s: permission denied; --listen takes another address, ports from 1024 on are for everybody", address)
	case err != nil:
		return nil, fmt.Errorf("listening on %s: %w; --listen takes another address", address, unwrapNet(err))
	}
	return l, nil
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
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(l) }()
	select {
	case err := <-ended:
		return fmt.Errorf("serving: %w", err)
	case <-ctx.Done():
	}
	log.Info("ending: requests in work are finished first; a second signal ends at once", "at_most", drainTimeout.String())
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
	defer cancel()
	if err := s.Shutdown(drain); err != nil {
		s.Close()
		return fmt.Errorf("requests were still in work after %s; they were cut off", drainTimeout)
	}
	log.Info("ended")
	return nil
}
