package pulsedive

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// FuzzReader holds the scanner to encoding/json: it takes the same bodies, but
// for its bound on depth, and reads the same strings out of them.
func FuzzReader(f *testing.F) {
	for _, seed := range []string{
		`{}`, `[]`, `{"a":"b"}`, ` {"a" : [1, -0.5e+7, true, false, null, "é\n\u00fc\/\ud83d\ude00\ud800"] } `,
		`{"a":1,}`, `[1,]`, `[,1]`, `{"a"}`, `{"a":}`, `{a:1}`, `01`, `1.`, `.1`, `-`, `1e`, `+1`, `tru`, `nullx`, `"`, `"\`, `"\x"`, `"\u12"`,
		"\"\x01\"", "\"\xff\"", `{} {}`, `[[[[]]]]`, `{"a":{"a":[{}]}}`, "\t\r\n1", "\ufeff{}", ``,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		in := newReader(body, 0)
		in.skip()
		in.kind()
		if got, want := !in.bad && in.i == len(in.s), json.Valid(body); got != want && deepest(body) <= mostDepth {
			t.Errorf("skip over %q: taken %v, encoding/json %v", body, got, want)
		}
		var want []any
		if json.Unmarshal(body, &want) != nil {
			return
		}
		in = newReader(body, 0)
		for ok, i := in.enter('['), 0; ok && in.more(']'); i++ {
			got := in.text()
			if s, _ := want[i].(string); len(s) <= mostText && utf8.Valid(body) && got != s {
				t.Errorf("element %d of %q: got %q, want %q", i, body, got, s)
			}
		}
	})
}

// deepest is at least how deep a body nests.
func deepest(body []byte) int {
	return strings.Count(string(body), "[") + strings.Count(string(body), "{")
}

func TestReaderDepth(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]bool{1: true, mostDepth: true, mostDepth + 1: false, 5 << 20: false} {
		in := newReader([]byte(strings.Repeat("[", n)+strings.Repeat("]", n)), 0)
		in.skip()
		if got := !in.bad; got != want {
			t.Errorf("%d brackets within each other: taken %v, want %v", n, got, want)
		}
	}
}

func TestReaderStamp(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"2020-02-29 23:59:59", "2020-03-31 14:47:36", "0001-01-01 00:00:00", "9999-12-31 23:59:59",
		"2021-02-29 00:00:00", "2020-13-01 00:00:00", "2020-00-01 00:00:00", "2020-01-00 00:00:00", "0000-01-01 00:00:00",
		"2020-01-01 24:00:00", "2020-01-01 00:60:00", "2020-01-01 00:00:60", "2020-01-01T00:00:00", "2020-1-01 00:00:000", "", "now",
	} {
		want, err := time.Parse(time.DateTime, s)
		if err != nil || want.Year() < 1 {
			want = time.Time{}
		}
		if got := newReader([]byte(`"`+s+`"`), 0).stamp(); !got.Equal(want) {
			t.Errorf("stamp %q: got %s, want %s", s, got, want)
		}
	}
}

// TestTextsStandAlone makes sure that a record does not hold on to the answer
// that it was read from.
func TestTextsStandAlone(t *testing.T) {
	t.Parallel()
	a := Record{IID: "1", Indicator: "x", Threats: []Threat{{Name: "name", TID: "2"}}, Feeds: []Feed{{Name: "feed"}}}
	b := Record{IID: "1", Indicator: "x", Threats: []Threat{{Name: "name", TID: "2"}}, Feeds: []Feed{{Name: "feed"}}}
	if compact(b.texts); !reflect.DeepEqual(a, b) {
		t.Errorf("compacted: got %+v, want %+v", b, a)
	}
}
