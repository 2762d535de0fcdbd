package relay

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"pulsedive-relay/relay/ctim"
)

// reply is what an endpoint answers: data, errors, or both.
type reply struct {
	// data appends the member data; nil: there is none.
	data   func([]byte) []byte
	errors []Error
}

// appendJSON appends the envelope.
func (rep reply) appendJSON(b []byte) []byte {
	b = append(b, '{')
	if rep.data != nil {
		b = rep.data(append(b, `"data":`...))
	}
	if len(rep.errors) > 0 {
		if rep.data != nil {
			b = append(b, ',')
		}
		b = appendErrors(append(b, `"errors":`...), rep.errors)
	}
	return append(b, '}')
}

// exchange is one request in work: what the access log tells of it.
type exchange struct {
	id          string
	start       time.Time
	observables int
	calls       int
}

// endpoint answers one request. What it returns as error is answered as the only
// one.
type endpoint func(ctx context.Context, req *http.Request, x *exchange) (reply, error)

// Handler is the routes of the contract, with or without a trailing slash, and
// GET /healthz.
func (r *Relay) Handler() http.Handler {
	m := chi.NewRouter()
	m.NotFound(problem(http.StatusNotFound, "The requested URL was not found on the server."))
	m.MethodNotAllowed(problem(http.StatusMethodNotAllowed, "The method is not allowed for the requested URL."))
	for path, route := range map[string]struct {
		method string
		answer endpoint
	}{
		"/health":              {http.MethodPost, r.health},
		"/observe/observables": {http.MethodPost, r.observe},
		"/refer/observables":   {http.MethodPost, r.refer},
		"/version":             {http.MethodPost, nil},
		"/watchdog":            {http.MethodGet, r.watchdog},
	} {
		h := r.handle(path, route.answer)
		if route.answer == nil {
			h = version
		}
		m.MethodFunc(route.method, path, h)
		m.MethodFunc(route.method, path+"/", h)
	}
	m.Get("/healthz", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok\n") })
	return m
}

// handle is the one adapter from what endpoints return to what goes over the
// wire: request id, bound on requests in work, deadline, panics, access log.
func (r *Relay) handle(route string, answer endpoint) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		x := &exchange{id: uuid.NewString(), start: time.Now()}
		rep, err := r.bounded(req, x, answer)
		if err != nil {
			r.report(err)
			rep = reply{errors: []Error{errorFor(err)}}
		}
		w.Header().Set("X-Request-Id", x.id)
		write(w, rep)
		r.log(req, route, x, rep)
	}
}

// bounded answers a request within its time, as one of so many.
func (r *Relay) bounded(req *http.Request, x *exchange, answer endpoint) (rep reply, err error) {
	select {
	case r.inWork <- struct{}{}:
		defer func() { <-r.inWork }()
	default:
		return reply{}, errInWork
	}
	defer func() {
		if p := recover(); p != nil {
			r.cfg.Log.Error("a fault of the relay's own", "id", x.id, "panic", p, "stack", string(debug.Stack()))
			rep, err = reply{}, errUnknown
		}
	}()
	ctx, cancel := context.WithTimeout(req.Context(), r.cfg.RequestTimeout)
	defer cancel()
	return answer(ctx, req, x)
}

func (r *Relay) observe(ctx context.Context, req *http.Request, x *exchange) (reply, error) {
	list, err := r.observables(req, x)
	if err != nil || len(list) == 0 {
		return reply{data: func(b []byte) []byte { return append(b, "{}"...) }}, err
	}
	c, err := r.caller(ctx, req)
	if err != nil {
		return reply{}, err
	}
	o := r.Observe(ctx, c, list, nil)
	x.calls = o.Calls
	return o.reply(), nil
}

func (r *Relay) refer(ctx context.Context, req *http.Request, x *exchange) (reply, error) {
	list, err := r.observables(req, x)
	if err != nil || len(list) == 0 {
		return reply{data: func(b []byte) []byte { return append(b, "[]"...) }}, err
	}
	c, err := r.caller(ctx, req)
	if err != nil {
		return reply{}, err
	}
	o := r.Refer(ctx, c, list, nil)
	x.calls = o.Calls
	return o.reply(), nil
}

func (r *Relay) health(ctx context.Context, req *http.Request, x *exchange) (reply, error) {
	c, err := r.caller(ctx, req)
	if err != nil {
		return reply{}, err
	}
	h := r.Health(ctx, c)
	x.calls = h.Calls
	return reply{data: func(b []byte) []byte { return appendHealth(b, h.Quotas) }}, h.Err
}

func (r *Relay) watchdog(_ context.Context, req *http.Request, _ *exchange) (reply, error) {
	echo := req.Header.Get("Health-Check")
	if echo == "" {
		return reply{}, errWatchdog
	}
	return reply{data: func(b []byte) []byte { return ctim.AppendString(b, echo) }}, nil
}

// observables reads the body.
func (r *Relay) observables(req *http.Request, x *exchange) ([]ctim.Observable, error) {
	buf := bodies.Get().(*bytes.Buffer)
	defer func() {
		if buf.Reset(); buf.Cap() <= keptBuffer {
			bodies.Put(buf)
		}
	}()
	if _, err := buf.ReadFrom(http.MaxBytesReader(nil, req.Body, maxBody)); err != nil {
		var long *http.MaxBytesError
		if errors.As(err, &long) {
			return nil, errTooLong
		}
		return nil, errSlowBody
	}
	list, err := decodeObservables(buf.Bytes(), r.cfg.MaxObservables)
	x.observables = len(list)
	return list, err
}

// caller checks the token.
func (r *Relay) caller(ctx context.Context, req *http.Request) (Caller, error) {
	claims, err := r.cfg.Verifier.Verify(ctx, req.Header.Get("Authorization"), asked(req))
	return Caller{Key: claims.Key, EntitiesLimit: claims.EntitiesLimit}, err
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

// bodies and answers are buffers for what comes in and what goes out.
var (
	bodies  = sync.Pool{New: func() any { return new(bytes.Buffer) }}
	answers = sync.Pool{New: func() any { return new([]byte) }}
)

// keptBuffer is the largest buffer that is kept for the next request, in bytes.
const keptBuffer = 256 << 10

// write encodes an answer, once, and sends it with its length.
func write(w http.ResponseWriter, rep reply) {
	buf := answers.Get().(*[]byte)
	b := rep.appendJSON((*buf)[:0])
	send(w, http.StatusOK, b)
	if cap(b) <= keptBuffer {
		*buf = b
		answers.Put(buf)
	}
}

func send(w http.ResponseWriter, status int, body []byte) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	w.Write(body)
}

// version answers POST /version, without a token.
func version(w http.ResponseWriter, _ *http.Request) {
	send(w, http.StatusOK, []byte(`{"version":"`+Version+`"}`))
}

// problem answers what is no route, in the form that callers know.
func problem(status int, message string) http.HandlerFunc {
	b := strconv.AppendInt([]byte(`{"code":`), int64(status), 10)
	b = ctim.AppendString(append(b, `,"message":`...), message)
	b = ctim.AppendString(append(b, `,"reason":`...), http.StatusText(status))
	b = append(b, '}')
	return func(w http.ResponseWriter, _ *http.Request) { send(w, status, b) }
}

// log writes the access log's line.
func (r *Relay) log(req *http.Request, route string, x *exchange, rep reply) {
	host, _, err := net.SplitHostPort(req.RemoteAddr)
	if err != nil {
		host = req.RemoteAddr
	}
	attrs := []any{
		"id", x.id, "caller", host, "route", route, "outcome", outcomeOf(rep), "observables", x.observables,
		"pulsedive_calls", x.calls, "duration", time.Since(x.start).Round(time.Microsecond),
	}
	if len(rep.errors) > 0 {
		attrs = append(attrs, "error", rep.errors[0].Code)
	}
	r.cfg.Log.Info("request", attrs...)
}

// outcomeOf is ok, partial or error.
func outcomeOf(rep reply) string {
	switch {
	case len(rep.errors) == 0:
		return "ok"
	case rep.data != nil:
		return "partial"
	}
	return "error"
}
