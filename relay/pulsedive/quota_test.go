package pulsedive

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pulsedive-relay/relay/pulsedive/pulsedivetest"
)

func TestQuotas(t *testing.T) {
	simulate(t, free(), Config{}, func(w *world) {
		quotas := func() string {
			b := w.client.Batch(testKey, 0)
			defer b.Close()
			var list []string
			for _, q := range b.Quotas() {
				ends := "-"
				if !q.Ends.IsZero() {
					ends = q.Ends.UTC().Format("2006-01-02 15:04")
				}
				list = append(list, fmt.Sprint(q.Period, " ", q.Left, " of ", q.Limit, " until ", ends))
			}
			return strings.Join(list, ", ")
		}
		equal(w, "quotas of an unknown key", quotas(), "")
		w.wantInfo(testKey, "a.example")
		w.wantInfo(testKey, "b.example")
		equal(w, "quotas after two calls", quotas(), "second -1 of 1 until -, day 48 of 50 until 2000-01-02 00:00, month 498 of 500 until 2000-02-01 00:00")
		time.Sleep(24 * time.Hour)
		equal(w, "quotas on the next day", quotas(), "second -1 of 1 until -, month 498 of 500 until 2000-02-01 00:00")
		w.spend(testKey, 1, 0)
		for range 60 {
			time.Sleep(time.Second)
			w.spend(testKey, 1, 0)
		}
		w.wantLimit("c.example", Day, 10*time.Minute)
		equal(w, "quotas of a used-up day", quotas(), "second -1 of 1 until -, day 0 of 50 until 2000-01-03 00:00, month 497 of 500 until 2000-02-01 00:00")
		time.Sleep(10 * time.Minute)
		equal(w, "quotas after the block", quotas(), "second -1 of 1 until -, day -1 of 50 until -, month 497 of 500 until 2000-02-01 00:00")
	})
}

func TestLimitOf(t *testing.T) {
	zero := func(p Period) http.Header { h := http.Header{}; h.Set(remainingHeader[p], "0"); return h }
	for _, c := range []struct {
		message string
		header  http.Header
		period  Period
		n       int
	}{
		{"API rate limit exceeded: 1 requests per second. Visit pulsedive.com/api to view limits and upgrade your plan.", nil, Second, 1},
		{"API rate limit exceeded: 1 request per second.", nil, Second, 1},
		{"API rate limit exceeded: 50 requests per day. Visit pulsedive.com/api.", nil, Day, 50},
		{"API rate limit exceeded: 500 requests per month.", nil, Month, 500},
		{"API RATE LIMIT EXCEEDED: 10,000 REQUESTS PER DAY.", nil, Day, 10000},
		{"50 requests per day. Plans from 10 a second or 500 a month.", nil, Day, 50},
		{"You have reached your daily request limit.", nil, Day, 0},
		{"Your limit this month is used up.", nil, Month, 0},
		{"Wait a second.", nil, Second, 0},
		{"99999999999999 requests per day", nil, Day, 0},
		{"", zero(Month), Month, 0},
		{"Too many requests.", zero(Day), Day, 0},
		{"", zero(Second), Second, 0},
		{"Slow down.", nil, PeriodUnknown, 0},
		{"", nil, PeriodUnknown, 0},
	} {
		p, n := limitOf(c.message, c.header)
		if p != c.period || n != c.n {
			t.Errorf("limitOf(%q, %v): got %v %d, want %v %d", c.message, c.header, p, n, c.period, c.n)
		}
	}
}

// However answers overtake each other, the count is never above what is left,
// and right when all are in.
func TestLeftIsCountedRight(t *testing.T) {
	for seed := range uint64(300) {
		r := newRandom(seed)
		left := 40 + r.IntN(40)
		a := &account{probed: true}
		b := &Batch{account: a}
		now := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
		var calls, arrived []*turn
		told := map[*turn]string{}
		for step := range 60 {
			switch {
			case r.IntN(3) == 0:
				t := newTurn(b, infoCall, 0)
				a.grant(t, now)
				calls = append(calls, t)
			case len(calls) > 0 && r.IntN(2) == 0: // one arrives, and counts or fails
				i := r.IntN(len(calls))
				t := calls[i]
				calls = append(calls[:i], calls[i+1:]...)
				if told[t] = ""; r.IntN(5) > 0 {
					left--
					told[t] = fmt.Sprint(left)
				}
				arrived = append(arrived, t)
			case len(arrived) > 0: // one is answered
				i := r.IntN(len(arrived))
				t := arrived[i]
				arrived = append(arrived[:i], arrived[i+1:]...)
				a.answerWith(t, told[t], now)
			}
			if a.left[Day].known && a.left[Day].n > left-len(calls) {
				t.Fatalf("seed %d, step %d: %d are counted as left, want at most %d less %d on their way", seed, step, a.left[Day].n, left, len(calls))
			}
		}
		for _, c := range append(arrived, calls...) {
			if _, ok := told[c]; !ok {
				left--
				told[c] = fmt.Sprint(left)
			}
			a.answerWith(c, told[c], now)
		}
		last := newTurn(b, infoCall, 0)
		a.grant(last, now)
		left--
		a.answerWith(last, fmt.Sprint(left), now)
		equal(t, fmt.Sprint("seed ", seed, ": left at the end"), a.left[Day].n, left)
	}
}

// What was answered before midnight does not block the day after.
func TestAnAnswerOfYesterday(t *testing.T) {
	f := pulsedivetest.Config{Plan: pulsedivetest.Plan{PerDay: 1}, Generate: true, Latency: 4 * time.Second}
	simulate(t, f, Config{}, func(w *world) {
		time.Sleep(24*time.Hour - 2*time.Second)
		w.wantInfo(testKey, "a.example")
		w.wantInfo(testKey, "b.example")
		synctest.Wait()
		w.wantCalls("one call each side of midnight", 2)
	})
}
