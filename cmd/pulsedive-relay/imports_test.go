package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "pulsedive-relay/"

// ranks says who may import whom: a package imports only what has a lower rank.
var ranks = map[string]int{
	"relay/ctim": 0, "relay/pulsedive": 0, "relay/auth": 0, "static": 0,
	"store": 1, "web/view": 1,
	"relay":               2,
	"web":                 3,
	"cmd/pulsedive-relay": 4,
}

// helpers are for tests, and for the demo.
var helpers = []string{"relay/pulsedive/pulsedivetest", "relay/auth/authtest"}

// leaves are all that packages of rank 1 may import of the project.
var leaves = []string{"relay/ctim", "static"}

// homes says where alone a library may be imported: in a package and below.
var homes = map[string]string{
	"go.etcd.io/bbolt":                              "store",
	"github.com/golang-jwt/jwt/":                    "relay/auth",
	"github.com/a-h/templ":                          "web",
	"github.com/playwright-community/playwright-go": "e2e",
}

// imported is what go list says of a package.
type imported struct {
	ImportPath                         string
	Imports, TestImports, XTestImports []string
}

func TestImports(t *testing.T) {
	t.Parallel()
	list := exec.Command("go", "list", "-json=ImportPath,Imports,TestImports,XTestImports", "./...")
	list.Dir = "../.."
	var problems strings.Builder
	list.Stderr = &problems
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, problems.String())
	}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p imported
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimPrefix(p.ImportPath, module)
		for _, path := range p.Imports {
			if rule := broken(name, path, false); rule != "" {
				t.Errorf("%s imports %s: %s", name, path, rule)
			}
		}
		for _, path := range slices.Concat(p.TestImports, p.XTestImports) {
			if rule := broken(name, path, true); rule != "" {
				t.Errorf("a test of %s imports %s: %s", name, path, rule)
			}
		}
	}
}

// broken is the rule that an import breaks; empty where it breaks none.
func broken(name, path string, test bool) string {
	for library, home := range homes {
		if strings.HasPrefix(path, library) && name != home && !strings.HasPrefix(name, home+"/") {
			return "the library belongs into " + home + " alone"
		}
	}
	path, own := strings.CutPrefix(path, module)
	if !own || path == name && test {
		return ""
	}
	if slices.Contains(helpers, path) {
		if test || name == "cmd/pulsedive-relay" {
			return ""
		}
		return "it is for tests and the demo"
	}
	if name == "e2e" {
		return "e2e imports nothing of the project but helpers of tests"
	}
	if slices.Contains(helpers, name) {
		if test && path == filepath.Dir(name) {
			return ""
		}
		return "helpers of tests import nothing of the project"
	}
	rank, known := ranks[name]
	below, alsoKnown := ranks[path]
	switch {
	case !known:
		return name + " has no rank; give it one in imports_test.go"
	case !alsoKnown:
		return path + " has no rank; give it one in imports_test.go"
	case below >= rank:
		return "a package imports only what has a lower rank"
	case rank == 1 && !slices.Contains(leaves, path):
		return "a package of rank 1 imports only " + strings.Join(leaves, " and ")
	}
	return ""
}

// TestImportRules: the rules themselves.
func TestImportRules(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, path string
		test       bool
		want       string // part of the rule; empty: allowed
	}{
		{"relay", "pulsedive-relay/relay/auth", false, ""},
		{"relay", "pulsedive-relay/web", false, "lower rank"},
		{"relay/auth", "pulsedive-relay/relay/ctim", false, "lower rank"},
		{"relay/auth", "pulsedive-relay/relay/auth/authtest", false, "tests and the demo"},
		{"relay/auth", "pulsedive-relay/relay/auth/authtest", true, ""},
		{"relay/auth", "pulsedive-relay/relay/auth", true, ""},
		{"relay/auth/authtest", "pulsedive-relay/relay/auth", false, "import nothing"},
		{"cmd/pulsedive-relay", "pulsedive-relay/relay/auth/authtest", false, ""},
		{"store", "pulsedive-relay/relay/ctim", false, ""},
		{"store", "pulsedive-relay/relay/auth", false, "only relay/ctim and static"},
		{"e2e", "pulsedive-relay/relay", true, "e2e imports nothing"},
		{"e2e", "pulsedive-relay/relay/pulsedive/pulsedivetest", true, ""},
		{"new", "pulsedive-relay/relay", false, "no rank"},
		{"relay", "pulsedive-relay/new", false, "no rank"},
		{"relay", "github.com/golang-jwt/jwt/v5", true, "relay/auth alone"},
		{"relay/auth/authtest", "github.com/golang-jwt/jwt/v5", false, ""},
		{"web/view", "github.com/a-h/templ/runtime", false, ""},
		{"relay", "go.etcd.io/bbolt", false, "store alone"},
		{"web", "github.com/playwright-community/playwright-go", true, "e2e alone"},
		{"relay", "net/http", false, ""},
	} {
		if got := broken(c.name, c.path, c.test); (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s imports %s (test: %v): %q; want %q in it", c.name, c.path, c.test, got, c.want)
		}
	}
}

// TestFileSizes: no file of ours has more lines than one reads at a time.
func TestFileSizes(t *testing.T) {
	t.Parallel()
	const most = 400
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_templ.go") {
			return err
		}
		text, err := os.ReadFile(path)
		if n := bytes.Count(text, []byte("\n")); n > most {
			t.Errorf("%s has %d lines; want %d at most", path, n, most)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
