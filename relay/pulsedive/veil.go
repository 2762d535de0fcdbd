package pulsedive

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// veil keeps one call's key and query out of foreign texts: Pulsedive, or what
// stands in front of it, may echo them, and net/http tells the address.
type veil struct {
	key   string
	query query
}

// cover replaces key and query, in the usual spellings, and shortens the text to
// most bytes.
func (v veil) cover(s string, most int) string {
	if s == "" {
		return s
	}
	return clip(v.pattern().ReplaceAllLiteralString(s, "…"), most)
}

// pattern matches what nobody is to see: the query as a whole, as it was sent or
// decoded, anything that looks like it, and the key.
func (v veil) pattern() *regexp.Regexp {
	value := v.query.indicator
	texts := []string{v.query.encode(v.key)}
	if value != "" {
		texts = append(texts, "indicator="+value)
	}
	for _, s := range []string{v.key, url.QueryEscape(v.key), url.PathEscape(v.key), html.EscapeString(v.key), inQuotes(v.key)} {
		if s != "" {
			texts = append(texts, s)
		}
	}
	for i, s := range texts {
		texts[i] = regexp.QuoteMeta(s)
	}
	return regexp.MustCompile(`(?i)` + strings.Join(texts, "|") + `|(?:indicator|iid|get|key)=[^\s"'<>]*`)
}

// secretLength is how long a key is at least that is looked for in good answers:
// a shorter one may be a word.
const secretLength = 12

// blank puts asterisks over the key in an answer: one that echoes it must not
// carry it into records.
func (v veil) blank(body []byte) []byte {
	key := []byte(v.key)
	if len(key) < secretLength {
		return body
	}
	for rest := body; ; {
		i := bytes.Index(rest, key)
		if i < 0 {
			return body
		}
		for j := range key {
			rest[i+j] = '*'
		}
		rest = rest[i+len(key):]
	}
}

func inQuotes(s string) string {
	q := strconv.Quote(s)
	return q[1 : len(q)-1]
}

func clip(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}

// transportError makes one of ours of what net/http failed with. Only its text
// is kept: the *url.Error around it holds the address with the key, and what is
// inside may quote the answer.
func (v veil) transportError(err error) error {
	var outer *url.Error
	if errors.As(err, &outer) {
		err = outer.Err
	}
	if reason := badCertificate(err); reason != "" {
		return &CertificateError{v.cover(reason, maxMessage)}
	}
	var timeout interface{ Timeout() bool }
	if errors.As(err, &timeout) && timeout.Timeout() {
		return ErrTimeout
	}
	return fmt.Errorf("%w: %s", ErrConnection, v.cover(err.Error(), maxMessage))
}

// badCertificate is what is wrong with a certificate, empty where it is
// something else that failed.
func badCertificate(err error) string {
	var failed *tls.CertificateVerificationError
	var host x509.HostnameError
	var authority x509.UnknownAuthorityError
	switch {
	case errors.As(err, &failed):
		err = failed.Err
	case !errors.As(err, &host) && !errors.As(err, &authority):
		return ""
	}
	return strings.TrimPrefix(err.Error(), "x509: ")
}

// reason is the phrase of a status, as the standard has it or else as the wire
// had it.
func (v veil) reason(resp *http.Response) string {
	if s := http.StatusText(resp.StatusCode); s != "" {
		return s
	}
	_, s, _ := strings.Cut(resp.Status, " ")
	return v.cover(s, maxReason)
}
