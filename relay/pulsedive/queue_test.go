package pulsedive

import (
	"fmt"
	"slices"
	"testing"
)

// modelQueue is a queue as one would write it without a care for speed.
type modelQueue struct {
	lanes []int // batches in turn
	turns map[int][]*turn
}

func (m *modelQueue) push(t *turn, batch int) {
	if len(m.turns[batch]) == 0 {
		m.lanes = append(m.lanes, batch)
	}
	m.turns[batch] = append(m.turns[batch], t)
}

func (m *modelQueue) pop() *turn {
	batch := m.lanes[0]
	m.lanes = m.lanes[1:]
	t := m.turns[batch][0]
	if m.turns[batch] = m.turns[batch][1:]; len(m.turns[batch]) > 0 {
		m.lanes = append(m.lanes, batch)
	}
	return t
}

func (m *modelQueue) drop(gone func(*turn) bool) {
	for batch := range m.turns {
		m.turns[batch] = slices.DeleteFunc(slices.Clone(m.turns[batch]), gone)
	}
	m.lanes = slices.DeleteFunc(m.lanes, func(batch int) bool { return len(m.turns[batch]) == 0 })
}

func (m *modelQueue) size() (n int) {
	for _, turns := range m.turns {
		n += len(turns)
	}
	return n
}

func TestQueueAgainstAModel(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		r := newRandom(seed)
		q, m := &queue{}, &modelQueue{turns: map[int][]*turn{}}
		lanes := make([]lane, 5)
		var all []*turn
		for step := range 300 {
			switch n := r.IntN(10); {
			case n < 5:
				batch := r.IntN(len(lanes))
				x := newTurn(&Batch{}, infoCall, uint64(step))
				all = append(all, x)
				q.push(x, &lanes[batch])
				m.push(x, batch)
			case n < 8 && !q.empty():
				if got, want := q.pop(), m.pop(); got != want {
					t.Fatalf("seed %d, step %d: pop got the turn of step %d, want that of %d", seed, step, got.began, want.began)
				}
			case n < 9 && len(all) > 0:
				x := all[r.IntN(len(all))]
				q.remove(x)
				m.drop(func(other *turn) bool { return other == x })
			case r.IntN(5) == 0:
				some := uint64(r.IntN(3))
				gone := func(x *turn) bool { return x.began%3 == some }
				q.drop(gone)
				m.drop(gone)
			}
			got := fmt.Sprint(q.size, len(q.lanes), q.empty())
			if want := fmt.Sprint(m.size(), len(m.lanes), m.size() == 0); got != want {
				t.Fatalf("seed %d, step %d: size, lanes and whether it is empty: got %s, want %s", seed, step, got, want)
			}
		}
	}
}
