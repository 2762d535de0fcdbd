package web

import (
	"bytes"
	"fmt"
	"net/http"

	"github.com/a-h/templ"
	"github.com/klauspost/compress/gzhttp"
)

// policy is the content security policy of every page: nothing but our own.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// render answers with a page or a part of one. It is made whole before the first
// byte is sent: of one that fails nothing is seen, and the error is the caller's.
func render(w http.ResponseWriter, req *http.Request, status int, c templ.Component) error {
	var page bytes.Buffer
	if err := c.Render(req.Context(), &page); err != nil {
		return fmt.Errorf("rendering: %w", err)
	}
	secure(w.Header())
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	w.Write(page.Bytes())
	return nil
}

// packed sends pages and JSON compressed to those who take that. Downloads that are
// made as they go are left as they are.
func packed(next http.Handler) http.Handler {
	wrap, err := gzhttp.NewWrapper(gzhttp.ContentTypes([]string{"text/html", "application/json"}))
	if err != nil {
		return next // it is of constants, and tested
	}
	return wrap(next)
}

// isPart says that a script of a page asks for a part of it.
func isPart(req *http.Request) bool { return req.Header.Get("HX-Request") != "" }

// secure sets what browsers are to hold every answer of ours to.
func secure(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
}

// secured does that for all that stands under /admin: redirects and downloads,
// too.
func secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		secure(w.Header())
		next.ServeHTTP(w, req)
	})
}
