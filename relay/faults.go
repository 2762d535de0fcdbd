package relay

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"pulsedive-relay/relay/pulsedive"
)

// isNothing says whether an error means that Pulsedive knows nothing.
func isNothing(err error) bool { return errors.Is(err, pulsedive.ErrNotFound) }

// late says whether an error means that the request's time was over.
func late(err error) bool {
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
}

// errors tells what went wrong in a run, each different fault once, in the order
// of the observables; then what makes the answer less than it could be.
func (n *run) errors(hasData bool) []Error {
	var list []Error
	add := func(e Error) {
		if !slices.Contains(list, e) {
			list = append(list, e)
		}
	}
	var unanswered, unrelated int
	var spent *pulsedive.LimitError
	for i := range n.outcomes {
		o := &n.outcomes[i]
		switch {
		case o.err == nil, isNothing(o.err):
		case late(o.err):
			unanswered++
		default:
			n.relay.report(n.ctx, o.err)
			add(errorFor(o.err))
		}
		var limit *pulsedive.LimitError
		switch {
		case o.linksErr == nil:
		case late(o.linksErr):
			unrelated++
		case errors.As(o.linksErr, &limit):
			spent = limit
			unrelated++
		default:
			n.relay.report(n.ctx, o.linksErr)
			add(errorFor(o.linksErr))
		}
	}
	if unanswered > 0 {
		add(n.lateError(unanswered, hasData))
	}
	if unrelated > 0 {
		add(n.withoutRelations(unrelated, spent))
	}
	if e, ok := n.staleWarning(); ok {
		add(e)
	}
	return list
}

// lateError says how many observables the deadline left without an answer.
func (n *run) lateError(unanswered int, hasData bool) Error {
	e := Error{Fatal, codeTimeout, fmt.Sprintf("The request's time was over before Pulsedive had answered for %d of %s%s.",
		unanswered, counted(len(n.list), "observable"), n.pace())}
	if errors.Is(n.ctx.Err(), context.Canceled) {
		e.Code, e.Message = codeCancelled, fmt.Sprintf("It was cancelled before Pulsedive had answered for %d of %s.", unanswered, counted(len(n.list), "observable"))
	}
	if hasData {
		e.Type = Warning
	}
	return e
}

// withoutRelations says how many observables have no relations for want of time
// or of calls.
func (n *run) withoutRelations(unrelated int, spent *pulsedive.LimitError) Error {
	if spent != nil {
		return Error{Warning, codeTooMany, fmt.Sprintf("Relations of %d of %s were not asked for: %s", unrelated, counted(len(n.list), "observable"), limitText(spent))}
	}
	if errors.Is(n.ctx.Err(), context.Canceled) {
		return Error{Warning, codeCancelled, fmt.Sprintf("Relations of %d of %s were not asked for any more.", unrelated, counted(len(n.list), "observable"))}
	}
	return Error{Warning, codeTimeout, fmt.Sprintf("Relations of %d of %s are missing: the request's time was over%s.", unrelated, counted(len(n.list), "observable"), n.pace())}
}

// pace names the limit that made calls wait, where one is known.
func (n *run) pace() string {
	for _, q := range n.batch.Quotas() {
		if q.Period == pulsedive.Second {
			return " (the API key allows " + counted(q.Limit, "call") + " a second)"
		}
	}
	return ""
}

// counted is a number of things, in words.
func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return strconv.Itoa(n) + " " + thing + "s"
}

// staleWarning says how old the answers are that had to serve because a limit is
// used up.
func (n *run) staleWarning() (Error, bool) {
	var oldest time.Time
	var limit *pulsedive.LimitError
	stale := 0
	for i := range n.outcomes {
		q := n.outcomes[i].question
		if q == nil || q.StaleSince.IsZero() {
			continue
		}
		stale++
		if limit = q.StaleFor; oldest.IsZero() || q.StaleSince.Before(oldest) {
			oldest = q.StaleSince
		}
	}
	if stale == 0 {
		return Error{}, false
	}
	age := max(time.Since(oldest).Round(time.Minute), time.Minute)
	return Error{Warning, codeTooMany, fmt.Sprintf("%s Answered for %d of %s with what Pulsedive said earlier, up to %s ago.",
		limitText(limit), stale, counted(len(n.list), "observable"), age)}, true
}

// report logs what a caller is not told, under the request's id.
func (r *Relay) report(ctx context.Context, err error) {
	log := r.cfg.Log
	if id, ok := ctx.Value(requestID{}).(string); ok {
		log = log.With("id", id)
	}
	var p *pulsedive.PanicError
	switch {
	case errors.As(err, &p):
		log.Error("a fault of the relay's own", "error", err, "stack", string(p.Stack))
	case errorFor(err) == errUnknown:
		log.Error("an error without a name", "error", err)
	default:
		log.Debug("answered with an error", "error", err)
	}
}
