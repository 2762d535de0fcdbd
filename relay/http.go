package relay

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/go-chi/chi/v5"

	"pulsedive-relay/relay/ctim"
	"pulsedive-relay/relay/pulsedive"
	"pulsedive-relay/store"
)

// endpoint answers one request. What it returns as error is answered as the only
// one.
type endpoint func(ctx context.Context, req *http.Request, x *store.Exchange) (reply, error)

// requestID is where a request's context has its id.
type requestID struct{}

// Handler is the routes of the contract, with or without a trailing slash, and
// GET /healthz.
func (r *Relay) Handler() http.Handler {
	m := chi.NewRouter()
	m.NotFound(notFound)
	m.MethodNotAllowed(notAllowed(m))
	for _, e := range []struct {
		path   string
		kept   store.Endpoint // as the history has it; empty: not at all
		answer endpoint
	}{
		{"/health", store.Health, r.health},
		{"/observe/observables", store.Observe, r.observe},
		{"/refer/observables", store.Refer, r.refer},
		{"/version", "", version},
	} {
		m.Post(e.path, r.handle(e.path, e.kept, e.answer))
		m.Post(e.path+"/", r.handle(e.path, e.kept, e.answer))
	}
	watchdog := r.handle("/watchdog", "", watchdog)
	get(m, "/watchdog", watchdog)
	get(m, "/watchdog/", watchdog)
	get(m, "/healthz", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok\n") })
	return m
}

// get adds a route for GET and HEAD, which is the same without the body.
func get(m *chi.Mux, path string, h http.HandlerFunc) {
	m.Get(path, h)
	m.Head(path, h)
}

var notFound = problem(http.StatusNotFound, "The requested URL was not found on the server.")

// notAllowed tells which methods a path takes.
func notAllowed(m *chi.Mux) http.HandlerFunc {
	answer := problem(http.StatusMethodNotAllowed, "The method is not allowed for the requested URL.")
	return func(w http.ResponseWriter, req *http.Request) {
		var allow []string
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost} {
			if m.Match(chi.NewRouteContext(), method, req.URL.Path) {
				allow = append(allow, method)
			}
		}
		if allow == nil { // no path of ours, asked with a method that HTTP does not have
			notFound(w, req)
			return
		}
		w.Header().Set("Allow", strings.Join(allow, ", "))
		answer(w, req)
	}
}

// handle is the one adapter from what endpoints return to what goes over the
// wire: request id, bound on requests in work, deadline, panics, history, access
// log. The exchange is written before the answer is sent.
func (r *Relay) handle(route string, kept store.Endpoint, answer endpoint) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		x := newExchange(store.XDR, kept, CallerOf(req.RemoteAddr))
		ctx := context.WithValue(req.Context(), requestID{}, x.Request)
		buf := answers.Get().(*[]byte)
		rep, b, err := r.bounded(ctx, req, x, answer, (*buf)[:0])
		if err != nil {
			r.report(ctx, err)
			rep = reply{errors: []Error{errorFor(err)}}
			b = rep.appendJSON((*buf)[:0])
		}
		outcome, told := outcomeOf(rep), string(outcomeOf(rep))
		left := req.Context().Err() != nil && !errors.Is(err, errSlowBody)
		if left { // nobody is there to read the answer
			rep.errors, outcome, told, b = []Error{errLeft}, store.Failed, "left", nil
		}
		x.Answer = b
		asked := len(x.Results)
		if err := r.keep(ctx, x, outcome, rep.errors); err != nil {
			r.cfg.Log.Debug("not in the history", "id", x.Request, "error", err)
		}
		if !left {
			w.Header().Set("X-Request-Id", x.Request)
			send(w, http.StatusOK, b)
		}
		if cap(b) > 0 && cap(b) <= keptBuffer {
			*buf = b
			answers.Put(buf)
		}
		r.log(req, route, x, asked, told, rep.errors)
	}
}

// bounded answers a request within its time, whatever panics, and appends the
// answer to b.
func (r *Relay) bounded(ctx context.Context, req *http.Request, x *store.Exchange, answer endpoint, b []byte) (rep reply, _ []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &pulsedive.PanicError{Value: p, Stack: debug.Stack()}
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, r.cfg.RequestTimeout)
	defer cancel()
	if rep, err = answer(ctx, req, x); err != nil {
		return rep, nil, err
	}
	b = rep.appendJSON(b)
	if rep.release != nil {
		rep.release()
	}
	return rep, b, nil
}

// admit checks the token and counts the request among those in work, of which
// there are so many at most, until leave is called. The place comes after body
// and token: who has no token keeps nobody out.
func (r *Relay) admit(ctx context.Context, req *http.Request, x *store.Exchange) (c Caller, leave func(), err error) {
	claims, err := r.cfg.Verifier.Verify(ctx, req.Header.Get("Authorization"), asked(req))
	x.Token = time.Since(x.At)
	if err != nil {
		return Caller{}, nil, err
	}
	x.Audience, x.KeyHost, x.Fingerprint = claims.Audience, claims.Host, r.cfg.Pulsedive.Fingerprint(claims.Key)
	select {
	case r.inWork <- struct{}{}:
		return Caller{Key: claims.Key, EntitiesLimit: claims.EntitiesLimit}, func() { <-r.inWork }, nil
	default:
		return Caller{}, nil, errInWork
	}
}

func (r *Relay) observe(ctx context.Context, req *http.Request, x *store.Exchange) (reply, error) {
	list, err := r.observables(ctx, req, x)
	if err != nil || len(list) == 0 {
		return reply{data: func(b []byte) []byte { return append(b, "{}"...) }}, err
	}
	c, leave, err := r.admit(ctx, req, x)
	if err != nil {
		return reply{}, err
	}
	defer leave()
	x.EntitiesLimit = r.limit(c)
	run := newRun(ctx, r, c, list, nil)
	defer run.batch.Close()
	o := run.observe(x.EntitiesLimit)
	take(x, o.Asked)
	return o.reply(), nil
}

func (r *Relay) refer(ctx context.Context, req *http.Request, x *store.Exchange) (reply, error) {
	list, err := r.observables(ctx, req, x)
	if err != nil || len(list) == 0 {
		return reply{data: func(b []byte) []byte { return append(b, "[]"...) }}, err
	}
	c, leave, err := r.admit(ctx, req, x)
	if err != nil {
		return reply{}, err
	}
	defer leave()
	o := r.Refer(ctx, c, list, nil)
	take(x, o.Asked)
	return o.reply(), nil
}

func (r *Relay) health(ctx context.Context, req *http.Request, x *store.Exchange) (reply, error) {
	c, leave, err := r.admit(ctx, req, x)
	if err != nil {
		return reply{}, err
	}
	defer leave()
	h := r.Health(ctx, c)
	take(x, h.Asked)
	rep := h.reply()
	if h.Err == nil || rep.data == nil {
		return rep, h.Err
	}
	r.report(ctx, h.Err)
	rep.errors, rep.failed = []Error{errorFor(h.Err)}, true
	return rep, nil
}

// watchdog echoes a header, without a token.
func watchdog(_ context.Context, req *http.Request, _ *store.Exchange) (reply, error) {
	echo := req.Header.Get("Health-Check")
	if echo == "" {
		return reply{}, errWatchdog
	}
	return reply{data: func(b []byte) []byte { return ctim.AppendString(b, echo) }}, nil
}

// version answers without a token.
func version(context.Context, *http.Request, *store.Exchange) (reply, error) {
	return reply{member: "version", data: func(b []byte) []byte { return ctim.AppendString(b, Version) }}, nil
}

// bodies are buffers for what comes in.
var bodies = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// observables reads the body. How long that may take is for the server to say
// (http.Server.ReadTimeout). As nobody has shown a token yet, only so many large
// bodies are read at once, and small ones never wait for them.
func (r *Relay) observables(ctx context.Context, req *http.Request, x *store.Exchange) ([]ctim.Observable, error) {
	buf := bodies.Get().(*bytes.Buffer)
	defer func() {
		if buf.Reset(); buf.Cap() <= keptBuffer {
			bodies.Put(buf)
		}
	}()
	body := http.MaxBytesReader(nil, req.Body, maxBody)
	n, err := buf.ReadFrom(io.LimitReader(body, SmallBody))
	if err == nil && n == SmallBody {
		if !r.takeLarge(ctx) {
			return nil, errInWork
		}
		defer func() { <-r.largeBodies }()
		_, err = buf.ReadFrom(body)
	}
	if err != nil {
		var long *http.MaxBytesError
		if errors.As(err, &long) {
			return nil, errTooLong
		}
		return nil, errSlowBody
	}
	list, err := decodeObservables(buf.Bytes(), r.cfg.MaxObservables)
	x.Results = resultsOf(list)
	return list, err
}

// takeLarge waits a short while for a place among the large bodies, and says
// whether it got one.
func (r *Relay) takeLarge(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, LargeBodyWait)
	defer cancel()
	select {
	case r.largeBodies <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

// asked is the scheme and host that a request came to: what a token's audience
// must be where no public URL is configured. A proxy that ends TLS tells the
// scheme; the host is as little proof as the scheme is, see the package auth.
func asked(req *http.Request) string {
	scheme := "http"
	if req.TLS != nil || strings.EqualFold(req.Header.Get("X-Forwarded-Proto"), "https") {
		scheme = "https"
	}
	return scheme + "://" + req.Host
}

// log writes the access log's line.
func (r *Relay) log(req *http.Request, route string, x *store.Exchange, observables int, outcome string, faults []Error) {
	attrs := []any{
		"id", x.Request, "caller", CallerOf(req.RemoteAddr), "route", route, "outcome", outcome, "observables", observables,
		"pulsedive_calls", x.Calls, "duration_ms", float64(time.Since(x.At).Microseconds()) / 1000,
	}
	if len(faults) > 0 {
		attrs = append(attrs, "error", faults[0].Code)
	}
	r.cfg.Log.Info("request", attrs...)
}
