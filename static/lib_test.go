package static_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pulsedive-relay/static"
)

// library is what the manifest says of a package.
type library struct {
	Name      string
	Version   string
	Integrity string // npm's, of the whole package
	Licence   string // SPDX
	Within    string // the package that brings it along, bundled
	Files     []struct{ File, Source, SHA256 string }
}

func manifest(t *testing.T) []library {
	t.Helper()
	b, err := fs.ReadFile(static.Files, "lib/manifest.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []library
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// licences are those that allow what we do with the files.
var licences = []string{"0BSD", "MIT"}

// TestManifest: what is in lib is what was published, with its licence, and no
// more than that.
func TestManifest(t *testing.T) {
	t.Parallel()
	integrity := regexp.MustCompile(`^sha512-[A-Za-z0-9+/]{86}==$`)
	known := []string{"manifest.json", "update.sh"}
	for _, l := range manifest(t) {
		if !integrity.MatchString(l.Integrity) || !slices.Contains(licences, l.Licence) {
			t.Errorf("%s: integrity %q, licence %q; want npm's sha512 and one of %q", l.Name, l.Integrity, l.Licence, licences)
		}
		var licence bool
		for _, f := range l.Files {
			known = append(known, f.File)
			licence = licence || f.Source == "LICENSE"
			b, err := fs.ReadFile(static.Files, "lib/"+f.File)
			if err != nil {
				t.Errorf("%s: %v", l.Name, err)
				continue
			}
			if sum := sha256.Sum256(b); hex.EncodeToString(sum[:]) != f.SHA256 {
				t.Errorf("%s: the sum of %s is %x; want %s as in the manifest", l.Name, f.File, sum, f.SHA256)
			}
			if !strings.Contains(f.File, "-"+l.Version+".") {
				t.Errorf("%s: %s does not name the version; want %s in it", l.Name, f.File, l.Version)
			}
		}
		if !licence {
			t.Errorf("%s: no file is its LICENSE; want its text beside it", l.Name)
		}
	}
	entries, err := os.ReadDir("lib")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !slices.Contains(known, e.Name()) {
			t.Errorf("lib/%s is not in the manifest; want all of them there", e.Name())
		}
	}
}

// TestNames: pages can load what they name, and all that can be loaded has a name.
func TestNames(t *testing.T) {
	t.Parallel()
	names := []string{static.HTMX, static.UPlot, static.UPlotStyle, static.Cytoscape, static.CytoscapeDagre}
	var loadable []string
	for _, l := range manifest(t) {
		for _, f := range l.Files {
			if ext := path.Ext(f.File); ext == ".js" || ext == ".css" {
				loadable = append(loadable, "lib/"+f.File)
			}
		}
	}
	if !slices.Equal(names, loadable) {
		t.Errorf("the names are %q; want those in the manifest, %q", names, loadable)
	}
}
