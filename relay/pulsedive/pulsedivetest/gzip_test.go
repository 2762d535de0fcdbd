package pulsedivetest

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// askGzip calls f for value with an Accept-Encoding.
func askGzip(f *Fake, value, accept string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, "/?key=k", nil)
	q := r.URL.Query()
	q.Set("indicator", value)
	r.URL.RawQuery = q.Encode()
	r.Header.Set("Accept-Encoding", accept)
	f.ServeHTTP(w, r)
	return w
}

func TestGzip(t *testing.T) {
	t.Parallel()
	f := New(Config{Now: at(testNow), Generate: true})
	f.LoadSample()
	f.SetInfo("big.example", Answer{Body: json.RawMessage(`"` + strings.Repeat("big ", 500) + `"`)})
	f.SetInfo("small.example", Answer{Body: json.RawMessage(`{"iid":1}`)})
	huge := "https://example.org/" + strings.Repeat("x", maxStored)
	for _, c := range []struct {
		name, value, accept string
		packed              bool
	}{
		{"set by hand", "big.example", "gzip", true},
		{"sample", "everything.example", "gzip, deflate, br", true},
		{"generated", "made-up.example", "br;q=1, gzip;q=0.5", true},
		{"generated, head too long for a block", huge, "gzip", false},
		{"small", "small.example", "gzip", false},
		{"not accepted", "big.example", "br", false},
		{"refused", "big.example", "gzip;q=0", false},
		{"nothing said", "big.example", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			plain := askGzip(f, c.value, "identity").Body.Bytes()
			for range 2 { // the second comes from what the first left
				got := askGzip(f, c.value, c.accept)
				if packed := got.Header().Get("Content-Encoding") == "gzip"; packed != c.packed {
					t.Fatalf("asked with Accept-Encoding %q: packed is %v, want %v", c.accept, packed, c.packed)
				}
				body := got.Body.Bytes()
				if c.packed {
					body = unpack(t, body, len(plain))
				}
				if !bytes.Equal(body, plain) {
					t.Errorf("asked with Accept-Encoding %q\ngot  %.200s\nwant %.200s", c.accept, body, plain)
				}
			}
		})
	}
}

// unpack reads one gzip member and nothing after it.
func unpack(t *testing.T, packed []byte, plain int) []byte {
	t.Helper()
	if len(packed) >= plain {
		t.Errorf("asked for gzip: got %d bytes for %d, want fewer", len(packed), plain)
	}
	in := bytes.NewReader(packed)
	r, err := gzip.NewReader(in)
	if err != nil {
		t.Fatalf("reading the gzip header: %v", err)
	}
	r.Multistream(false)
	body, err := io.ReadAll(r)
	if err != nil || in.Len() != 0 {
		t.Fatalf("reading gzip: got error %v, %d bytes over; want one whole member", err, in.Len())
	}
	return body
}

// TestGzipOverTheNetwork lets net/http unpack what it asked for by itself.
func TestGzipOverTheNetwork(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(New(Config{Generate: true, Now: at(testNow)}))
	defer server.Close()
	resp, err := server.Client().Get(server.URL + "/api/info.php?indicator=made-up.example&key=k")
	if err != nil {
		t.Fatalf("asked over the network: %v", err)
	}
	defer func() { _ = resp.Body.Close() }()
	var record struct{ Indicator string }
	if err := json.NewDecoder(resp.Body).Decode(&record); err != nil || !resp.Uncompressed || record.Indicator != "made-up.example" {
		t.Errorf("asked over the network: got %+v, unpacked %v, error %v; want the record, unpacked", record, resp.Uncompressed, err)
	}
}
