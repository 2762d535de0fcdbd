package pulsedive

import (
	"slices"
	"time"
)

// What is here is when a call may go, by what is known of the key; how callers wait
// for that is in account.go.

// schedule lets calls go that may go now, and sets the timer for the next.
func (a *account) schedule() {
	now := time.Now()
	a.expire(now)
	for !a.probing {
		c, ok := a.next()
		if !ok {
			return
		}
		if at := a.nextAt(); at.After(now) {
			a.wakeIn(at.Sub(now))
			return
		}
		t := a.queues[c].pop()
		a.grant(t, now)
		t.ready <- nil
	}
}

// next is the class that a call may be made of, where one waits.
func (a *account) next() (class, bool) {
	for _, c := range []class{infoCall, linksCall} {
		if !a.queues[c].empty() {
			return c, a.may(c)
		}
	}
	return 0, false
}

// may says whether what is left of a day or a month allows a call of a class.
func (a *account) may(c class) bool {
	if a.inFlight > 0 && a.spent() {
		return false // the answers on their way will tell
	}
	// With nobody else about, one call finds out what the count got wrong.
	alone := a.inFlight == 0 && a.pending == 0
	return c == infoCall || alone || a.enough(a.pending)
}

// free says whether a call need not wait at all: nobody waits before it, and
// nothing stands in its way.
func (a *account) free(c class, now time.Time) bool {
	if a.probing || !a.queues[infoCall].empty() || !a.queues[linksCall].empty() {
		return false
	}
	return a.may(c) && !a.nextAt().After(now)
}

// nextAt is when the limit a second allows the next call.
func (a *account) nextAt() time.Time {
	at := a.notBefore
	if a.perSecond == 0 || len(a.sent) < a.perSecond {
		return at
	}
	latest := a.sent[len(a.sent)-a.perSecond:]
	oldest := latest[0].at
	for _, t := range latest {
		if t.at.Before(oldest) {
			oldest = t.at
		}
	}
	return later(at, oldest.Add(window))
}

// grant lets a call go.
func (a *account) grant(t *turn, now time.Time) {
	a.inFlight++
	t.at, t.before, t.alone = now, a.answered, !a.probed
	a.granted++
	a.probing = t.alone
	a.count(-1)
	if drop := len(a.sent) + 1 - max(a.perSecond, 1); drop > 0 {
		a.sent = slices.Delete(a.sent, 0, drop)
	}
	a.sent = append(a.sent, t)
	t.timed = t.alone || a.perSecond > 0
	for _, other := range a.sent {
		if now.Sub(other.at) < window {
			t.ours++
		}
	}
}

// revoke undoes grant.
func (a *account) revoke(t *turn) {
	a.land(t)
	a.granted--
	a.count(1)
	for i, other := range a.sent {
		if other == t {
			a.sent = append(a.sent[:i:i], a.sent[i+1:]...)
			return
		}
	}
}

// land ends a call's being on its way.
func (a *account) land(t *turn) {
	a.inFlight--
	if t.alone {
		a.probing = false
	}
}

func (a *account) wakeIn(d time.Duration) {
	if a.timer != nil {
		a.timer.Reset(d)
		return
	}
	a.timer = time.AfterFunc(d, func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.schedule()
	})
}

// outlook tells one who begins to wait until when, about.
func (a *account) outlook(c class) Progress {
	at := a.nextAt()
	if a.perSecond > 0 {
		before := a.queues[infoCall].size - 1
		if c == linksCall {
			before += a.queues[linksCall].size
		}
		at = at.Add(time.Duration(max(before, 0)/a.perSecond) * window)
	}
	if !at.After(time.Now()) {
		return Progress{State: Queued}
	}
	return Progress{State: Waiting, Until: at}
}
