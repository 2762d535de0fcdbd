package ctim_test

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pulsedive-relay/relay/ctim"
)

// maker makes up entities, with any text and with members left out.
type maker struct{ *rand.Rand }

var texts = []string{"a", "", "plain text of some length, beyond eight bytes", "\"quoted\"", `back\slash`, "\x00\x01\x1f\x7f", "\n\r\t\b\f", "é", "日本語", "💣", "\u2028\u2029\u202e",
	"<script>&amp;</script>", "\ufffd", "\xff", "a\xc3", "\xed\xa0\x80", "\xf4\x90\x80\x80", strings.Repeat("x", 7) + `"`, strings.Repeat("y", 8) + "\x1f", strings.Repeat("z", 64)}

func (m maker) text() string {
	var b strings.Builder
	for range m.IntN(4) {
		b.WriteString(texts[m.IntN(len(texts))])
	}
	return b.String()
}

func (m maker) time() time.Time {
	if m.IntN(4) == 0 {
		return time.Time{}
	}
	return time.Unix(m.Int64N(1<<37)-1<<35, 0).UTC()
}

func (m maker) span() ctim.Span { return ctim.Span{Start: m.time(), End: m.time()} }

func (m maker) observable() ctim.Observable { return ctim.Observable{Type: m.text(), Value: m.text()} }

// some makes up to n, or none at all.
func some[T any](m maker, n int, one func() T) []T {
	var list []T
	for range m.IntN(n + 1) {
		list = append(list, one())
	}
	return list
}

func (m maker) bundle() ctim.Bundle {
	return ctim.Bundle{
		Verdicts: some(m, 2, func() ctim.Verdict {
			return ctim.Verdict{Type: m.text(), Disposition: ctim.Disposition(m.IntN(9) - 2), DispositionName: m.text(), Observable: m.observable(), ValidTime: m.span()}
		}),
		Judgements: some(m, 2, func() ctim.Judgement {
			return ctim.Judgement{Type: m.text(), ID: m.text(), SchemaVersion: m.text(), Source: m.text(), SourceURI: m.text(), TLP: m.text(), Observable: m.observable(),
				Disposition: ctim.Disposition(m.IntN(6)), DispositionName: m.text(), Severity: m.text(), Confidence: m.text(), Priority: m.IntN(200) - 50, ValidTime: m.span()}
		}),
		Indicators: some(m, 3, func() ctim.Indicator {
			return ctim.Indicator{Type: m.text(), ID: m.text(), SchemaVersion: m.text(), Source: m.text(), SourceURI: m.text(), TLP: m.text(), Producer: m.text(),
				Title: m.text(), ShortDescription: m.text(), Severity: m.text(), Tags: some(m, 2, m.text), ValidTime: m.span()}
		}),
		Sightings: some(m, 3, func() ctim.Sighting {
			return ctim.Sighting{Type: m.text(), ID: m.text(), SchemaVersion: m.text(), Source: m.text(), SourceURI: m.text(), Description: m.text(), Severity: m.text(),
				Confidence: m.text(), Count: m.IntN(9) - 2, Observables: some(m, 2, m.observable), ObservedTime: m.span(),
				Relations: some(m, 2, func() ctim.Relation {
					return ctim.Relation{Origin: m.text(), Relation: m.text(), Source: m.observable(), Related: m.observable()}
				})}
		}),
		Relationships: some(m, 2, func() ctim.Relationship {
			return ctim.Relationship{Type: m.text(), ID: m.text(), SchemaVersion: m.text(), TLP: m.text(), RelationshipType: m.text(), SourceRef: m.text(), TargetRef: m.text()}
		}),
	}
}

// group is the documents of one kind.
type group[T any] struct {
	Count int `json:"count"`
	Docs  []T `json:"docs"`
}

// data is what an observe answer holds, as encoding/json sees it.
type data struct {
	Verdicts      group[ctim.Verdict]      `json:"verdicts,omitzero"`
	Judgements    group[ctim.Judgement]    `json:"judgements,omitzero"`
	Indicators    group[ctim.Indicator]    `json:"indicators,omitzero"`
	Sightings     group[ctim.Sighting]     `json:"sightings,omitzero"`
	Relationships group[ctim.Relationship] `json:"relationships,omitzero"`
}

// dataOf puts the bundles' documents one after the other.
func dataOf(bundles []ctim.Bundle) data {
	var d data
	for _, b := range bundles {
		gather(&d.Verdicts, b.Verdicts)
		gather(&d.Judgements, b.Judgements)
		gather(&d.Indicators, b.Indicators)
		gather(&d.Sightings, b.Sightings)
		gather(&d.Relationships, b.Relationships)
	}
	return d
}

func gather[T any](g *group[T], docs []T) {
	g.Docs = append(g.Docs, docs...)
	g.Count = len(g.Docs)
}

// What is appended is what encoding/json makes of the same, member by member:
// the same names, in any order, the same left out.
func TestAppendBundlesIsTheJSONOfTheTypes(t *testing.T) {
	t.Parallel()
	m := maker{rand.New(rand.NewPCG(1, 2))}
	for range 100 {
		bundles := some(m, 3, m.bundle)
		text := ctim.AppendBundles([]byte("before"), bundles)
		sameJSON(t, string(text), dataOf(bundles))
	}
}

func TestAppendLinksIsTheJSONOfTheType(t *testing.T) {
	t.Parallel()
	m := maker{rand.New(rand.NewPCG(3, 4))}
	for range 100 {
		links := append([]ctim.Link{}, some(m, 3, func() ctim.Link {
			return ctim.Link{ID: m.text(), Title: m.text(), Description: m.text(), URL: m.text(), Categories: append([]string{}, some(m, 2, m.text)...)}
		})...)
		sameJSON(t, string(ctim.AppendLinks([]byte("before"), links)), links)
	}
}

func sameJSON(t *testing.T, got string, of any) {
	t.Helper()
	got, ok := strings.CutPrefix(got, "before")
	if !ok || !utf8.ValidString(got) {
		t.Fatalf("appended %q, want valid UTF-8 after what was there", got)
	}
	std, err := json.Marshal(of)
	if err != nil {
		t.Fatal(err)
	}
	// As any, so that no member is overlooked; as the type, so that it decodes.
	for _, as := range []reflect.Type{reflect.TypeFor[any](), reflect.TypeOf(of)} {
		ours, theirs := reflect.New(as), reflect.New(as)
		if err := json.Unmarshal([]byte(got), ours.Interface()); err != nil {
			t.Fatalf("appended %s, which is no %s: %v", got, as, err)
		}
		if err := json.Unmarshal(std, theirs.Interface()); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(ours.Interface(), theirs.Interface()) {
			t.Fatalf("appended\n%s\nencoding/json makes of it\n%s", got, std)
		}
	}
}

func TestAppendNothing(t *testing.T) {
	t.Parallel()
	if got := string(ctim.AppendBundles(nil, nil)); got != "{}" {
		t.Errorf("no bundles: %s, want {}", got)
	}
	if got := string(ctim.AppendBundles(nil, make([]ctim.Bundle, 3))); got != "{}" {
		t.Errorf("three empty bundles: %s, want {}", got)
	}
	if got := string(ctim.AppendLinks(nil, nil)); got != "[]" {
		t.Errorf("no links: %s, want []", got)
	}
}

// A text that begins and ends within a group of eight bytes takes another way
// through the code than one that does not.
func TestAppendStringAtEveryPlace(t *testing.T) {
	t.Parallel()
	for c := range 256 {
		for before := range 9 {
			for _, after := range []int{0, 1, 8} {
				checkString(t, strings.Repeat("a", before)+string([]byte{byte(c)})+strings.Repeat("~", after))
			}
		}
	}
}

// FuzzAppendString: any text is a JSON string that decodes to the same, with
// U+FFFD for what is no UTF-8, and as long as StringLength says.
func FuzzAppendString(f *testing.F) {
	for _, s := range texts {
		f.Add(s)
	}
	f.Fuzz(checkString)
}

func checkString(t *testing.T, s string) {
	t.Helper()
	text := string(ctim.AppendString([]byte("x"), s))[1:]
	if got := ctim.StringLength(s); got != len(text) {
		t.Errorf("%q: appended %d bytes, want the length of %d", s, len(text), got)
	}
	std, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var got, want string
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatalf("%q: appended %s, which is no JSON: %v", s, text, err)
	}
	if err := json.Unmarshal(std, &want); err != nil {
		t.Fatal(err)
	}
	if got != want || !utf8.ValidString(text) {
		t.Errorf("%q: appended %s, which is %q, want %q", s, text, got, want)
	}
	if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' }) {
		t.Errorf("%q: appended %q, want no control characters", s, text)
	}
}
