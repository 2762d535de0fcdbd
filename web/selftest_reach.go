package web

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"

	"pulsedive-relay/web/view"
)

const (
	// reachTime is how long an address may take to answer.
	reachTime = 10 * time.Second
	// warnDays and failDays are how many days a certificate has left at least.
	warnDays, failDays = 21, 7
)

// ownClient asks our own addresses, as others would: without redirects, on
// connections of its own.
func ownClient(given *http.Client) *http.Client {
	c := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	if given != nil {
		c.Transport = given.Transport
	}
	if c.Transport == nil {
		t := http.DefaultTransport.(*http.Transport).Clone()
		t.DisableKeepAlives = true
		c.Transport = t
	}
	return c
}

// reached is how one of our addresses answered.
type reached struct {
	status int
	body   string
	// leaf is the certificate, also where it does not verify; nil: there is none.
	leaf *x509.Certificate
}

// reach asks an address for /healthz.
func reach(ctx context.Context, c *http.Client, address string) (reached, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimRight(address, "/")+"/healthz", nil)
	if err != nil {
		return reached{}, err
	}
	resp, err := c.Do(req)
	if err != nil {
		var r reached
		if bad, ok := errors.AsType[*tls.CertificateVerificationError](err); ok && len(bad.UnverifiedCertificates) > 0 {
			r.leaf = bad.UnverifiedCertificates[0]
		}
		return r, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 64))
	r := reached{status: resp.StatusCode, body: strings.TrimSpace(string(body))}
	if resp.TLS != nil && len(resp.TLS.PeerCertificates) > 0 {
		r.leaf = resp.TLS.PeerCertificates[0]
	}
	return r, err
}

// checkReach is whether this relay answers at an address.
func checkReach(ctx context.Context, c *http.Client, address string) finding {
	r, err := reach(ctx, c, address)
	switch {
	case err != nil:
		return broken(plainly(err), "Look at name, port, reverse proxy and firewall. Asked from the relay's own host; outside it may be otherwise.")
	case r.status != http.StatusOK || r.body != "ok":
		return broken(fmt.Sprintf("Something answers there (status %d), but not this relay.", r.status), "Have the address lead to the relay, with all paths.")
	}
	return fine("This relay answers there, seen from its own host.")
}

// checkCertificate is how long the certificate of an address is valid.
func checkCertificate(ctx context.Context, c *http.Client, address string, now time.Time) finding {
	r, err := reach(ctx, c, address)
	if r.leaf == nil {
		if err == nil {
			return broken("The address answered without a certificate.", "")
		}
		return broken("There is no certificate to look at. "+plainly(err), "")
	}
	left := int(r.leaf.NotAfter.Sub(now) / (24 * time.Hour))
	text := "Valid until " + view.StampText(r.leaf.NotAfter) + ": " + view.Plural(left, "day", "days") + " left."
	const renew = "Renew it, or see why what renews it does not."
	switch {
	case now.After(r.leaf.NotAfter):
		return broken("It ended at "+view.StampText(r.leaf.NotAfter)+".", renew)
	case err != nil:
		return broken(plainly(err), "XDR takes only certificates of known authorities, for this very name, with their chain.")
	case left < failDays:
		return broken(text, renew)
	case left < warnDays:
		return warn(text, renew)
	}
	return fine(text)
}

// plainly says in plain words why a connection failed. The texts hold no address
// beyond its host.
func plainly(err error) string {
	if outer, ok := errors.AsType[*url.Error](err); ok {
		err = outer.Err
	}
	name, isName := errors.AsType[*net.DNSError](err)
	bad, isBad := errors.AsType[*tls.CertificateVerificationError](err)
	_, isPlain := errors.AsType[tls.RecordHeaderError](err)
	switch {
	case isName && name.IsNotFound:
		return "The name " + view.Visible(name.Name) + " is not known to this host's DNS. Is there a network?"
	case isName:
		return "The name " + view.Visible(name.Name) + " could not be looked up: there is no network, or no DNS."
	case isBad:
		return "The certificate does not verify: " + bad.Err.Error() + "."
	case isPlain:
		return "What answers there does not speak TLS."
	case isTimeout(err):
		return "There was no answer in time. A firewall may be in the way."
	case errors.Is(err, syscall.ECONNREFUSED):
		return "The connection was refused: nothing listens there, or a firewall forbids it."
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH):
		return "There is no network, or no way there."
	}
	return "There was no answer: " + err.Error() + "."
}

func isTimeout(err error) bool {
	slow, ok := errors.AsType[net.Error](err)
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) || ok && slow.Timeout()
}
