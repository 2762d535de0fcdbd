package pulsedive

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"pulsedive-relay/relay/pulsedive/pulsedivetest"
)

// generated is an answer of the fake's about a made-up value.
func generated(b *testing.B, value, get string) []byte {
	b.Helper()
	f := pulsedivetest.New(pulsedivetest.Config{Generate: true})
	r, err := http.NewRequest(http.MethodGet, "https://pulsedive.test/?indicator="+value+"&get="+get+"&key=k", nil)
	if err != nil {
		b.Fatal(err)
	}
	resp, err := f.Transport().RoundTrip(r)
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	body := make([]byte, resp.ContentLength)
	if _, err := resp.Body.Read(body); err != nil {
		b.Fatal(err)
	}
	return body
}

func BenchmarkDecodeRecord(b *testing.B) {
	body := generated(b, "d3.example", "")
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if r, err := decodeRecord(body, 100); err != nil || r.Complete() != nil {
			b.Fatal(r, err)
		}
	}
}

func BenchmarkDecodeLinks(b *testing.B) {
	body := generated(b, "d3.example", "links")
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := decodeLinks(body, 100); err != nil {
			b.Fatal(err)
		}
	}
}

// benchmarkQuestion asks for info, with a batch of its own for each.
func benchmarkQuestion(b *testing.B, cfg Config, value func(i int) string) {
	w := newWorld(b, pulsedivetest.Config{Generate: true}, cfg)
	w.fake.RecordCalls(false)
	w.wantInfo(testKey, value(0))
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, _, err := w.info(b.Context(), testKey, value(i)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkQuestionCold(b *testing.B) {
	benchmarkQuestion(b, Config{}, func(i int) string { return fmt.Sprintf("d%d.example", i) })
}

func BenchmarkQuestionCached(b *testing.B) {
	benchmarkQuestion(b, Config{CacheTTL: time.Hour, CacheBytes: 1 << 20}, func(int) string { return "d.example" })
}

// BenchmarkFloor is what the cold question cannot do without: the fake's answer,
// asked for by a bare http.Client.
func BenchmarkFloor(b *testing.B) {
	f := pulsedivetest.New(pulsedivetest.Config{Generate: true})
	f.RecordCalls(false)
	c := http.Client{Transport: f.Transport()}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		resp, err := c.Get(fmt.Sprintf("https://pulsedive.test/?indicator=d%d.example&key=k", i))
		if err != nil {
			b.Fatal(err)
		}
		resp.Body.Close()
	}
}

// BenchmarkQueue is a turn in and out, beside a thousand requests that wait.
func BenchmarkQueue(b *testing.B) {
	q := &queue{}
	lanes := make([]lane, 1000)
	for i := range lanes {
		q.push(newTurn(&Batch{}, infoCall, 0), &lanes[i])
	}
	b.ReportAllocs()
	for b.Loop() {
		t := q.pop()
		q.push(t, &lanes[0])
	}
}
