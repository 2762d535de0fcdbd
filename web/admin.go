package web

import (
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/go-chi/chi/v5"

	"pulsedive-relay/relay"
	"pulsedive-relay/store"
	"pulsedive-relay/web/view"
)

// Config is what the admin UI is made of. Live and Store are needed.
type Config struct {
	// Live answers tries, and takes changed settings.
	Live *relay.Live
	// Store holds history, settings and sessions.
	Store *store.Store
	// Demo marks all data as made up, and signs in whoever comes from this
	// machine.
	Demo bool
	// Password signs in instead of the one in the store; PasswordOrigin is the
	// variable or flag that it came from. Empty: the store's counts.
	Password, PasswordOrigin string
	// Address is where the relay listens, host:port, for hints.
	Address string
	// HTTP asks this relay's own public URLs in the self-test; nil: the usual
	// client. Only its transport counts.
	HTTP *http.Client
	// Log takes what the operator should know; nil: nothing is logged.
	Log *slog.Logger
	// Now is the clock; nil: time.Now.
	Now func() time.Time
}

// Admin is the admin UI. It is safe for use by many at once.
type Admin struct {
	cfg     Config
	access  *access
	runs    *runs
	purge   purge
	started time.Time
	held    *heldKeys
	saving  sync.Mutex // held while settings are saved and made to hold
	tests   selfTests
}

// New makes the admin UI.
func New(cfg Config) (*Admin, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	access, err := newAccess(cfg)
	if err != nil {
		return nil, err
	}
	return &Admin{cfg: cfg, access: access, runs: newRuns(cfg), started: cfg.Now(), held: newHeldKeys(cfg.Now)}, nil
}

// Close ends the runs that are at work, and comes back when what they had by then
// is in the history. No more begin.
func (a *Admin) Close() { a.runs.close() }

// page answers one request. What it returns as error is shown as a page of its
// own.
type page func(w http.ResponseWriter, req *http.Request) error

// Handler is all that stands under /admin.
func (a *Admin) Handler() http.Handler {
	m := chi.NewRouter()
	m.Use(packed, secured, http.NewCrossOriginProtection().Handler, a.access.load)
	m.NotFound(a.page(func(http.ResponseWriter, *http.Request) error { return errNoPage }))
	m.MethodNotAllowed(a.page(func(http.ResponseWriter, *http.Request) error { return errMethod }))
	get := func(m chi.Router, path string, p page) { m.Get(path, a.page(p)); m.Head(path, a.page(p)) }
	post := func(m chi.Router, path string, p page) { m.Post(path, a.page(p)) }

	get(m, "/login", a.loginPage)
	post(m, "/login", a.login)
	get(m, "/setup", a.setupPage)
	post(m, "/setup", a.setup)
	m.Group(func(m chi.Router) {
		m.Use(a.access.required)
		get(m, "/", a.overview)
		get(m, "/try", a.try)
		post(m, "/try", a.startRun)
		post(m, "/try/find", a.findObservables)
		get(m, "/try/{run}", a.run)
		post(m, "/try/{run}/cancel", a.cancelRun)
		get(m, "/history", a.history)
		get(m, "/history/export", a.exportHistory)
		get(m, "/history/purge", a.confirmPurge)
		post(m, "/history/purge", a.purgeHistory)
		get(m, "/exchange/{id}", a.exchange)
		get(m, "/exchange/{id}/answer.json", a.downloadAnswer)
		post(m, "/exchange/{id}/again", a.askAgain)
		get(m, "/exchange/{id}/delete", a.confirmDelete)
		post(m, "/exchange/{id}/delete", a.deleteExchange)
		get(m, "/module", a.module)
		get(m, "/module/module_type.json", a.downloadModule)
		get(m, "/self-test", a.selfTest)
		post(m, "/self-test", a.runSelfTest)
		get(m, "/settings", a.settings)
		post(m, "/settings", a.saveSettings)
		post(m, "/settings/test-key", a.testKey)
		post(m, "/settings/password", a.changePassword)
		post(m, "/settings/backup", a.downloadBackup)
		post(m, "/logout", a.logout)
		post(m, "/logout-everywhere", a.logoutEverywhere)
	})
	return m
}

// shell is what every page shows around its content.
func (a *Admin) shell(req *http.Request) view.Shell {
	return view.Shell{
		Version: relay.Version, Uptime: view.Span(a.cfg.Now().Sub(a.started)), Demo: a.cfg.Demo,
		SignedIn: a.access.hasSession(req), Flash: a.access.takeFlash(req),
	}
}
