package web

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	// knownLife is how long a browser that signed in is known.
	knownLife = 180 * 24 * time.Hour
	// knownCookie is the cookie's name.
	knownCookie = "relay_known"
	// knownPurpose makes a key of the store's secret that is good for nothing else.
	knownPurpose = "pulsedive-relay: known browser"
)

// knownBrowsers makes and checks the cookie of browsers that signed in before:
//
//	NAME.END.SIGNATURE
//
// The name is random, END the second since 1970 at which it is over. The signature
// covers both, the tag of the password that counts, and the store's era: another
// password, and signing out everywhere, end it.
type knownBrowsers struct{ key []byte }

func newKnownBrowsers(secret []byte) (knownBrowsers, error) {
	key, err := hkdf.Key(sha256.New, secret, nil, knownPurpose, sha256.Size)
	if err != nil {
		return knownBrowsers{}, fmt.Errorf("making the key of known browsers: %w", err)
	}
	return knownBrowsers{key}, nil
}

func (k knownBrowsers) sign(name, end, tag, era string) string {
	h := hmac.New(sha256.New, k.key)
	fmt.Fprintf(h, "%s.%s.%s.%s", name, end, tag, era)
	return hex.EncodeToString(h.Sum(nil))
}

// know gives a browser that signed in with the password of a tag its cookie.
func (a *access) know(w http.ResponseWriter, req *http.Request, tag string) {
	name, end := rand.Text(), strconv.FormatInt(a.cfg.Now().Add(knownLife).Unix(), 10)
	http.SetCookie(w, &http.Cookie{
		Name: knownCookie, Value: strings.Join([]string{name, end, a.known.sign(name, end, tag, a.cfg.Store.Era())}, "."),
		Path: "/admin", MaxAge: int(knownLife / time.Second), HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: isTLS(req),
	})
}

// knows is the name of a request's browser, empty where it is not known.
func (a *access) knows(req *http.Request) string {
	c, err := req.Cookie(knownCookie)
	if err != nil {
		return ""
	}
	parts := strings.Split(c.Value, ".")
	tag := a.tag()
	if len(parts) != 3 || tag == "" {
		return ""
	}
	name, end := parts[0], parts[1]
	if !hmac.Equal([]byte(parts[2]), []byte(a.known.sign(name, end, tag, a.cfg.Store.Era()))) {
		return ""
	}
	if over, err := strconv.ParseInt(end, 10, 64); err != nil || !a.cfg.Now().Before(time.Unix(over, 0)) {
		return ""
	}
	return name
}

// sourceOf is whose tries a request's count as.
func (a *access) sourceOf(req *http.Request) source {
	if name := a.knows(req); name != "" {
		return source{browser: name}
	}
	return source{address: addressOf(req.RemoteAddr)}
}
