package pulsedive

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/sony/gobreaker/v2"
)

const (
	// openAfter is how many calls in a row must fail before Pulsedive is left
	// alone, openFor how long.
	openAfter = 10
	openFor   = 15 * time.Second
)

// breaker leaves an endpoint alone that fails again and again. It counts what
// tells of the endpoint (no connection, no answer in time, 502 to 504), nothing
// that a caller can bring about by what is asked.
type breaker struct {
	gate    *gobreaker.TwoStepCircuitBreaker[struct{}]
	tripped atomic.Bool  // it is not closed
	until   atomic.Int64 // Unix nanoseconds
}

func newBreaker(log *slog.Logger) *breaker {
	b := &breaker{}
	b.gate = gobreaker.NewTwoStepCircuitBreaker[struct{}](gobreaker.Settings{
		Timeout:      openFor,
		ReadyToTrip:  func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= openAfter },
		IsSuccessful: func(err error) bool { return !faulty(err) },
		IsExcluded:   func(err error) bool { return errors.Is(err, context.Canceled) },
		OnStateChange: func(_ string, _, to gobreaker.State) {
			b.tripped.Store(to != gobreaker.StateClosed)
			if to == gobreaker.StateOpen {
				b.until.Store(time.Now().Add(openFor).UnixNano())
			}
			log.Warn("Pulsedive's circuit breaker changed", "state", to.String())
		},
	})
	return b
}

func faulty(err error) bool { return err != nil && (transient(err) || errors.Is(err, ErrTimeout)) }

// refusal is why no call need wait for its turn, nil where one may be made.
func (b *breaker) refusal() error {
	if !b.tripped.Load() || b.gate.State() != gobreaker.StateOpen {
		return nil
	}
	return b.unavailable()
}

// allow says whether a call may be made; done takes how it went.
func (b *breaker) allow() (done func(error), err error) {
	if done, err = b.gate.Allow(); err != nil {
		return nil, b.unavailable()
	}
	return done, nil
}

// unavailable names the end of the rest, or now where the call that tries
// Pulsedive again is on its way.
func (b *breaker) unavailable() error {
	return &UnavailableError{Until: later(time.Unix(0, b.until.Load()), time.Now())}
}
