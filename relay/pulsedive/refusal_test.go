package pulsedive

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pulsedive-relay/relay/pulsedive/pulsedivetest"
)

// Without headers, the links of what was begun before a refusal are asked.
func TestLinksBegunBeforeARefusal(t *testing.T) {
	const refusal = `{"error":"You have reached your daily request limit."}`
	for _, told := range []bool{false, true} {
		t.Run(fmt.Sprint("told ", told), func(t *testing.T) {
			simulate(t, pulsedivetest.Config{}, Config{}, func(w *world) {
				header := http.Header{}
				if told {
					header.Set("X-Requests-Remaining-Day", "1")
				}
				w.fake.SetInfo("known.example", pulsedivetest.Answer{Body: []byte(record("known.example")), Header: header})
				w.fake.SetInfo("limited.example", pulsedivetest.Answer{Status: http.StatusTooManyRequests, Body: []byte(refusal)})
				b := w.client.Batch(testKey, 3)
				defer b.Close()
				known, limited, early := b.Ask("known.example"), b.Ask("limited.example"), b.Ask("early.example")
				w.wantInfoOf(known)
				var limit *LimitError
				if _, err := limited.Info(w.Context()); !errors.As(err, &limit) || limit.Period != Day {
					w.Errorf("info of limited.example: got %v, want the day's limit", err)
				}
				_, err := known.Links(w.Context())
				if refused := errors.As(err, &limit); refused != told {
					w.Errorf("links of known.example after the refusal: got %v, want the limit: %t", err, told)
				}
				if _, err := early.Info(w.Context()); !errors.As(err, &limit) {
					w.Errorf("info of early.example: got %v, want the limit", err)
				}
				late := b.Ask("late.example")
				if _, err := late.Info(w.Context()); !errors.As(err, &limit) {
					w.Errorf("info of late.example: got %v, want the limit", err)
				}
				if _, err := late.Links(w.Context()); !errors.As(err, &limit) {
					w.Errorf("links of late.example: got %v, want the limit", err)
				}
				want := "known.example limited.example known.example links"
				if told {
					want = "known.example limited.example"
				}
				equal(w, "calls", strings.Join(w.sequence(), " "), want)
			})
		})
	}
}

// After a refused key the rest of the batch is not asked; another batch tries.
func TestARefusedKeyEndsItsBatch(t *testing.T) {
	f := pulsedivetest.Config{Plan: pulsedivetest.FreePlan(), Generate: true, Latency: time.Second}
	simulate(t, f, cached(), func(w *world) {
		w.fake.RefuseKey("refused")
		for n := 1; n <= 2; n++ {
			for i, o := range w.observe(w.Context(), "refused", domains("d", 20)...) {
				var status *StatusError
				if !errors.As(o.err, &status) || status.Status != http.StatusUnauthorized {
					w.Errorf("domain %d with a refused key: got %v, want 401", i, o.err)
				}
			}
			if got := w.fake.Count(); got > 2*n {
				w.Errorf("batch %d with a refused key: %d calls in all, want about one each", n, got)
			}
		}
		w.wantInfo(testKey, "good.example")
	})
}

// A key that was good once and is refused now is tried by one call at a time.
func TestAKeyThatWasWithdrawn(t *testing.T) {
	simulate(t, pulsedivetest.Config{Generate: true, Latency: time.Second}, Config{}, func(w *world) {
		w.wantInfo(testKey, "good.example")
		w.fake.RefuseKey(testKey)
		w.observe(w.Context(), testKey, "a.example", "b.example")
		before := w.fake.Count()
		w.observe(w.Context(), testKey, domains("e", 20)...)
		equal(w, "calls of the next batch but one", w.fake.Count()-before, 1)
	})
}

// Links that wait for the infos of others go as soon as those are done, or are
// not wanted any more.
func TestLinksGoWhenInfosAreSettled(t *testing.T) {
	for _, how := range []string{"asked", "closed", "given up", "next day"} {
		t.Run(how, func(t *testing.T) {
			f := pulsedivetest.Config{Plan: pulsedivetest.Plan{PerDay: 3}, Generate: true}
			simulate(t, f, Config{}, func(w *world) {
				time.Sleep(24*time.Hour - 10*time.Second)
				mine, other := w.client.Batch(testKey, 1), w.client.Batch(testKey, 3)
				defer mine.Close()
				defer other.Close()
				q := mine.Ask("mine.example")
				w.wantInfoOf(q)
				var group sync.WaitGroup
				start := time.Now()
				group.Go(func() {
					if _, err := q.Links(w.Context()); err != nil {
						w.Errorf("links that waited for the infos of another batch: got %v, want no error", err)
					}
				})
				time.Sleep(time.Second)
				w.wantCalls("while three infos are to come and two calls left", 1)
				want := time.Second
				switch how {
				case "asked":
					w.wantInfoOf(other.Ask("a.example"))
					other.Close()
				case "closed":
					other.Close()
				case "given up":
					ctx, cancel := context.WithCancel(w.Context())
					cancel()
					for _, v := range domains("d", 3) {
						if _, err := other.Ask(v).Info(ctx); !errors.Is(err, context.Canceled) {
							w.Errorf("info given up: got %v, want context.Canceled", err)
						}
					}
				case "next day":
					time.Sleep(10 * time.Second)
					want += 10 * time.Second
					other.Ask("a.example").settle()
				}
				group.Wait()
				equal(w, "wait of the links", time.Since(start), want)
			})
		})
	}
}

// A turn that comes just when its asker leaves goes to the next, and costs
// nothing.
func TestATurnThatCameTooLate(t *testing.T) {
	a := &account{limits: limits{perSecond: 1, left: [Month + 1]remaining{Day: {known: true, n: 5, ends: time.Now().Add(time.Hour)}}}}
	b := &Batch{account: a}
	first, second := newTurn(b, infoCall, 0), newTurn(b, infoCall, 0)
	a.mu.Lock()
	for _, x := range []*turn{first, second} {
		a.queues[infoCall].push(x, &b.lanes[infoCall])
	}
	a.schedule()
	a.mu.Unlock()
	if len(first.ready) != 1 || len(second.ready) != 0 {
		t.Fatalf("of an unknown key: got %d and %d calls let go, want the first alone", len(first.ready), len(second.ready))
	}
	if err := a.leave(first, context.Canceled); !errors.Is(err, context.Canceled) {
		t.Errorf("leaving with a turn: got %v, want context.Canceled", err)
	}
	if len(second.ready) != 1 || a.inFlight != 1 || a.granted != 1 || a.left[Day].n != 4 {
		t.Errorf("after that: got %d for the second, %d in flight, %d granted, %d left; want 1, 1, 1, 4",
			len(second.ready), a.inFlight, a.granted, a.left[Day].n)
	}
}

// Only the call that went ahead says that it is over.
func TestOnlyTheProbeEndsTheProbing(t *testing.T) {
	a := &account{probed: true}
	b := &Batch{account: a}
	old, probe, waits := newTurn(b, infoCall, 0), newTurn(b, infoCall, 0), newTurn(b, infoCall, 0)
	now := time.Now()
	a.grant(old, now)
	a.probed = false
	a.grant(probe, now)
	a.queues[infoCall].push(waits, &b.lanes[infoCall])
	a.release(old, &answer{status: http.StatusOK})
	if !a.probing || len(waits.ready) != 0 {
		t.Errorf("an older call's answer: probing %t, let go %d; want it to go on alone", a.probing, len(waits.ready))
	}
	a.release(probe, &answer{status: http.StatusOK})
	if a.probing || len(waits.ready) != 1 {
		t.Errorf("the answer of the one that went ahead: probing %t, let go %d; want the next to go", a.probing, len(waits.ready))
	}
}

// A refusal that names no period is waited for like a second's, but not as often.
func TestRefusalWithoutAPeriod(t *testing.T) {
	for name, c := range map[string]struct {
		refused, calls int
		found          bool
		least          time.Duration
	}{
		"once": {1, 2, true, window}, "twice": {2, 3, true, 2 * window}, "for good": {100, 3, false, 2 * window},
	} {
		t.Run(name, func(t *testing.T) {
			s := &script{steps: repeat(c.refused, http.StatusTooManyRequests)}
			simulate(t, pulsedivetest.Config{}, Config{HTTP: s.client()}, func(w *world) {
				start := time.Now()
				_, _, err := w.info(w.Context(), testKey, "a.example")
				var limit *LimitError
				if c.found != (err == nil) || !c.found && (!errors.As(err, &limit) || limit.Period != PeriodUnknown || limit.Reason != "Too Many Requests" || limit.Until.IsZero()) {
					w.Errorf("refused %d times: got %v, want found %t, else a limit without a period", c.refused, err, c.found)
				}
				equal(w, "calls", s.calls(), c.calls)
				if took := time.Since(start); took < c.least || took > 2*c.least {
					w.Errorf("took %s, want from %s to twice that", took, c.least)
				}
			})
		})
	}
}

// A request whose question another's call answers with a refused key has learned
// as much as that other one: it asks nothing more.
func TestARefusedKeyOfAJoinedCall(t *testing.T) {
	asked := 0
	h := handler(func(w http.ResponseWriter, r *http.Request) {
		asked++
		pass(r, time.Second)
		w.WriteHeader(http.StatusUnauthorized)
	})
	simulate(t, pulsedivetest.Config{}, Config{HTTP: h.client()}, func(w *world) {
		first, second := w.client.Batch(testKey, 1), w.client.Batch(testKey, 2)
		defer first.Close()
		defer second.Close()
		go first.Ask("a.example").Info(w.Context())
		synctest.Wait()
		for _, v := range []string{"a.example", "b.example"} {
			var status *StatusError
			if _, err := second.Ask(v).Info(w.Context()); !errors.As(err, &status) || status.Status != http.StatusUnauthorized {
				w.Errorf("info of %s: got %v, want the refused key", v, err)
			}
		}
		equal(w, "calls", asked, 1)
	})
}
