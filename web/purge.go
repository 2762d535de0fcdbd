package web

import (
	"context"
	"errors"
	"sync"
	"time"

	"pulsedive-relay/store"
	"pulsedive-relay/web/view"
)

// purge deletes exchanges in the background: one deletion at a time.
type purge struct {
	mu sync.Mutex
	// stop ends the deletion that is under way; nil: there is none.
	stop func()
	// total is how many are to be deleted, at least where more; done how many are.
	total, done int
	more        bool
	ended       chan struct{}
	// told is how it ended, until somebody was told.
	told *view.Flash
}

// begin starts a deletion; false: one is under way.
func (p *purge) begin(s *store.Store, f store.Filter, total int, more bool) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stop != nil {
		return false
	}
	ctx, stop := context.WithCancel(context.Background())
	p.stop, p.total, p.more, p.done, p.told = stop, total, more, 0, nil
	p.ended = make(chan struct{})
	go func() {
		done, err := s.Purge(ctx, f, p.progress)
		p.end(done, err)
	}()
	return true
}

func (p *purge) progress(done int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done = done
}

func (p *purge) end(done int, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	deleted := view.Plural(done, "exchange is", "exchanges are") + " deleted"
	switch {
	case err == nil:
		p.told = &view.Flash{Kind: view.KindOK, Text: deleted + "."}
	case errors.Is(err, context.Canceled):
		p.told = &view.Flash{Kind: view.KindWarning, Text: "Stopped: " + deleted + ", the rest is kept."}
	default:
		p.told = &view.Flash{Kind: view.KindError, Text: "Deleting failed: " + deleted + ", the rest is kept. " + err.Error() + "."}
	}
	p.stop()
	p.stop = nil
	close(p.ended)
}

// wait waits a while for the end.
func (p *purge) wait(ctx context.Context, most time.Duration) {
	p.mu.Lock()
	ended := p.ended
	p.mu.Unlock()
	if ended == nil {
		return
	}
	select {
	case <-ended:
	case <-ctx.Done():
	case <-time.After(most):
	}
}

// state is how far it is; running: it has not ended.
func (p *purge) state() (v view.PurgingPage, running bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return view.PurgingPage{Done: p.done, Total: p.total, More: p.more}, p.stop != nil
}

// take is how the last one ended, once.
func (p *purge) take() *view.Flash {
	p.mu.Lock()
	defer p.mu.Unlock()
	told := p.told
	p.told = nil
	return told
}

// halt ends it.
func (p *purge) halt() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stop != nil {
		p.stop()
	}
}
