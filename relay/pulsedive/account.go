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
// after request in turn; a used-up day or month is refused until it ends. When a
// period is over, what was known of it is, and again one call goes alone.
type account struct {
	mu       sync.Mutex
	probed   bool // an answer has told of the plan
	probing  bool // the call that will tell is on its way
	inFlight int
	pending  int     // infos that running batches still need
	granted  uint64  // calls let go, ever
	answered uint64  // calls that are over, ever
	sent     []*turn // the latest calls, as many as a second may have
	limits
	queues [2]queue // by class
	timer  *time.Timer
}

// acquire waits until the call may be made. Every nil is followed by release or
// giveBack.
func (a *account) acquire(ctx context.Context, t *turn, notify func(Progress)) error {
	a.mu.Lock()
	now := time.Now()
	a.expire(now)
	if err := a.refusal(t); err != nil {
		a.mu.Unlock()
		return err
	}
	if a.free(t.class, now) && ctx.Err() == nil {
		a.grant(t, now)
		a.mu.Unlock()
		return nil
	}
	a.queues[t.class].push(t, &t.batch.lanes[t.class])
	a.schedule()
	waits, outlook := len(t.ready) == 0, a.outlook(t.class)
	a.mu.Unlock()
	if waits {
		notify(outlook)
	}
	select {
	case err := <-t.ready:
		if err == nil && ctx.Err() != nil { // both at once
			a.giveBack(t)
			return ctx.Err()
		}
		return err
	case <-ctx.Done():
		return a.leave(t, ctx.Err())
	}
}

// leave takes a turn out of the queue, or gives it back where it came just now.
func (a *account) leave(t *turn, err error) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	select {
	case refused := <-t.ready:
		if refused != nil {
			return refused
		}
		a.revoke(t)
	default:
		a.queues[t.class].remove(t)
	}
	a.schedule()
	return err
}

// giveBack ends a turn that was not used: no call was made.
func (a *account) giveBack(t *turn) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.revoke(t)
	a.schedule()
}

// release says how a call went. A nil answer is a call that nobody waited for.
func (a *account) release(t *turn, answered *answer) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.land(t)
	t.batch = nil
	a.answered++
	if t.alone && t.wrote && (answered == nil || answered.status == 0) {
		// It may count though its answer is lost, and on a plan of one a second
		// the next call would be refused.
		a.notBefore = later(a.notBefore, t.at.Add(window))
	}
	if answered != nil {
		a.probed = a.probed && !answered.refusesKey() || answered.tells()
		a.learn(answered, t, a.granted-t.before-1, time.Now())
	}
	a.expire(time.Now()) // a refusal of yesterday blocks nothing today
	if a.block != nil {
		a.refuse()
	}
	a.schedule()
}

// wrote notes when a call was in fact sent: a new connection takes its time.
func (a *account) wrote(t *turn) {
	a.mu.Lock()
	defer a.mu.Unlock()
	t.at, t.wrote = time.Now(), true
}

// refusal is why a call is not to be made at all.
func (a *account) refusal(t *turn) error {
	if t.batch.stopped != nil {
		return t.batch.stopped
	}
	// The links of an observable that was begun before are asked all the same
	// where nothing but the refusal itself told of a limit: its info was
	// answered, so its links may be.
	if a.block == nil || t.class == linksCall && t.began < a.blocks && !a.told {
		return nil
	}
	return a.block
}

// refuse sends home all who wait in vain.
func (a *account) refuse() {
	for c := range a.queues {
		a.queues[c].drop(func(t *turn) bool {
			err := a.refusal(t)
			if err != nil {
				t.ready <- err
			}
			return err != nil
		})
	}
}

// expire forgets periods and a block that are over; one call goes ahead to find
// out.
func (a *account) expire(now time.Time) {
	if a.limits.expire(now) {
		a.probed = false
	}
}

// adopt lets a waiting turn stand among the batch's own where it comes sooner
// there: the batch wants the same.
func (a *account) adopt(t *turn, b *Batch) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if l := &b.lanes[t.class]; t.lane != nil && t.lane.place(t) > len(l.turns) {
		a.queues[t.class].remove(t)
		a.queues[t.class].push(t, l)
	}
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

// known lists the limits that are known by now.
func (a *account) known() []Quota {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.expire(time.Now())
	return a.quotas()
}

// begin is what a question remembers of the time it was put.
func (a *account) begin() uint64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.blocks
}
