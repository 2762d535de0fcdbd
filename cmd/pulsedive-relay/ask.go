package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"pulsedive-relay/relay"
	"pulsedive-relay/relay/ctim"
)

// askFlags are those of observe and refer.
type askFlags struct {
	Values []string `arg:"" name:"value" help:"IP addresses, domains and URLs; their types are recognised."`
	JSON   bool     `noenv:"" name:"json" help:"Print the relay's JSON. So it is where the output is no terminal."`
	Table  bool     `noenv:"" help:"Print a table, also where the output is no terminal."`
	endpointFlags
	keyFlags
	boundFlags
	logFlags
}

// observeCommand asks about values.
type observeCommand struct {
	askFlags
	EntitiesLimit int `noenv:"" default:"100" placeholder:"N" help:"The most indicators for one value."`
}

// referCommand asks for links.
type referCommand struct{ askFlags }

// errFaults ends a command whose answer holds errors, which were printed.
var errFaults = quietError{errors.New("the answer holds errors")}

// Run prints verdicts.
func (c *observeCommand) Run(p *process) error {
	list, r, err := c.prepare(p)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(p.ctx, c.RequestTimeout)
	defer cancel()
	o := r.Observe(ctx, relay.Caller{Key: c.PulsediveKey, EntitiesLimit: c.EntitiesLimit}, list, nil)
	if c.asJSON(p) {
		err = printJSON(p, o.AppendJSON(nil))
	} else {
		err = observeTable(list, o.Bundles).print(p.stdout, isTerminal(p.stdout))
	}
	return c.finish(p, o.Errors, err)
}

// Run prints links.
func (c *referCommand) Run(p *process) error {
	list, r, err := c.prepare(p)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(p.ctx, c.RequestTimeout)
	defer cancel()
	o := r.Refer(ctx, relay.Caller{Key: c.PulsediveKey}, list, nil)
	if c.asJSON(p) {
		err = printJSON(p, o.AppendJSON(nil))
	} else {
		err = referTable(o.Links).print(p.stdout, isTerminal(p.stdout))
	}
	return c.finish(p, o.Errors, err)
}

// prepare checks what was asked, and makes a relay that no one calls but us.
func (c *askFlags) prepare(p *process) ([]ctim.Observable, *relay.Relay, error) {
	if c.PulsediveKey == "" {
		return nil, nil, usageError{fmt.Errorf("no Pulsedive API key: set %sPULSEDIVE_KEY", prefix)}
	}
	list, err := recognise(c.Values)
	if err != nil {
		return nil, nil, usageError{err}
	}
	if len(list) > c.MaxObservables {
		return nil, nil, usageError{fmt.Errorf("%d values are more than --max-observables=%d", len(list), c.MaxObservables)}
	}
	log := c.logger(p)
	client, err := c.client(c.PulsediveURL, log)
	if err != nil {
		return nil, nil, err
	}
	return list, c.relay(nil, client, log), nil
}

// recognise finds the types of values, each value once.
func recognise(values []string) ([]ctim.Observable, error) {
	var list []ctim.Observable
	for _, v := range values {
		o, ok := relay.Recognise(v)
		if !ok {
			return nil, fmt.Errorf("%q is no IP address, domain or URL", v)
		}
		if !slices.Contains(list, o) {
			list = append(list, o)
		}
	}
	return list, nil
}

func (c *askFlags) asJSON(p *process) bool {
	return c.JSON || !c.Table && !isTerminal(p.stdout)
}

// finish prints the errors where the JSON did not, and turns them into an exit
// status.
func (c *askFlags) finish(p *process, list []relay.Error, err error) error {
	if err != nil {
		return fmt.Errorf("writing the answer: %w", err)
	}
	fatal := false
	for _, e := range list {
		fatal = fatal || e.Type == relay.Fatal
		if !c.asJSON(p) {
			fmt.Fprintf(p.stderr, "%s: %s: %s\n", e.Type, e.Code, printable(e.Message))
		}
	}
	if fatal {
		return errFaults
	}
	return nil
}

// printJSON prints an answer as the relay gives it, indented on a terminal.
func printJSON(p *process, answer []byte) error {
	if isTerminal(p.stdout) {
		var v json.RawMessage = answer
		indented, err := json.MarshalIndent(v, "", "  ")
		if err != nil {
			return err
		}
		answer = indented
	}
	_, err := p.stdout.Write(append(answer, '\n'))
	return err
}

// observeTable is a row for each value asked about.
func observeTable(list []ctim.Observable, bundles []ctim.Bundle) *table {
	t := &table{head: []string{"Observable", "Type", "Verdict", "Severity", "Valid until", "Why"}}
	rest := bundles
	for _, o := range list {
		if len(rest) > 0 && matches(rest[0], o) {
			t.add(observeRow(rest[0]))
			rest = rest[1:]
			continue
		}
		t.add([]cell{{text: o.Value}, {text: o.Type}, {text: "–"}, {text: "–"}, {text: "–"}, {text: "nothing known"}})
	}
	for _, b := range rest {
		t.add(observeRow(b)) // known to Pulsedive under another name
	}
	return t
}

// matches says whether a bundle is about o. Pulsedive may spell it otherwise.
func matches(b ctim.Bundle, o ctim.Observable) bool {
	return strings.EqualFold(b.Verdicts[0].Observable.Value, o.Value)
}

func observeRow(b ctim.Bundle) []cell {
	v, j := b.Verdicts[0], b.Judgements[0]
	until := v.ValidTime.End.Format(time.DateOnly)
	if v.ValidTime.End.Before(time.Now()) {
		until += " (over)"
	}
	return []cell{
		{text: v.Observable.Value},
		{text: v.Observable.Type},
		{text: v.DispositionName, colour: colours[v.Disposition]},
		{text: j.Severity},
		{text: until},
		{text: why(b)},
	}
}

// why names the first indicators and counts the rest.
func why(b ctim.Bundle) string {
	const named = 2
	var titles []string
	for _, x := range b.Indicators[:min(named, len(b.Indicators))] {
		titles = append(titles, ctim.Clip(x.Title, 40))
	}
	if more := len(b.Indicators) - named; more > 0 {
		titles = append(titles, fmt.Sprintf("%d more", more))
	}
	for _, s := range b.Sightings {
		if n := len(s.Relations); n > 0 {
			titles = append(titles, fmt.Sprintf("%d DNS relations", n))
		}
	}
	return strings.Join(titles, ", ")
}

// referTable is a row for each link.
func referTable(links []ctim.Link) *table {
	t := &table{head: []string{"Link", "Address"}}
	for _, l := range links {
		t.add([]cell{{text: l.Title}, {text: l.URL, whole: true}})
	}
	return t
}
