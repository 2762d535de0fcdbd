package pulsedive

// queue holds the turns of one class. Batches take turns with each other, so
// that a request of two hundred observables does not hold up one of a single
// one; within a batch the first comes first.
type queue struct {
	lanes []*lane
	size  int
}

// lane is one batch's turns within a queue.
type lane struct {
	turns  []*turn
	queued bool // it stands in queue.lanes
}

// turn is one call that waits. It is told nil, or why it is not to be made.
type turn struct {
	batch *Batch
	began uint64 // account.blocks when the question was put
	ready chan error
}

func (q *queue) push(t *turn, l *lane) {
	q.size++
	l.turns = append(l.turns, t)
	if !l.queued {
		l.queued = true
		q.lanes = append(q.lanes, l)
	}
}

func (q *queue) empty() bool { return len(q.lanes) == 0 }

// pop takes the next turn; the queue must not be empty.
func (q *queue) pop() *turn {
	l := q.lanes[0]
	q.lanes = q.lanes[1:]
	t := l.turns[0]
	l.turns = l.turns[1:]
	if l.queued = len(l.turns) > 0; l.queued {
		q.lanes = append(q.lanes, l)
	}
	q.size--
	return t
}

// drop takes out every turn that gone says so of.
func (q *queue) drop(gone func(*turn) bool) {
	lanes := q.lanes[:0]
	q.size = 0
	for _, l := range q.lanes {
		turns := l.turns[:0]
		for _, t := range l.turns {
			if !gone(t) {
				turns = append(turns, t)
			}
		}
		clear(l.turns[len(turns):])
		l.turns, l.queued = turns, len(turns) > 0
		if l.queued {
			lanes = append(lanes, l)
		}
		q.size += len(turns)
	}
	clear(q.lanes[len(lanes):])
	q.lanes = lanes
}
