package relay

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pulsedive-relay/relay/ctim"
)

func TestObservablesOfABody(t *testing.T) {
	t.Parallel()
	domain := func(values ...string) []ctim.Observable {
		var list []ctim.Observable
		for _, v := range values {
			list = append(list, ctim.Observable{Type: "domain", Value: v})
		}
		return list
	}
	for body, want := range map[string][]ctim.Observable{
		`[]`: nil,
		` [ {"value" : "a.example" , "type" : "domain"} ] `:                                                                                          domain("a.example"),
		`[{"type":"DoMaIn","value":"A.example"},{"type":"domain","value":"A.example"}]`:                                                              domain("A.example"),
		`[{"type":"domain","value":"b"},{"type":"domain","value":"a"},{"type":"domain","value":"b"}]`:                                                domain("b", "a"),
		`[{"type":"domain","value":" a "},{"type":"domain","value":"a"}]`:                                                                            domain(" a ", "a"),
		`[{"type":"sha256","value":"1"},{"type":"domain","value":"a"},{"type":" domain","value":"b"}]`:                                               domain("a"),
		`[{"type":"domain","value":"\u00fc\ud83d\udca3\"\\\/"}]`:                                                                                     domain(`ü💣"\/`),
		`[{"type":"domain","value":"a\u0000b"}]`:                                                                                                     domain("a\x00b"),
		`[{"type":"ip","value":"a"},{"type":"ipv6","value":"a"},{"type":"url","value":"a"},{"type":"domain","value":"a"},{"type":"ip","value":"a"}]`: {{Type: "ip", Value: "a"}, {Type: "ipv6", Value: "a"}, {Type: "url", Value: "a"}, {Type: "domain", Value: "a"}},
		`[{"type":1,"value":"a","type":"domain"}]`:                                                                                                   domain("a"), // the last of a name counts
	} {
		got, err := decodeObservables([]byte(body), 10)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v, %v, want %v", body, got, err, want)
		}
	}
}

// What is wrong with a body is told as Python prints a map.
func TestFaultsOfABody(t *testing.T) {
	t.Parallel()
	const schema = `{'_schema': ['Invalid input type.']}`
	const good = `{"type":"ip","value":"192.0.2.1"}`
	for body, want := range map[string]string{
		"": schema, " ": schema, "null": schema, `"x"`: schema, "1": schema, "{}": schema, "{[": schema, "[": schema, "]": schema, "[,]": schema,
		"[" + good: schema, "[" + good + "}": schema, "[" + good + ",]": schema, "[" + good + " " + good + "]": schema, "[" + good + "]]": schema,
		"[" + good + "] x": schema, "[" + good + "][]": schema, "\ufeff[" + good + "]": schema, "[{\"type\":\"ip\",\"value\":\"\xff\"}]": schema,
		`[{"type":"ip","value":"\ud800"}]`: schema, `[{"type":"ip","value":"\x"}]`: schema, `[{"type":"ip","value":"` + "\n" + `"}]`: schema, "[NaN]": schema,
		`[{"type":"ip" "value":"a"}]`: schema, `[{"type":"ip",}]`: schema, `[{type:"ip"}]`: schema, `['a']`: schema, strings.Repeat("[", 200_000): schema,
		`[{"type":"ip","value":"a","x":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + `}]`: schema,
		`[{"type":"ip","value":"a","x":01}]`: schema, "[" + good + "]\x00": schema,

		`["a"]`:            `{0: {'_schema': ['Invalid input type.']}}`,
		`[null]`:           `{0: {'_schema': ['Invalid input type.']}}`,
		`[[]]`:             `{0: {'_schema': ['Invalid input type.']}}`,
		`[1e999999,{}]`:    `{0: {'_schema': ['Invalid input type.']}, 1: {'type': ['Missing data for required field.'], 'value': ['Missing data for required field.']}}`,
		`[{"value":"x"}]`:  `{0: {'type': ['Missing data for required field.']}}`,
		`[{"type":"x"}]`:   `{0: {'value': ['Missing data for required field.']}}`,
		`[` + good + `,1]`: `{1: {'_schema': ['Invalid input type.']}}`,
		`[` + good + `,{"type":"ip","value":""},{"type":null,"value":"x"}]`:                  `{1: {'value': ['Field may not be blank.']}, 2: {'type': ['Field may not be null.']}}`,
		`[{"type":" ","value":"\t\r\n\u00a0\u3000"}]`:                                        `{0: {'type': ['Field may not be blank.'], 'value': ['Field may not be blank.']}}`,
		`[{"type":1,"value":true},{"type":["ip"],"value":{"a":"b"}}]`:                        `{0: {'type': ['Not a valid string.'], 'value': ['Not a valid string.']}, 1: {'type': ['Not a valid string.'], 'value': ['Not a valid string.']}}`,
		`[{"type":"ip","value":"a","zeta":1e400,"Alpha":[{"x":[null]}],"":0}]`:               `{0: {'': ['Unknown field.'], 'Alpha': ['Unknown field.'], 'zeta': ['Unknown field.']}}`,
		`[{"type":"ip","value":"a","Type":"ip"}]`:                                            `{0: {'Type': ['Unknown field.']}}`,
		`[{"type":"ip","value":"a","x":1,"x":2}]`:                                            `{0: {'x': ['Unknown field.']}}`,
		`[{"type":"ip","value":"a","value":""}]`:                                             `{0: {'value': ['Field may not be blank.']}}`,
		`[{"type":"sha256","value":null}]`:                                                   `{0: {'value': ['Field may not be null.']}}`,
		`[{"type":"ip","value":"a","it's":1}]`:                                               `{0: {"it's": ['Unknown field.']}}`,
		`[{"type":"ip","value":"a","a\"'\\b":1}]`:                                            `{0: {'a"\'\\b': ['Unknown field.']}}`,
		`[{"type":"ip","value":"a","\n\r\t\u0000\u007f\u00a0\u2028\ue000\udb40\udc01é💣":1}]`: `{0: {'\n\r\t\x00\x7f\xa0\u2028\ue000\U000e0001é💣': ['Unknown field.']}}`,
	} {
		list, err := decodeObservables([]byte(body), 10)
		var fault *payloadError
		if !errors.As(err, &fault) || fault.faults != want || list != nil {
			t.Errorf("%.200q: %v, %v\nwant %s", body, list, err, want)
		}
	}
}

// However much is wrong, the text on it is bounded.
func TestFaultsAreBounded(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"100,000 faults":      "[" + strings.Repeat("1,", 100_000) + "1]",
		"a long name":         `[{"` + strings.Repeat("x", 200_000) + `":1}]`,
		"a name of controls":  `[{"` + strings.Repeat(`\u0001`, 20_000) + `":1}]`,
		"many fields":         "[" + manyFields(5_000) + "]",
		"many fields of many": "[" + strings.Repeat(manyFields(100)+",", 150) + "{}]",
	} {
		_, err := decodeObservables([]byte(body), 10)
		var fault *payloadError
		if !errors.As(err, &fault) || utf8.RuneCountInString(fault.faults) > maxFaultText || !strings.HasPrefix(fault.faults, "{0: ") {
			t.Errorf("%s: %.200v, want faults of at most %d characters", name, err, maxFaultText)
		}
	}
	if _, err := decodeObservables([]byte("["+strings.Repeat("1,", 150)+"1]"), 10); strings.Count(err.Error(), "_schema") != mostFaults {
		t.Errorf("151 faults: %d are told, want %d", strings.Count(err.Error(), "_schema"), mostFaults)
	}
}

// However many observables a body holds, no more are kept than tell that there
// are too many.
func TestObservablesAreBounded(t *testing.T) {
	t.Parallel()
	list := distinct{most: 3}
	for i := range 1000 {
		list.add(ctim.Observable{Type: "domain", Value: fmt.Sprint(i)})
	}
	if len(list.all) != 4 || len(list.seen) != 4 {
		t.Errorf("1000 observables where 3 are allowed: %d are kept, want 4", len(list.all))
	}
}

func manyFields(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `%c"f%d":1`, "{,"[min(i, 1)], i)
	}
	return b.String() + "}"
}

// knownFaults is the form in which callers know faults.
var knownFaults = func() *regexp.Regexp {
	const name = `(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")`
	const text = `\['(?:Missing data for required field|Field may not be blank|Field may not be null|Not a valid string|Unknown field|Invalid input type)\.'\]`
	const element = `\d+: \{` + name + `: ` + text + `(?:, ` + name + `: ` + text + `)*\}`
	return regexp.MustCompile(`^(?:\{'_schema': \['(?:Invalid input type|Longer than maximum length \d+)\.'\]\}|\{` + element + `(?:, ` + element + `)*\})$`)
}()

// FuzzObservables: whatever a body is, it is refused in the known form, or what
// comes of it is supported, unique, not blank, not too much, and read the same
// again.
func FuzzObservables(f *testing.F) {
	files, err := filepath.Glob("testdata/contract/*.json")
	if err != nil || len(files) == 0 {
		f.Fatalf("recorded cases: %d, %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		var c struct{ Request struct{ Body string } }
		if err := json.Unmarshal(text, &c); err != nil {
			f.Fatal(err)
		}
		f.Add([]byte(c.Request.Body), uint8(200))
	}
	f.Add([]byte(`[{"type":"IP","value":"a","it's":1,"\ud83d\udca3":[{}]},null]`), uint8(0))
	f.Add([]byte("[{\"type\":\"url\",\"value\":\"\xff\"}]"), uint8(3))
	f.Fuzz(func(t *testing.T, body []byte, most uint8) {
		list, err := decodeObservables(body, int(most))
		if err != nil {
			checkFaults(t, body, err)
			return
		}
		seen := map[ctim.Observable]bool{}
		for _, o := range list {
			if seen[o] || !slices.Contains(supported, o.Type) || strings.TrimSpace(o.Value) == "" || !utf8.ValidString(o.Value) {
				t.Errorf("%q: %+v among %v, want only what is supported, each once, not blank", body, o, list)
			}
			seen[o] = true
		}
		if len(list) > int(most) {
			t.Errorf("%q: %d observables, want at most %d", body, len(list), most)
		}
		if !json.Valid(body) {
			t.Errorf("%q: %v, want it refused: it is no JSON", body, list)
		}
		text, err := json.Marshal(list)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := decodeObservables(text, int(most)); err != nil && len(list) > 0 || !slices.Equal(again, list) {
			t.Errorf("%q: read again from %s: %v, %v, want %v", body, text, again, err, list)
		}
	})
}

func checkFaults(t *testing.T, body []byte, err error) {
	t.Helper()
	e := errorFor(err)
	faults, ok := strings.CutPrefix(e.Message, "Invalid JSON payload received. ")
	if e.Type != Fatal || e.Code != codeInvalid || !ok {
		t.Fatalf("%q: %+v, want an invalid payload", body, e)
	}
	if n := utf8.RuneCountInString(faults); n > maxFaultText || !utf8.ValidString(faults) {
		t.Errorf("%q: faults of %d characters, want valid UTF-8 of at most %d", body, n, maxFaultText)
	}
	if !strings.HasSuffix(faults, "…") && !knownFaults.MatchString(faults) {
		t.Errorf("%q: faults %s, which are not in the known form", body, faults)
	}
	if i := strings.IndexFunc(faults, func(r rune) bool { return r < ' ' || r == 0x7f }); i >= 0 {
		t.Errorf("%q: faults %q, want no control characters", body, faults)
	}
}
