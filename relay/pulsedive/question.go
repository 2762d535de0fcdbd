package pulsedive

import (
	"context"
	"errors"
	"runtime/debug"
	"sync/atomic"
	"time"
)

// Question is one observable's value, to be asked about.
type Question struct {
	// Place is the asker's own number for it, which its calls in the trace carry:
	// two questions may be about one value.
	Place int
	// Listen is told what happens to the question, in order, from whatever
	// goroutine, and nothing after the answer. It must be quick and must not ask.
	// May be nil.
	Listen func(Progress)
	// StaleSince is set where the day's or month's limit was used up and an
	// answer older than its time had to serve: when that was given, and the
	// limit.
	StaleSince time.Time
	StaleFor   *LimitError

	batch   *Batch
	value   string
	began   uint64
	settled atomic.Bool
}

// Progress is what happens to a question.
type Progress struct {
	State State
	// Until is when a waiting question is asked, about.
	Until time.Time
}

// State is a step on the way of a question.
type State int

// The steps. A question that is answered out of the cache goes straight from
// queued to done.
const (
	Queued  State = iota // it will be asked
	Asking               // the call is on its way
	Waiting              // it waits for a limit, until Progress.Until
	Done
	Failed
)

// String names the state for people.
func (s State) String() string {
	return [...]string{"queued", "asking", "waiting", "done", "failed"}[s]
}

// Ask puts a question. Questions are begun in the order of Ask; a used-up day or
// month stops those that were not begun yet.
func (b *Batch) Ask(value string) *Question {
	return &Question{batch: b, value: value, began: b.account.begin()}
}

// mostValue is the longest value that is asked about, in bytes. Longer ones fit
// into no address that a web server takes, so nothing is known of them.
const mostValue = 8 << 10

// Info asks for the record.
func (q *Question) Info(ctx context.Context) (*Record, error) {
	defer q.settle()
	i := inquiry{Question: q, class: infoCall, query: query{indicator: q.value}, decode: decodeInfo}
	if len(q.value) > mostValue {
		i.put = time.Now()
		i.answered(outcomeOf(ErrNotFound))
		return nil, ErrNotFound
	}
	e, err := i.resolve(ctx)
	return e.record, err
}

// Links asks for what the value is linked to. A value without links has an empty
// answer, not an error.
func (q *Question) Links(ctx context.Context) (*Links, error) {
	i := inquiry{Question: q, class: linksCall, query: query{indicator: q.value, get: "links"}, decode: decodeRelated}
	e, err := i.resolve(ctx)
	if errors.Is(err, ErrNotFound) {
		return &Links{}, nil
	}
	return e.links, err
}

func decodeInfo(body []byte, most int) (entry, error) {
	r, err := decodeRecord(body, most)
	return entry{record: r}, err
}

func decodeRelated(body []byte, most int) (entry, error) {
	l, err := decodeLinks(body, most)
	return entry{links: l}, err
}

func decodeHealth(body []byte, _ int) (entry, error) { return entry{}, decodeNothing(body) }

// settle counts the info down once.
func (q *Question) settle() {
	if q.settled.CompareAndSwap(false, true) && q.batch.pending.Add(-1) >= 0 {
		q.batch.account.settled(1)
	}
}

// notify tells the listener. A fault of the listener's harms no question.
func (q *Question) notify(p Progress) {
	if q.Listen == nil {
		return
	}
	defer func() {
		if p := recover(); p != nil {
			q.batch.client.log.Error("a fault of the relay's own: a listener", "panic", p, "stack", string(debug.Stack()))
		}
	}()
	q.Listen(p)
}
