package authtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// Bounds of the key host: how long it waits for a request, and how long its certificate is valid.
const (
	requestTimeout      = 5 * time.Second
	certificateLifetime = 10 * 365 * 24 * time.Hour
)

// keyHost answers https requests for a key set on a port of 127.0.0.1.
type keyHost struct {
	address string
	client  *http.Client
	server  *http.Server

	set     atomic.Pointer[[]byte]
	down    atomic.Bool
	fetches atomic.Int64
}

func startKeyHost(set []byte) (*keyHost, error) {
	certificate, err := newCertificate()
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listening: %w", err)
	}
	h := &keyHost{address: listener.Addr().String(), client: trusting(certificate.Leaf)}
	h.set.Store(&set)
	routes := http.NewServeMux()
	routes.HandleFunc("GET /.well-known/jwks", h.answer)
	h.server = &http.Server{
		Handler:     routes,
		ReadTimeout: requestTimeout,
		ErrorLog:    log.New(io.Discard, "", 0),
		TLSConfig:   &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12},
	}
	go func() { _ = h.server.ServeTLS(listener, "", "") }() // ends with close
	return h, nil
}

func (h *keyHost) close() {
	h.client.CloseIdleConnections()
	_ = h.server.Close() // nothing is lost with a connection that does not close
}

func (h *keyHost) answer(w http.ResponseWriter, _ *http.Request) {
	h.fetches.Add(1)
	if h.down.Load() {
		http.Error(w, "down", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(*h.set.Load()) // the caller is gone, or it has its answer
}

// newCertificate makes a certificate for 127.0.0.1, signed by itself.
func newCertificate() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("making the key of the certificate: %w", err)
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(now.UnixNano()),
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore:             now.Add(-time.Hour),
		NotAfter:              now.Add(certificateLifetime),
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("making the certificate: %w", err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("reading the certificate: %w", err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, nil
}

// trusting is a client that trusts the one certificate.
func trusting(certificate *x509.Certificate) *http.Client {
	roots := x509.NewCertPool()
	roots.AddCert(certificate)
	return &http.Client{Transport: &http.Transport{
		TLSClientConfig:   &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		ForceAttemptHTTP2: true,
	}}
}
