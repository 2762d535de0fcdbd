package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

// words splits a line as a shell does, as far as the demo's lines go.
func words(t *testing.T, line string, variables map[string]string) []string {
	t.Helper()
	var list []string
	var word strings.Builder
	var quote rune
	within := false
	for _, r := range line + " " {
		switch {
		case quote == 0 && r == ' ':
			if within {
				list = append(list, word.String())
			}
			word.Reset()
			within = false
		case quote == 0 && (r == '"' || r == '\''):
			quote, within = r, true
		case r == quote:
			text := word.String()
			if r == '"' {
				for name, value := range variables {
					text = strings.ReplaceAll(text, "$"+name, value)
				}
			}
			word.Reset()
			word.WriteString(text)
			quote = 0
		default:
			word.WriteRune(r)
			within = true
		}
	}
	if quote != 0 {
		t.Fatalf("a quote is left open in %q", line)
	}
	return list
}

// curl does what a line for curl says.
func curl(t *testing.T, line, token string) answered {
	t.Helper()
	var method, address, body string
	var header []string
	args := words(t, line, map[string]string{"TOKEN": token})
	for i := 1; i < len(args); i++ {
		switch args[i] {
		case "-sS":
		case "-X":
			i++
			method = args[i]
		case "-H":
			i++
			name, value, _ := strings.Cut(args[i], ": ")
			header = append(header, name, value)
		case "-d":
			i++
			body = args[i]
			header = append(header, "Content-Type", "application/x-www-form-urlencoded")
		default:
			address = args[i]
		}
	}
	return send(t, method, address, "", body, header...)
}

func TestDemoLines(t *testing.T) {
	t.Parallel()
	d := beginDemo(t)
	if !strings.HasPrefix(d.base, "http://127.0.0.1:") {
		t.Errorf("the demo is at %s; want it on this machine alone", d.base)
	}
	for _, want := range []string{"made up", "nothing leaves this machine", "\nTOKEN=" + d.token + "\n"} {
		if got := d.stdout.String(); !strings.Contains(got, want) {
			t.Errorf("the demo prints\n%s\nwant %q in it", got, want)
		}
	}
	if len(d.curls) != 3 {
		t.Fatalf("the demo prints %d lines for curl; want 3:\n%s", len(d.curls), d.stdout.String())
	}
	for i, want := range []struct{ path, data string }{
		{"/health", `"status":"ok"`},
		{"/observe/observables", `"disposition_name":"Malicious"`},
		{"/refer/observables", `https://pulsedive.com/indicator/?iid=`},
	} {
		if !strings.Contains(d.curls[i], d.base+want.path+" ") {
			t.Errorf("line %d is %s; want it to ask %s", i, d.curls[i], d.base+want.path)
		}
		got := curl(t, d.curls[i], d.token)
		if got.status != 200 || len(got.Errors) > 0 || !strings.Contains(string(got.Data), want.data) {
			t.Errorf("%s\nanswers %d %s\nwant data with %s and no errors", d.curls[i], got.status, got.text, want.data)
		}
		if without := curl(t, d.curls[i], "no.good.token"); len(without.Errors) == 0 {
			t.Errorf("%s\nwith another token answers %s; want an error", d.curls[i], without.text)
		}
	}
	if d.end(); d.err != nil {
		t.Errorf("ended with %v; want nil", d.err)
	}
}

// TestDemoSamples: every value that the demo suggests has an answer as told.
func TestDemoSamples(t *testing.T) {
	t.Parallel()
	d := beginDemo(t)
	_, list, _ := strings.Cut(d.stdout.String(), "More to ask about:\n\n")
	list, _, _ = strings.Cut(list, "\n\n")
	lines := strings.Split(list, "\n")
	if len(lines) < 20 {
		t.Fatalf("the demo suggests %d values; want 20 at least:\n%s", len(lines), list)
	}
	for _, line := range lines {
		part := strings.Fields(line)
		body, err := json.Marshal([]map[string]string{{"type": part[0], "value": part[1]}})
		if err != nil {
			t.Fatal(err)
		}
		got := send(t, "POST", d.base+"/observe/observables", d.token, string(body))
		switch told := strings.TrimRight(part[2], ":"); {
		case told == "Fails" && len(got.Errors) == 0, told != "Fails" && got.Data == nil:
			t.Errorf("%s\nanswers %s", line, got.text)
		case told == "High" || told == "Low" || told == "Critical":
			if !strings.Contains(got.text, `"disposition_name"`) {
				t.Errorf("%s\nanswers %s\nwant a verdict", line, got.text)
			}
		}
	}
}

func TestDemoPages(t *testing.T) {
	t.Parallel()
	d := beginDemo(t)
	if got := send(t, "GET", d.base+"/", "", ""); !strings.Contains(got.text, "made up") || strings.Count(got.text, "\n") != 1 {
		t.Errorf("GET / answers %q; want one line that says that all is made up", got.text)
	}
	page := send(t, "GET", d.base+"/", "", "", "Accept", "text/html")
	for _, want := range []string{"<!doctype html>", "made up", "token --listen=" + strings.TrimPrefix(d.base, "http://") + ")"} {
		if !strings.Contains(page.text, want) {
			t.Errorf("GET / answers a browser %s; want %q in it", page.text, want)
		}
	}
	for _, method := range []string{"GET", "PUT", "DELETE"} {
		if got := send(t, method, d.base+tokenPath, "", ""); got.status == 200 {
			t.Errorf("%s %s answers %d; want no token", method, tokenPath, got.status)
		}
	}
}

func TestDemoPlan(t *testing.T) {
	t.Parallel()
	d := beginDemo(t, "--plan=free")
	if got := d.stdout.String(); !strings.Contains(got, "Limits of the made-up Pulsedive: free.") {
		t.Errorf("the demo prints\n%s\nwant its plan in it", got)
	}
	for range 2 { // the second tells what the first one's answer told of the limits
		send(t, "POST", d.base+"/health", d.token, "")
	}
	got := send(t, "POST", d.base+"/health", d.token, "")
	if !strings.Contains(got.text, `"pulsedive-day"`) || !strings.Contains(got.text, `"bucket_limit":50`) {
		t.Errorf("health answers %s; want the free plan's limit of 50 a day", got.text)
	}
}

func TestDemoLatencyAndDrain(t *testing.T) {
	t.Parallel()
	d := beginDemo(t, "--latency=300ms")
	start := time.Now()
	answers := make(chan answered, 1)
	go func() { answers <- send(t, "POST", d.base+"/observe/observables", d.token, lines[1][1]) }()
	d.stderr.await(t, `"keys fetched"`) // the request is in work
	d.cancel()
	got := <-answers
	if took := time.Since(start); took < 300*time.Millisecond {
		t.Errorf("answered after %s; want the latency of 300ms", took)
	}
	if len(got.Errors) > 0 || !strings.Contains(got.text, `"disposition_name":"Malicious"`) {
		t.Errorf("the request in work is answered %s; want its verdict", got.text)
	}
	if d.wait(); d.err != nil {
		t.Errorf("ended with %v; want nil", d.err)
	}
}

func TestDemoOnAllAddresses(t *testing.T) {
	t.Parallel()
	d := beginDemo(t, "--listen=:0")
	if !strings.HasPrefix(d.base, "http://127.0.0.1:") {
		t.Fatalf("the demo says that it is at %s; want an address that can be called", d.base)
	}
	if got := send(t, "POST", d.base+"/health", d.token, ""); !strings.Contains(got.text, `"ok"`) {
		t.Errorf("health answers %s; want ok", got.text)
	}
	local := strings.Replace(d.base, "127.0.0.1", "localhost", 1)
	if got := send(t, http.MethodPost, local+"/health", d.token, ""); !strings.Contains(got.text, `"ok"`) {
		t.Errorf("health at %s answers %s; want ok", local, got.text)
	}
}
