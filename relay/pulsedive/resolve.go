package pulsedive

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"sync/atomic"
	"time"
)

const (
	// mostSecondWaits is how often one call waits anew because Pulsedive says
	// that the second is used up, where others share the key. Refused calls may
	// count, too.
	mostSecondWaits = 8
	// mostUnnamedWaits is the same for a refusal that names no period: a second's,
	// or else it takes a call each time to see that it is not.
	mostUnnamedWaits = 2
	// retryAfter is how long a call rests before its one repetition, half to
	// all of it by chance.
	retryAfter = 300 * time.Millisecond
)

// inquiry is one call's worth of a question: its info, its links, or a health
// check.
type inquiry struct {
	*Question
	class    class
	query    query
	decode   func(body []byte, most int) (entry, error)
	put      time.Time
	attempts atomic.Int32 // the calls made for it
}

// resolve answers an inquiry: out of the cache, with a call on its way, or by a
// call.
func (q *inquiry) resolve(ctx context.Context) (entry, error) {
	b := q.batch
	q.put = time.Now()
	k := cacheKey{b.print, q.query}
	old, has, fresh := b.client.cache.get(k)
	if fresh && !b.Anew {
		q.answered("cached")
		return old, old.absent
	}
	e, joined, err := b.client.flights.share(ctx, k, q)
	if joined && refusesKey(err) {
		b.account.stop(b, err)
	}
	limit := spentLimit(err)
	switch {
	case has && limit != nil:
		if q.StaleFor == nil || old.at.Before(q.StaleSince) {
			q.StaleSince, q.StaleFor = old.at, limit
		}
		q.answered("stale")
		return old, old.absent
	case err == nil && joined:
		q.answered("joined")
	case err != nil && q.attempts.Load() == 0:
		q.answered(outcomeOf(err))
	}
	if err != nil {
		return entry{}, err
	}
	return e, e.absent
}

// ask makes the call, on behalf of all who wait for it, and keeps the answer.
func (q *inquiry) ask(f *flight) (entry, error) {
	e, err := q.call(f)
	if err != nil && errors.Is(err, ErrNotFound) {
		e, err = entry{absent: ErrNotFound}, nil
	}
	if err == nil && q.query.iid == "" {
		e.at = time.Now()
		q.batch.client.cache.put(f.key, e)
	}
	return e, err
}

// call makes the call, and makes it again where waiting or a second try helps.
func (q *inquiry) call(f *flight) (entry, error) {
	retried := false
	for waits := 0; ; {
		e, err := q.once(f)
		switch {
		case err == nil:
			return e, nil
		case waits < mostWaits(err):
			waits++
		case !retried && transient(err):
			retried = true
			if err := sleep(f.ctx, retryAfter/2+rand.N(retryAfter/2)); err != nil {
				return entry{}, err
			}
		default:
			return entry{}, err
		}
	}
}

// once waits for its turn and makes one call.
func (q *inquiry) once(f *flight) (entry, error) {
	b := q.batch
	if err := b.client.breaker.refusal(); err != nil {
		return entry{}, err
	}
	t := newTurn(b, q.class, q.began)
	f.turn.Store(t)
	if err := b.account.acquire(f.ctx, t, f.notify); err != nil {
		return entry{}, err
	}
	select {
	case b.client.calls <- struct{}{}:
	case <-f.ctx.Done():
		b.account.giveBack(t)
		return entry{}, f.ctx.Err()
	}
	defer func() { <-b.client.calls }()
	if !f.wanted() {
		b.account.giveBack(t)
		return entry{}, context.Canceled
	}
	done, err := b.client.breaker.allow()
	if err != nil {
		b.account.giveBack(t)
		return entry{}, err
	}
	return q.fetch(f, t, done)
}

// fetch makes the call that is allowed, and says how it went, even where it
// panics.
func (q *inquiry) fetch(f *flight, t *turn, done func(error)) (e entry, err error) {
	b := q.batch
	var a *answer
	call := Call{Kind: q.query.kind(), Start: time.Now()}
	noted := b.trace.begin(q, call.Start)
	ended := false
	defer func() {
		went := err
		if !ended {
			went = errPanic
		}
		call.Took, call.Outcome = time.Since(call.Start), outcomeOf(went)
		b.trace.over(noted, call.Took, call.Outcome)
		b.client.latest.note(call, b.account)
		done(went)
		b.account.release(t, a)
	}()
	f.notify(Progress{State: Asking})
	b.calls.Add(1)
	a, e, err = b.client.fetch(f, q, t)
	if a != nil && a.refusesKey() {
		b.account.stop(b, err)
	}
	ended = true
	return e, err
}

// errPanic is how a call went that did not come back.
var errPanic = &PanicError{Value: "a call panicked"}

// mostWaits is how often a call waits anew after such an error.
func mostWaits(err error) int {
	var limit *LimitError
	switch {
	case !errors.As(err, &limit):
		return 0
	case limit.Period == Second:
		return mostSecondWaits
	case limit.Period == PeriodUnknown:
		return mostUnnamedWaits
	}
	return 0
}

// refusesKey says whether an error means that the key is of no use.
func refusesKey(err error) bool {
	if err == nil {
		return false
	}
	var status *StatusError
	return errors.As(err, &status) && (&answer{status: status.Status}).refusesKey()
}

// spentLimit is the limit that an error is and that no waiting helped, nil where
// it is something else.
func spentLimit(err error) *LimitError {
	if err == nil {
		return nil
	}
	var limit *LimitError
	if errors.As(err, &limit) && limit.Period != Second {
		return limit
	}
	return nil
}

// transient says whether a fault may be gone at the next try.
func transient(err error) bool {
	if err == nil {
		return false
	}
	var status *StatusError
	if errors.As(err, &status) {
		return unreached(status.Status)
	}
	return errors.Is(err, ErrConnection)
}

// unreached says whether a status means that Pulsedive itself was not reached.
func unreached(status int) bool {
	return status == http.StatusBadGateway || status == http.StatusServiceUnavailable || status == http.StatusGatewayTimeout
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
