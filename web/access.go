package web

import (
	"crypto/rand"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"

	"github.com/alexedwards/scs/v2"
)

// Who may use the admin UI.
//
// There is one password (access_password.go). Its bcrypt hash is in the store, or
// it comes with the process (Config.Password) and is hashed in memory. A fresh
// store has none: then a link with a random token, told in the log, lets whoever
// can read the log set one, once. Whoever signs in gets a session
// (access_session.go): a random token in a cookie that scripts cannot read and
// other sites' requests do not carry, kept hashed in the store. It holds a tag of
// the password that it began with: where another one counts by now, set here, by a
// command or with the process, it is over. Forms of other origins are refused by
// what browsers say of a request's origin. A session alone does not lead to what is
// stored secretly: another password, and a copy with secrets, ask for the password
// again, and the stored Pulsedive key is sent to no other host than it was stored
// for. It does decide which endpoint is asked, and so who gets the keys that
// callers bring.
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
