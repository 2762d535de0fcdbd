package pulsedive

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/gzip"
)

// Bounds of one call.
const (
	// MaxAnswer is the longest answer that is read, in bytes.
	MaxAnswer = 10 << 20
	// largeAnswer is the length from which an answer needs one of largeAtOnce
	// places, so that many long answers do not meet in memory.
	largeAnswer = 256 << 10
	largeAtOnce = 4
	// mostCalls is how many calls are on their way at once. With the bounds above
	// it bounds the memory that answers take.
	mostCalls = 1024
	// keptRequests is for how many requests at full parallelism connections are
	// kept open.
	keptRequests = 16
	// maxMessage is the longest message of Pulsedive's that is passed on,
	// maxReason the longest phrase of a status, in bytes.
	maxMessage = 1024
	maxReason  = 64
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
	status      int // 0 where there was none
	header      http.Header
	limit       *LimitError // the refusal, where it was one
	limitNumber int         // the number of calls that the refusal names
}

// tells says whether the answer came from Pulsedive, not from what stands in
// front of it, and belongs to a key that has a plan.
func (a *answer) tells() bool {
	return a.status != 0 && !unreached(a.status) && !a.refusesKey()
}

// refusesKey says whether the key is of no use. Whoever tries it again goes
// alone.
func (a *answer) refusesKey() bool {
	return a.status == http.StatusUnauthorized || a.status == http.StatusForbidden
}

// fetch makes one call and hands the body of a good answer to use, which must
// not keep it. wrote is called when the call has been sent. A nil answer is a
// call that was given up.
func (c *Client) fetch(ctx context.Context, key string, q query, wrote func(), use func(body []byte) error) (*answer, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, c.cfg.Timeout, ErrTimeout)
	defer cancel()
	a, err := c.call(ctx, veil{key, q}, wrote, use)
	if err != nil && ctx.Err() != nil {
		if errors.Is(context.Cause(ctx), ErrTimeout) {
			return a, ErrTimeout
		}
		return nil, ctx.Err()
	}
	return a, err
}

func (c *Client) call(ctx context.Context, v veil, wrote func(), use func([]byte) error) (*answer, error) {
	u := *c.url
	u.RawQuery = v.query.encode(v.key)
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) { wrote() }})
	req := &http.Request{Method: http.MethodGet, URL: &u, Host: u.Host, Header: c.header, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}
	resp, err := c.transport.RoundTrip(req.WithContext(ctx))
	if err != nil {
		return &answer{}, v.transportError(err)
	}
	defer resp.Body.Close()
	a := &answer{status: resp.StatusCode, header: resp.Header}
	buf := buffers.Get().(*bytes.Buffer)
	defer recycle(buf)
	body, unzip, err := unzipped(resp)
	defer unzip()
	if err != nil {
		return a, v.transportError(err)
	}
	done, err := c.read(ctx, buf, body)
	defer done()
	switch {
	case errors.Is(err, ErrTooLarge):
		return a, err
	case err != nil:
		return a, v.transportError(err)
	case resp.StatusCode == http.StatusOK:
		return a, use(buf.Bytes())
	}
	return a, a.fault(resp, buf.Bytes(), v)
}

// fault makes an error of an answer with another status than 200.
func (a *answer) fault(resp *http.Response, body []byte, v veil) error {
	switch resp.StatusCode {
	case http.StatusBadRequest, http.StatusNotFound, http.StatusNotAcceptable:
		return ErrNotFound
	}
	status := StatusError{Status: resp.StatusCode, Reason: v.reason(resp), Message: v.cover(decodeFault(body), maxMessage)}
	if resp.StatusCode != http.StatusTooManyRequests {
		return &status
	}
	a.limit = &LimitError{StatusError: status}
	a.limit.Period, a.limitNumber = limitOf(status.Message, resp.Header)
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

// unzippers are gzip readers with their buffers, about 40 KiB each, which
// net/http would make anew for each answer.
var unzippers = sync.Pool{New: func() any { return &unzipper{in: bufio.NewReader(nil)} }}

type unzipper struct {
	in   *bufio.Reader
	gzip gzip.Reader
}

// unzipped is an answer's body without its compression. done gives back what it
// took.
func unzipped(resp *http.Response) (body io.Reader, done func(), err error) {
	if !strings.EqualFold(resp.Header.Get("Content-Encoding"), "gzip") {
		return resp.Body, func() {}, nil
	}
	u := unzippers.Get().(*unzipper)
	done = func() {
		u.in.Reset(nil)
		unzippers.Put(u)
	}
	u.in.Reset(resp.Body)
	if err = u.gzip.Reset(u.in); errors.Is(err, io.EOF) {
		return http.NoBody, done, nil // many answers without a body say so all the same
	}
	return &u.gzip, done, err
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
	if err == nil && buf.Len() > MaxAnswer {
		err = ErrTooLarge
	}
	return done, err
}

// newTransport is the connections to Pulsedive: kept alive for as many calls as
// go side by side in several requests. Compression is asked for by Client.
func newTransport(parallel int) *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = keptRequests * parallel
	t.MaxIdleConns = t.MaxIdleConnsPerHost
	t.IdleConnTimeout = 90 * time.Second
	return t
}
