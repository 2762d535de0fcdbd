package pulsedive

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

// mostTraced bounds how many calls of one batch are noted.
const mostTraced = 1000

// Call is one call to Pulsedive, or an answer that took none.
type Call struct {
	// Place is that of its question.
	Place int
	// Kind is info, links or health.
	Kind string
	// Queued is when the question was put.
	Queued time.Time
	// Start is when the call was let go; zero: none was made.
	Start time.Time
	// Took is how long the call took or, where none was made, the answer.
	Took time.Duration
	// Outcome is ok or "not found", for an answer without a call cached, joined
	// (another question's call brought it) or stale (older than its time, for
	// want of calls), else a short code of the error: timeout, connection,
	// certificate, "refused key", "limit" with its period, "status 500", "no
	// JSON", shape, "too large", unavailable, "given up", fault. "under way" is a
	// call that nobody waited for to the end.
	Outcome string
	// Attempt counts the calls of one question from 1; 0: none was made.
	Attempt int
}

const underWay, givenUp = "under way", "given up"

// trace notes the calls of one batch.
type trace struct {
	mu    sync.Mutex
	calls []Call
	most  int // how many calls are expected
	ended bool
}

// Trace is every call that was made for this batch, and every answer that took
// none, in order of start, up to 1000. It ends the recording, so it is for whoever
// has all answers; asked again, it is the same.
func (b *Batch) Trace() []Call {
	t := &b.trace
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ended {
		return t.calls
	}
	t.ended = true
	for i := range t.calls {
		if c := &t.calls[i]; c.Outcome == underWay {
			c.Took = time.Since(c.Start)
		}
	}
	slices.SortStableFunc(t.calls, func(a, b Call) int { return a.begun().Compare(b.begun()) })
	return t.calls
}

func (c *Call) begun() time.Time {
	if c.Start.IsZero() {
		return c.Queued
	}
	return c.Start
}

// add notes a call and says where, -1 where there is no room.
func (t *trace) add(c Call) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ended || len(t.calls) >= mostTraced {
		return -1
	}
	if t.calls == nil {
		t.calls = make([]Call, 0, min(max(t.most, 1), mostTraced))
	}
	t.calls = append(t.calls, c)
	return len(t.calls) - 1
}

// over notes how a call went that was noted at place i.
func (t *trace) over(i int, took time.Duration, outcome string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if i < 0 || t.ended {
		return
	}
	c := &t.calls[i]
	c.Took, c.Outcome = took, outcome
}

// begin notes the start of a call and says where.
func (t *trace) begin(q *inquiry, now time.Time) (place int) {
	return t.add(Call{
		Place: q.Place, Kind: q.query.kind(), Queued: q.put, Start: now, Outcome: underWay, Attempt: int(q.attempts.Add(1)),
	})
}

// answered notes an answer that took no call of the question's own.
func (q *inquiry) answered(outcome string) {
	q.batch.trace.add(Call{Place: q.Place, Kind: q.query.kind(), Queued: q.put, Took: time.Since(q.put), Outcome: outcome})
}

func (q query) kind() string {
	switch {
	case q.iid != "":
		return "health"
	case q.get != "":
		return q.get
	}
	return "info"
}

// outcomeOf is the short code of what came of a question.
func outcomeOf(err error) string {
	if err == nil {
		return "ok"
	}
	var limit *LimitError
	var status *StatusError
	var certificate *CertificateError
	var unavailable *UnavailableError
	var fault *PanicError
	switch {
	case errors.As(err, &limit):
		if limit.Period == PeriodUnknown {
			return "limit"
		}
		return "limit " + limit.Period.String()
	case errors.As(err, &status):
		if status.Status == http.StatusUnauthorized || status.Status == http.StatusForbidden {
			return "refused key"
		}
		return "status " + strconv.Itoa(status.Status)
	case errors.As(err, &certificate):
		return "certificate"
	case errors.As(err, &unavailable):
		return "unavailable"
	case errors.As(err, &fault):
		return "fault"
	}
	for _, known := range [...]struct {
		is   error
		code string
	}{
		{ErrNotFound, "not found"}, {ErrTimeout, "timeout"}, {context.DeadlineExceeded, "timeout"}, {context.Canceled, givenUp},
		{ErrConnection, "connection"}, {ErrNotJSON, "no JSON"}, {ErrShape, "shape"}, {ErrTooLarge, "too large"},
	} {
		if errors.Is(err, known.is) {
			return known.code
		}
	}
	return "fault"
}
