package view_test

import (
	"encoding/json"
	htmlpkg "html"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"pulsedive-relay/web/view"
)

func TestVisible(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                         "",
		"www.example.com":          "www.example.com",
		"a b":                      "a b",
		"grüße.example, 例え, 🙂":     "grüße.example, 例え, 🙂",
		"a\u202egnp.exe":           `a\u202egnp.exe`,
		"\x00\x1b[31m\n\t\r\x7f":   `\u0000\u001b[31m\n\t\r\u007f`,
		"a\u200bb\u2060c\ufeff":    `a\u200bb\u2060c\ufeff`,
		"a\u00a0b\u3000c":          `a\u00a0b\u3000c`,
		"\xff\xc3(":                `\xff\xc3(`,
		"\ufffd":                   "\ufffd",
		"12\u202f408 calls":        "12\u202f408 calls", // as Count writes it
		"a\u202fb 1\u202f \u202f2": `a\u202fb 1\u202f \u202f2`,
		"\U000e0041\U0001f642":     `\U000e0041` + "\U0001f642",
		"\u3164\u115f\ufe0f\u2800": `\u3164\u115f\ufe0f\u2800`,
	} {
		if got := view.Visible(in); got != want {
			t.Errorf("Visible(%q) is %q; want %q", in, got, want)
		}
	}
}

func TestClip(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in   string
		n    int
		want string
	}{{"abc", 3, "abc"}, {"abcd", 3, "abc…"}, {"äöü", 3, "äöü"}, {"äöüß", 3, "äöü…"}, {"", 0, ""}, {"a", 0, "…"}} {
		if got := view.Clip(c.in, c.n); got != c.want {
			t.Errorf("Clip(%q, %d) is %q; want %q", c.in, c.n, got, c.want)
		}
	}
}

func TestSafeLink(t *testing.T) {
	t.Parallel()
	for address, want := range map[string][2]bool{
		"https://pulsedive.com/indicator/?iid=1":           {true, true},
		"https://pulsedive.com":                            {true, false},
		"https://pulsedive.com.example.com/":               {true, false},
		"https://pulsedive.com@example.com/":               {},
		"http://example.com/a?b#c":                         {true, false},
		"HTTPS://example.com/":                             {true, false},
		"":                                                 {},
		"javascript:alert(1)":                              {},
		"https://example.com/1\u202f2":                     {},
		"data:text/html,x":                                 {},
		"//example.com/":                                   {},
		"/admin":                                           {},
		"https:example.com":                                {},
		"https:///path":                                    {},
		"https://exa mple.com/":                            {},
		"https://example.com\\@pulsedive.com/":             {},
		"https://example.com/\u202egnp":                    {},
		"java\nscript:alert(1)":                            {},
		"https://example.com/" + strings.Repeat("a", 4000): {},
	} {
		if got := [2]bool{view.SafeLink(address), view.OnPulsedive(address)}; got != want {
			t.Errorf("%.60q is a safe link, and Pulsedive's: %v; want %v", address, got, want)
		}
		if got := strings.Contains(html(t, view.External(address, "x")), "<a "); got != want[0] {
			t.Errorf("External makes a link of %.60q: %v; want %v", address, got, want[0])
		}
		if got := strings.Contains(html(t, view.PulsediveButton(address, "x")), "<a "); got != want[1] {
			t.Errorf("PulsediveButton makes a link of %.60q: %v; want %v", address, got, want[1])
		}
	}
}

// tag finds markup.
var tag = regexp.MustCompile(`<[^>]*>`)

// FuzzSafeText: what is shown holds no character that hides, no markup of the
// text's, and is the text with escapes.
func FuzzSafeText(f *testing.F) {
	for _, seed := range []string{hostile, "a\x00b", "\xff\xfe", "</pre><b>", "&lt;", "\U000e0001"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		shown := htmlpkg.UnescapeString(tag.ReplaceAllString(html(t, view.SafeText(s)), ""))
		if want := view.Visible(s); strings.TrimSpace(shown) != strings.TrimSpace(want) {
			t.Errorf("%q is shown as %q; want %q", s, shown, want)
		}
		for _, r := range shown {
			if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
				t.Errorf("%q is shown with %U in it", s, r)
			}
		}
	})
}

// FuzzBlock: JSON that is shown decodes to the same as before.
func FuzzBlock(f *testing.F) {
	for _, seed := range []string{`{"a": [1, -2.5e3, true, null], "b:": "c\"\\: \u0041"}`, `"` + "\u202e\U000e0041" + `"`, `{`, `"\`, `-`, `"x`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var want, got any
		wrong := json.Unmarshal([]byte(s), &want)
		page := html(t, view.BlockText(view.BlockView{ID: "x", Text: s, JSON: true}))
		shown := htmlpkg.UnescapeString(tag.ReplaceAllString(page, ""))
		if wrong != nil || strings.ContainsAny(s, "\r\x00") || strings.ContainsRune(s, '\ufffd') || !json.Valid([]byte(s)) {
			return
		}
		if err := json.Unmarshal([]byte(shown), &got); err != nil {
			t.Fatalf("%q is shown as %q, which is no JSON: %v", s, shown, err)
		}
		a, _ := json.Marshal(want)
		b, _ := json.Marshal(got)
		if string(a) != string(b) {
			t.Errorf("%q is shown as %q: %s; want %s", s, shown, b, a)
		}
	})
}
