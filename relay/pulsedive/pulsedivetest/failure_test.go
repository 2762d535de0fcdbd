package pulsedivetest

import (
	"errors"
	"io"
	"math"
	"net/http"
	"slices"
	"testing"
)

// failing asks n times and tells which calls failed with status.
func failing(f *Fake, n, status int) []bool {
	failed := make([]bool, n)
	for i := range failed {
		failed[i] = ask(f, "indicator", "x.example", "key", "k").status == status
	}
	return failed
}

func TestFailureShare(t *testing.T) {
	t.Parallel()
	const n = 4000
	for _, share := range []float64{0, 0.1, 0.5, 1} {
		count := 0
		for _, failed := range failing(New(Config{Failure: share, Seed: 42}), n, http.StatusBadGateway) {
			if failed {
				count++
			}
		}
		if got := float64(count) / n; math.Abs(got-share) > 0.03 {
			t.Errorf("asked for a share of %v: got %v of %d calls", share, got, n)
		}
	}
}

func TestFailureIsASequenceOfItsSeed(t *testing.T) {
	t.Parallel()
	first := failing(New(Config{Failure: 0.5, Seed: 1}), 64, http.StatusBadGateway)
	f := New(Config{Failure: 0.5, Seed: 1})
	for range 2 {
		if again := failing(f, 64, http.StatusBadGateway); !slices.Equal(first, again) {
			t.Errorf("asked twice with seed 1\ngot  %v\nwant %v", again, first)
		}
		f.Reset()
	}
	if other := failing(New(Config{Failure: 0.5, Seed: 2}), 64, http.StatusBadGateway); slices.Equal(first, other) {
		t.Error("asked with seeds 1 and 2: got the same sequence")
	}
}

func TestFailureStatus(t *testing.T) {
	t.Parallel()
	f := New(Config{Failure: 1, FailureStatus: http.StatusServiceUnavailable, Plan: Plan{PerDay: 1}})
	for range 3 {
		got := ask(f, "indicator", "x.example", "key", "k")
		if got.status != http.StatusServiceUnavailable || got.header.Get("Content-Type") != typeHTML {
			t.Errorf("asked for failures of 503: got %d %v, want 503 as a web page whatever the plan", got.status, got.header)
		}
	}
}

func TestFailureCut(t *testing.T) {
	t.Parallel()
	byHand := New(Config{})
	byHand.SetInfo("x", Answer{Status: -1})
	for name, f := range map[string]*Fake{"share": New(Config{Failure: 1, FailureStatus: -1}), "by hand": byHand} {
		resp, err := (&http.Client{Transport: f.Transport()}).Get("https://pulsedive.example/?indicator=x&key=k")
		if err == nil {
			_ = resp.Body.Close()
		}
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("asked for a cut (%s): got %v, want unexpected EOF", name, err)
		}
		if calls := f.Calls(); len(calls) != 1 || calls[0].Status != 0 {
			t.Errorf("asked for the calls (%s): got %+v, want one without a status", name, calls)
		}
	}
}
