package main

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestTable(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		table table
		width int
		want  string
	}{
		{"columns are aligned", table{head: []string{"A", "Bee", "C"}, rows: [][]cell{texts("one", "2", "x"), texts("o", "two", "")}}, 0,
			"A    Bee  C\none  2    x\no    two  \n"},
		{"no head", table{rows: [][]cell{texts("a", "b"), texts("ccc", "d")}}, 0, "a    b\nccc  d\n"},
		{"no rows", table{head: []string{"A", "B"}}, 80, "A  B\n"},
		{"nothing", table{}, 80, ""},
		{"wide characters", table{rows: [][]cell{texts("例え.jp", "x"), texts("example", "y"), texts("e\u0301e\u0301", "z"), texts("🐛", "w")}}, 0,
			"例え.jp  x\nexample  y\ne\u0301e\u0301       z\n🐛       w\n"},
		{"wide characters are cut whole", table{rows: [][]cell{texts(strings.Repeat("例", 20), "x")}}, 16, "例例例例例例例…   x\n"},
		{"the last gives way", table{rows: [][]cell{texts(strings.Repeat("a", 30), "bbb", strings.Repeat("c", 40))}}, 60,
			strings.Repeat("a", 30) + "  bbb  " + strings.Repeat("c", 22) + "…\n"},
		{"then the widest gives way", table{rows: [][]cell{texts(strings.Repeat("a", 30), "bbb", strings.Repeat("c", 20))}}, 40,
			strings.Repeat("a", 16) + "…  bbb  " + strings.Repeat("c", 15) + "…\n"},
		{"too narrow a screen", table{rows: [][]cell{texts(strings.Repeat("a", 30), strings.Repeat("c", 20))}}, 10,
			strings.Repeat("a", 15) + "…  " + strings.Repeat("c", 15) + "…\n"},
		{"a long cell without a screen", table{rows: [][]cell{texts(strings.Repeat("a", 80), "b")}}, 0, strings.Repeat("a", 59) + "…  b\n"},
		{"the last cell without a screen", table{rows: [][]cell{texts("a", strings.Repeat("b", 80))}}, 0, "a  " + strings.Repeat("b", 80) + "\n"},
		{"a whole last column", table{whole: true, rows: [][]cell{texts(strings.Repeat("a", 30), strings.Repeat("b", 50))}}, 40,
			strings.Repeat("a", 19) + "…  " + strings.Repeat("b", 50) + "\n"},
	} {
		var b strings.Builder
		if err := c.table.print(&b, screen{columns: c.width}); err != nil || b.String() != c.want {
			t.Errorf("%s: printed\n%s(%v), want\n%s", c.name, b.String(), err, c.want)
		}
	}
}

func TestPrintable(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                       "",
		"plain – 例え é 🐛":         "plain – 例え é 🐛",
		"a\tb\r\nc\u2028d\u0085": "a b  c d ",
		"\x1b[2J\x07\x00":        "�[2J��",
		"\u009b31m\u202e\ufeff":  "�31m��",
		"\xff\xfe":               "��",
	} {
		if got := printable(in); got != want {
			t.Errorf("printable(%q) is %q; want %q", in, got, want)
		}
	}
}

// FuzzShown: whatever comes in, what is shown steers nothing, fits, and as JSON
// means the same.
func FuzzShown(f *testing.F) {
	for _, seed := range []string{"", "plain", steer, "例え🐛", "\xff", "\U000e0001"} {
		f.Add(seed, 10)
	}
	f.Fuzz(func(t *testing.T, in string, width int) {
		if got := printable(in); firstSteering(got) >= 0 || strings.Contains(got, "\n") {
			t.Errorf("printable(%q) is %q, which steers a terminal", in, got)
		}
		width = width&63 + 1
		if got := cut(printable(in), width); columns(got) > width || !utf8.ValidString(got) {
			t.Errorf("cut to %d columns %q is %q, of %d", width, in, got, columns(got))
		}
		text, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		var before, after string
		if err := json.Unmarshal(text, &before); err != nil {
			t.Fatal(err)
		}
		got := escaped(text)
		if err := json.Unmarshal(got, &after); err != nil || after != before || firstSteering(string(got)) >= 0 {
			t.Errorf("escaped(%q) is %q, which decodes to %q (%v); want %q", text, got, after, err, before)
		}
	})
}
