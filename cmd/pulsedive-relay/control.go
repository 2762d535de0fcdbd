package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"time"

	"pulsedive-relay/store"
	"pulsedive-relay/web"
)

// The control socket lies beside the database and serves the commands of this
// program, while the file itself is locked by the relay that runs. Who may write
// to it is who may write the file: it is of mode 0600, and nothing else protects
// it.

const (
	// socketSuffix is what the socket's name has beyond the database's.
	socketSuffix = ".sock"
	// maxControl bounds what a command sends, in bytes: an exchange with its
	// answer.
	maxControl = 256 << 20
	// controlTimeout bounds how long a relay may take to take a command.
	controlTimeout = 10 * time.Second
)

// errNotRunning means that no relay has the database open.
var errNotRunning = errors.New("no relay runs on this database")

// serveControl serves the commands, from now until stop.
// Without a socket they work only while no relay runs; that is logged.
func serveControl(ctx context.Context, db string, s *store.Store, admin *web.Admin, log *slog.Logger) (stop func()) {
	path := db + socketSuffix
	if found, err := os.Lstat(path); err == nil && found.Mode().Type() == os.ModeSocket {
		os.Remove(path) // of a relay that was killed: the file's lock says that none runs
	}
	l, err := listenPrivately(ctx, path)
	if err == nil {
		err = os.Chmod(path, 0o600)
	}
	if err != nil {
		log.Warn("no control socket: passwd and backup work only while the relay does not run", "error", unwrapNet(err))
		return func() {}
	}
	server := &http.Server{Handler: control(s, admin, log), ReadHeaderTimeout: headerTimeout}
	go server.Serve(l)
	return func() { server.Close() }
}

// listenPrivately listens on a socket that, where the system allows that, was never
// open to others.
func listenPrivately(ctx context.Context, path string) (net.Listener, error) {
	c := net.ListenConfig{Control: private}
	return c.Listen(ctx, "unix", path)
}

// control is what commands ask of a running relay.
func control(s *store.Store, admin *web.Admin, log *slog.Logger) http.Handler {
	m := http.NewServeMux()
	m.HandleFunc("POST /passwd", func(w http.ResponseWriter, req *http.Request) {
		password, err := io.ReadAll(io.LimitReader(req.Body, 1<<10))
		if err == nil {
			err = admin.SetPassword(string(password))
		}
		if err == nil {
			log.Info("the admin password was set by command")
		}
		refuse(w, err)
	})
	m.HandleFunc("POST /backup", func(w http.ResponseWriter, req *http.Request) {
		w.WriteHeader(http.StatusOK) // a large copy takes its time
		http.NewResponseController(w).Flush()
		if err := s.WriteBackup(req.Context(), w, req.FormValue("secrets") == "yes"); err != nil {
			log.Error("a backup failed", "error", err)
			panic(http.ErrAbortHandler) // the other end sees that it is not whole
		}
	})
	m.HandleFunc("POST /exchange", func(w http.ResponseWriter, req *http.Request) {
		var x store.Exchange
		err := json.NewDecoder(http.MaxBytesReader(w, req.Body, maxControl)).Decode(&x)
		if err == nil {
			_, err = s.Append(req.Context(), &x)
		}
		refuse(w, err)
	})
	return m
}

func refuse(w http.ResponseWriter, err error) {
	if err != nil {
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
	}
}

// encodeExchange is an exchange as the control socket takes it.
func encodeExchange(x *store.Exchange) (io.Reader, error) {
	b, err := json.Marshal(x)
	return bytes.NewReader(b), err
}

// askRunning asks the relay that has the database open, and copies its answer.
func askRunning(ctx context.Context, db, path string, body io.Reader, answer io.Writer) error {
	client := http.Client{Transport: &http.Transport{
		DisableKeepAlives: true, ResponseHeaderTimeout: controlTimeout,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", db+socketSuffix)
		},
	}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://relay"+path, body)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	switch {
	case errors.Is(err, os.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.EINVAL):
		return errNotRunning
	case err != nil:
		return fmt.Errorf("asking the relay that runs: %w", unwrapNet(err))
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
		return errors.New(strings.TrimSpace(string(text)))
	}
	if _, err := io.Copy(answer, resp.Body); err != nil {
		return fmt.Errorf("reading what the relay sends: %w", unwrapNet(err))
	}
	return nil
}
