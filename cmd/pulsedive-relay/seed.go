package main

import (
	"context"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/google/uuid"

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
	// seedCaller is the address that XDR's made-up calls come from.
	seedCaller = "192.0.2.14"
	// seedWaits is the sample that is always one request too many: asking about
	// it would wait for as long as a request may, and the demo's start with it.
	seedWaits = "limited.example.com"
)

// seeder makes up a history.
type seeder struct {
	relays   [2]*relay.Relay // without a cache, and with one
	store    *store.Store
	random   *rand.Rand
	audience string
	keyHost  string
	samples  []ctim.Observable
}

// seed fills a demo's history.
func seed(ctx context.Context, s *store.Store, pulsediveURL, listen, keyHost string) error {
	fake := pulsedivetest.New(pulsedivetest.Config{})
	fake.RecordCalls(false)
	fake.LoadSample()
	m := &seeder{store: s, random: rand.New(rand.NewPCG(5, 7)), audience: "http://" + listen, keyHost: keyHost}
	for i, ttl := range []time.Duration{0, time.Hour} {
		client, err := pulsedive.New(pulsedive.Config{
			HTTP: &http.Client{Transport: fake.Transport()}, HashKey: relay.HashKey(s.Secret(), pulsediveURL), CacheTTL: ttl, NotFoundTTL: ttl, CacheBytes: 8 << 20,
		})
		if err != nil {
			return err
		}
		m.relays[i] = relay.New(relay.Config{Pulsedive: client})
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
	if hour.Hour()%6 == 0 {
		return m.checks(ctx, hour.Add(50*time.Minute), now)
	}
	return nil
}

// checks makes up XDR's health checks of a while, which are one entry.
func (m *seeder) checks(ctx context.Context, from, now time.Time) error {
	const many, every = 5, time.Minute
	if !from.Add(many * every).Before(now) {
		return nil
	}
	x := &store.Exchange{Request: uuid.NewString(), Audience: m.audience, KeyHost: m.keyHost, Answer: []byte(`{"data":{"status":"ok"}}`)}
	x.At, x.Last, x.Count = from, from.Add(many*every), many
	x.Source, x.Endpoint, x.Outcome, x.Caller, x.Calls, x.Took = store.XDR, store.Health, store.OK, seedCaller, 1, 90*time.Millisecond
	x.Spans = []store.Span{{Observable: -1, Kind: "health", Start: time.Millisecond, Took: 88 * time.Millisecond, Outcome: "ok"}}
	return m.store.Record(ctx, x)
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
	cached := min(m.random.IntN(3), 1) // two in three
	t := m.relays[cached].Try(ctx, relay.Question{Caller: relay.Caller{Key: demoKey}, Source: store.XDR, Observables: list, Endpoint: endpoint}, nil)
	x := t.Exchange
	x.At, x.Caller, x.Audience, x.KeyHost = at, seedCaller, m.audience, m.keyHost
	if m.random.IntN(8) == 0 {
		x.Source, x.Caller, x.Audience, x.KeyHost = store.Try, "127.0.0.1", "", ""
	}
	took := time.Duration(800+m.random.ExpFloat64()*1500) * time.Microsecond
	if x.Calls > 0 {
		took = time.Duration(90+m.random.ExpFloat64()*140) * time.Millisecond
	}
	stretch(x, took)
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
