package web_test

import (
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"pulsedive-relay/store"
)

// BenchmarkPages asks for pages over HTTP, from a history of a million exchanges:
// the file that BenchmarkMillion of the store leaves at the path in MILLION, as
// `make bench` has it. It reports the median of the times and the longest, from
// the request to the whole page.
func BenchmarkPages(b *testing.B) {
	path := os.Getenv("MILLION")
	if path == "" {
		b.Skip("MILLION names no file with a million exchanges; make bench makes one")
	}
	s := newSite(b, siteOptions{Path: path, Pins: []store.Pin{{Name: "history-max", Text: "2000000"}, {Name: "history-age", Text: "87600h"}}})
	if n := s.store.Status().Exchanges; n < 1_000_000 {
		b.Fatalf("%s has %d exchanges; want a million", path, n)
	}
	for _, c := range []struct{ name, path, want string }{
		{"history, first page", "/admin/history", "data-href="},
		{"history, page in the middle", "/admin/history?before=500000", "data-href="},
		{"history, a day", "/admin/history?range=24h&source=xdr", "data-href="},
		{"history, observable", "/admin/history?q=w4711.example.com", "w4711.example.com</bdi>"},
		{"history, observable in the middle", "/admin/history?q=w47&before=500000", ">w47"},
		{"history, below a domain", "/admin/history?q=w471.example.net", ">https://w471.example.net/"},
		{"history, below a domain in the middle", "/admin/history?q=w471.example.net&before=500000", ">https://w471.example.net/"},
		{"history, below a domain of most", "/admin/history?q=example.com", ".example.com</bdi>"},
		{"history, below a domain, malicious ones of a day", "/admin/history?q=example.net&range=24h&verdict=malicious", ".example.net/"},
		{"history, no such domain", "/admin/history?q=below.example.com", "No exchange matches"},
		{"history, nothing known, of which there are none", "/admin/history?verdict=nothing", "Search on"},
		{"exchange", "/admin/exchange/500000", "example."},
		{"overview", "/admin", "data-chart="},
		{"overview, a week", "/admin?range=7d", "data-chart="},
	} {
		b.Run(c.name, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				start := time.Now()
				got := s.get(c.path)
				took = append(took, time.Since(start))
				if got.status != http.StatusOK || len(took) == 1 && !strings.Contains(got.text, c.want) {
					b.Fatalf("GET %s is answered %d; want a page with %q:\n%s", c.path, got.status, c.want, got.text)
				}
			}
			slices.Sort(took)
			b.ReportMetric(took[len(took)/2].Seconds()*1000, "ms-median")
			b.ReportMetric(took[len(took)-1].Seconds()*1000, "ms-longest")
			b.ReportMetric(0, "ns/op")
		})
	}
}
