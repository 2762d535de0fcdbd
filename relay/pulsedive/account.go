package pulsedive

import (
	"context"
	"sync"
	"time"
)

// Bounds of the pacing.
const (
	// window is the second of a limit a second, with a margin for calls that
	// overtake each other on the way.
	window = time.Second + 50*time.Millisecond
	// mostPerSecond is the largest limit a second that is paced; beyond it the
	// bound on parallel calls is the tighter one.
	mostPerSecond = 200
)

// class orders the calls that wait: infos before links, so that there is a
// verdict for every observable before there are relations for one.
type class int

const (
	infoCall class = iota
	linksCall
)

// account is what is known of one API key's plan, and the queue of its calls.
//
// Nothing is known of a key before its first answer, so the first call goes
// alone. From then on calls go at once, but for the limits that the answers
// told of: per second they wait for their turn, infos before links and request
// after request in turn; a used-up day or month is refused until it ends.
type account struct {
	mu       sync.Mutex
	probed   bool // an answer has told of the plan
	probing  bool // the call that will tell is on its way
	inFlight int
	pending  int // infos that running batches still need
	sent     []time.Time
	limits
	queues [2]queue // by class
	timer  *time.Timer
}

// acquire waits until the call may be made. Every nil is followed by release.
func (a *account) acquire(ctx context.Context, b *Batch, c class, began uint64, notify func(Progress)) error {
	t := &turn{batch: b, began: began, ready: make(chan error, 1)}
	a.mu.Lock()
	a.expire(time.Now())
	if err := a.refusal(t, c); err != nil {
		a.mu.Unlock()
		return err
	}
	a.queues[c].push(t, &b.lanes[c])
	a.schedule()
	waits, outlook := len(t.ready) == 0, a.outlook(c)
	a.mu.Unlock()
	if waits {
		notify(outlook)
	}
	select {
	case err := <-t.ready:
		return err
	case <-ctx.Done():
		return a.leave(t, c, ctx.Err())
	}
}

// leave takes a turn out of the queue, or gives it back where it came just now.
func (a *account) leave(t *turn, c class, err error) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	select {
	case refused := <-t.ready:
		if refused != nil {
			return refused
		}
		a.inFlight--
		a.probing = false
	default:
		a.queues[c].drop(func(other *turn) bool { return other == t })
	}
	a.schedule()
	return err
}

// release says how a call went. A nil answer is a call that nobody waited for.
func (a *account) release(answered *answer) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.inFlight--
	a.probing = false
	if answered != nil {
		a.probed = true
		a.learn(answered, time.Now(), a.inFlight, a.sent)
	}
	a.refuse()
	a.schedule()
}

// refusal is why a call is not to be made at all.
func (a *account) refusal(t *turn, c class) error {
	if t.batch.stopped != nil {
		return t.batch.stopped
	}
	// The links of an observable that was begun before are asked all the same
	// where nothing but the refusal itself told of a limit: its info was
	// answered, so its links may be.
	if a.block == nil || c == linksCall && t.began < a.blocks && !a.told {
		return nil
	}
	return a.block
}

// refuse sends home all who wait in vain.
func (a *account) refuse() {
	for c := range a.queues {
		a.queues[c].drop(func(t *turn) bool {
			err := a.refusal(t, class(c))
			if err != nil {
				t.ready <- err
			}
			return err != nil
		})
	}
}

// expire ends a block that is over; one call goes ahead to find out.
func (a *account) expire(now time.Time) {
	if a.limits.expire(now) {
		a.probed = false
	}
}

// schedule lets calls go that may go now, and sets the timer for the next.
func (a *account) schedule() {
	now := time.Now()
	for !a.probing {
		c, ok := a.next()
		if !ok {
			return
		}
		if at := a.nextAt(a.sent); at.After(now) {
			a.wakeIn(at.Sub(now))
			return
		}
		t := a.queues[c].pop()
		a.grant(now)
		t.ready <- nil
	}
}

// next is the class that a call may be made of, where one waits.
func (a *account) next() (class, bool) {
	if a.inFlight > 0 && a.spent() {
		return 0, false // the answers on their way will tell
	}
	if !a.queues[infoCall].empty() {
		return infoCall, true
	}
	return linksCall, !a.queues[linksCall].empty() && a.enough(a.pending)
}

func (a *account) grant(now time.Time) {
	a.inFlight++
	a.probing = !a.probed
	a.count()
	a.sent = append(a.sent, now)
	if n := max(a.perSecond, 1); len(a.sent) > n {
		a.sent = a.sent[len(a.sent)-n:]
	}
}

func (a *account) wakeIn(d time.Duration) {
	if a.timer != nil {
		a.timer.Stop()
	}
	a.timer = time.AfterFunc(d, func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.schedule()
	})
}

// outlook tells one who begins to wait until when, about.
func (a *account) outlook(c class) Progress {
	if a.perSecond == 0 {
		return Progress{State: Queued}
	}
	before := a.queues[infoCall].size - 1
	if c == linksCall {
		before += a.queues[linksCall].size
	}
	turns := time.Duration(max(before, 0) / a.perSecond)
	return Progress{State: Waiting, Until: a.nextAt(a.sent).Add(turns * window)}
}

// expect announces n infos that a batch will need; settled takes them back.
func (a *account) expect(n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.pending += n
}

func (a *account) settled(n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.pending -= n
	a.schedule()
}

// stop refuses whatever else the batch would ask: its key is of no use.
func (a *account) stop(b *Batch, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	b.stopped = err
	a.refuse()
}

// begin is what a question remembers of the time it was put.
func (a *account) begin() uint64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.blocks
}
