package store

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pulsedive-relay/relay/ctim"
)

var sampleSummary = Summary{
	At: time.Unix(1780000000, 5).UTC(), Source: XDR, Endpoint: Both, Outcome: Partial, Code: "not found", Caller: "192.0.2.1", Fingerprint: "0f",
	Took: time.Second, Calls: 3, Cached: 1, Count: 2, Last: time.Unix(1780000060, 0).UTC(),
	Results: []Result{{
		Observable: ctim.Observable{Type: "domain", Value: "A.example"}, Answered: ctim.Observable{Type: "domain", Value: "a.example"}, State: Known,
		Disposition: ctim.Malicious, Risk: "critical", Retired: "No recent activity", Seen: time.Unix(1770000000, 0).UTC(), FactorRisks: []string{"low", "odd"},
		Factors: 2, Threats: 1, Feeds: 4, Relations: 9, Took: time.Millisecond,
	}, {Observable: ctim.Observable{Type: "odd", Value: "\x00\xff"}, State: Errored, Error: "too many requests"}},
}

var sampleExchange = Exchange{
	Request: "r", Audience: "https://relay.example.com", KeyHost: "keys.example.com", EntitiesLimit: 100,
	Answer: []byte(`{"id":"transient:sighting-00000000-0000-4000-8000-000000000001"}`), Refer: []byte("[]"),
	Errors: []Fault{{Type: "fatal", Code: "c", Message: "m"}}, Token: 1, Asked: 2, Translated: 3,
	Spans:  []Span{{Observable: -1, Kind: "health", Queued: 1, Start: 2, Took: 3, Outcome: "ok"}},
	Quotas: []Quota{{Period: "day", Limit: 100, Left: -1}, {Period: "month", Limit: 1, Left: 1, Ends: time.Unix(1780000000, 0).UTC()}},
}

// FuzzSummary: what decodes re-encodes to what decodes to the same, and the
// quick ways to look at a summary agree with the whole one.
func FuzzSummary(f *testing.F) {
	code, err := appendSummary(nil, &sampleSummary)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(code)
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := readSummary(1, b)
		var list []string
		valuesErr := values(b, func(_ string, v []byte) bool {
			list = append(list, string(v))
			return true
		})
		if err != nil {
			return
		}
		if valuesErr != nil {
			t.Fatalf("%x: the values: %v", b, valuesErr)
		}
		i := 0
		for _, r := range s.Results {
			for _, v := range []string{r.Observable.Value, r.Answered.Value} {
				if v == r.Answered.Value && v == "" {
					continue
				}
				if i >= len(list) || list[i] != v {
					t.Fatalf("%x: values %q of %+v", b, list, s.Results)
				}
				i++
			}
		}
		again, err := appendSummary(nil, &s)
		if err != nil {
			t.Fatalf("%x decodes, but does not encode: %v", b, err)
		}
		if got, err := readSummary(1, again); err != nil || !reflect.DeepEqual(got, s) {
			t.Fatalf("%x\ngot  %+v (%v)\nwant %+v", b, got, err, s)
		}
	})
}

// FuzzDetails: whatever decodes re-encodes to what decodes to the same.
func FuzzDetails(f *testing.F) {
	ids := identifiers{seen: map[[identifierSize]byte]int{}}
	f.Add(appendDetails(nil, &sampleExchange, &ids), ids.raw)
	f.Add([]byte{}, []byte{})
	f.Fuzz(func(t *testing.T, b, raw []byte) {
		var x Exchange
		if readDetails(&x, b, &identifiers{raw: raw}) != nil {
			return
		}
		ids := identifiers{seen: map[[identifierSize]byte]int{}}
		again := appendDetails(nil, &x, &ids)
		var got Exchange
		if err := readDetails(&got, again, &ids); err != nil || !reflect.DeepEqual(got, x) {
			t.Fatalf("%x %x\ngot  %+v (%v)\nwant %+v", b, raw, got, err, x)
		}
	})
}

// FuzzAnswers: answers come back as they were, byte for byte.
func FuzzAnswers(f *testing.F) {
	f.Add(sampleExchange.Answer, []byte("transient:a-b-00000000-0000-4000-8000-000000000001 transient:x-0000000A-0000-4000-8000-000000000001"))
	f.Add([]byte("transient:"), []byte("transient:-\x01\x02\x00\x01"))
	f.Add([]byte(strings.Repeat("transient:x-01234567-89ab-cdef-0123-456789abcdef ", 3)), []byte("transient:x-01234567-89ab-cdef-0123-456789abcdef"))
	c, err := newCompressor()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, answer, refer []byte) {
		packed, _ := c.pack(&Exchange{Answer: answer, Refer: refer})
		var x Exchange
		if err := c.unpack(&x, packed); err != nil || !bytes.Equal(x.Answer, answer) || !bytes.Equal(x.Refer, refer) {
			t.Fatalf("%q and %q\ngot  %q and %q (%v)", answer, refer, x.Answer, x.Refer, err)
		}
	})
}

// FuzzUnpack: stored bytes that are not ours are a fault, no more.
func FuzzUnpack(f *testing.F) {
	c, err := newCompressor()
	if err != nil {
		f.Fatal(err)
	}
	packed, _ := c.pack(&sampleExchange)
	f.Add(packed)
	f.Fuzz(func(t *testing.T, b []byte) {
		var x Exchange
		if err := c.unpack(&x, b); err == nil && len(b) < 3 {
			t.Fatalf("%x was unpacked to %+v", b, x)
		}
	})
}

// FuzzHour: what decodes re-encodes to what decodes to the same.
func FuzzHour(f *testing.F) {
	sample := hourEntry{Hour: Hour{OK: 1, Partial: 2, Failed: 3, Calls: 4, Cached: 5, Dispositions: [6]int{0, 1}}, low: 7, high: 9}
	sample.Times.Add(time.Second)
	f.Add(sample.append(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		var h, got hourEntry
		if h.read(b) != nil {
			return
		}
		if len(b) == 0 {
			return
		}
		if err := got.read(h.append(nil)); err != nil || got != h {
			t.Fatalf("%x\ngot  %+v (%v)\nwant %+v", b, got, err, h)
		}
	})
}

// FuzzPlaces: the quick comparison is the slow one, and what is found has a place
// in the index that a search comes by.
func FuzzPlaces(f *testing.F) {
	f.Add("A.example", "a.ex")
	f.Add("ÄÖ", "äö")
	f.Add("https://login.K.example:80/x", "k.example")
	f.Add("http://"+strings.Repeat("long.", 60)+"example", "long.example")
	f.Fuzz(func(t *testing.T, value, text string) {
		s := newSought(text)
		if got, want := begins([]byte(value), string(s)), strings.HasPrefix(folded(value), string(s)); got != want {
			t.Fatalf("%q begins with %q: got %v, want %v", value, s, got, want)
		}
		for _, kind := range []string{"domain", "url", "ip"} {
			p := placesOf([]Result{{Observable: ctim.Observable{Type: kind, Value: value}}})
			has := func(list []string, begin string) bool {
				return slices.ContainsFunc(list, func(place string) bool { return strings.HasPrefix(place, begin) })
			}
			if s.finds(kind, []byte(value)) && !has(p.values, indexed(string(s))) && !has(p.hosts, indexed(turned(string(s)))) {
				t.Fatalf("%q finds the %s %q, which is at %q in the index", s, kind, value, p)
			}
		}
	})
}
