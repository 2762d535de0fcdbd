package pulsedive

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// seedAnswers adds answers of all kinds to what a fuzz test starts from.
func seedAnswers(f *testing.F) {
	f.Add([]byte(`{`+whole+`}`), uint8(3))
	for _, s := range []string{
		``, `{}`, `[]`, `null`, `{"error":"Indicator not found."}`, `{"indicator":"a","type":"domain"}`, `<html>`, `{"iid":"7","risk":null}`,
		`{` + whole + `,"riskfactors":[{"description":"d","risk":"low"},1],"threats":[{"tid":1,"name":"t","stamp_linked":"2020-01-01 00:00:00"},{"name":"u"}],"feeds":[{"fid":"2","name":"f "},{"name":"g","stamp_linked":"2021-01-01 00:00:00"}]}`,
		`{"Active DNS":[{"indicator":"192.0.2.1","type":"ip","stamp_linked":"2021-01-01 00:00:00"},{"indicator":"b"}],"Redirects":[]}`,
		`{"Active DNS":null}`, `{"Active DNS":["a"]}`, `{"a":1}{}`, `{"a":"\ud800","iid":1e3}`, "{\"retired\":\"\xff\"}",
	} {
		f.Add([]byte(s), uint8(2))
	}
	recorded, err := filepath.Glob("../testdata/contract/*.json")
	if err != nil || len(recorded) == 0 {
		f.Fatalf("recorded cases: got %d, %v; want some", len(recorded), err)
	}
	for _, path := range recorded {
		var c struct {
			Upstream []struct{ Body json.RawMessage }
		}
		b, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		if json.Unmarshal(b, &c) == nil {
			for _, u := range c.Upstream {
				f.Add([]byte(u.Body), uint8(50))
			}
		}
	}
}

func FuzzRecord(f *testing.F) {
	seedAnswers(f)
	f.Fuzz(func(t *testing.T, body []byte, n uint8) {
		most := int(n) + 1
		r, err := decodeRecord(body, most)
		if err != nil {
			wantDecodeError(t, body, err)
			return
		}
		passing := slices.Clone(body)
		kept, err := decodeRecord(passing, most)
		if clear(passing); err != nil || !reflect.DeepEqual(kept, r) {
			t.Errorf("a record whose answer is gone: got %+v, %v\nwant %+v", kept, err, r)
		}
		if !json.Valid(body) {
			t.Errorf("decodeRecord(%q): got %+v, want ErrNotJSON", body, r)
		}
		checkRecord(t, r, most)
		again, err := decodeRecord(encodeRecord(t, r), most)
		if r.Complete() != nil {
			return
		}
		if err != nil || !reflect.DeepEqual(again, r) {
			t.Errorf("a record encoded and decoded again:\n got %+v, %v\nwant %+v", again, err, r)
		}
	})
}

func wantDecodeError(t *testing.T, body []byte, err error) {
	t.Helper()
	if !errors.Is(err, ErrNotFound) && !errors.Is(err, ErrNotJSON) && !errors.Is(err, ErrShape) {
		t.Errorf("decoding %q: got %v, want one of the package's errors", body, err)
	}
	var object map[string]any
	if json.Unmarshal(body, &object) == nil && object != nil && deepest(body) <= mostDepth && !errors.Is(err, ErrNotFound) {
		t.Errorf("decoding the object %q: got %v, want an answer or ErrNotFound", body, err)
	}
}

func checkRecord(t *testing.T, r *Record, most int) {
	t.Helper()
	if len(r.RiskFactors) > most || len(r.Threats) > most || len(r.Feeds) > most {
		t.Errorf("at most %d: got %d risk factors, %d threats, %d feeds", most, len(r.RiskFactors), len(r.Threats), len(r.Feeds))
	}
	if !slices.IsSortedFunc(r.Threats, func(a, b Threat) int { return b.Linked.Compare(a.Linked) }) ||
		!slices.IsSortedFunc(r.Feeds, func(a, b Feed) int { return b.Linked.Compare(a.Linked) }) {
		t.Errorf("threats %+v or feeds %+v are not newest first", r.Threats, r.Feeds)
	}
	for i := range r.Threats {
		if r.Threats[i].Name == "" {
			t.Errorf("threat %d of %+v has no name", i, r.Threats)
		}
	}
	for _, s := range []string{r.Indicator, r.Type, r.Retired} {
		if !utf8.ValidString(s) || len(s) > mostText {
			t.Errorf("text %.100q is not valid or too long", s)
		}
	}
	if n := r.size(); n > mostListedText+5*mostText+1024+3*most*128 {
		t.Errorf("a record of %d bytes", n)
	}
	if r.Complete() != nil {
		return
	}
	digits := strings.Trim(r.IID, "0123456789") == "" && r.IID != ""
	types := []string{"ip", "ipv6", "domain", "url"}
	risks := []string{"unknown", "none", "low", "medium", "high", "critical", "retired"}
	if !digits || r.Indicator == "" || !slices.Contains(types, r.Type) || !slices.Contains(risks, r.Risk) || r.Seen.IsZero() {
		t.Errorf("a complete record lacks a member: %+v", r)
	}
}

// encodeRecord writes a record as Pulsedive does.
func encodeRecord(t *testing.T, r *Record) []byte {
	t.Helper()
	type entry map[string]any
	doc := entry{
		"iid": json.Number(strings.TrimLeft(r.IID, "0") + "0"[:zero(r.IID)]), "indicator": r.Indicator, "type": r.Type, "risk": r.Risk,
		"retired": r.Retired, "stamp_seen": stamped(r.Seen), "stamp_retired": stamped(r.RetiredAt),
	}
	if strings.HasPrefix(r.IID, "0") {
		doc["iid"] = r.IID
	}
	var factors, threats, feeds []entry
	for _, f := range r.RiskFactors {
		factors = append(factors, entry{"description": f.Description, "risk": f.Risk})
	}
	for _, x := range r.Threats {
		threats = append(threats, entry{"tid": x.TID, "name": x.Name, "category": x.Category, "stamp_linked": stamped(x.Linked)})
	}
	for _, x := range r.Feeds {
		feeds = append(feeds, entry{"fid": x.FID, "name": x.Name, "category": x.Category, "organization": x.Organization, "stamp_linked": stamped(x.Linked)})
	}
	doc["riskfactors"], doc["threats"], doc["feeds"] = factors, threats, feeds
	b, err := json.Marshal(doc)
	if err != nil {
		t.Fatalf("encoding %+v: %v", r, err)
	}
	return b
}

// zero is 1 for a number that trimming zeros leaves nothing of.
func zero(s string) int {
	if strings.Trim(s, "0") == "" {
		return 1
	}
	return 0
}

func stamped(at time.Time) any {
	if at.IsZero() {
		return nil
	}
	return at.Format(time.DateTime)
}

func FuzzLinks(f *testing.F) {
	seedAnswers(f)
	f.Fuzz(func(t *testing.T, body []byte, n uint8) {
		most := int(n) + 1
		l, err := decodeLinks(body, most)
		if err != nil {
			wantDecodeError(t, body, err)
			return
		}
		passing := slices.Clone(body)
		kept, err := decodeLinks(passing, most)
		if clear(passing); err != nil || !reflect.DeepEqual(kept, l) {
			t.Errorf("links whose answer is gone: got %+v, %v\nwant %+v", kept, err, l)
		}
		if len(l.ActiveDNS) > most || l.size() > mostListedText+1024+most*128 {
			t.Errorf("at most %d: got %d entries, %d bytes", most, len(l.ActiveDNS), l.size())
		}
		var b strings.Builder
		b.WriteString(`{"Active DNS":[null`)
		for _, e := range l.ActiveDNS {
			if e.Indicator == "" || e.Type != strings.ToLower(e.Type) {
				t.Errorf("entry %+v: want an indicator, and a type in lower case", e)
			}
			doc, err := json.Marshal(map[string]any{"indicator": e.Indicator, "type": e.Type, "stamp_linked": stamped(e.Linked)})
			if err != nil {
				t.Fatalf("encoding %+v: %v", e, err)
			}
			fmt.Fprintf(&b, ",%s", doc)
		}
		again, err := decodeLinks([]byte(b.String()+`]}`), most)
		if err != nil || !reflect.DeepEqual(again, l) {
			t.Errorf("links encoded and decoded again:\n got %+v, %v\nwant %+v", again, err, l)
		}
	})
}

func TestFaultStandsAlone(t *testing.T) {
	t.Parallel()
	body := []byte(`{"error":"API rate limit exceeded."}`)
	fault := decodeFault(body)
	clear(body)
	equal(t, "a fault whose answer is gone", fault, "API rate limit exceeded.")
}

// What upstream says about a limit is read without harm, and names a period
// where it says one.
func FuzzLimitOf(f *testing.F) {
	f.Add("API rate limit exceeded: 1 requests per second.", "0")
	f.Add("You have reached your daily request limit.", "")
	f.Add("10,000 requests per month", "x")
	f.Fuzz(func(t *testing.T, message, left string) {
		p, n := limitOf(message, map[string][]string{remainingHeader[Day]: {left}})
		if n < 0 || p < PeriodUnknown || p > Month {
			t.Errorf("limitOf(%q, %q): got %v %d", message, left, p, n)
		}
		if p == PeriodUnknown && strings.Contains(message, "per day") {
			t.Errorf("limitOf(%q): got no period, want the day", message)
		}
	})
}
