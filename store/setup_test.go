package store_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"pulsedive-relay/relay/ctim"
	"pulsedive-relay/store"
)

// patience is how long a test waits for what must happen.
const patience = time.Minute

// logged takes a log, which goroutines of the store may write at any time.
type logged struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// clock is a time that tests set.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func newClock() *clock { return &clock{t: time.Date(2026, 6, 1, 8, 30, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) add(d time.Duration) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
	return c.t
}

// open opens a store that is closed with the test.
func open(t testing.TB, cfg store.Config) *store.Store {
	t.Helper()
	s, err := store.Open(cfg)
	if err != nil {
		t.Fatalf("opening a store: %v", err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// fresh is a new store.
func fresh(t testing.TB, pins ...store.Pin) *store.Store {
	return open(t, store.Config{Path: filepath.Join(t.TempDir(), "relay.db"), Now: newClock().now, Pins: pins})
}

func appendOne(t testing.TB, s *store.Store, x *store.Exchange) uint64 {
	t.Helper()
	id, err := s.Append(t.Context(), x)
	if err != nil {
		t.Fatalf("appending an exchange: %v", err)
	}
	return id
}

// maker makes exchanges that look like real ones.
type maker struct{ *rand.Rand }

func newMaker(seed uint64) *maker { return &maker{rand.New(rand.NewPCG(seed, 1))} }

func (m *maker) uuid() string {
	a, b := m.Uint64(), m.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", a>>32, a>>16&0xffff, a&0xfff, b>>52, b&0xffffffffffff)
}

func pick[T any](m *maker, list ...T) T { return list[m.IntN(len(list))] }

func (m *maker) observable() ctim.Observable {
	switch m.IntN(3) {
	case 0:
		return ctim.Observable{Type: "ip", Value: fmt.Sprintf("198.51.%d.%d", m.IntN(256), m.IntN(256))}
	case 1:
		return ctim.Observable{Type: "url", Value: fmt.Sprintf("https://w%d.example.net/%s", m.IntN(1000), m.uuid())}
	}
	return ctim.Observable{Type: "domain", Value: fmt.Sprintf("w%d.example.com", m.IntN(100_000))}
}

func (m *maker) result(o ctim.Observable) store.Result {
	return store.Result{
		Observable: o, State: store.Known, Disposition: ctim.Disposition(1 + m.IntN(5)), Risk: pick(m, "none", "low", "medium", "high", "critical"),
		Seen: time.Date(2026, 5, 1+m.IntN(28), m.IntN(24), 0, 0, 0, time.UTC), FactorRisks: []string{"low", "medium", "high"},
		Factors: 4, Threats: 3, Feeds: 8, Relations: m.IntN(20), Took: time.Duration(m.IntN(2e9)),
	}
}

// exchange is a call by XDR at a time with an answer of about 25 KB.
func (m *maker) exchange(at time.Time) *store.Exchange {
	o := m.observable()
	return &store.Exchange{
		Summary: store.Summary{
			At: at, Source: store.XDR, Endpoint: store.Observe, Outcome: store.OK, Results: []store.Result{m.result(o)},
			Caller: fmt.Sprintf("203.0.113.%d", m.IntN(256)), Fingerprint: "5f3a9c0b", Took: time.Duration(m.IntN(2e9)), Calls: 2,
		},
		Request: m.uuid(), Audience: "https://relay.example.com", KeyHost: "visibility.amp.cisco.com", EntitiesLimit: 100,
		Answer: m.answer(o, 12+m.IntN(10), 16+m.IntN(20)), Token: time.Duration(m.IntN(1e6)), Asked: time.Duration(m.IntN(2e9)), Translated: time.Duration(m.IntN(1e5)),
		Spans: []store.Span{
			{Kind: "info", Queued: time.Duration(m.IntN(1e5)), Start: time.Duration(m.IntN(1e6)), Took: time.Duration(m.IntN(1e9)), Outcome: "ok"},
			{Kind: "links", Queued: time.Duration(m.IntN(1e9)), Start: time.Duration(m.IntN(1e9)), Took: time.Duration(m.IntN(1e9)), Outcome: "ok"},
		},
		Quotas: []store.Quota{{Period: "second", Limit: 10, Left: 8, Ends: at.Add(time.Second)}, {Period: "day", Limit: 1000, Left: m.IntN(1000), Ends: at.Add(time.Hour)}},
	}
}

// answer is an answer to observe: indicators with a sighting and a relationship
// each, and sightings of DNS entries beside.
func (m *maker) answer(o ctim.Observable, indicators, relations int) []byte {
	at := time.Date(2026, 5, 1+m.IntN(28), m.IntN(24), m.IntN(60), m.IntN(60), 0, time.UTC)
	span := ctim.Span{Start: at, End: at.Add(91 * 24 * time.Hour)}
	page := fmt.Sprintf("https://pulsedive.com/indicator/?iid=%d", m.IntN(1e7))
	b := ctim.Bundle{
		Verdicts: []ctim.Verdict{{Type: ctim.TypeVerdict, Disposition: 2, DispositionName: "Malicious", Observable: o, ValidTime: span}},
		Judgements: []ctim.Judgement{{
			Type: ctim.TypeJudgement, ID: "transient:judgement-" + m.uuid(), SchemaVersion: ctim.SchemaVersion, Source: "Pulsedive", SourceURI: page, TLP: "white",
			Observable: o, Disposition: 2, DispositionName: "Malicious", Severity: "High", Confidence: "Medium", Priority: 85, ValidTime: span,
		}},
	}
	for range indicators {
		kind, n := pick(m, "threat/?tid=", "feed/?fid="), m.IntN(5000)
		uri, title := fmt.Sprintf("https://pulsedive.com/%s%d", kind, n), m.title()
		when := ctim.Span{Start: at.Add(-time.Duration(m.IntN(1e6)) * time.Second)}
		indicator := "transient:indicator-" + m.uuid()
		sighting := "transient:sighting-" + m.uuid()
		b.Indicators = append(b.Indicators, ctim.Indicator{
			Type: ctim.TypeIndicator, ID: indicator, SchemaVersion: ctim.SchemaVersion, Source: "Pulsedive", SourceURI: uri, TLP: "white", Producer: "Pulsedive",
			Title: title, ShortDescription: title, Severity: pick(m, "High", "Medium", "Low"), Tags: []string{pick(m, "malware", "general", "phishing", "botnet")}, ValidTime: when,
		})
		b.Sightings = append(b.Sightings, ctim.Sighting{
			Type: ctim.TypeSighting, ID: sighting, SchemaVersion: ctim.SchemaVersion, Source: "Pulsedive", SourceURI: uri, Description: title,
			Severity: "High", Confidence: "Medium", Count: 1, Observables: []ctim.Observable{o}, ObservedTime: ctim.Span{Start: when.Start, End: when.Start},
		})
		b.Relationships = append(b.Relationships, ctim.Relationship{
			Type: ctim.TypeRelationship, ID: "transient:relationship-" + m.uuid(), SchemaVersion: ctim.SchemaVersion, TLP: "white",
			RelationshipType: ctim.SightingOf, SourceRef: sighting, TargetRef: indicator,
		})
	}
	for range relations {
		b.Sightings[0].Relations = append(b.Sightings[0].Relations, ctim.Relation{
			Origin: "Pulsedive Enrichment Module", Relation: ctim.ResolvedTo, Source: o, Related: m.related(o),
		})
	}
	return ctim.AppendBundles(nil, []ctim.Bundle{b})
}

// related is what an observable resolves to, or what resolves to it.
func (m *maker) related(o ctim.Observable) ctim.Observable {
	if o.Type == "domain" {
		return ctim.Observable{Type: "ip", Value: fmt.Sprintf("203.0.113.%d", m.IntN(256))}
	}
	return ctim.Observable{Type: "domain", Value: fmt.Sprintf("host-%d.example.org", m.IntN(1e6))}
}

// title is a name as threats and feeds have them.
func (m *maker) title() string {
	var words []string
	for range 2 + m.IntN(3) {
		words = append(words, pick(m, "Zeus", "Emotet", "Bad", "Domains", "List", "Tracker", "Abuse", "Known", "Hosts", "Botnet", "C2", "Ransomware", "Phish", "Open", "Blocklist", "Reputation", "Scanner", "Spam", "Urls", "Daily"))
	}
	return pick(m, "Threat: ", "Feed: ") + strings.Join(words, " ")
}
