package web

import (
	"crypto/subtle"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"

	"pulsedive-relay/web/view"
)

const (
	sessionIdle = 12 * time.Hour
	sessionLife = 30 * 24 * time.Hour
	cookieName  = "relay_admin"
)

// What a session holds.
const (
	keySignedIn = "signed in" // the tag of the password
	keyKind     = "flash kind"
	keyFlash    = "flash"
)

func newSessions(cfg *Config, secure bool) *scs.SessionManager {
	// scs.New would begin a goroutine that tidies a store which is not used here.
	m := &scs.SessionManager{Codec: scs.GobCodec{}}
	m.Cookie.Persist = true
	m.Store, m.IdleTimeout, m.Lifetime = cfg.Store.Sessions(), sessionIdle, sessionLife
	m.Cookie.Name, m.Cookie.Path, m.Cookie.HttpOnly = cookieName, "/admin", true
	m.Cookie.SameSite, m.Cookie.Secure = http.SameSiteStrictMode, secure
	m.ErrorFunc = func(w http.ResponseWriter, req *http.Request, err error) { cfg.showError(w, req, err, nil) }
	return m
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

// hasSession says whether there is a session to sign out of, opened with the
// password that counts now: the demo lets people in without one.
func (a *access) hasSession(req *http.Request) bool {
	has, want := a.sessions(req).GetString(req.Context(), keySignedIn), a.tag()
	return want != "" && subtle.ConstantTimeCompare([]byte(has), []byte(want)) == 1
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
