package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

var update = flag.Bool("update", false, "rewrite the configuration table in README.md")

// Where README.md has the table.
const (
	readme     = "../../README.md"
	tableBegin = "<!-- configuration: generated -->\n"
	tableEnd   = "<!-- end -->"
)

// TestReadmeConfiguration: the table says what the flags say.
func TestReadmeConfiguration(t *testing.T) {
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, begun := strings.Cut(string(text), tableBegin)
	got, after, ended := strings.Cut(rest, tableEnd)
	if !begun || !ended {
		t.Fatalf("README.md lacks the lines %q and %q around its configuration table", tableBegin, tableEnd)
	}
	want := configuration(model(t))
	if *update {
		if err := os.WriteFile(readme, []byte(before+tableBegin+want+tableEnd+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got != want {
		t.Errorf("README.md has another configuration table than the flags make; make generate rewrites it.\ngot:\n%s\nwant:\n%s", got, want)
	}
}

// configuration is the table of every flag that has a variable.
func configuration(parser *kong.Kong) string {
	var b strings.Builder
	b.WriteString("| environment | flag | default | meaning |\n|---|---|---|---|\n")
	for _, flag := range flags(parser) {
		value := ""
		if flag.HasDefault {
			value = "`" + strings.ReplaceAll(flag.Default, ",", "`, `") + "`"
		}
		meaning := strings.ReplaceAll(strings.ReplaceAll(flag.Help, "|", `\|`), "<", "&lt;")
		fmt.Fprintf(&b, "| `%s` | `--%s` | %s | %s |\n", variable(flag), flag.Name, value, meaning)
	}
	return b.String()
}
