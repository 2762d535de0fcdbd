package static_test

import (
	"encoding/xml"
	"errors"
	"io"
	"io/fs"
	"path"
	"regexp"
	"strings"
	"testing"

	"pulsedive-relay/static"
)

// foreign finds what leads away from the relay, or holds code.
var foreign = regexp.MustCompile(`(?i)(?:https?:)?//[a-z0-9]|@import|(?-i:\burl)\(\s*['"]?[^#'")]|<script|javascript:|\son[a-z]+=|<foreignobject`)

// namespace is the one address that an SVG needs; nobody fetches it.
const namespace = `xmlns="http://www.w3.org/2000/svg"`

func TestAssets(t *testing.T) {
	t.Parallel()
	found := 0
	err := fs.WalkDir(static.Files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if path.Dir(name) == "lib" {
			return nil // TestManifest: they are what was published
		}
		found++
		b, err := fs.ReadFile(static.Files, name)
		if err != nil {
			return err
		}
		text := strings.ReplaceAll(string(b), namespace, "")
		if text == "" {
			t.Errorf("%s is empty", name)
		}
		if bad := foreign.FindString(text); bad != "" {
			t.Errorf("%s holds %q; want no code and nothing of another origin", name, bad)
		}
		if path.Ext(name) == ".svg" {
			wellFormed(t, name, string(b))
		}
		if path.Ext(name) == ".css" && strings.Count(text, "{") != strings.Count(text, "}") {
			t.Errorf("%s opens %d blocks and closes %d", name, strings.Count(text, "{"), strings.Count(text, "}"))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found < 2 {
		t.Errorf("%d assets are embedded; want the style and the mark at least", found)
	}
}

func wellFormed(t *testing.T, name, text string) {
	t.Helper()
	for d := xml.NewDecoder(strings.NewReader(text)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Errorf("%s is no XML: %v", name, err)
			return
		}
	}
}

// TestColours: each colour of the light look has its counterpart in the dark one.
func TestColours(t *testing.T) {
	t.Parallel()
	b, err := fs.ReadFile(static.Files, "admin.css")
	if err != nil {
		t.Fatal(err)
	}
	light, dark, ok := strings.Cut(string(b), "@media screen and (prefers-color-scheme: dark)")
	if !ok {
		t.Fatal("admin.css has no dark look")
	}
	for _, colour := range regexp.MustCompile(`(--[a-z-]+): #`).FindAllStringSubmatch(light, -1) {
		if !strings.Contains(dark, colour[1]+": #") {
			t.Errorf("admin.css has %s for the light look alone; want one for the dark look", colour[1])
		}
	}
	for _, used := range regexp.MustCompile(`var\((--[a-z-]+)\)`).FindAllStringSubmatch(string(b), -1) {
		if !strings.Contains(light, used[1]+":") {
			t.Errorf("admin.css uses %s, which it does not define", used[1])
		}
	}
}
