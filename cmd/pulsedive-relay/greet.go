package main

import (
	"fmt"
	"net"
	"strings"

	"pulsedive-relay/relay"
	"pulsedive-relay/relay/pulsedive/pulsedivetest"
)

// lines are the questions that the demo prints: path and body.
var lines = [][2]string{
	{"/health", ""},
	{"/observe/observables", `[{"type":"domain","value":"qsnatch-c2.example.net"}]`},
	{"/refer/observables", `[{"type":"domain","value":"qsnatch-c2.example.net"},{"type":"ip","value":"198.51.100.23"}]`},
}

// longestSample is the longest value that the demo's list shows, in characters.
const longestSample = 48

// greet tells what runs here, and what to type next.
func (c *demoCommand) greet(p *process, base, token string) error {
	fmt.Fprintf(p.stdout, `%s %s, demo at %s

All intelligence here is made up, and nothing leaves this machine.
Open the address in a browser, or paste into another terminal (the token is
good for %d hours):

TOKEN=%s
`, name, relay.Version, base, int(demoTokenLife.Hours()), token)
	for _, line := range lines {
		fmt.Fprintf(p.stdout, "\n%s\n", curlLine(base+line[0], line[1]))
	}
	fmt.Fprint(p.stdout, "\nMore to ask about:\n\n")
	var samples table
	for _, s := range pulsedivetest.Sample() {
		if len(s.Value) <= longestSample {
			samples.add(texts(s.Type, s.Value, firstSentence(s.Shows))...)
		}
	}
	if err := samples.print(p.stdout, p.screen()); err != nil {
		return err
	}
	_, err := fmt.Fprintf(p.stdout, "\nLimits of the made-up Pulsedive: %s. End with Ctrl+C. Requests are logged below.\n\n", c.Plan)
	return err
}

// curlLine asks a relay in a shell that knows $TOKEN.
func curlLine(address, body string) string {
	line := "curl -sS -X POST " + address + ` -H "Authorization: Bearer $TOKEN"`
	if body != "" {
		line += " -d '" + body + "'"
	}
	return line
}

// baseURL is how a listener is called from this machine.
func baseURL(a net.Addr) string {
	host, port, err := net.SplitHostPort(a.String())
	if err != nil {
		return "http://" + a.String()
	}
	return "http://" + net.JoinHostPort(reachable(host), port)
}

// firstSentence is a text up to its first full stop.
func firstSentence(s string) string {
	if i := strings.Index(s, ". "); i >= 0 {
		return s[:i]
	}
	return strings.TrimSuffix(s, ".")
}
