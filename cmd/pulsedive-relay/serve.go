package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/go-chi/chi/v5"

	"pulsedive-relay/relay"
	"pulsedive-relay/static"
	"pulsedive-relay/store"
	"pulsedive-relay/web"
)

// Times of a connection, beside the request timeout.
const (
	headerTimeout = 5 * time.Second
	readTimeout   = 15 * time.Second
	idleTimeout   = 2 * time.Minute
	// writeTimeout bounds a request as a whole: the longest request timeout that
	// can be set, and time to read and write. The relay's answers have less to be
	// written in, long exports ask for more as they go.
	writeTimeout = readTimeout + 10*time.Minute + drainTimeout
	// drainTimeout is how long requests in work may take to end when the
	// program is told to.
	drainTimeout = 30 * time.Second
	maxHeader    = 32 << 10
)

// serveCommand is the relay.
type serveCommand struct {
	listenFlags    `group:"Listening"`
	store.Settings `embed:""`
	databaseFlags  `group:"Database"`
	adminFlags     `group:"Admin UI"`
	logFlags       `group:"Log"`
}

// Run serves until the process is told to end.
func (c *serveCommand) Run(p *process) error {
	log := c.logger(p)
	password, err := c.password()
	if err != nil {
		return err
	}
	s, err := store.Open(store.Config{Path: c.DB, Pins: p.pins(p.command, c.Settings), Log: log})
	if err != nil {
		return err
	}
	defer closeStore(s, log)
	live, err := relay.NewLive(relay.LiveConfig{Applied: p.tuneMemory, Store: s, UserAgent: userAgent, Log: log}, s.Settings())
	if err != nil {
		return err
	}
	l, err := listen(p.ctx, c.Listen)
	if err != nil {
		return err
	}
	defer l.Close() // where something below fails; serve closes it else
	admin, err := web.New(web.Config{Live: live, Store: s, Password: password.text, PasswordOrigin: password.origin, Address: l.Addr().String(), Log: log})
	if err != nil {
		return usageError{err}
	}
	defer admin.Close() // before the store
	sites := []site{{l, routes(live, web.Home{Version: relay.Version, Admin: true}, admin)}}
	at := l
	if c.AdminListen != "" {
		if at, err = listen(p.ctx, c.AdminListen); err != nil {
			return err
		}
		defer at.Close()
		sites[0].handler = routes(live, web.Home{Version: relay.Version}, nil)
		sites = append(sites, site{at, adminRoutes(admin)})
	}
	defer serveControl(p.ctx, c.DB, s, admin, log)()
	for i := range sites {
		sites[i].handler = c.proxies().behind(sites[i].handler)
	}
	c.tell(log, s, sites, baseURL(at.Addr())+admin.SetupPath(), admin.SetupPath() != "")
	defer keepCache(p.ctx, live)()
	return serve(p.ctx, sites, log)
}

// tell logs what runs here, and what the operator should know.
func (c *serveCommand) tell(log *slog.Logger, s *store.Store, sites []site, setup string, fresh bool) {
	settings := s.Settings()
	if len(settings.PublicURL) == 0 {
		log.Warn("no public URL is set: tokens are checked against whatever host a request names", "set", store.VariablePrefix+"PUBLIC_URL", "or", "the page Settings")
	}
	if !s.Status().Writable {
		log.Warn("the database cannot be written: neither history nor cache is kept, and settings cannot be changed", "file", c.DB)
	}
	attrs := []any{"address", sites[0].listener.Addr().String(), "version", relay.Version, "pulsedive", settings.PulsediveURL, "key_hosts", settings.JWKSHosts, "database", c.DB}
	if len(sites) > 1 {
		attrs = append(attrs, "admin", sites[1].listener.Addr().String())
	}
	log.Info("listening", attrs...)
	if fresh {
		log.Info("the admin UI has no password yet: this link sets one, once", "link", setup)
	}
}

func closeStore(s *store.Store, log *slog.Logger) {
	if err := s.Close(); err != nil {
		log.Error("closing the database", "error", err)
	}
}

// keepCache has the cache written, until stop: when the last request is answered.
func keepCache(ctx context.Context, live *relay.Live) (stop func()) {
	var keeping sync.WaitGroup
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	keeping.Go(func() { live.KeepCache(ctx) })
	return func() {
		cancel()
		keeping.Wait()
	}
}

// site is one listener and what it answers.
type site struct {
	listener net.Listener
	handler  http.Handler
}

// homeAssets are what the page at the relay's address loads: the admin UI loads none
// of them but the product's mark.
var homeAssets = []string{"home.css", "mark.svg"}

// routes is all that the relay's listener answers; admin may be nil. What is no
// page is the relay's.
func routes(live *relay.Live, home web.Home, admin *web.Admin) *chi.Mux {
	m := chi.NewRouter()
	m.Method(http.MethodGet, "/", home)
	m.Method(http.MethodHead, "/", home)
	if admin != nil {
		m.Mount("/static", static.Handler())
		m.Mount("/admin", admin.Handler())
	} else {
		m.Mount("/static", static.Handler(homeAssets...))
	}
	m.NotFound(live.ServeHTTP)
	m.MethodNotAllowed(live.ServeHTTP)
	return m
}

// adminRoutes is what the admin UI's own listener answers.
func adminRoutes(admin *web.Admin) *chi.Mux {
	m := chi.NewRouter()
	m.Mount("/static", static.Handler())
	m.Mount("/admin", admin.Handler())
	m.Get("/", http.RedirectHandler("/admin", http.StatusSeeOther).ServeHTTP)
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

// serve answers until ctx ends, then drains: requests in work are finished, new
// connections refused.
func serve(ctx context.Context, sites []site, log *slog.Logger) error {
	ended := make(chan error, len(sites))
	servers := make([]*http.Server, len(sites))
	for i, site := range sites {
		servers[i] = &http.Server{
			Handler:           site.handler,
			ReadHeaderTimeout: headerTimeout,
			ReadTimeout:       readTimeout,
			WriteTimeout:      writeTimeout,
			IdleTimeout:       idleTimeout,
			MaxHeaderBytes:    maxHeader,
			ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
		}
		go func() { ended <- servers[i].Serve(site.listener) }()
	}
	select {
	case err := <-ended:
		for _, s := range servers {
			s.Close()
		}
		return fmt.Errorf("serving: %w", err)
	case <-ctx.Done():
	}
	log.Info("ending: requests in work are finished first; a second signal ends at once", "at_most", drainTimeout.String())
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
	defer cancel()
	var cut atomic.Bool
	var drained sync.WaitGroup
	for _, s := range servers {
		drained.Go(func() {
			if s.Shutdown(drain) != nil {
				cut.Store(true)
				s.Close()
			}
		})
	}
	drained.Wait()
	if cut.Load() {
		return fmt.Errorf("requests were still in work after %s; they were cut off", drainTimeout)
	}
	log.Info("ended")
	return nil
}
