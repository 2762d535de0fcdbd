package main

import (
	"errors"
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
	Listen string `type:"local" default:":9090" placeholder:"ADDRESS" help:"Address that the relay listens on, host:port."`
}

// Run fails where it does not answer.
func (c *healthcheckCommand) Run(p *process) error {
	base := localBase(c.Listen)
	if _, err := local(p, http.MethodGet, base+"/healthz", nil); err != nil {
		return err
	}
	_, err := fmt.Fprintln(p.stdout, base, "answers")
	return err
}

// tokenCommand fetches a token of a running demo.
type tokenCommand struct {
	Listen        string `type:"local" default:"127.0.0.1:9090" placeholder:"ADDRESS" help:"Address that the demo listens on."`
	Key           string `noenv:"" type:"key" placeholder:"KEY" help:"Pulsedive key to put into the token; the made-up Pulsedive takes any."`
	EntitiesLimit int    `noenv:"" type:"number" least:"1" most:"10000" placeholder:"N" help:"Entities limit to put into the token, ${least} to ${most}; unset: none."`
}

// Run prints the token.
func (c *tokenCommand) Run(p *process) error {
	form := url.Values{"key": {c.Key}, "entities_limit": {strconv.Itoa(c.EntitiesLimit)}}
	token, err := local(p, http.MethodPost, localBase(c.Listen)+tokenPath, form)
	if err != nil {
		return fmt.Errorf("%w; does a demo run there? %s demo starts one", err, name)
	}
	_, err = io.WriteString(p.stdout, token)
	return err
}

// localBase is where this machine reaches a relay that listens on address.
func localBase(address string) string {
	host, port, _ := net.SplitHostPort(address) // it was checked when it was read
	return "http://" + net.JoinHostPort(reachable(host), port)
}

// reachable is a host that reaches a listener on host from this machine.
func reachable(host string) string {
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		return "127.0.0.1"
	}
	return host
}

// local asks a relay on this machine.
func local(p *process, method, address string, form url.Values) (string, error) {
	req, err := http.NewRequestWithContext(p.ctx, method, address, strings.NewReader(form.Encode()))
	if err != nil {
		return "", fmt.Errorf("asking %s: %w", address, err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	client := http.Client{Timeout: localTimeout, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return "", fmt.Errorf("no answer from %s: %w", req.URL.Host, unwrapNet(err))
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return "", fmt.Errorf("reading the answer of %s: %w", req.URL.Host, unwrapNet(err))
	}
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("%s answers %s with status %d", req.URL.Host, req.URL.Path, resp.StatusCode)
	}
	return string(text), nil
}

// unwrapNet leaves out what errors of connections say of the address once more.
func unwrapNet(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err
	}
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op.Err
	}
	return err
}
