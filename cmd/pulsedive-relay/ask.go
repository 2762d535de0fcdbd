package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"pulsedive-relay/relay"
	"pulsedive-relay/relay/ctim"
	"pulsedive-relay/relay/pulsedive"
	"pulsedive-relay/store"
)

// askFlags are those of observe and refer.
type askFlags struct {
	Values                  []string `arg:"" optional:"" name:"value" help:"IP addresses, domains and URLs; their types are recognised."`
	JSON                    bool     `noenv:"" name:"json" xor:"form" help:"Print the relay's JSON, as it is printed too where the output is no terminal."`
	Table                   bool     `noenv:"" xor:"form" help:"Print a table, also where the output is no terminal."`
	store.PulsediveEndpoint `group:"Pulsedive"`
	store.OwnKey            `group:"Pulsedive"`
	store.Bounds            `group:"Bounds"`
	databaseFlags           `group:"Database"`
	logFlags                `group:"Log"`
}

// observeCommand asks about values.
type observeCommand struct {
	EntitiesLimit int `noenv:"" type:"number" least:"1" most:"10000" default:"100" placeholder:"N" help:"The most indicators for one value, ${least} to ${most}."`
	askFlags
}

// referCommand asks for links.
type referCommand struct{ askFlags }

// errFaults ends a command whose answer holds errors, which were printed.
var errFaults = quietError{errors.New("the answer holds errors")}

// errInterrupted ends a command that a signal ended.
var errInterrupted = errors.New("interrupted")

// question is what is asked, and of whom.
type question struct {
	*askFlags
	process *process
	relay   *relay.Relay
	list    []ctim.Observable

	mu     sync.Mutex
	failed map[int]bool // values that have no answer, by their place in the list
	waited bool         // it was said that a limit makes calls wait
}

// Run prints verdicts.
func (c *observeCommand) Run(p *process) error {
	return c.ask(p, store.Observe, c.EntitiesLimit, func(q *question, t relay.Tried) *table { return q.observeTable(t.Bundles) })
}

// Run prints links.
func (c *referCommand) Run(p *process) error {
	return c.ask(p, store.Refer, 0, func(q *question, t relay.Tried) *table { return q.referTable(t.Links) })
}

// ask asks, keeps the exchange where there is a history, and prints the answer.
func (c *askFlags) ask(p *process, endpoint store.Endpoint, entities int, show func(*question, relay.Tried) *table) error {
	q, err := c.prepare(p, entities)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(p.ctx, c.RequestTimeout)
	defer cancel()
	t := q.relay.Try(ctx, relay.Question{
		Caller: relay.Caller{Key: c.PulsediveKey, EntitiesLimit: entities}, Source: store.Terminal, Observables: q.list, Endpoint: endpoint,
	}, q.listen)
	t.Exchange.Fingerprint = "" // by this process's own secret it tells no keys apart
	if err := keepExchange(p, c.DB, t.Exchange); err != nil {
		c.logger(p).Warn("the exchange is not in the history", "error", err)
	}
	return q.tell(t, func() *table { return show(q, t) })
}

// prepare checks what was asked, and makes a relay that no one calls but us.
// entities is the most indicators for one value.
func (c *askFlags) prepare(p *process, entities int) (*question, error) {
	if len(c.Values) == 0 {
		return nil, usageError{errors.New("what about? Name IP addresses, domains or URLs")}
	}
	list, err := recognise(c.Values)
	if err != nil {
		return nil, usageError{err}
	}
	if c.PulsediveKey == "" {
		return nil, usageError{fmt.Errorf("no Pulsedive API key: set the variable %sPULSEDIVE_KEY to yours", store.VariablePrefix)}
	}
	log := c.logger(p)
	client, err := pulsediveClient(c.PulsediveURL, c.Bounds, entities, log)
	if err != nil {
		return nil, err
	}
	r := relay.New(relay.Config{Pulsedive: client, RequestTimeout: c.RequestTimeout, Parallel: c.Parallel, EntitiesMax: entities, Log: log})
	return &question{askFlags: c, process: p, relay: r, list: list, failed: map[int]bool{}}, nil
}

// recognise finds the types of values, each value once.
func recognise(values []string) ([]ctim.Observable, error) {
	var list []ctim.Observable
	for _, v := range values {
		o, ok := relay.Recognise(v)
		if !ok && strings.Contains(v, "/") {
			return nil, fmt.Errorf("%q is no IP address, domain or URL; a URL begins with http:// or https://", v)
		}
		if !ok {
			return nil, fmt.Errorf("%q is no IP address, domain or URL", v)
		}
		if !slices.Contains(list, o) {
			list = append(list, o)
		}
	}
	return list, nil
}

// listen notes which values have no answer, and tells a waiting person why it
// takes long.
func (q *question) listen(i int, p relay.Step) {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch p.State {
	case pulsedive.Failed:
		q.failed[i] = true
	case pulsedive.Waiting:
		if !q.waited && isTerminal(q.process.stderr) {
			fmt.Fprintf(q.process.stderr, "%s: the key's limit makes calls wait; asking for %s at most (--request-timeout)\n", name, q.RequestTimeout)
		}
		q.waited = true
	}
}

// tell prints an answer in the form that was asked for, and turns its errors
// into an exit status.
func (q *question) tell(t relay.Tried, table func() *table) error {
	if q.process.ctx.Err() != nil {
		return errInterrupted
	}
	s := q.process.screen()
	asJSON := q.JSON || !q.Table && s.columns == 0
	var err error
	if asJSON {
		err = printJSON(q.process, t.Exchange.Answer, s)
	} else {
		err = table().print(q.process.stdout, s)
	}
	if err != nil {
		return fmt.Errorf("writing the answer: %w", err)
	}
	fatal := false
	for _, e := range t.Errors {
		kind := "warning"
		if e.Type == relay.Fatal {
			kind, fatal = "error", true
		}
		if !asJSON {
			fmt.Fprintf(q.process.stderr, "%s: %s: %s: %s\n", name, kind, printable(e.Code), printable(e.Message))
		}
	}
	if fatal {
		return errFaults
	}
	return nil
}

// printJSON prints an answer as the relay gives it; on a terminal indented, and
// with nothing in it that could steer one.
func printJSON(p *process, answer []byte, s screen) error {
	if s.columns > 0 {
		indented, err := json.MarshalIndent(json.RawMessage(answer), "", "  ")
		if err != nil {
			return err
		}
		answer = escaped(indented)
	}
	_, err := p.stdout.Write(append(answer, '\n'))
	return err
}
