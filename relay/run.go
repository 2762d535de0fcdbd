package relay

import (
	"context"
	"runtime/debug"
	"sync"

	"pulsedive-relay/relay/ctim"
	"pulsedive-relay/relay/pulsedive"
	"pulsedive-relay/store"
)

// outcome is what came of one observable.
type outcome struct {
	question *pulsedive.Question
	record   *pulsedive.Record
	links    *pulsedive.Links
	err      error        // why there is no record
	linksErr error        // why there are no links, where they were asked for
	known    *translation // of the record, by finish; nil: there is none
}

// run asks about the observables of one request, up to Config.Parallel at a
// time: infos first, in order, and links as soon as no info waits for a place.
// It is a step behind in one case: the first question is under way before the
// others begin, so that what it tells of the key holds for all of them.
type run struct {
	relay  *Relay
	ctx    context.Context // the request's
	list   []ctim.Observable
	listen Listener
	batch  *pulsedive.Batch
	// links says whether a record's links matter; nil: they never do.
	links func(*pulsedive.Record) bool
	// finish is called once for each observable, from several goroutines; may
	// be nil.
	finish func(o *outcome)

	outcomes []outcome
	results  []store.Result

	mu   sync.Mutex
	next int   // the next observable to ask info of
	more []int // observables whose links are to be asked

	telling sync.Mutex // held while the listener is called
}

func newRun(ctx context.Context, r *Relay, c Caller, list []ctim.Observable, listen Listener) *run {
	return &run{
		relay: r, ctx: ctx, list: list, listen: listen,
		batch: r.cfg.Pulsedive.Batch(c.Key, len(list)), outcomes: make([]outcome, len(list)), results: resultsOf(list),
	}
}

// ask asks everything and comes back when all is answered, or the request's time
// is over.
func (n *run) ask() {
	var workers sync.WaitGroup
	underWay := sync.OnceFunc(func() {
		for range min(n.relay.cfg.Parallel, len(n.list)) - 1 {
			workers.Go(func() { n.work(nil) })
		}
	})
	n.work(underWay)
	workers.Wait()
}

// work asks one question after the other. first is called as soon as the first
// is under way.
func (n *run) work(first func()) {
	for {
		i, links, ok := n.task(first)
		if !ok {
			return
		}
		if links {
			n.askLinks(i)
		} else {
			n.askInfo(i)
		}
		if first != nil {
			first()
		}
	}
}

// task takes what is to be asked next.
func (n *run) task(first func()) (i int, links, ok bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.next < len(n.list) {
		i, n.next = n.next, n.next+1
		q := n.batch.Ask(n.list[i].Value)
		q.Place, q.Listen = i, n.listener(i, first)
		n.outcomes[i].question = q
		return i, false, true
	}
	if len(n.more) > 0 {
		i, n.more = n.more[0], n.more[1:]
		return i, true, true
	}
	return 0, false, false
}

func (n *run) listener(i int, first func()) func(pulsedive.Progress) {
	if first == nil && n.listen == nil {
		return nil
	}
	return func(p pulsedive.Progress) {
		n.tell(i, Step{Progress: p})
		if first != nil {
			first()
		}
	}
}

func (n *run) askInfo(i int) {
	o := &n.outcomes[i]
	related := false
	n.guard(o, func() {
		o.record, o.err = o.question.Info(n.ctx)
		related = o.err == nil && n.links != nil && n.links(o.record)
	})
	if !related {
		n.done(i)
		return
	}
	n.soFar(i)
	n.mu.Lock()
	defer n.mu.Unlock()
	n.more = append(n.more, i)
}

// soFar tells what a record says while its links are still to be asked for.
func (n *run) soFar(i int) {
	if n.listen == nil {
		return
	}
	r := resultOf(n.list[i], &n.outcomes[i])
	n.tell(i, Step{Progress: pulsedive.Progress{State: pulsedive.Queued}, Result: &r})
}

func (n *run) askLinks(i int) {
	o := &n.outcomes[i]
	n.guard(o, func() { o.links, o.linksErr = o.question.Links(n.ctx) })
	n.done(i)
}

// done hands an outcome over and tells the listener.
func (n *run) done(i int) {
	o := &n.outcomes[i]
	if n.finish != nil {
		n.guard(o, func() { n.finish(o) })
	}
	n.results[i] = resultOf(n.list[i], o)
	state := pulsedive.Done
	if o.err != nil && !isNothing(o.err) {
		state = pulsedive.Failed
	}
	n.tell(i, Step{Progress: pulsedive.Progress{State: state}, Result: &n.results[i]})
}

// guard keeps a fault of ours in one observable from voiding the others.
func (n *run) guard(o *outcome, f func()) {
	defer func() {
		if p := recover(); p != nil {
			o.err = &pulsedive.PanicError{Value: p, Stack: debug.Stack()}
		}
	}()
	f()
}

// tell tells the listener, one thing after the other. A fault of the listener's
// is its own.
func (n *run) tell(i int, s Step) {
	if n.listen == nil {
		return
	}
	n.telling.Lock()
	defer n.telling.Unlock()
	defer func() {
		if p := recover(); p != nil {
			n.relay.report(n.ctx, &pulsedive.PanicError{Value: p, Stack: debug.Stack()})
		}
	}()
	n.listen(i, s)
}
