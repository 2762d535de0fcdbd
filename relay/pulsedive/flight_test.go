package pulsedive

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pulsedive-relay/relay/pulsedive/pulsedivetest"
)

func TestTheSameQuestionIsAskedOnce(t *testing.T) {
	simulate(t, pulsedivetest.Config{Generate: true, Latency: time.Second}, Config{}, func(w *world) {
		var group sync.WaitGroup
		for range 100 {
			group.Go(func() {
				for _, o := range w.observe(w.Context(), testKey, "a.example") {
					if o.err != nil || o.linksErr != nil || o.record.Indicator != "a.example" {
						w.Errorf("a.example beside 99 others: got %+v, %v, %v; want its record", o.record, o.err, o.linksErr)
					}
				}
			})
		}
		group.Wait()
		w.wantCalls("100 requests for one domain", 2)
		w.wantInfo(testKey, "a.example")
		w.wantCalls("and one more, later", 3)
	})
}

// Who gives up does not fail the others, not even the one who began.
func TestWhoGivesUpFailsNobody(t *testing.T) {
	for _, gone := range [][]int{{0}, {1}, {0, 1, 2, 3, 4}, {5}, {0, 1, 2, 4, 5}} {
		t.Run(fmt.Sprint(gone), func(t *testing.T) {
			simulate(t, pulsedivetest.Config{Generate: true, Latency: 2 * time.Second}, Config{}, func(w *world) {
				var group sync.WaitGroup
				for i := range 6 {
					ctx, cancel := context.WithCancel(w.Context())
					if slices.Contains(gone, i) {
						time.AfterFunc(time.Second, cancel)
					}
					group.Go(func() {
						defer cancel()
						_, r, err := w.info(ctx, testKey, "a.example")
						if slices.Contains(gone, i) != errors.Is(err, context.Canceled) || (err == nil && r.Indicator != "a.example") {
							w.Errorf("caller %d of 6, of whom %v give up: got %+v, %v", i, gone, r, err)
						}
					})
					synctest.Wait() // they come one after the other
				}
				group.Wait()
				w.wantCalls("six callers", 1)
			})
		})
	}
}

func TestWhenAllGiveUpTheCallEnds(t *testing.T) {
	var ended []time.Duration
	h := handler(func(_ http.ResponseWriter, r *http.Request) {
		start := time.Now()
		defer func() { ended = append(ended, time.Since(start)) }()
		pass(r, time.Hour)
	})
	simulate(t, pulsedivetest.Config{}, Config{HTTP: h.client(), Timeout: time.Minute}, func(w *world) {
		var group sync.WaitGroup
		for i := range 3 {
			ctx, cancel := context.WithTimeout(w.Context(), time.Duration(i+1)*time.Second)
			defer cancel()
			group.Go(func() {
				if _, _, err := w.info(ctx, testKey, "a.example"); !errors.Is(err, context.DeadlineExceeded) {
					w.Errorf("caller %d: got %v, want its deadline", i, err)
				}
			})
		}
		group.Wait()
	})
	if len(ended) != 1 || ended[0] != 3*time.Second {
		t.Errorf("a call whose callers leave after 1, 2 and 3 s ended after %v, want 3 s", ended)
	}
}

// Who comes after all have given up is not given their end.
func TestAskingAgainAfterAllGaveUp(t *testing.T) {
	simulate(t, pulsedivetest.Config{Generate: true, Latency: time.Second}, Config{}, func(w *world) {
		for range 50 {
			ctx, cancel := context.WithCancel(w.Context())
			time.AfterFunc(time.Millisecond, cancel)
			if _, _, err := w.info(ctx, testKey, "a.example"); !errors.Is(err, context.Canceled) {
				w.Errorf("a caller who gives up: got %v, want context.Canceled", err)
			}
			w.wantInfo(testKey, "a.example")
		}
	})
}

// journal takes down what a question tells.
type journal struct {
	mu    sync.Mutex
	start time.Time
	steps []string
}

func (j *journal) listen(p Progress) {
	j.mu.Lock()
	defer j.mu.Unlock()
	s := fmt.Sprintf("%v %s", p.State, time.Since(j.start).Round(time.Millisecond))
	if !p.Until.IsZero() {
		s += fmt.Sprintf(" until %v", p.Until.Sub(j.start).Round(time.Millisecond))
	}
	j.steps = append(j.steps, s)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return strings.Join(j.steps, ", ")
}

func TestProgress(t *testing.T) {
	f := free()
	f.Latency = 200 * time.Millisecond
	simulate(t, f, cached(), func(w *world) {
		w.wantInfo(testKey, "known.example") // 200 ms
		start := time.Now()
		b := w.client.Batch(testKey, 3)
		defer b.Close()
		var journals []*journal
		var group sync.WaitGroup
		ask := func(value string) {
			j := &journal{start: start}
			journals = append(journals, j)
			q := b.Ask(value)
			q.Listen = j.listen
			group.Go(func() { w.wantInfoOf(q) })
			synctest.Wait()
		}
		ask("a.example")
		ask("b.example")
		ask("known.example")
		time.Sleep(time.Second) // a is on its way, b waits
		ask("a.example")
		ask("b.example")
		group.Wait()
		for i, want := range []string{
			"waiting 0s until 850ms, asking 850ms",
			"waiting 0s until 1.9s, asking 1.9s",
			"",
			"asking 1s",
			"waiting 1s until 1.9s, asking 1.9s",
		} {
			equal(w, fmt.Sprint("progress of question ", i), journals[i].String(), want)
		}
	})
}

func TestProgressBeforeThePlanIsKnown(t *testing.T) {
	simulate(t, pulsedivetest.Config{Generate: true, Latency: time.Second}, Config{}, func(w *world) {
		b := w.client.Batch(testKey, 2)
		defer b.Close()
		var group sync.WaitGroup
		one, two := &journal{start: time.Now()}, &journal{start: time.Now()}
		for _, j := range []*journal{one, two} {
			q := b.Ask(fmt.Sprintf("%p.example", j))
			q.Listen = j.listen
			group.Go(func() { w.wantInfoOf(q) })
			synctest.Wait()
		}
		group.Wait()
		equal(w, "progress of the first", one.String(), "asking 0s")
		equal(w, "progress of the second", two.String(), "queued 0s, asking 1s")
	})
}

// A question that was given up hears nothing more.
func TestNoProgressAfterTheAnswer(t *testing.T) {
	simulate(t, free(), Config{}, func(w *world) {
		w.wantInfo(testKey, "first.example")
		var group sync.WaitGroup
		group.Go(func() { w.wantInfo(testKey, "a.example") }) // keeps the call going
		synctest.Wait()
		ctx, cancel := context.WithTimeout(w.Context(), 100*time.Millisecond)
		defer cancel()
		b := w.client.Batch(testKey, 1)
		q, over := b.Ask("a.example"), false
		heard := 0
		q.Listen = func(p Progress) {
			if heard++; over {
				w.Errorf("after the answer: got %v, want nothing", p.State)
			}
		}
		_, err := q.Info(ctx)
		over = true
		b.Close()
		if !errors.Is(err, context.DeadlineExceeded) || heard != 1 {
			w.Errorf("a question given up: got %v and %d steps, want the deadline and one", err, heard)
		}
		group.Wait()
	})
}

func TestPanics(t *testing.T) {
	simulate(t, pulsedivetest.Config{Generate: true, Plan: pulsedivetest.Plan{PerSecond: 5}}, cached(), func(w *world) {
		b := w.client.Batch(testKey, 0)
		defer b.Close()
		ask := func() error {
			_, err := (&inquiry{Question: b.Ask("a.example"), query: query{indicator: "a.example"}, decode: func([]byte, int) (entry, error) { panic("in decoding") }}).resolve(w.Context())
			return err
		}
		for range 2 * openAfter {
			var p *PanicError
			if err := ask(); !errors.As(err, &p) || p.Value != "in decoding" || !strings.Contains(string(p.Stack), "TestPanics") {
				w.Errorf("a panic in decoding: got %v, want a PanicError with its stack", err)
			}
		}
		for _, call := range b.Trace() {
			if call.Outcome != "fault" {
				w.Errorf("the trace of a call that panicked says %q; want a fault", call.Outcome)
			}
		}
		w.wantInfo(testKey, "a.example")
	})
}

// What an account remembers of its latest calls keeps nothing of whom they were for.
func TestTurnsThatAreOverKeepNobody(t *testing.T) {
	simulate(t, pulsedivetest.Config{Generate: true, Plan: pulsedivetest.Plan{PerSecond: 5}}, Config{}, func(w *world) {
		for i := range 7 {
			w.wantInfo(testKey, fmt.Sprintf("a%d.example", i))
		}
		b := w.client.Batch(testKey, 0)
		defer b.Close()
		if n := len(b.account.sent); n == 0 {
			w.Fatal("after seven calls the account remembers none; want the latest")
		}
		for i, turn := range b.account.sent {
			if turn.batch != nil {
				w.Errorf("call %d of those remembered keeps its batch; want none", i)
			}
		}
	})
}

// A listener that fails harms neither its own question nor those beside it.
func TestAListenerThatPanics(t *testing.T) {
	var log bytes.Buffer
	f := free()
	f.Latency = time.Second
	simulate(t, f, Config{Log: slog.New(slog.NewTextHandler(&log, nil))}, func(w *world) {
		w.wantInfo(testKey, "first.example")
		b := w.client.Batch(testKey, 3)
		defer b.Close()
		var group sync.WaitGroup
		for _, v := range []string{"a.example", "a.example", "b.example"} {
			q := b.Ask(v)
			q.Listen = func(Progress) { panic("in a listener") }
			group.Go(func() { w.wantInfoOf(q) })
			synctest.Wait()
		}
		group.Wait()
	})
	if !strings.Contains(log.String(), "in a listener") {
		t.Errorf("log: got %s, want it to tell of the listener", log.String())
	}
}
