package web

import (
	"net/netip"
	"sync"
	"time"

	"github.com/maypok86/otter/v2"
	"golang.org/x/time/rate"
)

// Bounds of guessing a password.
const (
	// freeTries is how many times a source may be wrong before it waits.
	freeTries = 5
	// longestWait is how long it waits at most; each wrong try doubles the wait.
	longestWait = 5 * time.Minute
	// forgetAfter is when a source starts anew.
	forgetAfter = time.Hour
	// triedSources bounds how many sources are remembered.
	triedSources = 10_000
	// triesASecond is how many tries all addresses together have once triesAtOnce
	// are used up. Known browsers have theirs beside them.
	triesASecond = 2
	triesAtOnce  = 20
)

// source is whose tries count together: those from an address, or those of a
// browser that is known, wherever they come from.
type source struct {
	address netip.Prefix
	browser string
}

// throttle slows down guessing. A try counts as wrong when it begins, so that many
// at once are no more than many in a row; a right one is forgotten again.
type throttle struct {
	now func() time.Time
	all *rate.Limiter

	mu      sync.Mutex
	tries   *otter.Cache[source, tries]
	allTold time.Time // when it was last told that all together are too many
}

// tries is how often a source was wrong, and when it may try again.
type tries struct {
	wrong int
	last  time.Time
	until time.Time
	told  bool // that it tried before that
}

func newThrottle(now func() time.Time) *throttle {
	return &throttle{
		now: now, all: rate.NewLimiter(triesASecond, triesAtOnce),
		tries: otter.Must(&otter.Options[source, tries]{MaximumSize: triedSources}),
	}
}

// turn is what a try is told: how long to wait, 0 where it may go on and counts as
// the source's wrong try of that number. tell says that its refusal is the first
// one in this wait.
type turn struct {
	wait  time.Duration
	wrong int
	tell  bool
}

func (t *throttle) turn(from source) turn {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	known, _ := t.tries.GetIfPresent(from)
	if now.Before(known.until) {
		tell := !known.told
		known.told = true
		t.tries.Set(from, known)
		return turn{wait: known.until.Sub(now), tell: tell}
	}
	if from.browser == "" && !t.all.AllowN(now, 1) {
		tell := now.Sub(t.allTold) > time.Minute
		if tell {
			t.allTold = now
		}
		return turn{wait: time.Second, tell: tell}
	}
	if now.Sub(known.last) > forgetAfter {
		known = tries{}
	}
	known.wrong++
	known.last, known.told = now, false
	if over := known.wrong - freeTries; over >= 0 {
		known.until = now.Add(min(time.Second<<min(over, 20), longestWait))
	}
	t.tries.Set(from, known)
	return turn{wrong: known.wrong}
}

// succeeded forgets a source's wrong tries.
func (t *throttle) succeeded(from source) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.tries.Invalidate(from)
}

// forget forgets all wrong tries.
func (t *throttle) forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.tries.InvalidateAll()
	t.all = rate.NewLimiter(triesASecond, triesAtOnce)
}

// addressOf is where a request came from, as far as tries are counted: an IPv4
// address, or the network of 64 bits that one IPv6 customer has.
func addressOf(remote string) netip.Prefix {
	from, err := netip.ParseAddrPort(remote)
	if err != nil {
		return netip.Prefix{}
	}
	ip := from.Addr().Unmap().WithZone("")
	bits := 32
	if ip.Is6() {
		bits = 64
	}
	p, _ := ip.Prefix(bits) // bits fit
	return p
}
