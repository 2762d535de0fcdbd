package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// name is what the program is called.
const name = "pulsedive-relay"

// process is what a command has of the world around it.
type process struct {
	ctx            context.Context
	environ        map[string]string
	stdin          io.Reader
	stdout, stderr io.Writer
	command        *kong.Context // as it was parsed
}

// commands is the command line.
type commands struct {
	Serve       serveCommand       `cmd:"" default:"withargs" help:"Answer Cisco XDR. This is what runs without a command."`
	Demo        demoCommand        `cmd:"" help:"Answer with made-up intelligence, on this machine alone."`
	Token       tokenCommand       `cmd:"" help:"Print a fresh token for a running demo."`
	Observe     observeCommand     `cmd:"" help:"Ask Pulsedive about values, with your own key."`
	Refer       referCommand       `cmd:"" help:"Print links to look further at values, with your own key."`
	Passwd      passwdCommand      `cmd:"" help:"Set the password of the admin UI, and sign everybody out."`
	Backup      backupCommand      `cmd:"" help:"Write a copy of the database, also while the relay runs."`
	Restore     restoreCommand     `cmd:"" help:"Make a database of a backup, where there is none yet."`
	Healthcheck healthcheckCommand `cmd:"" help:"Exit with 0 where the relay on this machine answers, else with 1."`
	Version     versionCommand     `cmd:"" help:"Print the version."`
}

// usageError is a command line, or an environment, that cannot be followed.
type usageError struct{ error }

// quietError is a failure that was told already.
type quietError struct{ error }

// helpShown ends the parsing where help was printed.
type helpShown struct{}

// run is the program. environ is a list of NAME=value.
func run(ctx context.Context, args, environ []string, stdin io.Reader, stdout, stderr io.Writer) (err error) {
	p := &process{ctx: ctx, environ: variables(environ), stdin: stdin, stdout: stdout, stderr: stderr}
	parser, err := newParser(&commands{}, p)
	if err != nil {
		return err
	}
	for _, unknown := range unknownVariables(parser, p.environ) {
		fmt.Fprintf(stderr, "%s: warning: %s is no variable of this program\n", name, printable(unknown))
	}
	defer func() {
		switch r := recover().(type) {
		case nil:
		case helpShown:
			err = nil
		default:
			panic(r)
		}
	}()
	command, err := parse(parser, args)
	if err != nil {
		return err
	}
	p.command = command
	return command.Run(p)
}

// complain tells why the program ends, in one line, and is its exit status: 2 for
// what was asked wrongly, 1 for what went wrong.
func complain(stderr io.Writer, err error) int {
	if err == nil {
		return 0
	}
	if !isA[quietError](err) {
		fmt.Fprintf(stderr, "%s: %s\n", name, printable(err.Error()))
	}
	if isA[usageError](err) {
		return 2
	}
	return 1
}

func isA[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

func newParser(c *commands, p *process) (*kong.Kong, error) {
	return kong.New(c,
		kong.Name(name),
		kong.Description("The relay between Cisco XDR (formerly SecureX) and Pulsedive."),
		kong.Writers(p.stdout, p.stderr),
		kong.Exit(func(int) { panic(helpShown{}) }),
		kong.Resolvers(kong.ResolverFunc(p.resolve)),
		kong.Help(printHelp),
		mappers(),
	)
}

// parse reads the command line.
func parse(parser *kong.Kong, args []string) (*kong.Context, error) {
	args = spelled(args)
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		if names := commandNames(parser); !slices.Contains(names, args[0]) {
			return nil, usageError{fmt.Errorf("%q is no command; there are %s", args[0], strings.Join(names, ", "))}
		}
	}
	command, err := parser.Parse(args)
	if err == nil {
		return command, nil
	}
	help := name
	if p, ok := errors.AsType[*kong.ParseError](err); ok && p.Context != nil && p.Context.Selected() != nil {
		help = p.Context.Selected().FullPath()
	}
	return nil, usageError{fmt.Errorf("%w; see %s --help", err, help)}
}

// spelled puts what people type as well into what the commands are called.
func spelled(args []string) []string {
	switch {
	case len(args) == 0:
	case args[0] == "help":
		return append(slices.Clone(args[1:]), "--help")
	case args[0] == "--version":
		return append([]string{"version"}, args[1:]...)
	}
	return args
}

func commandNames(parser *kong.Kong) []string {
	var names []string
	for _, command := range parser.Model.Children {
		names = append(names, command.Name)
	}
	return names
}
