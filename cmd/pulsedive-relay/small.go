package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"pulsedive-relay/relay"
)

// localTimeout is how long a relay on this machine has to answer.
const localTimeout = 3 * time.Second

// versionCommand prints the version.
type versionCommand struct{}

// Run prints it.
func (versionCommand) Run(p *process) error {
	_, err := fmt.Fprintln(p.stdout, relay.Version)
	return err
}

// healthcheckCommand asks the relay on this machine whether it is alive.
type healthcheckCommand struct {
	listenFlags
}

// Run fails where it does not answer.
func (c *healthcheckCommand) Run(p *process) error {
	base, err := localBase(c.Listen)
	if err != nil {
		return err
	}
	_, err = local(p, http.MethodGet, base+"/healthz", nil)
	return err
}

// tokenCommand fetches a token of a running demo.
type tokenCommand struct {
	Listen        string `default:"127.0.0.1:9090" placeholder:"ADDRESS" help:"Address that the demo listens on."`
	Key           string `noenv:"" placeholder:"KEY" help:"Pulsedive key to put into the token; the made-up Pulsedive takes any."`
	EntitiesLimit int    `noenv:"" placeholder:"N" help:"Entities limit to put into the token."`
}

// Run prints the token.
func (c *tokenCommand) Run(p *process) error {
	base, err := localBase(c.Listen)
	if err != nil {
		return err
	}
	form := url.Values{"key": {c.Key}, "entities_limit": {strconv.Itoa(c.EntitiesLimit)}}
	token, err := local(p, http.MethodPost, base+tokenPath, form)
	if err != nil {
		return fmt.Errorf("%w; does a demo run there? pulsedive-relay demo starts one", err)
	}
	_, err = io.WriteString(p.stdout, token)
	return err
}

// localBase is where this machine reaches a relay that listens on address.
func localBase(address string) (string, error) {
	if err := validAddress(address); err != nil {
		return "", usageError{err}
	}
	host, port, _ := net.SplitHostPort(address)
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port), nil
}

// local asks a relay on this machine.
func local(p *process, method, address string, form url.Values) (string, error) {
	req, err := http.NewRequestWithContext(p.ctx, method, address, strings.NewReader(form.Encode()))
	if err != nil {
		return "", fmt.Errorf("asking %s: %w", address, err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	client := http.Client{Timeout: localTimeout, Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	resp, err := client.Do(req)
	if err != nil {
		return "", fmt.Errorf("no answer: %w", err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return "", fmt.Errorf("reading the answer of %s: %w", address, err)
	}
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("%s answered with status %d", address, resp.StatusCode)
	}
	return string(text), nil
}
