package pulsedive

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Bounds of one call.
const (
	// MaxAnswer is the longest answer that is read, in bytes.
	MaxAnswer = 10 << 20
	// largeAnswer is the length from which an answer needs one of largeAtOnce
	// places, so that many long answers do not meet in memory.
	largeAnswer = 256 << 10
	largeAtOnce = 4
	// maxMessage is the longest message of Pulsedive's that is passed on, in
	// bytes.
	maxMessage = 1024
)

// query is the part of a question that stands in the address, without the key.
type query struct {
	indicator, get, iid string
}

// encode is the query as the address has it.
func (q query) encode(key string) string {
	s := "indicator=" + url.QueryEscape(q.indicator)
	if q.iid != "" {
		s = "iid=" + url.QueryEscape(q.iid)
	}
	if q.get != "" {
		s += "&get=" + q.get
	}
	return s + "&key=" + url.QueryEscape(key)
}

// answer is how one call went.
type answer struct {
	header      http.Header
	limit       *LimitError // the refusal, where it was one
	limitNumber int         // the number of calls that the refusal names
}

// fetch makes one call and hands the body of a good answer to use, which must
// not keep it.
func (c *Client) fetch(ctx context.Context, key string, q query, use func(body []byte) error) (*answer, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, c.cfg.Timeout, ErrTimeout)
	defer cancel()
	a, err := c.call(ctx, key, q, use)
	if err != nil && ctx.Err() != nil {
		if errors.Is(context.Cause(ctx), ErrTimeout) {
			return &answer{}, ErrTimeout
		}
		return nil, ctx.Err()
	}
	return a, err
}

func (c *Client) call(ctx context.Context, key string, q query, use func([]byte) error) (*answer, error) {
	u := *c.url
	u.RawQuery = q.encode(key)
	req := &http.Request{Method: http.MethodGet, URL: &u, Host: u.Host, Header: c.header, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}
	resp, err := c.http.Do(req.WithContext(ctx))
	if err != nil {
		return &answer{}, transportError(err)
	}
	defer resp.Body.Close()
	a := &answer{header: resp.Header}
	buf := buffers.Get().(*bytes.Buffer)
	defer recycle(buf)
	done, err := c.read(ctx, buf, resp.Body)
	defer done()
	if err != nil {
		return a, err
	}
	if resp.StatusCode == http.StatusOK {
		return a, use(buf.Bytes())
	}
	return a, a.fault(resp, buf.Bytes(), key)
}

// fault makes an error of an answer with another status than 200.
func (a *answer) fault(resp *http.Response, body []byte, key string) error {
	message := clip(redact(decodeFault(body), key))
	switch resp.StatusCode {
	case http.StatusBadRequest, http.StatusNotFound, http.StatusNotAcceptable:
		return notFound(message)
	}
	status := StatusError{Status: resp.StatusCode, Reason: reason(resp), Message: message}
	if resp.StatusCode != http.StatusTooManyRequests {
		return &status
	}
	a.limit = &LimitError{StatusError: status}
	a.limit.Period, a.limitNumber = limitOf(message, resp.Header)
	return a.limit
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// recycle keeps small buffers for the next call.
func recycle(b *bytes.Buffer) {
	if b.Cap() <= largeAnswer {
		b.Reset()
		buffers.Put(b)
	}
}

// read takes in an answer, bounded. One that turns out long waits for a place
// among the long ones, and gives it back by done.
func (c *Client) read(ctx context.Context, buf *bytes.Buffer, body io.Reader) (done func(), err error) {
	done = func() {}
	const first = largeAnswer - bytes.MinRead // the buffer grows no further for this
	n, err := buf.ReadFrom(io.LimitReader(body, first))
	if err == nil && n == first {
		select {
		case c.large <- struct{}{}:
			done = func() { <-c.large }
		case <-ctx.Done():
			return done, ctx.Err()
		}
		_, err = buf.ReadFrom(io.LimitReader(body, MaxAnswer+1-n))
	}
	switch {
	case err != nil:
		return done, transportError(err)
	case buf.Len() > MaxAnswer:
		return done, ErrTooLarge
	}
	return done, nil
}

func clip(s string) string {
	if len(s) <= maxMessage {
		return s
	}
	return strings.ToValidUTF8(s[:maxMessage], "") + "…"
}

// newTransport is the connections to Pulsedive: kept alive for as many calls as
// go side by side, compressed.
func newTransport(parallel int) *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = max(parallel, 1)
	t.MaxIdleConns = t.MaxIdleConnsPerHost
	t.IdleConnTimeout = 90 * time.Second
	return t
}
