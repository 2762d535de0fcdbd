package main

import (
	"fmt"
	"log/slog"

	"github.com/alecthomas/kong"

	"pulsedive-relay/relay"
	"pulsedive-relay/relay/pulsedive"
	"pulsedive-relay/store"
)

// Flags of the process stand here, in groups by what they are about; settings
// that operators edit are store.Settings. Help texts stand at the field alone;
// the table in README.md is made of them.

// listenFlags is where the relay listens.
type listenFlags struct {
	Listen         string   `type:"address" default:":9090" placeholder:"ADDRESS" help:"Address to listen on, host:port; without a host on all of them. The demo's default is 127.0.0.1:9090."`
	TrustedProxies []string `type:"networks" placeholder:"NETWORK,…" help:"Addresses and networks of proxies in front of the relay, like 10.0.0.0/8: what they say of callers' addresses and schemes counts. Unset: no X-Forwarded-For counts, and every X-Forwarded-Proto."`
	AdminListen    string   `type:"address" placeholder:"ADDRESS" help:"Address of the admin UI's own listener, host:port; the other listener then serves none of it. Unset: one listener serves both."`
}

// proxies are the trusted ones; the flag was checked when it was read.
func (f *listenFlags) proxies() trustedProxies {
	var list trustedProxies
	for _, one := range f.TrustedProxies {
		list = append(list, network(one))
	}
	return list
}

// databaseFlags is where the memory is.
type databaseFlags struct {
	DB string `name:"db" type:"text" default:"pulsedive-relay.db" placeholder:"FILE" help:"Database file: settings, history, sessions."`
}

// adminFlags is how the admin signs in.
type adminFlags struct {
	AdminPassword     string `type:"text" placeholder:"PASSWORD" help:"Password of the admin UI, instead of the one in the database. Better set as variable, or as file."`
	AdminPasswordFile string `type:"text" placeholder:"FILE" help:"File that holds the password of the admin UI, on its first line."`
}

// pins are the settings that the command line or the environment fixes.
func (p *process) pins(command *kong.Context, s store.Settings) []store.Pin {
	given := map[string]string{}
	for _, step := range command.Path {
		if step.Flag == nil {
			continue
		}
		given[step.Flag.Name] = "--" + step.Flag.Name
		if step.Resolved {
			given[step.Flag.Name] = variable(step.Flag)
		}
	}
	var pins []store.Pin
	for _, f := range store.Fields() {
		if origin := given[f.Name]; origin != "" {
			pins = append(pins, store.Pin{Name: f.Name, Text: s.Text(f), Origin: origin})
		}
	}
	return pins
}

// pulsediveClient asks the Pulsedive at an address, within these bounds, for one command.
func pulsediveClient(address string, b store.Bounds, entities int, log *slog.Logger) (*pulsedive.Client, error) {
	c, err := pulsedive.New(pulsedive.Config{
		URL: address, UserAgent: userAgent, Timeout: b.UpstreamTimeout, Parallel: b.Parallel,
		MostListed: max(entities, relay.DefaultEntitiesLimit), Log: log,
	})
	if err != nil {
		return nil, fmt.Errorf("making Pulsedive's client: %w", err)
	}
	return c, nil
}

// userAgent names the program to Pulsedive.
const userAgent = name + "/" + relay.Version

// logFlags is how the log looks.
type logFlags struct {
	LogLevel  string `type:"choice" default:"info" enum:"debug,info,warn,error" placeholder:"LEVEL" help:"The least that is logged: debug, info, warn or error."`
	LogFormat string `type:"choice" default:"auto" enum:"auto,text,json" placeholder:"FORMAT" help:"text, json or auto: text on a terminal, else json."`
}

// logger writes to standard error.
func (f *logFlags) logger(p *process) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(f.LogLevel)) // one of the enum
	o := &slog.HandlerOptions{Level: level}
	if f.LogFormat == "text" || (f.LogFormat == "auto" && isTerminal(p.stderr)) {
		return slog.New(slog.NewTextHandler(p.stderr, o))
	}
	return slog.New(slog.NewJSONHandler(p.stderr, o))
}
