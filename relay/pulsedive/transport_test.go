package pulsedive

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pulsedive-relay/relay/pulsedive/pulsedivetest"
)

func TestNew(t *testing.T) {
	t.Parallel()
	for address, good := range map[string]bool{
		"": true, "http://127.0.0.1:1/x": true, "https://pulsedive.com/api/info.php": true,
		"pulsedive.com": false, "ftp://pulsedive.com/": false, "https://": false, "://": false, "/api": false,
		"https://u:p@pulsedive.com/": false, "https://pulsedive.com/?key=" + testKey: false, "https://pulsedive.com/#x": false,
	} {
		_, err := New(Config{URL: address})
		if (err == nil) != good {
			t.Errorf("New with %q: got %v, want it good: %t", address, err, good)
		}
		if err != nil && strings.Contains(err.Error(), testKey) {
			t.Errorf("New with %q: %v holds the key", address, err)
		}
	}
}

// What an http.Client brings along of its own is not used against its owner.
func TestTheHTTPClientStaysAsItWas(t *testing.T) {
	t.Parallel()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	own := &http.Client{Jar: jar, Transport: handler(func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "session", Value: "of " + r.FormValue("key")})
		if c, err := r.Cookie("session"); err == nil {
			t.Errorf("a call sends the cookie %v, want none", c)
		}
		fmt.Fprint(w, record(r.FormValue("indicator")))
	})}
	w := newWorld(t, pulsedivetest.Config{}, Config{HTTP: own})
	w.wantInfo("one", "a.example")
	w.wantInfo("two", "a.example")
	if own.CheckRedirect != nil || own.Jar != jar {
		t.Error("New changed the http.Client that it was given")
	}
}

func TestTimeout(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{
		"no answer": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"half an answer": func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, `{"iid":`)
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked atomic.Int32
			w := serve(t, func(w http.ResponseWriter, r *http.Request) { asked.Add(1); h(w, r) }, Config{Timeout: 50 * time.Millisecond})
			_, r, err := w.info(t.Context(), testKey, "a.example")
			if !errors.Is(err, ErrTimeout) {
				t.Errorf("a Pulsedive that takes too long: got %+v, %v; want ErrTimeout", r, err)
			}
			equal(t, "calls", asked.Load(), 1)
			w.hidden(err)
			w.atRest()
		})
	}
}

func TestCertificates(t *testing.T) {
	t.Parallel()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, record("a.example")) }))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	for name, c := range map[string]struct {
		config *tls.Config
		reason string
	}{
		"unknown authority": {nil, "certificate signed by unknown authority"},
		"another name":      {&tls.Config{RootCAs: s.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs, ServerName: "pulsedive.com"}, "certificate is valid for example.com, *.example.com, not pulsedive.com"},
	} {
		w := dial(t, s.URL, Config{})
		w.client.transport.(*http.Transport).TLSClientConfig = c.config
		_, _, err := w.info(t.Context(), testKey, "a.example")
		var bad *CertificateError
		if !errors.As(err, &bad) || bad.Reason != c.reason {
			t.Errorf("%s: got %v, want a CertificateError with %q", name, err, c.reason)
		}
		w.hidden(err)
	}
}

func TestCallersContext(t *testing.T) {
	t.Parallel()
	w := serve(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, Config{})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, _, err := w.info(ctx, testKey, "a.example"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a caller's deadline: got %v, want context.DeadlineExceeded", err)
	}
}
