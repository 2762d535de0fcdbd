package pulsedive

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"time"
)

const (
	// mostSecondWaits is how often one call waits anew because Pulsedive says
	// that the second is used up, where others share the key.
	mostSecondWaits = 8
	// retryAfter is how long a call rests before its one repetition, half to
	// all of it by chance.
	retryAfter = 300 * time.Millisecond
)

// resolve answers a question: out of the cache, with a call on its way, or by a
// call.
func (q *Question) resolve(ctx context.Context, class class, query query, decode func([]byte) (entry, error)) (entry, error) {
	b := q.batch
	k := cacheKey{b.print, class, query.indicator}
	if query.iid != "" {
		k.value = "iid=" + query.iid
	}
	e, has, fresh := b.client.cache.get(k)
	if fresh {
		return e, e.absent
	}
	e2, err := b.client.flights.share(ctx, k, q.Listen, func(ctx context.Context, f *flight) (entry, error) {
		e, err := q.call(ctx, class, query, f.notify, decode)
		if errors.Is(err, ErrNotFound) {
			e.absent, err = err, nil
		}
		if err == nil && query.iid == "" {
			e.at = time.Now()
			b.client.cache.put(k, e)
		}
		return e, err
	})
	var limit *LimitError
	if has && errors.As(err, &limit) && limit.Period != Second {
		q.StaleSince, q.StaleFor = e.at, limit
		return e, e.absent
	}
	if err != nil {
		return entry{}, err
	}
	return e2, e2.absent
}

// call makes the call, and makes it again where waiting or a second try helps.
func (q *Question) call(ctx context.Context, class class, query query, notify func(Progress), decode func([]byte) (entry, error)) (entry, error) {
	var e entry
	use := func(body []byte) (err error) {
		e, err = decode(body)
		return err
	}
	retried := false
	for waits := 0; ; {
		err := q.once(ctx, class, query, notify, use)
		var limit *LimitError
		switch {
		case err == nil:
			return e, nil
		case errors.As(err, &limit) && limit.Period == Second && waits < mostSecondWaits:
			waits++
		case !retried && transient(err):
			retried = true
			if err := sleep(ctx, retryAfter/2+rand.N(retryAfter/2)); err != nil {
				return entry{}, err
			}
		default:
			return entry{}, err
		}
	}
}

// once waits for its turn and makes one call.
func (q *Question) once(ctx context.Context, class class, query query, notify func(Progress), use func([]byte) error) error {
	b := q.batch
	if err := b.account.acquire(ctx, b, class, q.began, notify); err != nil {
		return err
	}
	var a *answer
	defer func() { b.account.release(a) }()
	done, err := b.client.breaker.allow()
	if err != nil {
		return err
	}
	notify(Progress{State: Asking})
	b.calls.Add(1)
	a, err = b.client.fetch(ctx, b.key, query, use)
	done(err)
	var status *StatusError
	if errors.As(err, &status) && (status.Status == http.StatusUnauthorized || status.Status == http.StatusForbidden) {
		b.account.stop(b, err)
	}
	return err
}

// transient says whether a fault may be gone at the next try.
func transient(err error) bool {
	var status *StatusError
	if errors.As(err, &status) {
		return status.Status == http.StatusBadGateway || status.Status == http.StatusServiceUnavailable || status.Status == http.StatusGatewayTimeout
	}
	return errors.Is(err, ErrConnection)
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
