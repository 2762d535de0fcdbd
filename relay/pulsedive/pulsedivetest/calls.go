package pulsedivetest

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// maxCalls is how many calls are kept; older ones make room.
const maxCalls = 100_000

// Call is one call as the fake saw it.
type Call struct {
	At     time.Time // when it arrived
	Value  string    // parameter indicator
	Get    string    // parameter get
	Key    string    // parameter key
	IID    string    // parameter iid
	Status int       // answered status; 0: cut, or the caller left before the answer
}

// recorder keeps the latest calls in a ring and counts all of them.
type recorder struct {
	on    atomic.Bool
	count atomic.Int64

	mu   sync.Mutex
	ring []Call
	next int // where the next call goes once the ring is full
}

// Calls lists the recorded calls, up to the latest 100,000, in the order they
// were answered. A call is recorded before its answer is written, so whoever has
// the answer finds the call.
func (f *Fake) Calls() []Call {
	r := &f.calls
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Concat(r.ring[r.next:], r.ring[:r.next])
}

// Count is how many calls have arrived, answered or not, recorded or not.
func (f *Fake) Count() int { return int(f.calls.count.Load()) }

// RecordCalls switches the recording of calls; it is on at first. What was
// recorded stays.
func (f *Fake) RecordCalls(on bool) { f.calls.on.Store(on) }

func (r *recorder) add(c Call) {
	if !r.on.Load() {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.ring) < maxCalls {
		r.ring = append(r.ring, c)
		return
	}
	r.ring[r.next] = c
	r.next = (r.next + 1) % maxCalls
}

func (r *recorder) reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.count.Store(0)
	r.ring, r.next = nil, 0
}
