package e2e

import (
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// printed is the form of the lines for curl.
var printed = regexp.MustCompile(`(?m)^curl -sS -X POST (\S+) -H "Authorization: Bearer \$TOKEN"(?: -d '(.*)')?$`)

// run does what a printed line says: through a shell where there is curl.
func (d *demo) run(line []string) string {
	d.t.Helper()
	if _, err := exec.LookPath("curl"); err != nil {
		d.t.Logf("there is no curl: the line is sent by net/http")
		_, text := asks(d.t, "POST", line[1], d.token, line[2])
		return text
	}
	out, err := exec.Command("sh", "-c", "TOKEN="+d.token+"\n"+line[0]).CombinedOutput()
	if err != nil {
		d.t.Fatalf("%s: %v\n%s", line[0], err, out)
	}
	return string(out)
}

func TestPrintedLines(t *testing.T) {
	t.Parallel()
	d := startDemo(t)
	lines := printed.FindAllStringSubmatch(d.stdout.String(), -1)
	if len(lines) != 3 {
		t.Fatalf("the demo prints %d lines for curl, want 3:\n%s", len(lines), d.stdout.String())
	}
	for i, want := range []struct{ path, data string }{
		{"/health", `{"data":{"status":"ok"}}`},
		{"/observe/observables", `"disposition_name":"Malicious"`},
		{"/refer/observables", `"url":"https://pulsedive.com/indicator/?iid=`},
	} {
		got := d.run(lines[i])
		if !strings.HasSuffix(lines[i][1], want.path) || !strings.Contains(got, want.data) || strings.Contains(got, `"errors"`) {
			t.Errorf("%s\nanswers %s\nwant it to ask %s and data with %s", lines[i][0], got, want.path, want.data)
		}
	}
}

func TestHome(t *testing.T) {
	t.Parallel()
	d := startDemo(t)
	policy := "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	for _, c := range []struct {
		accept, text string
		want         map[string]string // header: value
	}{
		{"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "<!doctype html>", map[string]string{
			"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff",
			"Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "Vary": "Accept", "Set-Cookie": "",
		}},
		{"*/*", "pulsedive-relay ", map[string]string{
			"Content-Type": "text/plain; charset=utf-8", "X-Content-Type-Options": "nosniff", "Vary": "Accept", "Set-Cookie": "",
		}},
	} {
		resp, text := asks(t, "GET", d.base+"/", "", "", "Accept", c.accept)
		if resp.StatusCode != 200 || !strings.HasPrefix(text, c.text) || !strings.Contains(text, "made up") {
			t.Errorf("GET / with Accept %s answers %d\n%s\nwant 200, %q first, and that all is made up", c.accept, resp.StatusCode, text, c.text)
		}
		for name, want := range c.want {
			if got := strings.Join(resp.Header.Values(name), " | "); got != want {
				t.Errorf("GET / with Accept %s: header %s is %q; want %q", c.accept, name, got, want)
			}
		}
	}
	for _, path := range []string{"/static/admin.css", "/static/mark.svg"} {
		if resp, _ := asks(t, "GET", d.base+path, "", ""); resp.StatusCode != 200 || resp.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("GET %s answers %d with %v; want 200 and nosniff", path, resp.StatusCode, resp.Header)
		}
	}
}

func TestTokenOfDemo(t *testing.T) {
	t.Parallel()
	d := startDemo(t)
	p := start(t, []string{"RELAY_LISTEN=" + strings.TrimPrefix(d.base, "http://")}, "token", "--entities-limit=2")
	p.endsWell()
	_, text := asks(t, "POST", d.base+"/observe/observables", strings.TrimSpace(p.stdout.String()), `[{"type":"domain","value":"qsnatch-c2.example.net"}]`)
	if n := strings.Count(text, `"type":"indicator"`); n != 2 {
		t.Errorf("with a token of entities limit 2 there are %d indicators; want 2:\n%s", n, text)
	}
}
