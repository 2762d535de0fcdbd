package main

import (
	"context"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/alecthomas/kong"
)

// model is the command line as kong knows it.
func model(t testing.TB) *kong.Kong {
	t.Helper()
	parser, err := newParser(&commands{}, &process{ctx: context.Background(), stdout: io.Discard, stderr: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	return parser
}

func TestHelp(t *testing.T) {
	t.Parallel()
	parser := model(t)
	for _, args := range [][]string{{"--help"}, {"-h"}, {"help"}} {
		got := help(t, args...)
		for _, flag := range flags(parser) {
			if want := "--" + flag.Name + "="; !strings.Contains(got, want) || !strings.Contains(got, variable(flag)) {
				t.Errorf("%q lacks %s or %s:\n%s", args, want, variable(flag), got)
			}
		}
		for _, command := range commandNames(parser) {
			if !strings.Contains(got, "\n  "+command+" ") {
				t.Errorf("%q lacks the command %s:\n%s", args, command, got)
			}
		}
	}
	for _, command := range parser.Model.Children {
		got := help(t, "help", command.Name)
		if other := help(t, command.Name, "--help"); got != other {
			t.Errorf("help %s differs from %s --help:\n%s\n%s", command.Name, command.Name, got, other)
		}
		for _, flag := range command.Flags {
			if !strings.Contains(got, "--"+flag.Name) || !strings.Contains(got, variable(flag)) {
				t.Errorf("help %s lacks --%s or its variable %q:\n%s", command.Name, flag.Name, variable(flag), got)
			}
			if flag.HasDefault && !strings.Contains(strings.Join(strings.Fields(got), ""), "default"+strings.ReplaceAll(flag.Default, " ", "")) {
				t.Errorf("help %s lacks the default %s of --%s:\n%s", command.Name, flag.Default, flag.Name, got)
			}
		}
	}
}

// help is what the program prints for help. It fits into a terminal, and goes to
// standard output.
func help(t *testing.T, args ...string) string {
	t.Helper()
	p := runs(t, nil, args...)
	if p.status != 0 || p.stderr.String() != "" {
		t.Errorf("%q: exit status %d, standard error %q; want 0 and nothing", args, p.status, p.stderr.String())
	}
	for line := range strings.Lines(p.stdout.String()) {
		if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > helpWidth {
			t.Errorf("%q prints %d characters in a line, want %d at most: %q", args, n, helpWidth, line)
		}
		if strings.TrimRight(line, " \n")+"\n" != line {
			t.Errorf("%q prints blanks at the end of a line: %q", args, line)
		}
	}
	return p.stdout.String()
}

// TestFlags: what kong reads by itself knows nothing of variables, so that an
// error in one would not name it.
func TestFlags(t *testing.T) {
	t.Parallel()
	defaults := map[string]string{}
	for _, command := range model(t).Model.Children {
		for _, flag := range command.Flags {
			if _, ok := flag.Mapper.(reader); !ok && variable(flag) != "" {
				t.Errorf("%s --%s has the variable %s and no type; want a tag type that names a reader", command.Name, flag.Name, variable(flag))
			}
			if !strings.HasSuffix(flag.Help, ".") {
				t.Errorf("%s --%s: the help text %q is no sentence", command.Name, flag.Name, flag.Help)
			}
			if other, ok := defaults[flag.Name]; ok && other != flag.Default && variable(flag) != "" && flag.Name != "listen" {
				t.Errorf("%s --%s has the default %q and elsewhere %q; want one", command.Name, flag.Name, flag.Default, other)
			}
			defaults[flag.Name] = flag.Default
		}
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"version"}, {"--version"}} {
		p := runs(t, nil, args...)
		if p.status != 0 || p.stdout.String() != "3.0.0\n" || p.stderr.String() != "" {
			t.Errorf("%q: exit status %d, %q, %q; want 0, the version, nothing", args, p.status, p.stdout.String(), p.stderr.String())
		}
	}
}
