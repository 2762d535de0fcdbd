package pulsedive

import (
	"slices"
	"time"
)

// queue holds the turns of one class. Batches take turns with each other, so
// that a request of two hundred observables does not hold up one of a single
// one; within a batch the first comes first.
type queue struct {
	lanes []*lane // those that hold a turn
	size  int
}

// lane is one batch's turns within a queue.
type lane struct {
	turns []*turn
}

// turn is one call that waits, then goes. It is told nil, or why it is not to be
// made. All but the first line belongs to the account.
type turn struct {
	account *account
	// batch is whom it is for; nil once its call is over, as the account remembers its
	// latest turns.
	batch *Batch
	class class
	began uint64     // account.blocks when the question was put
	ready chan error // nil where it went at once

	lane   *lane     // where it waits, nil where it does not
	at     time.Time // when it was sent, as far as is known
	timed  bool      // it matters when it was sent
	wrote  bool      // it was sent for sure
	alone  bool      // it is to tell of the plan
	ours   int       // the calls of the second up to it, this one too
	before uint64    // how many calls were over when it was let go
}

func newTurn(b *Batch, c class, began uint64) *turn {
	return &turn{account: b.account, batch: b, class: c, began: began}
}

func (q *queue) push(t *turn, l *lane) {
	if t.ready == nil {
		t.ready = make(chan error, 1)
	}
	if len(l.turns) == 0 {
		q.lanes = append(q.lanes, l)
	}
	l.turns = append(l.turns, t)
	t.lane = l
	q.size++
}

func (q *queue) empty() bool { return q.size == 0 }

// pop takes the next turn; the queue must not be empty.
func (q *queue) pop() *turn {
	l := q.lanes[0]
	q.lanes[0] = nil
	q.lanes = q.lanes[1:]
	t := l.turns[0]
	l.turns[0] = nil
	if l.turns = l.turns[1:]; len(l.turns) > 0 {
		q.lanes = append(q.lanes, l)
	}
	t.lane = nil
	q.size--
	return t
}

// remove takes out one turn, where it waits.
func (q *queue) remove(t *turn) {
	l := t.lane
	if l == nil {
		return
	}
	i := l.place(t)
	l.turns = slices.Delete(l.turns, i, i+1)
	if len(l.turns) == 0 {
		i := slices.Index(q.lanes, l)
		q.lanes = slices.Delete(q.lanes, i, i+1)
	}
	t.lane = nil
	q.size--
}

// drop takes out every turn that gone says so of.
func (q *queue) drop(gone func(*turn) bool) {
	q.lanes = slices.DeleteFunc(q.lanes, func(l *lane) bool {
		l.turns = slices.DeleteFunc(l.turns, func(t *turn) bool {
			if !gone(t) {
				return false
			}
			t.lane = nil
			q.size--
			return true
		})
		return len(l.turns) == 0
	})
}

// place is how many turns of the lane come before t.
func (l *lane) place(t *turn) int { return slices.Index(l.turns, t) }
