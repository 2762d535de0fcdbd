package pulsedive

import (
	"sync"
	"time"
)

// latest is the call that ended last, of any key: how Pulsedive does, for people.
type latest struct {
	mu      sync.Mutex
	call    Call
	account *account
}

// note takes in a call that ended, unless nobody waited for it: that tells nothing of
// Pulsedive.
func (l *latest) note(c Call, a *account) {
	if c.Outcome == givenUp {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if !c.ended().Before(l.call.ended()) {
		l.call, l.account = c, a
	}
}

func (c *Call) ended() time.Time { return c.Start.Add(c.Took) }

// Latest is the call that ended last, of any key, without what it asked about, and
// what is known by now of that key's plan. Its Outcome is empty where none ended yet.
// It is handed on from Client to Client as what is known of keys is (Config.Before).
func (c *Client) Latest() (Call, []Quota) {
	l := c.latest
	l.mu.Lock()
	call, a := l.call, l.account
	l.mu.Unlock()
	if a == nil {
		return call, nil
	}
	return call, a.known()
}
