package pulsedive

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
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
	patterns := []string{regexp.QuoteMeta(v.query.encode(v.key))}
	if value != "" {
		patterns = append(patterns, regexp.QuoteMeta("indicator="+value))
	}
	return anyOf(append(append(patterns, echoes(v.key)...), `(?:indicator|iid|get|key)=[^\s"'<>]*`))
}

// anyOf matches what any of these patterns does, in whatever case.
func anyOf(patterns []string) *regexp.Regexp {
	return regexp.MustCompile(`(?i)` + strings.Join(patterns, "|"))
}

// echoes are patterns of a key in any of its forms. In base64 the first and the last
// bytes of it may be in up to three characters beside the form.
func echoes(key string) (patterns []string) {
	const beside = `[a-z0-9+/_-]{0,3}`
	for _, s := range inBase64(key) {
		patterns = append(patterns, beside+regexp.QuoteMeta(s)+beside+`={0,2}`)
	}
	for _, s := range formsOf(key) {
		patterns = append(patterns, regexp.QuoteMeta(s))
	}
	return patterns
}

// secretLength is how long a key is at least that is looked for in good answers,
// and in base64: a shorter one may be a word.
const secretLength = 12

// formsOf are the spellings that an echo of a key may have, in lower case: case is
// not to count.
func formsOf(key string) []string {
	forms := []string{key, url.QueryEscape(key), url.PathEscape(key), html.EscapeString(key), inQuotes(key)}
	for i := range forms {
		forms[i] = strings.ToLower(forms[i])
	}
	forms = append(forms, inBase64(key)...)
	slices.Sort(forms)
	return slices.DeleteFunc(slices.Compact(forms), func(s string) bool { return s == "" })
}

// inBase64 is what of a key is the same in base64 whatever stands around it, in lower
// case: all but up to two of its first and of its last bytes.
func inBase64(key string) (forms []string) {
	if len(key) < secretLength {
		return nil
	}
	for before := range 3 { // bytes of the first three that base64 mixes with what stands in front
		std := strings.ToLower(base64.StdEncoding.EncodeToString([]byte(key[before : len(key)-(len(key)-before)%3])))
		forms = append(forms, std, strings.NewReplacer("+", "-", "/", "_").Replace(std))
	}
	return forms
}

// blank takes the key out of a good answer: one that echoes it must not carry it
// into records. An echo of all of it is at least as long as the key, and has no blank
// where the key has none, so that few texts need a look.
func (b *Batch) blank(e entry) {
	if len(b.key) < secretLength {
		return
	}
	found := false
	e.texts(func(s *string) {
		if !holdsWord(*s, len(b.key)) && !strings.Contains(b.key, " ") {
			return
		}
		b.spelt.Do(func() { b.forms = formsOf(b.key) })
		text := strings.ToLower(*s)
		if slices.ContainsFunc(b.forms, func(form string) bool { return strings.Contains(text, form) }) {
			*s = anyOf(echoes(b.key)).ReplaceAllLiteralString(*s, "…")
			found = true
		}
	})
	if found {
		compact(e.texts) // nor does it stay in memory
	}
}

// holdsWord says whether a text has so many bytes in a row without a blank.
func holdsWord(s string, length int) bool {
	for len(s) >= length {
		last := strings.LastIndexByte(s[:length], ' ')
		if last < 0 {
			return true
		}
		s = s[last+1:]
	}
	return false
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
