// Package pulsedivetest is a fake Pulsedive: an [http.Handler] that answers as
// the real service does, for tests, benchmarks and the demo.
//
// It knows three things that Pulsedive is asked: a record (indicator=VALUE), its
// links (the same with get=links), and the record of an iid (iid=N), of which
// iid=2 is the one that health checks ask for. Any path will do. What it answers
// comes from, in this order: answers set by hand ([Fake.SetInfo] and so on), the
// sample intelligence ([Fake.LoadSample]), records made up on the spot
// ([Config].Generate), and for the rest Pulsedive's "not found".
//
// The order of one call: key and limits are looked at when it arrives, then
// [Config].Latency passes, then the answer is written. Calls that fail by
// [Config].Failure fail in front of all that, as at a gateway: they use up no
// limit.
//
// Limits: it reads no other parameters, pages no links and scans nothing. What
// it remembers of keys and their use grows with every key it sees and is never
// forgotten, so it is nothing to put on the open internet. Recorded calls hold
// the keys they came with.
package pulsedivetest

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Config is what a [Fake] starts from. The zero value answers at once, limits
// nothing and knows nothing.
type Config struct {
	Now           func() time.Time // clock of everything but the waiting itself; nil: time.Now
	Plan          Plan             // limits of each key; zero: none
	Latency       time.Duration    // waited before each answer, unless the caller leaves; 0: none
	Failure       float64          // share of calls that fail, 0 to 1
	FailureStatus int              // status of those; 0: 502, -1: the connection is cut
	Seed          uint64           // which calls fail: the same seed, the same places in the sequence
	Generate      bool             // unknown values get a made-up record and links instead of 404
}

// Fake is a Pulsedive that answers from memory. It is safe for concurrent use.
// Make one with [New].
type Fake struct {
	cfg       Config
	latency   atomic.Int64
	drawn     atomic.Uint64 // calls drawn against Config.Failure so far
	calls     recorder
	limits    limits
	generator *generator // nil: nothing is made up
	sample    sampleSet

	mu           sync.RWMutex
	info         map[string]reply
	links        map[string]reply
	iids         map[string]string // iid -> value, of info
	health       *reply
	refused      map[string]bool
	sampleLoaded bool
}

// New makes a Fake of c.
func New(c Config) *Fake {
	if c.Now == nil {
		c.Now = time.Now
	}
	f := &Fake{
		cfg:     c,
		limits:  limits{plan: c.Plan, keys: map[string]*usage{}},
		info:    map[string]reply{},
		links:   map[string]reply{},
		iids:    map[string]string{},
		refused: map[string]bool{},
		sample:  newSampleSet(),
	}
	if c.Generate {
		f.generator = newGenerator()
	}
	f.SetLatency(c.Latency)
	f.calls.on.Store(true)
	return f
}

// SetLatency changes the wait before each answer, for calls that arrive from now on.
func (f *Fake) SetLatency(d time.Duration) { f.latency.Store(int64(d)) }

// RefuseKey makes every later call with this key a 401.
func (f *Fake) RefuseKey(key string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.refused[key] = true
}

// Reset forgets the recorded calls, their count, the use of every key's limits
// and the place in the sequence of failures. Answers and refused keys stay.
func (f *Fake) Reset() {
	f.calls.reset()
	f.limits.reset()
	f.drawn.Store(0)
}

// ServeHTTP answers one call. It panics with [http.ErrAbortHandler], which cuts
// the connection, where the caller left while waiting and where
// [Config].FailureStatus says so.
func (f *Fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := parseQuery(r.URL.RawQuery)
	now := f.cfg.Now()
	call := Call{At: now, Value: q.indicator, Get: q.get, Key: q.key, IID: q.iid}
	f.calls.count.Add(1)

	answer, left := f.decide(r.Method, q, now)
	if f.wait(r.Context()) {
		call.Status = answer.status
	}
	f.calls.add(call)
	if call.Status == cut {
		panic(http.ErrAbortHandler)
	}
	answer.send(w, r, left)
}

// decide says what a call is answered, and what is left of its key's limits.
func (f *Fake) decide(method string, q query, now time.Time) (reply, remaining) {
	switch {
	case method != http.MethodGet:
		return methodNotAllowed, unlimited
	case f.fails():
		return failure(f.cfg.FailureStatus), unlimited
	case q.key == "":
		return keyMissing, unlimited
	case f.refuses(q.key):
		return keyInvalid, unlimited
	}
	left, over := f.limits.take(q.key, now)
	if over != "" {
		return errorReply(http.StatusTooManyRequests, over), unlimited
	}
	return f.find(q, now), left
}

func (f *Fake) refuses(key string) bool {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.refused[key]
}

// wait lets the latency pass and tells whether the caller is still there.
func (f *Fake) wait(ctx context.Context) bool {
	latency := time.Duration(f.latency.Load())
	if latency <= 0 {
		return true
	}
	t := time.NewTimer(latency)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
