// Package web is what people see in a browser. For now that is the small page at
// the relay's address; the admin UI will stand under /admin.
//
// It renders what it is given and asks nobody.
package web

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"

	"pulsedive-relay/static"
	"pulsedive-relay/web/view"
)

// policy is the content security policy of every page: nothing but our own.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// Home answers GET /: a page for a browser, a line of text for the rest.
type Home struct {
	// Version is the relay's.
	Version string
	// Demo marks the answers as made up.
	Demo bool
	// Address is where a demo listens, host:port.
	Address string
}

// ServeHTTP is called for GET /.
func (h Home) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Add("Vary", "Accept")
	if !strings.Contains(req.Header.Get("Accept"), "text/html") {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		fmt.Fprintln(w, h.line())
		return
	}
	var page bytes.Buffer
	if err := view.Home(view.HomePage{Version: h.Version, Demo: h.Demo, Address: h.Address}).Render(req.Context(), &page); err != nil {
		http.Error(w, "The page could not be rendered.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", policy)
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Write(page.Bytes())
}

func (h Home) line() string {
	line := "pulsedive-relay " + h.Version + ": Pulsedive for Cisco XDR (formerly SecureX)."
	if h.Demo {
		line += " Demo: all intelligence is made up."
	}
	return line + " Endpoints: POST /health, /observe/observables, /refer/observables, /version."
}

// Static serves the embedded assets under /static/.
func Static() http.Handler {
	files := http.StripPrefix("/static/", http.FileServerFS(static.Files))
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if strings.HasSuffix(req.URL.Path, "/") {
			http.NotFound(w, req)
			return
		}
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "public, max-age=3600")
		files.ServeHTTP(w, req)
	})
}
