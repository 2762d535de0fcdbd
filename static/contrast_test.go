package static_test

import (
	"fmt"
	"io/fs"
	"math"
	"regexp"
	"strings"
	"testing"

	"pulsedive-relay/static"
)

// enough is the contrast that text needs with its ground (WCAG 2, level AA).
const enough = 4.5

// pairs are what text stands on which ground.
func pairs() [][2]string {
	all := [][2]string{{"accent", "accent-tint"}, {"on-fill", "fill"}, {"text", "accent-tint"}, {"muted", "track"}}
	for _, ground := range []string{"ground", "surface", "raised"} {
		for _, text := range []string{"text", "muted", "accent", "clean", "unknown", "suspicious", "malicious"} {
			all = append(all, [2]string{text, ground})
		}
	}
	for _, verdict := range []string{"clean", "unknown", "suspicious", "malicious"} {
		all = append(all, [2]string{verdict, verdict + "-tint"})
	}
	return all
}

// TestContrast: all text can be read, in both themes.
func TestContrast(t *testing.T) {
	t.Parallel()
	for theme, colours := range themes(t) {
		for _, pair := range pairs() {
			text, ground := colours[pair[0]], colours[pair[1]]
			if text == "" || ground == "" {
				t.Errorf("%s: --%s is %q, --%s is %q; want both", theme, pair[0], text, pair[1], ground)
				continue
			}
			if got := contrast(t, text, ground); got < enough {
				t.Errorf("%s: --%s on --%s has a contrast of %.2f; want %.1f", theme, pair[0], pair[1], got, enough)
			}
		}
		if got := contrast(t, "#ffffff", colours["danger-fill"]); got < enough {
			t.Errorf("%s: white on --danger-fill has a contrast of %.2f; want %.1f", theme, got, enough)
		}
	}
}

// TestDarkTwice: the dark theme is the same whether the system or the user
// chose it.
func TestDarkTwice(t *testing.T) {
	t.Parallel()
	all := themes(t)
	if system, chosen := fmt.Sprint(all["dark by the system"]), fmt.Sprint(all["dark by choice"]); system != chosen {
		t.Errorf("dark by the system is\n%s\nby choice\n%s\nwant the same", system, chosen)
	}
}

// TestHomeColours: the page at the relay's address, which has a style of its own, has
// the colours of the others.
func TestHomeColours(t *testing.T) {
	t.Parallel()
	b, err := fs.ReadFile(static.Files, "home.css")
	if err != nil {
		t.Fatal(err)
	}
	light, dark, _ := strings.Cut(string(b), "@media screen and (prefers-color-scheme: dark)")
	all := themes(t)
	for theme, text := range map[string]string{"light": light, "dark by the system": dark} {
		found := colour.FindAllStringSubmatch(text, -1)
		if len(found) < 10 {
			t.Errorf("%s: home.css has %d colours; want 10", theme, len(found))
		}
		for _, m := range found {
			if all[theme][m[1]] != m[2] {
				t.Errorf("%s: --%s is %s in home.css; want %q, as in admin.css", theme, m[1], m[2], all[theme][m[1]])
			}
		}
	}
}

// colour finds a colour with its name.
var colour = regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]{6});`)

// themes are the colours of each theme, by name.
func themes(t *testing.T) map[string]map[string]string {
	t.Helper()
	b, err := fs.ReadFile(static.Files, "admin.css")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]map[string]string{}
	for theme, selector := range map[string]string{"light": "\n:root {", "dark by the system": `:root:not([data-theme="light"]) {`, "dark by choice": `:root[data-theme="dark"] {`} {
		_, block, _ := strings.Cut(string(b), selector)
		block, _, _ = strings.Cut(block, "}")
		all[theme] = map[string]string{}
		for _, m := range colour.FindAllStringSubmatch(block, -1) {
			all[theme][m[1]] = m[2]
		}
	}
	return all
}

func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + .05) / (min(x, y) + .05)
}

// luminance is the relative luminance of a colour (WCAG 2).
func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	var rgb [3]int
	if _, err := fmt.Sscanf(colour, "#%02x%02x%02x", &rgb[0], &rgb[1], &rgb[2]); err != nil {
		t.Fatalf("%q is no colour: %v", colour, err)
	}
	sum := 0.0
	for i, weight := range []float64{.2126, .7152, .0722} {
		c := float64(rgb[i]) / 255
		if c <= .04045 {
			sum += weight * c / 12.92
		} else {
			sum += weight * math.Pow((c+.055)/1.055, 2.4)
		}
	}
	return sum
}
