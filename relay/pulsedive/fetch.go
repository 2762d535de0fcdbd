package pulsedive

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"time"
)

// Bounds of one call.
const (
	// MaxAnswer is the longest answer that is read, in bytes.
	MaxAnswer = 10 << 20
	// largeAtOnce is how many long answers are in memory at once.
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
	name, value, get := "indicator=", q.indicator, ""
	if q.iid != "" {
		name, value = "iid=", q.iid
	}
	if q.get != "" {
		get = "&get="
	}
	return name + url.QueryEscape(value) + get + q.get + "&key=" + url.QueryEscape(key)
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

// fetch makes one call and decodes a good answer. A nil answer is a call that was
// given up.
func (c *Client) fetch(f *flight, q *inquiry, t *turn) (*answer, entry, error) {
	timer := time.AfterFunc(c.cfg.Timeout, f.expire)
	defer timer.Stop()
	a, e, err := c.call(f.ctx, q, t)
	if err != nil && f.ctx.Err() != nil {
		if context.Cause(f.ctx) == ErrTimeout {
			return a, entry{}, ErrTimeout
		}
		return nil, entry{}, f.ctx.Err()
	}
	return a, e, err
}

func (c *Client) call(ctx context.Context, q *inquiry, t *turn) (*answer, entry, error) {
	v := veil{q.batch.key, q.query}
	u := *c.url
	u.RawQuery = v.query.encode(v.key)
	req := &http.Request{Method: http.MethodGet, URL: &u, Host: u.Host, Header: c.header, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}
	resp, err := c.transport.RoundTrip(req.WithContext(t.watched(ctx)))
	if err != nil {
		return &answer{}, entry{}, v.transportError(err)
	}
	defer resp.Body.Close()
	a := &answer{status: resp.StatusCode, header: resp.Header}
	in := incomings.Get().(*incoming)
	defer in.recycle()
	body, err := in.read(ctx, resp, c.large)
	switch {
	case errors.Is(err, ErrTooLarge):
		return a, entry{}, err
	case err != nil:
		return a, entry{}, v.transportError(err)
	case resp.StatusCode == http.StatusOK:
		e, err := q.decode(body, c.cfg.MostListed)
		q.batch.blank(e)
		return a, e, err
	}
	return a, entry{}, a.fault(resp, body, v)
}

// watched is a context that lets the turn know when the call has been sent, where
// that matters.
func (t *turn) watched(ctx context.Context) context.Context {
	if !t.timed {
		return ctx
	}
	wrote := func(httptrace.WroteRequestInfo) { t.account.wrote(t) }
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteRequest: wrote})
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

// newTransport is the connections to Pulsedive: kept alive for as many calls as
// go side by side in several requests. Compression is asked for by Client.
func newTransport(parallel int) *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = keptRequests * parallel
	t.MaxIdleConns = t.MaxIdleConnsPerHost
	t.IdleConnTimeout = 90 * time.Second
	return t
}
