package pulsedive

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"pulsedive-relay/relay/pulsedive/pulsedivetest"
)

// spend uses up calls of the key by another program, until left are left of a
// day's limit.
func (w *world) spend(key string, limit, left int) {
	w.Helper()
	for range limit - left {
		r, _ := http.NewRequest(http.MethodGet, "https://pulsedive.test/?iid=2&key="+key, nil)
		if _, err := w.fake.Transport().RoundTrip(r); err != nil {
			w.Fatalf("spending calls: %v", err)
		}
	}
}

// tally counts what came of a request.
type tally struct{ infos, links, noInfo, noLinks int }

func (w *world) tally(out []outcome) (got tally) {
	w.Helper()
	for i, o := range out {
		var limit *LimitError
		for _, err := range []error{o.err, o.linksErr} {
			if err != nil && (!errors.As(err, &limit) || limit.Period != Day && limit.Period != Month) {
				w.Errorf("domain %d: got %v, want an answer or the limit", i, err)
			}
		}
		switch {
		case o.err != nil:
			got.noInfo++
		case o.linksErr != nil:
			got.infos++
			got.noLinks++
		default:
			got.infos++
			got.links++
		}
	}
	return got
}

func TestADaysBudgetGoesToInfosFirst(t *testing.T) {
	for _, latency := range []time.Duration{0, time.Second} {
		for _, c := range []struct {
			left, domains int
			want          tally
		}{
			{8, 4, tally{infos: 4, links: 4}},
			{7, 4, tally{infos: 4, links: 3, noLinks: 1}},
			{5, 4, tally{infos: 4, links: 1, noLinks: 3}},
			{4, 4, tally{infos: 4, noLinks: 4}},
			{3, 4, tally{infos: 3, noLinks: 3, noInfo: 1}},
			{1, 4, tally{infos: 1, noLinks: 1, noInfo: 3}},
		} {
			t.Run(fmt.Sprintf("%d left for %d domains, %v", c.left, c.domains, latency), func(t *testing.T) {
				f := pulsedivetest.Config{Plan: pulsedivetest.Plan{PerDay: 20}, Generate: true, Latency: latency}
				simulate(t, f, Config{}, func(w *world) {
					w.spend(testKey, 20, c.left)
					got := w.tally(w.observe(w.Context(), testKey, domains("d", c.domains)...))
					if got != c.want {
						w.Errorf("%d calls left, %d domains: got %+v, want %+v", c.left, c.domains, got, c.want)
					}
					w.wantCalls("all in all", 20-c.left+min(c.left, 2*c.domains))
				})
			})
		}
	}
}

// Side by side, with answers that overtake each other, no request takes what
// another's infos need, and none runs into the limit.
func TestADaysBudgetSharedByRequests(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			fake := pulsedivetest.New(pulsedivetest.Config{Plan: pulsedivetest.Plan{PerDay: 60}, Generate: true})
			simulate(t, pulsedivetest.Config{}, Config{HTTP: jittery(fake, seed).client()}, func(w *world) {
				w.fake = fake
				var group sync.WaitGroup
				got := make([]tally, 4)
				for i := range got {
					group.Go(func() {
						got[i] = w.tally(w.observe(w.Context(), testKey, domains(fmt.Sprint("r", i, "-"), 10)...))
					})
				}
				group.Wait()
				var sum tally
				for _, g := range got {
					sum.infos, sum.links = sum.infos+g.infos, sum.links+g.links
				}
				if sum.infos != 40 || sum.links != 20 {
					w.Errorf("60 calls for 4 requests of 10: got %d infos and %d links, want 40 and 20", sum.infos, sum.links)
				}
				w.wantCalls("all in all", 60)
			})
		})
	}
}

// jittery asks h; calls and answers take their time, each another.
func jittery(h http.Handler, seed uint64) handler {
	r := newRandom(seed)
	return func(w http.ResponseWriter, req *http.Request) {
		pass(req, r.duration(20*time.Millisecond))
		h.ServeHTTP(w, req)
		pass(req, r.duration(time.Second))
	}
}

func TestAUsedUpPeriodIsNamedAndNotAskedAgain(t *testing.T) {
	const day = 24 * time.Hour
	for _, c := range []struct {
		name   string
		plan   pulsedivetest.Plan
		after  time.Duration // since midnight, 1 January 2000
		period Period
		until  time.Duration // how long Pulsedive is left alone
		again  bool          // then it answers
	}{
		{"day at noon", pulsedivetest.Plan{PerDay: 2}, 12 * time.Hour, Day, 10 * time.Minute, false},
		{"day at 23:55", pulsedivetest.Plan{PerDay: 2}, day - 5*time.Minute, Day, 5 * time.Minute, true},
		{"month at noon", pulsedivetest.Plan{PerMonth: 2}, 12 * time.Hour, Month, 10 * time.Minute, false},
		{"month, its last day but one at 23:55", pulsedivetest.Plan{PerMonth: 2}, 30*day - 5*time.Minute, Month, 10 * time.Minute, false},
		{"month, its last day at 23:55", pulsedivetest.Plan{PerMonth: 2}, 31*day - 5*time.Minute, Month, 5 * time.Minute, true},
		{"month beside a day", pulsedivetest.Plan{PerDay: 10, PerMonth: 2}, time.Hour, Month, 10 * time.Minute, false},
	} {
		for _, told := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, told %t", c.name, told), func(t *testing.T) {
				fake := pulsedivetest.New(pulsedivetest.Config{Plan: c.plan, Generate: true})
				h := handler(fake.ServeHTTP)
				if !told {
					h = func(w http.ResponseWriter, r *http.Request) { fake.ServeHTTP(silent{w}, r) }
				}
				simulate(t, pulsedivetest.Config{}, Config{HTTP: h.client()}, func(w *world) {
					w.fake = fake
					time.Sleep(c.after)
					w.wantInfo(testKey, "a.example")
					w.wantInfo(testKey, "b.example")
					if !told {
						w.wantLimit("c.example", c.period, c.until)
					}
					asked, end := fake.Count(), time.Now().Add(c.until)
					for time.Now().Before(end.Add(-time.Second)) {
						w.wantLimit("d.example", c.period, time.Until(end))
						time.Sleep(time.Until(end) / 3)
					}
					time.Sleep(time.Until(end) - time.Nanosecond)
					w.wantLimit("d.example", c.period, time.Nanosecond)
					equal(w, "calls while the "+c.period.String()+" is used up", fake.Count(), asked)
					time.Sleep(time.Nanosecond)
					if c.again {
						w.wantInfo(testKey, "e.example")
					} else {
						w.wantLimit("e.example", c.period, 10*time.Minute)
					}
					equal(w, "calls after the block", fake.Count(), asked+1)
				})
			})
		}
	}
}

// wantLimit asks about one value, which must be answered at once with the limit.
func (w *world) wantLimit(value string, p Period, until time.Duration) {
	w.Helper()
	start := time.Now()
	_, r, err := w.info(w.Context(), testKey, value)
	var limit *LimitError
	if !errors.As(err, &limit) || limit.Period != p || limit.Status != http.StatusTooManyRequests {
		w.Fatalf("info of %s: got %+v, %v; want the limit a %s", value, r, err, p)
	}
	if got := limit.Until.Sub(start); got != until {
		w.Errorf("info of %s: Pulsedive is left alone for %v more, want %v", value, got, until)
	}
	if !strings.Contains(limit.Message, p.String()) {
		w.Errorf("info of %s: message %q does not name the %s", value, limit.Message, p)
	}
	equal(w, "time that the refusal took", time.Since(start), 0)
}

// When a block is over, one call finds out for all.
func TestAfterABlockOneCallGoesAhead(t *testing.T) {
	f := pulsedivetest.Config{Plan: pulsedivetest.Plan{PerDay: 2}, Generate: true, Latency: time.Second}
	simulate(t, f, Config{}, func(w *world) {
		w.observe(w.Context(), testKey, "a.example") // uses up the day
		time.Sleep(10 * time.Minute)
		out := w.observe(w.Context(), testKey, domains("d", 30)...)
		if got, want := w.tally(out), (tally{noInfo: 30}); got != want {
			w.Errorf("30 domains after a block on a day still used up: got %+v, want %+v", got, want)
		}
		equal(w, "calls, first and last", w.fake.Count(), 3)
		time.Sleep(24 * time.Hour)
		w.fake.SetLatency(0)
		if got, want := w.tally(w.observe(w.Context(), testKey, "a.example")), (tally{infos: 1, links: 1}); got != want {
			w.Errorf("one domain on the next day: got %+v, want %+v", got, want)
		}
		equal(w, "calls, with the next day's", w.fake.Count(), 5)
	})
}

// A new day is not begun with a burst: one call finds out what it holds.
func TestANewDayAfterOneNotUsedUp(t *testing.T) {
	f := pulsedivetest.Config{Plan: pulsedivetest.Plan{PerDay: 12}, Generate: true, Latency: time.Second}
	simulate(t, f, Config{}, func(w *world) {
		w.observe(w.Context(), testKey, domains("a", 3)...)
		time.Sleep(24 * time.Hour)
		got := w.tally(w.observe(w.Context(), testKey, domains("b", 30)...))
		if want := (tally{infos: 12, noInfo: 18, noLinks: 12}); got != want {
			w.Errorf("30 domains at 12 calls a day, the day after: got %+v, want %+v", got, want)
		}
		w.wantCalls("in two days", 18)
	})
}

func TestANewDayBeginsWithOneCall(t *testing.T) {
	f := pulsedivetest.Config{Plan: pulsedivetest.Plan{PerDay: 6}, Generate: true, Latency: time.Second}
	simulate(t, f, Config{}, func(w *world) {
		for day := range 3 {
			got := w.tally(w.observe(w.Context(), testKey, domains(fmt.Sprint("day", day, "-"), 10)...))
			if want := (tally{infos: 6, noInfo: 4, noLinks: 6}); got != want {
				w.Errorf("ten domains at six calls a day: got %+v, want %+v", got, want)
			}
			time.Sleep(24 * time.Hour)
		}
		w.wantCalls("in three days", 18)
	})
}

// Links that were promised a place get it where all infos but theirs are done,
// even when the count was wrong: calls that failed cost nothing.
func TestLinksAreNotForgottenWhenCallsFailed(t *testing.T) {
	fake := pulsedivetest.New(pulsedivetest.Config{Plan: pulsedivetest.Plan{PerDay: 3}, Generate: true})
	h := handler(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.FormValue("indicator"), "bad") {
			panic(http.ErrAbortHandler)
		}
		fake.ServeHTTP(w, r)
	})
	simulate(t, pulsedivetest.Config{}, Config{HTTP: h.client()}, func(w *world) {
		w.fake = fake
		ctx, cancel := context.WithTimeout(w.Context(), 20*time.Second)
		defer cancel()
		b := w.client.Batch(testKey, 2)
		defer b.Close()
		good, bad := b.Ask("good.example"), b.Ask("bad.example")
		w.wantInfoOf(good)
		if _, err := bad.Info(ctx); !errors.Is(err, ErrConnection) {
			w.Errorf("info of bad.example: got %v, want ErrConnection", err)
		}
		if _, err := good.Links(ctx); err != nil {
			w.Errorf("links of good.example with two calls left: got %v, want no error", err)
		}
	})
}

// A batch that asks more than it announced, or nothing, leaves the count right.
func TestTheCountOfPendingInfos(t *testing.T) {
	simulate(t, pulsedivetest.Config{Generate: true}, Config{}, func(w *world) {
		for announced := range 4 {
			b := w.client.Batch(testKey, announced)
			for _, v := range domains("d", 2) {
				q := b.Ask(v)
				w.wantInfoOf(q)
				w.wantInfoOf(q)
			}
			b.Close()
			b.Close()
		}
		b := w.client.Batch(testKey, 1)
		q := b.Ask("late.example")
		b.Close()
		w.wantInfoOf(q)
		b.Close()
	})
}

func TestOldAnswersServeWhenTheDayIsUsedUp(t *testing.T) {
	f := pulsedivetest.Config{Plan: pulsedivetest.Plan{PerDay: 4}}
	cfg := Config{CacheTTL: time.Minute, NotFoundTTL: time.Minute, CacheBytes: 1 << 20}
	simulate(t, f, cfg, func(w *world) {
		w.fake.SetInfo("old.example", pulsedivetest.Answer{Body: []byte(record("old.example"))})
		since := time.Now()
		w.observe(w.Context(), testKey, "old.example")
		w.observe(w.Context(), testKey, "nobody.example")
		w.spend(testKey, 1, 0)
		time.Sleep(time.Hour)
		for range 2 {
			q, r, err := w.info(w.Context(), testKey, "old.example")
			if err != nil || r.Indicator != "old.example" || !q.StaleSince.Equal(since) || q.StaleFor == nil || q.StaleFor.Period != Day {
				w.Errorf("an hour later: got %+v, %v, since %v for %v; want the record of %v for the day's limit", r, err, q.StaleSince, q.StaleFor, since)
			}
			b := w.client.Batch(testKey, 0)
			q = b.Ask("old.example")
			if l, err := q.Links(w.Context()); err != nil || l == nil || !q.StaleSince.Equal(since) {
				w.Errorf("links an hour later: got %+v, %v, since %v; want none, of %v", l, err, q.StaleSince, since)
			}
			b.Close()
			q, _, err = w.info(w.Context(), testKey, "nobody.example")
			if !errors.Is(err, ErrNotFound) || q.StaleSince.IsZero() {
				w.Errorf("what was not found, an hour later: got %v, since %v; want ErrNotFound, stale", err, q.StaleSince)
			}
			w.wantLimit("new.example", Day, 10*time.Minute)
		}
		equal(w, "calls, with the one that was refused", w.fake.Count(), 5)
	})
}

// answerWith is release with an answer that tells what is left of the day, but at
// a time of the test's own.
func (a *account) answerWith(t *turn, left string, now time.Time) {
	answered := &answer{status: http.StatusOK, header: http.Header{}}
	if left != "" {
		answered.header.Set(remainingHeader[Day], left)
	}
	a.land(t)
	a.answered++
	a.learn(answered, t, a.granted-t.before-1, now)
}
