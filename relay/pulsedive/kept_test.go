package pulsedive

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"pulsedive-relay/relay/pulsedive/pulsedivetest"
)

// stable is a client whose cache outlives it.
func stable() Config {
	c := cached()
	c.HashKey = []byte("the same in every process")
	return c
}

// kept is what the client would keep of its cache.
func (w *world) kept(since time.Time) (list []Kept) {
	w.client.Kept(since, func(k Kept) bool {
		list = append(list, k)
		return true
	})
	return list
}

func TestKeptOverARestart(t *testing.T) {
	simulate(t, pulsedivetest.Config{Generate: true}, stable(), func(w *world) {
		want := w.observe(w.Context(), testKey, "a.example", "https://b.example/")
		later := newWorld(w, pulsedivetest.Config{Generate: true}, stable())
		list := w.kept(time.Time{})
		equal(w, "answers kept", len(list), 4)
		for _, k := range list {
			if !later.client.Restore(k) || later.client.Restore(k) {
				w.Errorf("restoring %q: want it taken once", k.Key)
			}
			if bytes.Contains(k.Key, []byte(testKey)) || bytes.Contains(k.Value, []byte(testKey)) {
				w.Errorf("%q %q holds the API key", k.Key, k.Value)
			}
		}
		got := later.observe(w.Context(), testKey, "a.example", "https://b.example/")
		for i := range want {
			if !reflect.DeepEqual(got[i].record, want[i].record) || !reflect.DeepEqual(got[i].links, want[i].links) {
				w.Errorf("after a restart: got %+v %+v\nwant %+v %+v", got[i].record, got[i].links, want[i].record, want[i].links)
			}
		}
		later.wantCalls("what was restored", 0)
		later.wantInfo("another key", "a.example")
		later.wantCalls("another key", 1)
	})
}

func TestKeptSince(t *testing.T) {
	simulate(t, pulsedivetest.Config{Generate: true}, stable(), func(w *world) {
		w.wantInfo(testKey, "a.example")
		since := time.Now()
		equal(w, "answers since the last", len(w.kept(since)), 0)
		time.Sleep(time.Second)
		w.wantInfo(testKey, "b.example")
		equal(w, "answers since the first", len(w.kept(since)), 1)
		equal(w, "all answers", len(w.kept(time.Time{})), 2)
		w.client.Kept(time.Time{}, func(Kept) bool { return false }) // and no more
		time.Sleep(cached().CacheTTL)
		equal(w, "answers when they are out of date", len(w.kept(time.Time{})), 0)
	})
}

func TestNotKept(t *testing.T) {
	simulate(t, pulsedivetest.Config{}, stable(), func(w *world) {
		w.fake.SetInfo("bare.example", pulsedivetest.Answer{Body: []byte(`{"iid":1,"indicator":"bare.example","type":"domain"}`)})
		w.observe(w.Context(), testKey, "unknown.example", "bare.example")
		for _, k := range w.kept(time.Time{}) {
			if k.Key[len(fingerprint{})] == keptRecord {
				w.Errorf("kept %q: want nothing of the unknown, nor of what lacks a member", k.Key)
			}
		}
	})
}

func TestRestoreRefuses(t *testing.T) {
	simulate(t, pulsedivetest.Config{Generate: true}, stable(), func(w *world) {
		w.wantInfo(testKey, "a.example")
		good := w.kept(time.Time{})[0]
		now := time.Now()
		other := newWorld(w, pulsedivetest.Config{}, stable())
		for name, change := range map[string]func(*Kept){
			"out of date":        func(k *Kept) { k.Expires = now },
			"older than the TTL": func(k *Kept) { k.At = now.Add(-cached().CacheTTL) },
			"of the future":      func(k *Kept) { k.At = now.Add(time.Second) },
			"another form":       func(k *Kept) { k.Value = append([]byte{2}, k.Value[1:]...) },
			"cut short":          func(k *Kept) { k.Value = k.Value[:len(k.Value)-1] },
			"too long":           func(k *Kept) { k.Value = append(k.Value[:len(k.Value):len(k.Value)], 0) },
			"no value":           func(k *Kept) { k.Value = nil },
			"no key":             func(k *Kept) { k.Key = nil },
			"no kind":            func(k *Kept) { k.Key = k.Key[:len(fingerprint{})] },
			"another kind":       func(k *Kept) { k.Key = bytes.Replace(k.Key, []byte("ra.example"), []byte("xa.example"), 1) },
			"links of a record":  func(k *Kept) { k.Key = bytes.Replace(k.Key, []byte("ra.example"), []byte("la.example"), 1) },
		} {
			bad := good
			change(&bad)
			if other.client.Restore(bad) {
				w.Errorf("%s: was restored: %+v", name, bad)
			}
		}
		if !other.client.Restore(good) {
			w.Errorf("the good one was refused: %+v", good)
		}
		if newWorld(w, pulsedivetest.Config{}, Config{}).client.Restore(good) {
			w.Error("a client without a cache says that it restored an answer")
		}
	})
}

func TestFingerprint(t *testing.T) {
	t.Parallel()
	a, b := newWorld(t, pulsedivetest.Config{}, stable()).client, newWorld(t, pulsedivetest.Config{}, stable()).client
	apart := newWorld(t, pulsedivetest.Config{}, Config{}).client
	got := a.Fingerprint(testKey)
	if len(got) != 12 || strings.Trim(got, "0123456789abcdef") != "" {
		t.Errorf("fingerprint: got %q, want twelve hex digits", got)
	}
	if b.Fingerprint(testKey) != got || a.Fingerprint("another") == got || apart.Fingerprint(testKey) == got {
		t.Errorf("fingerprint %q: want the same under the same secret, and for nothing else", got)
	}
}

// What was kept comes back the same; other bytes do no harm.
func FuzzKept(f *testing.F) {
	for i, body := range []string{`{` + whole + `}`, `{"iid":"1","indicator":"é","type":"ip","risk":"high","stamp_seen":"2026-01-02 03:04:05","riskfactors":[{"description":"d"}],` +
		`"threats":[{"tid":1,"name":"t"}],"feeds":[{"name":"f","stamp_linked":"9999-12-31 23:59:59"}]}`} {
		r, err := decodeRecord([]byte(body), 100)
		if err != nil {
			f.Fatal(err)
		}
		kept, _ := keep(cacheKey{query: query{indicator: fmt.Sprint(i)}}, entry{record: r})
		f.Add(kept.Key, kept.Value, []byte(body))
	}
	l, err := decodeLinks([]byte(`{"Active DNS":[{"indicator":"192.0.2.1","type":"ip","stamp_linked":"2021-01-01 00:00:00"},{"indicator":"b"}]}`), 100)
	if err != nil {
		f.Fatal(err)
	}
	kept, _ := keep(cacheKey{query: query{get: "links"}}, entry{links: l})
	f.Add(kept.Key, kept.Value, []byte(`{"Active DNS":[]}`))
	const most = 100
	f.Fuzz(func(t *testing.T, key, value, body []byte) {
		if k, e, ok := unkeep(Kept{Key: key, Value: value}, most); ok {
			if e.record != nil {
				checkRecord(t, e.record, most)
				if err := e.record.Complete(); err != nil {
					t.Errorf("restored %+v: %v", e.record, err)
				}
			}
			keptRoundTrip(t, k, e)
		}
		k := cacheKey{print: fingerprint{1}, query: query{indicator: string(key)}}
		if r, err := decodeRecord(body, most); err == nil && r.Complete() == nil {
			keptRoundTrip(t, k, entry{record: r})
		}
		k.query.get = "links"
		if l, err := decodeLinks(body, most); err == nil {
			keptRoundTrip(t, k, entry{links: l})
		}
	})
}

func keptRoundTrip(t *testing.T, k cacheKey, e entry) {
	t.Helper()
	kept, ok := keep(k, e)
	k2, again, ok2 := unkeep(kept, 100)
	if e.record != nil {
		nilIfEmpty(&e.record.RiskFactors)
		nilIfEmpty(&e.record.Threats)
		nilIfEmpty(&e.record.Feeds)
	} else {
		nilIfEmpty(&e.links.ActiveDNS)
	}
	if !ok || !ok2 || k2 != k || !reflect.DeepEqual(again.record, e.record) || !reflect.DeepEqual(again.links, e.links) {
		t.Errorf("kept and restored: %v %v\n got %+v %+v %+v\nwant %+v %+v %+v", ok, ok2, k2, again.record, again.links, k, e.record, e.links)
	}
}

func nilIfEmpty[T any](list *[]T) {
	if len(*list) == 0 {
		*list = nil
	}
}
