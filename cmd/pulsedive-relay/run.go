package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// prefix begins the name of every environment variable of ours.
const prefix = "RELAY_"

// process is what a command has of the world around it.
type process struct {
	ctx            context.Context
	environ        map[string]string
	stdout, stderr io.Writer
}

// commands is the command line.
type commands struct {
	Serve       serveCommand       `cmd:"" default:"withargs" help:"Answer Cisco XDR. This is what runs without a command."`
	Demo        demoCommand        `cmd:"" help:"Answer with made-up intelligence, on this machine alone, to look at it."`
	Token       tokenCommand       `cmd:"" help:"Print a fresh token for a running demo."`
	Observe     observeCommand     `cmd:"" help:"Ask Pulsedive about values, with your own key."`
	Refer       referCommand       `cmd:"" help:"Print links to look further at values, with your own key."`
	Healthcheck healthcheckCommand `cmd:"" help:"Exit with 0 where the relay on this machine answers."`
	Version     versionCommand     `cmd:"" help:"Print the version."`
}

// usageError is a command line, or an environment, that cannot be followed.
type usageError struct{ error }

// quietError is a failure that was told already.
type quietError struct{ error }

// helpShown ends the parsing where help was printed.
type helpShown struct{}

// exitStatus is 2 for what was asked wrongly, 1 for what went wrong.
func exitStatus(err error) int {
	var usage usageError
	if errors.As(err, &usage) {
		return 2
	}
	return 1
}

// run is the program. environ is a list of NAME=value.
func run(ctx context.Context, args, environ []string, stdout, stderr io.Writer) (err error) {
	p := &process{ctx: ctx, environ: variables(environ), stdout: stdout, stderr: stderr}
	defer func() {
		switch r := recover().(type) {
		case nil:
		case helpShown:
			err = nil
		default:
			panic(r)
		}
	}()
	parser, err := newParser(&commands{}, p)
	if err != nil {
		return err
	}
	for _, name := range unknownVariables(parser, p.environ) {
		fmt.Fprintf(stderr, "pulsedive-relay: warning: %s is no variable of this program\n", name)
	}
	command, err := parser.Parse(args)
	if err != nil {
		return usageError{fmt.Errorf("%w (see pulsedive-relay --help)", err)}
	}
	return command.Run(p)
}

func newParser(c *commands, p *process) (*kong.Kong, error) {
	return kong.New(c,
		kong.Name("pulsedive-relay"),
		kong.Description("The relay between Cisco XDR (formerly SecureX) and Pulsedive. Each flag has an environment variable, named behind it."),
		kong.Writers(p.stdout, p.stderr),
		kong.Exit(func(int) { panic(helpShown{}) }),
		kong.Resolvers(kong.ResolverFunc(p.resolve)),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.ValueFormatter(describe),
	)
}

// resolve takes a flag's value from the environment. An empty variable is one
// that is not set.
func (p *process) resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	if v := p.environ[variable(flag)]; v != "" {
		return v, nil
	}
	return nil, nil
}

// variable is the environment name of a flag: RELAY_LISTEN of --listen. Those
// that have none carry the tag noenv.
func variable(flag *kong.Flag) string {
	if flag.Tag.Has("noenv") || flag.Name == "help" {
		return ""
	}
	return prefix + strings.ToUpper(strings.ReplaceAll(flag.Name, "-", "_"))
}

// describe is a flag's help text, with its variable.
func describe(v *kong.Value) string {
	if v.Flag == nil || variable(v.Flag) == "" {
		return v.Help
	}
	return strings.TrimSuffix(v.Help, ".") + " ($" + variable(v.Flag) + ")."
}

// flags lists every flag that has a variable, by the variable, in the order of
// the command line.
func flags(parser *kong.Kong) []*kong.Flag {
	var list []*kong.Flag
	seen := map[string]bool{"": true}
	for _, command := range parser.Model.Children {
		for _, flag := range command.Flags {
			if name := variable(flag); !seen[name] {
				seen[name] = true
				list = append(list, flag)
			}
		}
	}
	return list
}

func unknownVariables(parser *kong.Kong, environ map[string]string) []string {
	known := map[string]bool{}
	for _, flag := range flags(parser) {
		known[variable(flag)] = true
	}
	var unknown []string
	for _, name := range slices.Sorted(maps.Keys(environ)) {
		if strings.HasPrefix(name, prefix) && !known[name] {
			unknown = append(unknown, name)
		}
	}
	return unknown
}

func variables(environ []string) map[string]string {
	m := make(map[string]string, len(environ))
	for _, line := range environ {
		name, value, _ := strings.Cut(line, "=")
		m[name] = value
	}
	return m
}
