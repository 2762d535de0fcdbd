package relay_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
)

// inBubble calls f with a world in a bubble of testing/synctest: nothing in it is
// a socket, and time passes only where all wait. What depends on how long
// something takes, or on the hour or the day, is the same on any machine and at
// any time.
func inBubble(t *testing.T, o options, f func(t *testing.T, w *world)) {
	t.Helper()
	o.keys = published(t)
	folder := t.TempDir() // removed outside, after all
	synctest.Test(t, func(t *testing.T) {
		o.folder = folder
		f(t, newWorld(t, o))
	})
}

// published is the key set of the issuer that all tests share.
func published(t *testing.T) string {
	t.Helper()
	by, err := issuer()
	if err != nil {
		t.Fatal(err)
	}
	resp, err := by.Client().Get("https://" + by.Host() + "/.well-known/jwks")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// within answers requests by a handler in process, as a client sees it: who does
// not wait any longer is not answered.
type within struct{ http.Handler }

func (h within) RoundTrip(req *http.Request) (resp *http.Response, err error) {
	done := make(chan *http.Response, 1)
	go func() {
		defer close(done)
		defer func() {
			if p := recover(); p != nil && p != http.ErrAbortHandler {
				panic(p)
			}
		}()
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, served(req))
		done <- rec.Result()
	}()
	select {
	case resp := <-done:
		if resp != nil {
			resp.Request = req
			return resp, nil
		}
		return nil, io.ErrUnexpectedEOF
	case <-req.Context().Done():
		return nil, req.Context().Err()
	}
}

// served is a client's request as a server has it.
func served(req *http.Request) *http.Request {
	req = req.Clone(req.Context())
	if req.Body == nil {
		req.Body = http.NoBody
	}
	if req.Host == "" {
		req.Host = req.URL.Host
	}
	req.RemoteAddr, req.RequestURI = "127.0.0.1:4711", req.URL.RequestURI()
	return req
}
