package web

import (
	"fmt"
	"net/http"
	"strings"

	"pulsedive-relay/web/view"
)

// Home answers GET /: a page for a browser, a line of text for the rest.
type Home struct {
	// Version is the relay's.
	Version string
	// Demo marks the answers as made up.
	Demo bool
	// Admin says that the admin UI is at the same address.
	Admin bool
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
	page := view.Home(view.HomePage{Version: h.Version, Demo: h.Demo, Admin: h.Admin, Address: h.Address})
	if err := render(w, req, http.StatusOK, page); err != nil {
		http.Error(w, "The page could not be rendered.", http.StatusInternalServerError)
	}
}

func (h Home) line() string {
	line := "pulsedive-relay " + h.Version + ": Pulsedive for Cisco XDR (formerly SecureX)."
	if h.Demo {
		line += " Demo: all intelligence is made up."
	}
	return line + " Endpoints: POST /health, /observe/observables, /refer/observables, /version."
}
