package pulsedive

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"pulsedive-relay/relay/pulsedive/pulsedivetest"
)

// stress is one random run: requests of several keys, some given up, at a
// Pulsedive with limits that answers late, out of order, and not always.
type stress struct {
	*world
	r        *random
	failures bool
	perDay   int
}

func TestStress(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			r := newRandom(seed)
			plan := pulsedivetest.Plan{PerSecond: r.IntN(12), PerDay: r.IntN(2) * (50 + r.IntN(200)), PerMonth: r.IntN(2) * 5000}
			fake := pulsedivetest.New(pulsedivetest.Config{Plan: plan, Generate: true})
			failures := seed%3 == 0
			h := jittery(fake, seed)
			if failures {
				h = failing(h, r)
			}
			cfg := Config{HTTP: h.client(), CacheBytes: 64 << 10, CacheTTL: r.duration(time.Minute), NotFoundTTL: time.Minute, Timeout: 5 * time.Second}
			simulate(t, pulsedivetest.Config{}, cfg, func(w *world) {
				w.fake = fake
				s := &stress{world: w, r: r, failures: failures, perDay: plan.PerDay}
				var group sync.WaitGroup
				for range 25 {
					group.Go(s.request)
				}
				group.Wait()
				s.verdict(fmt.Sprintf("seed %d, plan %+v", seed, plan))
			})
		})
	}
}

// failing lets a call in five fail in one way or another.
func failing(h handler, r *random) handler {
	return func(w http.ResponseWriter, req *http.Request) {
		switch r.IntN(25) {
		case 0:
			panic(http.ErrAbortHandler)
		case 1:
			w.WriteHeader(http.StatusBadGateway)
		case 2:
			pass(req, time.Hour)
		case 3:
			w.WriteHeader(http.StatusInternalServerError)
		case 4:
			h(w, req) // it counts, but the answer is lost
			panic(http.ErrAbortHandler)
		default:
			h(w, req)
		}
	}
}

// request is one request at a random time, which may be given up.
func (s *stress) request() {
	time.Sleep(s.r.duration(time.Minute))
	ctx, cancel := context.WithTimeout(s.Context(), time.Second+s.r.duration(30*time.Second))
	defer cancel()
	if s.r.IntN(4) == 0 {
		time.AfterFunc(s.r.duration(10*time.Second), cancel)
	}
	key := fmt.Sprint("key", s.r.IntN(3))
	b := s.client.Batch(key, s.r.IntN(20))
	defer b.Close()
	var group sync.WaitGroup
	for range 1 + s.r.IntN(20) {
		q := b.Ask(fmt.Sprintf("d%d.example", s.r.IntN(60)))
		if s.r.IntN(2) == 0 {
			q.Listen = steps{s}.listen
		}
		group.Go(func() { s.question(ctx, q) })
	}
	if s.r.IntN(5) == 0 {
		group.Go(func() { s.outcome("health", b.Health(ctx)) })
	}
	_ = b.Quotas()
	group.Wait()
}

func (s *stress) question(ctx context.Context, q *Question) {
	r, err := q.Info(ctx)
	s.outcome("info of "+q.value, err)
	if err != nil {
		return
	}
	if r.Indicator != q.value || r.Complete() != nil {
		s.Errorf("info of %s: got %+v, %v", q.value, r, r.Complete())
	}
	_, err = q.Links(ctx)
	s.outcome("links of "+q.value, err)
}

// outcome checks that an error is one that the run can have.
func (s *stress) outcome(what string, err error) {
	var limit *LimitError
	var status *StatusError
	var unavailable *UnavailableError
	switch {
	case err == nil, errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
	case errors.As(err, &limit):
		if limit.Period != Day && limit.Period != Month {
			s.Errorf("%s: got %v, want no limit a second", what, err)
		}
	case s.failures && (errors.As(err, &status) || errors.As(err, &unavailable) || errors.Is(err, ErrConnection) || errors.Is(err, ErrTimeout)):
	default:
		s.Errorf("%s: got %v, which should not come", what, err)
	}
	s.hides(err, "key0")
}

// verdict checks what Pulsedive saw: no limit was run into that could be known.
func (s *stress) verdict(what string) {
	perKey := map[string]int{}
	refused := map[string]int{}
	for _, c := range s.fake.Calls() {
		switch c.Status {
		case http.StatusOK:
			perKey[c.Key]++
		case http.StatusTooManyRequests:
			refused[c.Key]++
		}
	}
	for key, n := range refused {
		if !s.failures {
			s.Errorf("%s: 429 came %d times to %s, want never", what, n, key)
		}
	}
	for key, n := range perKey {
		if s.perDay > 0 && n > s.perDay {
			s.Errorf("%s: %d calls with %s, want at most %d", what, n, key, s.perDay)
		}
	}
}

// steps checks that what a question tells makes sense.
type steps struct{ testing.TB }

func (o steps) listen(p Progress) {
	if p.State == Waiting && p.Until.IsZero() || p.State != Waiting && !p.Until.IsZero() {
		o.Errorf("progress %+v: want a time for who waits, and for nobody else", p)
	}
	if p.State == Done || p.State == Failed {
		o.Errorf("progress %+v: want the asker to say so", p)
	}
}
