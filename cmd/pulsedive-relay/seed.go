package main

import (
	"context"
	"math/rand/v2"
	"net/http"
	"time"

	"pulsedive-relay/relay"
	"pulsedive-relay/relay/ctim"
	"pulsedive-relay/relay/pulsedive"
	"pulsedive-relay/relay/pulsedive/pulsedivetest"
	"pulsedive-relay/store"
)

// A demo begins with a history: a week of made-up calls by day and by night, so
// that there is something to look at. The answers are real ones of the relay to
// the sample intelligence; only when they were given, by whom they were asked and
// how long they took is made up.

const (
	seedDays = 7
	// seedBusiest is how many calls the busiest hour has.
	seedBusiest = 9
	// seedSlowest is how long a made-up answer takes at most, about.
	seedSlowest = 900 * time.Millisecond
	// seedWaits is the sample that is always one request too many: asking about
	// it would wait for as long as a request may, and the demo's start with it.
	seedWaits = "limited.example.com"
)

// seeder makes up a history.
type seeder struct {
	relay    *relay.Relay
	store    *store.Store
	random   *rand.Rand
	audience string
	keyHost  string
	samples  []ctim.Observable
}

// seed fills a demo's history.
func seed(ctx context.Context, s *store.Store, listen, keyHost string) error {
	fake := pulsedivetest.New(pulsedivetest.Config{})
	fake.RecordCalls(false)
	fake.LoadSample()
	client, err := pulsedive.New(pulsedive.Config{HTTP: &http.Client{Transport: fake.Transport()}, CacheTTL: time.Minute, CacheBytes: 8 << 20})
	if err != nil {
		return err
	}
	m := &seeder{
		relay: relay.New(relay.Config{Pulsedive: client}), store: s, random: rand.New(rand.NewPCG(5, 7)),
		audience: "http://" + listen, keyHost: keyHost,
	}
	for _, e := range pulsedivetest.Sample() {
		if e.Value == seedWaits {
			continue
		}
		m.samples = append(m.samples, ctim.Observable{Type: e.Type, Value: e.Value})
	}
	now := time.Now()
	for hour := now.Add(-seedDays * 24 * time.Hour).Truncate(time.Hour); hour.Before(now); hour = hour.Add(time.Hour) {
		if err := m.hour(ctx, hour, now); err != nil {
			return err
		}
	}
	return nil
}

// hour makes up the calls of one hour.
func (m *seeder) hour(ctx context.Context, hour, now time.Time) error {
	calls := 1 + m.random.IntN(2)
	if h := hour.Hour(); h >= 7 && h <= 18 && hour.Weekday() != time.Saturday && hour.Weekday() != time.Sunday {
		calls = seedBusiest/2 + m.random.IntN(seedBusiest/2+1)
	}
	at := hour
	for range calls {
		if at = at.Add(time.Hour / time.Duration(calls+1)); !at.Before(now) {
			return nil
		}
		if err := m.call(ctx, at.Add(time.Duration(m.random.Int64N(int64(2*time.Minute))))); err != nil {
			return err
		}
	}
	return nil
}

// call makes up one call.
func (m *seeder) call(ctx context.Context, at time.Time) error {
	list := []ctim.Observable{m.samples[m.skewed()]}
	if m.random.IntN(6) == 0 {
		for _, i := range m.random.Perm(len(m.samples))[:1+m.random.IntN(4)] {
			if m.samples[i] != list[0] {
				list = append(list, m.samples[i])
			}
		}
	}
	endpoint := store.Observe
	if m.random.IntN(5) == 0 {
		endpoint = store.Refer
	}
	t := m.relay.Try(ctx, relay.Question{Caller: relay.Caller{Key: demoKey}, Source: store.XDR, Observables: list, Endpoint: endpoint}, nil)
	x := t.Exchange
	x.At, x.Caller, x.Audience, x.KeyHost = at, "192.0.2.14", m.audience, m.keyHost
	if m.random.IntN(8) == 0 {
		x.Source, x.Caller, x.Audience, x.KeyHost = store.Try, "127.0.0.1", "", ""
	}
	if x.Calls > 0 {
		stretch(x, time.Duration(40+m.random.ExpFloat64()*160)*time.Millisecond)
	}
	return m.store.Record(ctx, x)
}

// skewed is the place of a sample: the first ones come more often.
func (m *seeder) skewed() int {
	return min(int(m.random.ExpFloat64()*float64(len(m.samples))/3), len(m.samples)-1)
}

// stretch makes an exchange take a time, and its parts as much longer.
func stretch(x *store.Exchange, took time.Duration) {
	took = min(took, seedSlowest)
	factor := float64(took) / float64(max(x.Took, 1))
	longer := func(d *time.Duration) { *d = time.Duration(float64(*d) * factor) }
	for _, d := range []*time.Duration{&x.Took, &x.Token, &x.Asked, &x.Translated} {
		longer(d)
	}
	for i := range x.Spans {
		longer(&x.Spans[i].Queued)
		longer(&x.Spans[i].Start)
		longer(&x.Spans[i].Took)
	}
	for i := range x.Results {
		longer(&x.Results[i].Took)
	}
}
