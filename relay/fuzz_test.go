package relay_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pulsedive-relay/relay"
	"pulsedive-relay/relay/ctim"
	"pulsedive-relay/relay/pulsedive"
	"pulsedive-relay/relay/pulsedive/pulsedivetest"
)

// says is a Pulsedive that answers with bytes, without a network.
type says struct{ info, links []byte }

func (s *says) RoundTrip(req *http.Request) (*http.Response, error) {
	body := s.info
	if req.URL.Query().Get("get") != "" {
		body = s.links
	}
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)), Request: req,
	}, nil
}

// FuzzTranslate: whatever Pulsedive answers, what comes of it is CTIM that Cisco
// XDR takes, within the entities limit, or an error that has a name.
func FuzzTranslate(f *testing.F) {
	seedRecorded(f)
	seedSample(f)
	upstream := &says{}
	client, err := pulsedive.New(pulsedive.Config{URL: "http://pulsedive.example/api/info.php", HTTP: &http.Client{Transport: upstream}})
	if err != nil {
		f.Fatal(err)
	}
	r := relay.New(relay.Config{Pulsedive: client, Now: nil})
	f.Fuzz(func(t *testing.T, info, links []byte, limit uint8) {
		upstream.info, upstream.links = info, links
		most := max(int(limit), 1)
		o := r.Observe(t.Context(), relay.Caller{Key: testKey, EntitiesLimit: most}, observables("domain", "a.example"), nil)
		for _, e := range o.Errors {
			if e.Code != "key error" && e.Code != "invalid response" {
				t.Errorf("error %q, want one on the answer's form", e)
			}
		}
		for _, b := range o.Bundles {
			checkBundle(t, b, most)
		}
		checkJSON(t, o)
		checkBrowseLinks(t, r)
	})
}

func checkBundle(t *testing.T, b ctim.Bundle, most int) {
	t.Helper()
	for _, err := range ctim.Check(b) {
		t.Error(err)
	}
	if len(b.Indicators) > most || len(b.Sightings) > most || len(b.Relationships) != len(b.Indicators) {
		t.Errorf("%d indicators, %d sightings, %d relationships, want at most %d, and as many relationships as indicators",
			len(b.Indicators), len(b.Sightings), len(b.Relationships), most)
	}
	if len(b.Verdicts) != 1 || len(b.Judgements) != 1 || b.Verdicts[0].Disposition != b.Judgements[0].Disposition || b.Verdicts[0].Observable != b.Judgements[0].Observable {
		t.Errorf("verdicts %+v, judgements %+v, want one each, of one mind", b.Verdicts, b.Judgements)
	}
	for _, s := range b.Sightings {
		if !slices.Equal(s.Observables, []ctim.Observable{b.Verdicts[0].Observable}) || !s.ObservedTime.Start.Equal(s.ObservedTime.End) {
			t.Errorf("sighting %+v, want one of %+v at an instant", s, b.Verdicts[0].Observable)
		}
		for _, r := range s.Relations {
			if r.Source.Type != "domain" || !strings.HasPrefix(r.Related.Type, "ip") || r.Source != s.Observables[0] && r.Related != s.Observables[0] {
				t.Errorf("relation %+v of %+v, want from a domain to an address, one of them the observable", r, s.Observables[0])
			}
		}
	}
}

// checkJSON checks that the answer's bytes hold what the bundles hold.
func checkJSON(t *testing.T, o relay.Observed) {
	t.Helper()
	text := o.AppendJSON(nil)
	if !json.Valid(text) || !utf8.Valid(text) {
		t.Fatalf("the answer is no JSON, or no UTF-8: %q", text)
	}
	var a answer
	if err := json.Unmarshal(text, &a); err != nil {
		t.Fatal(err)
	}
	if len(o.Bundles) == 0 {
		return
	}
	if collected := ctim.AppendBundles(nil, o.Bundles); !bytes.Equal(collected, a.Data) {
		t.Errorf("the answer's data is\n%s\nand of its bundles\n%s", a.Data, collected)
	}
	if again := ctim.AppendBundles(nil, []ctim.Bundle{bundleOf(t, a)}); !bytes.Equal(again, a.Data) {
		t.Errorf("the answer's data is\n%s\nand becomes, read and written again,\n%s", a.Data, again)
	}
}

func checkBrowseLinks(t *testing.T, r *relay.Relay) {
	t.Helper()
	for _, l := range r.Refer(t.Context(), relay.Caller{Key: testKey}, observables("domain", "a.example"), nil).Links {
		iid, browse := strings.CutPrefix(l.URL, "https://pulsedive.com/indicator/?iid=")
		if browse && (iid == "" || strings.Trim(iid, "0123456789") != "") {
			t.Errorf("browse link %s, want an address that ends in a number", l.URL)
		}
	}
}

// seedRecorded adds what Pulsedive answered in the recorded cases.
func seedRecorded(f *testing.F) {
	f.Helper()
	files, err := filepath.Glob("testdata/contract/*.json")
	if err != nil || len(files) == 0 {
		f.Fatalf("recorded cases: %d, %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		var c recorded
		if err := json.Unmarshal(text, &c); err != nil {
			f.Fatal(err)
		}
		links := map[string][]byte{}
		for _, u := range c.Upstream {
			if u.Query["get"] == "links" {
				links[u.Query["indicator"]] = u.Body
			}
		}
		for _, u := range c.Upstream {
			if u.Query["get"] == "" {
				f.Add([]byte(u.Body), links[u.Query["indicator"]], uint8(len(c.Name)))
			}
		}
	}
}

// seedSample adds what the fake's sample intelligence holds.
func seedSample(f *testing.F) {
	f.Helper()
	fake := pulsedivetest.New(pulsedivetest.Config{})
	fake.LoadSample()
	get := func(value, more string) []byte {
		req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "http://pulsedive.example/?key=x&indicator="+url.QueryEscape(value)+more, nil)
		if err != nil {
			f.Fatal(err)
		}
		resp, err := fake.Transport().RoundTrip(req)
		if err != nil {
			f.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			f.Fatal(err)
		}
		return body
	}
	for _, e := range pulsedivetest.Sample() {
		f.Add(get(e.Value, ""), get(e.Value, "&get=links"), uint8(200))
	}
}
