package web

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/alexedwards/scs/v2"
	"golang.org/x/crypto/bcrypt"

	"pulsedive-relay/store"
	"pulsedive-relay/web/view"
)

// Who may use the admin UI.
//
// There is one password. Its bcrypt hash is in the store, or it comes with the
// process (Config.Password) and is hashed in memory. A fresh store has none: then
// a link with a random token, told in the log, lets whoever can read the log set
// one, once. Whoever signs in gets a session: a random token in a cookie that
// scripts cannot read and other sites' requests do not carry, kept hashed in the
// store. It holds a tag of the password that it began with: where another one
// counts by now, set here, by a command or with the process, it is over. Forms of
// other origins are refused by what browsers say of a request's origin. A session
// alone does not lead to what is stored secretly: another password, and a copy
// with secrets, ask for the password again, and the stored Pulsedive key is sent
// to no other host than it was stored for. It does decide which endpoint is asked,
// and so who gets the keys that callers bring.
//
// Guessing is slowed down per address and in all (throttle.go). So that strangers
// who guess from everywhere keep nobody out who belongs here, a browser that
// signed in is known by a second cookie (access_known.go), for half a year. It
// opens nothing and holds nothing secret: it only says whose tries count
// together. Those of a known browser are counted by themselves, wherever they come
// from, and slow down as those of one address do: whoever takes such a cookie may
// guess no faster with it than from one address more, and can at worst keep that
// one browser waiting. Another password, and signing out everywhere, end them all.
// Setting a password forgets all wrong tries, so that the command passwd lets an
// admin in at once.
//
// In a demo whoever comes from this machine under a name of this machine is
// signed in: the data is made up.
const (
	sessionIdle = 12 * time.Hour
	sessionLife = 30 * 24 * time.Hour
	cookieName  = "relay_admin"

	shortestPassword = 10
	longestPassword  = 72 // bytes: bcrypt hashes no more
)

// What a session holds.
const (
	keySignedIn = "signed in" // the tag of the password
	keyKind     = "flash kind"
	keyFlash    = "flash"
)

// access is who may come in.
type access struct {
	cfg           Config
	plain, secure *scs.SessionManager // by whether the cookie is for TLS alone
	known         knownBrowsers
	throttle      *throttle
	pinned        []byte // hash of Config.Password

	settingFirst sync.Mutex // held while the first password is set

	mu    sync.Mutex
	token string // of the link that sets the first password; empty: there is none
}

func newAccess(cfg Config) (*access, error) {
	known, err := newKnownBrowsers(cfg.Store.Secret())
	if err != nil {
		return nil, err
	}
	a := &access{cfg: cfg, known: known, throttle: newThrottle(cfg.Now)}
	a.plain, a.secure = newSessions(&a.cfg, false), newSessions(&a.cfg, true)
	if cfg.Password != "" {
		if a.pinned, err = hashPassword(cfg.Password); err != nil {
			return nil, fmt.Errorf("the admin password of %s: %w", cfg.PasswordOrigin, err)
		}
	}
	if !a.hasPassword() && !cfg.Demo {
		a.token = rand.Text()
	}
	return a, nil
}

func newSessions(cfg *Config, secure bool) *scs.SessionManager {
	// scs.New would begin a goroutine that tidies a store which is not used here.
	m := &scs.SessionManager{Codec: scs.GobCodec{}}
	m.Cookie.Persist = true
	m.Store, m.IdleTimeout, m.Lifetime = cfg.Store.Sessions(), sessionIdle, sessionLife
	m.Cookie.Name, m.Cookie.Path, m.Cookie.HttpOnly = cookieName, "/admin", true
	m.Cookie.SameSite, m.Cookie.Secure = http.SameSiteStrictMode, secure
	m.ErrorFunc = cfg.showError
	return m
}

// hashPassword refuses passwords that are too short or too long.
func hashPassword(password string) ([]byte, error) {
	switch {
	case len([]rune(password)) < shortestPassword:
		return nil, fmt.Errorf("a password has %d characters at least", shortestPassword)
	case len(password) > longestPassword:
		return nil, fmt.Errorf("a password has %d bytes at most", longestPassword)
	}
	return bcrypt.GenerateFromPassword([]byte(password), bcrypt.DefaultCost)
}

// SetPassword sets the password in the store while no relay runs, and ends all
// sessions.
func SetPassword(s *store.Store, password string) error {
	hash, err := hashPassword(password)
	if err != nil {
		return err
	}
	return s.SetPassword(hash)
}

// SetPassword sets the password in the store, ends all sessions and forgets all
// wrong tries. It refuses where the process fixes the password.
func (a *Admin) SetPassword(password string) error {
	if a.access.pinned != nil {
		return fmt.Errorf("the relay that runs takes its password from %s; change it there", a.cfg.PasswordOrigin)
	}
	if err := SetPassword(a.cfg.Store, password); err != nil {
		return err
	}
	a.access.throttle.forget()
	return nil
}

// hash is that of the password that counts; nil: there is none.
func (a *access) hash() []byte {
	if a.pinned != nil {
		return a.pinned
	}
	hash, _ := a.cfg.Store.Password()
	return hash
}

func (a *access) hasPassword() bool { return len(a.hash()) > 0 }

// right says whether the password is the right one, and what its tag is.
func (a *access) right(password string) (tag string, ok bool) {
	hash := a.hash()
	return a.tagOf(hash), bcrypt.CompareHashAndPassword(hash, []byte(password)) == nil
}

// tag stands for the password that counts now; empty: there is none.
func (a *access) tag() string { return a.tagOf(a.hash()) }

// tagOf is the tag of the password of a hash, until all sessions are ended: a
// request under way then cannot bring its own back. A pinned password is hashed
// anew at each start, so that its tag is made of the password itself.
func (a *access) tagOf(hash []byte) string {
	if len(hash) == 0 {
		return ""
	}
	h := hmac.New(sha256.New, a.cfg.Store.Secret())
	h.Write([]byte(a.cfg.Store.Era() + " "))
	if a.pinned != nil {
		h.Write([]byte("pinned " + a.cfg.Password))
	} else {
		h.Write(append([]byte("stored "), hash...))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// setupToken is the token of the link that sets the first password; empty where
// there is one.
func (a *access) setupToken() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.hasPassword() {
		a.token = ""
	}
	return a.token
}

func (a *access) isSetupToken(token string) bool {
	want := a.setupToken()
	return want != "" && subtle.ConstantTimeCompare([]byte(token), []byte(want)) == 1
}

// setFirst sets the first password. Of several who try at once one does.
func (a *access) setFirst(token, password string) error {
	hash, err := hashPassword(password)
	if err != nil {
		return err
	}
	a.settingFirst.Lock()
	defer a.settingFirst.Unlock()
	if !a.isSetupToken(token) {
		return errSetup
	}
	return a.cfg.Store.SetPassword(hash)
}

// SetupPath is the path of the link that sets the first password, with its
// token; empty where there is a password.
func (a *Admin) SetupPath() string {
	if token := a.access.setupToken(); token != "" {
		return "/admin/setup?token=" + token
	}
	return ""
}

// sessions is those whose cookie fits how the request came.
func (a *access) sessions(req *http.Request) *scs.SessionManager {
	if isTLS(req) {
		return a.secure
	}
	return a.plain
}

func isTLS(req *http.Request) bool {
	return req.TLS != nil || strings.EqualFold(req.Header.Get("X-Forwarded-Proto"), "https")
}

// load gives a request its session. What a page asks for by itself, to stay
// fresh, does not make the session last longer, nor change it.
func (a *access) load(next http.Handler) http.Handler {
	plain, secure := a.plain.LoadAndSave(next), a.secure.LoadAndSave(next)
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		switch s := a.sessions(req); {
		case req.Method == http.MethodGet && isPart(req):
			a.peek(w, req, s, next)
		case s == a.secure:
			secure.ServeHTTP(w, req)
		default:
			plain.ServeHTTP(w, req)
		}
	})
}

// peek gives a request its session without saving it afterwards.
func (*access) peek(w http.ResponseWriter, req *http.Request, s *scs.SessionManager, next http.Handler) {
	token := ""
	if c, err := req.Cookie(cookieName); err == nil {
		token = c.Value
	}
	ctx, err := s.Load(req.Context(), token)
	if err != nil {
		s.ErrorFunc(w, req, err)
		return
	}
	next.ServeHTTP(w, req.WithContext(ctx))
}

// required sends whoever is not signed in to the page that signs in.
func (a *access) required(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		switch {
		case a.signedIn(req):
			next.ServeHTTP(w, req)
		case isPart(req):
			w.Header().Set("HX-Refresh", "true")
			w.WriteHeader(http.StatusUnauthorized)
		case req.Method == http.MethodGet:
			http.Redirect(w, req, "/admin/login?to="+url.QueryEscape(req.URL.RequestURI()), http.StatusSeeOther)
		default:
			http.Redirect(w, req, "/admin/login", http.StatusSeeOther)
		}
	})
}

// hasSession says whether there is a session to sign out of, opened with the
// password that counts now: the demo lets people in without one.
func (a *access) hasSession(req *http.Request) bool {
	has, want := a.sessions(req).GetString(req.Context(), keySignedIn), a.tag()
	return want != "" && subtle.ConstantTimeCompare([]byte(has), []byte(want)) == 1
}

func (a *access) signedIn(req *http.Request) bool {
	return a.hasSession(req) || a.cfg.Demo && isLocal(req)
}

// proxyHeaders are what proxies add: a request that has one came from elsewhere.
var proxyHeaders = []string{"Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip"}

// isLocal says whether a request came from this machine and names it: a page of
// elsewhere whose name leads here does not.
func isLocal(req *http.Request) bool {
	from, err := netip.ParseAddrPort(req.RemoteAddr)
	if err != nil || !from.Addr().Unmap().IsLoopback() {
		return false
	}
	for _, name := range proxyHeaders {
		if req.Header.Values(name) != nil {
			return false
		}
	}
	host := req.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// signIn begins a session with the password of a tag; the browser is known from
// now on.
func (a *access) signIn(w http.ResponseWriter, req *http.Request, tag string) error {
	s := a.sessions(req)
	if err := s.RenewToken(req.Context()); err != nil {
		return fmt.Errorf("beginning a session: %w", err)
	}
	s.Put(req.Context(), keySignedIn, tag)
	a.know(w, req, tag)
	return nil
}

// flash keeps a message for the next page.
func (a *access) flash(req *http.Request, kind view.Kind, text string) {
	s := a.sessions(req)
	s.Put(req.Context(), keyKind, string(kind))
	s.Put(req.Context(), keyFlash, text)
}

// takeFlash takes the message that the page before left.
func (a *access) takeFlash(req *http.Request) *view.Flash {
	s := a.sessions(req)
	if text := s.PopString(req.Context(), keyFlash); text != "" {
		return &view.Flash{Kind: view.Kind(s.PopString(req.Context(), keyKind)), Text: text}
	}
	return nil
}
