package main

import (
	"maps"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"pulsedive-relay/store"
)

// resolve takes a flag's value from the environment. An empty variable is one
// that is not set.
func (p *process) resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	if v := variable(flag); p.environ[v] != "" {
		return fromVariable{name: v, text: p.environ[v]}, nil
	}
	return nil, nil
}

// variable is the environment name of a flag: RELAY_LISTEN of --listen. Those
// that have none carry the tag noenv.
func variable(flag *kong.Flag) string {
	if flag.Tag.Has("noenv") || flag.Name == "help" {
		return ""
	}
	return store.VariablePrefix + strings.ToUpper(strings.ReplaceAll(flag.Name, "-", "_"))
}

// flags lists every flag that has a variable, each variable once, in the order
// of the command line.
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
		if strings.HasPrefix(name, store.VariablePrefix) && !known[name] {
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
