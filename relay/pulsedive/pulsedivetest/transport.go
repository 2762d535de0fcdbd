package pulsedivetest

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptrace"
	"strconv"
)

// Transport is a round tripper that asks f without a network, for an
// [http.Client] in a testing/synctest bubble, where waiting for a socket would
// stop the clock. Unlike [http.Transport] it asks for no compression by itself;
// like it, it tells a trace of the caller's when the call has been written.
func (f *Fake) Transport() http.RoundTripper { return direct{f} }

type direct struct{ fake *Fake }

// RoundTrip answers r, or fails where the connection would have been cut.
func (d direct) RoundTrip(r *http.Request) (resp *http.Response, err error) {
	if r.Body != nil {
		defer func() { _ = r.Body.Close() }()
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	defer func() {
		if p := recover(); p == http.ErrAbortHandler {
			resp, err = nil, cutError(r)
		} else if p != nil {
			panic(p)
		}
	}()
	if trace := httptrace.ContextClientTrace(r.Context()); trace != nil && trace.WroteRequest != nil {
		trace.WroteRequest(httptrace.WroteRequestInfo{})
	}
	w := &written{header: http.Header{}}
	d.fake.ServeHTTP(w, r)
	return w.response(r), nil
}

// cutError is how a caller learns of a cut: by its own context, else as an end
// that came too early.
func cutError(r *http.Request) error {
	if err := r.Context().Err(); err != nil {
		return err
	}
	return io.ErrUnexpectedEOF
}

// written is an answer kept in memory.
type written struct {
	status int
	header http.Header
	body   bytes.Buffer
}

func (w *written) Header() http.Header         { return w.header }
func (w *written) WriteHeader(status int)      { w.status = status }
func (w *written) Write(b []byte) (int, error) { return w.body.Write(b) }

func (w *written) response(r *http.Request) *http.Response {
	return &http.Response{
		Status:     strconv.Itoa(w.status) + " " + http.StatusText(w.status),
		StatusCode: w.status,
		Proto:      "HTTP/1.1",
		ProtoMajor: 1, ProtoMinor: 1,
		Header:        w.header,
		Body:          io.NopCloser(&w.body),
		ContentLength: int64(w.body.Len()),
		Request:       r,
	}
}
