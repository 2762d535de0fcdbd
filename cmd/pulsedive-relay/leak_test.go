package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"pulsedive-relay/relay/pulsedive/pulsedivetest"
)

// marker stands for the keys of operators and callers. It changes where it is
// escaped, so that each way to write it is looked for.
const marker = "mArKeR+7f/3a=KEY"

// spellings are the ways in which text may hold the marker.
func spellings() []string {
	quoted, _ := json.Marshal(marker)
	return []string{
		marker, url.QueryEscape(marker), url.PathEscape(marker), strings.Trim(string(quoted), `"`),
		base64.StdEncoding.EncodeToString([]byte(marker)), base64.RawURLEncoding.EncodeToString([]byte(marker)),
		"mArKeR", // any part of it that is left
	}
}

// trap collects everything that is written or answered.
type trap struct {
	mu    sync.Mutex
	texts map[string]string // by what it is of
}

func (tr *trap) add(of, text string) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.texts[of] += text
}

func (tr *trap) program(of string, p *program) {
	tr.add(of+", standard output", p.stdout.String())
	tr.add(of+", standard error", p.stderr.String())
}

// check looks for the marker, and for other secrets, everywhere.
func (tr *trap) check(t *testing.T, secrets ...string) {
	t.Helper()
	for of, text := range tr.texts {
		for _, secret := range append(spellings(), secrets...) {
			if at := strings.Index(strings.ToLower(text), strings.ToLower(secret)); at >= 0 {
				t.Errorf("%s holds the secret, as %q:\n…%s…", of, secret, text[max(0, at-200):min(len(text), at+200)])
				break
			}
		}
	}
}

// echoes are Pulsedives that say back what they were asked with, each in
// another way.
func echoes() map[string]http.HandlerFunc {
	m := map[string]http.HandlerFunc{}
	for _, status := range []int{400, 401, 403, 404, 406, 418, 429, 500, 502, 503, 599} {
		m[fmt.Sprintf("JSON with status %d", status)] = func(w http.ResponseWriter, req *http.Request) {
			text, _ := json.Marshal(map[string]string{"error": "no: key=" + req.FormValue("key") + " " + req.URL.RawQuery})
			w.WriteHeader(status)
			w.Write(text)
		}
		m[fmt.Sprintf("text with status %d", status)] = func(w http.ResponseWriter, req *http.Request) {
			w.Header().Set("X-Key", req.FormValue("key"))
			w.WriteHeader(status)
			fmt.Fprintf(w, "<html>%s %s</html>", req.URL, req.FormValue("key"))
		}
	}
	m["a redirect"] = func(w http.ResponseWriter, req *http.Request) {
		http.Redirect(w, req, "/again?"+req.URL.RawQuery, http.StatusFound)
	}
	m["no JSON"] = func(w http.ResponseWriter, req *http.Request) { fmt.Fprint(w, req.FormValue("key")) }
	m["another shape"] = func(w http.ResponseWriter, req *http.Request) {
		text, _ := json.Marshal(map[string]string{"indicator": req.FormValue("key"), "stamp_seen": req.FormValue("key")})
		w.Write(text)
	}
	m["a key that is cut"] = func(w http.ResponseWriter, req *http.Request) {
		text, _ := json.Marshal(map[string]string{"error": strings.Repeat("x", 1024-4) + req.FormValue("key")})
		w.WriteHeader(http.StatusForbidden)
		w.Write(text)
	}
	m["hanging up"] = func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
	for name, answer := range map[string]string{
		"a strange status line":   "HTTP/1.1 599 no key=%s\r\nContent-Length: 0\r\n\r\n",
		"a malformed status line": "HTTP/1.1 %s\r\n\r\n",
		"a malformed header":      "HTTP/1.1 200 OK\r\n%s\r\n\r\n",
		"a malformed length":      "HTTP/1.1 200 OK\r\nContent-Length: %s\r\n\r\n",
		"no HTTP":                 "%s\r\n",
		"a strange encoding":      "HTTP/1.1 200 OK\r\nTransfer-Encoding: %s\r\n\r\n",
	} {
		m[name] = func(w http.ResponseWriter, req *http.Request) { raw(w, fmt.Sprintf(answer, req.FormValue("key"))) }
	}
	return m
}

// raw answers with bytes that are no good HTTP.
func raw(w http.ResponseWriter, answer string) {
	conn, buf, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	defer conn.Close()
	buf.WriteString(answer)
	buf.Flush()
	if tcp, ok := conn.(*net.TCPConn); ok {
		tcp.CloseWrite()
	}
}

// TestNoLeakAsking: with the operator's key, whatever Pulsedive answers.
func TestNoLeakAsking(t *testing.T) {
	t.Parallel()
	for name, echo := range echoes() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			keys := make(chan string, 1)
			at := endpoint(t, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
				select {
				case keys <- req.FormValue("key"):
				default:
				}
				echo(w, req)
			}))
			tr := &trap{texts: map[string]string{}}
			programs := map[string]*program{}
			for _, args := range [][]string{{"observe", "--json"}, {"observe", "--table"}, {"refer", "--json"}, {"refer", "--table"}} {
				more := []string{at, "--log-level=debug", "--request-timeout=5s", "example.com", "198.51.100.23"}
				programs[strings.Join(args, " ")] = begin(t, []string{"RELAY_PULSEDIVE_KEY=" + marker}, append(args, more...)...)
			}
			for of, p := range programs {
				tr.program(of, p.wait())
			}
			select {
			case got := <-keys:
				if got != marker {
					t.Fatalf("Pulsedive was asked with the key %q; want the marker, else there is nothing to find", got)
				}
			default:
				t.Fatal("Pulsedive was not asked; so there is nothing to find")
			}
			tr.check(t)
		})
	}
}

// TestNoLeakServing: a caller's key and token, and the operator's key.
func TestNoLeakServing(t *testing.T) {
	t.Parallel()
	tr := &trap{texts: map[string]string{}}
	environ := []string{"RELAY_PULSEDIVE_KEY=" + marker}
	demo := begin(t, environ, "demo", "--listen="+free, "--latency=0s", "--log-level=debug")
	demo.stdout.await(t, `End with Ctrl\+C`)
	base := demo.stdout.await(t, `demo at (http://\S+)`)[1]
	served := begin(t, environ, "serve", "--listen="+free, "--log-level=debug")
	at := "http://" + served.serving()

	token := strings.TrimSpace(runs(t, nil, "token", "--listen="+strings.TrimPrefix(base, "http://"), "--key="+marker).stdout.String())
	part := strings.Split(token, ".")
	if claims, err := base64.RawURLEncoding.DecodeString(part[1]); err != nil || !strings.Contains(string(claims), marker) {
		t.Fatalf("the token states %s (%v); want the marker in it, else there is nothing to find", claims, err)
	}
	var bodies []string
	for _, s := range pulsedivetest.Sample() {
		bodies = append(bodies, fmt.Sprintf(`[{"type":%q,"value":%q}]`, s.Type, s.Value))
	}
	bodies = append(bodies, "", "{", "[1]", `[{"type":"domain"}]`)
	for _, relay := range []string{base, at} {
		for _, path := range []string{"/health", "/observe/observables", "/refer/observables", "/version", "/nothing"} {
			for _, body := range bodies {
				for _, sent := range []string{token, part[0] + "." + part[1] + "." + part[1], marker, ""} {
					if sent != token && body != bodies[0] {
						continue
					}
					a := send(t, "POST", relay+path, sent, body)
					tr.add("POST "+path, a.text+fmt.Sprint(a.header))
				}
			}
		}
		for _, accept := range []string{"text/html", "*/*"} {
			a := send(t, "GET", relay+"/", token, "", "Accept", accept)
			tr.add("GET / as "+accept, a.text+fmt.Sprint(a.header))
		}
	}
	demo.end()
	served.end()
	tr.program("demo", demo)
	tr.program("serve", served)
	if got := demo.stderr.String(); !strings.Contains(got, `"outcome":"ok"`) || !strings.Contains(got, `"outcome":"error"`) {
		t.Errorf("the demo's log has no good and bad requests, so there is nothing to find:\n%s", got)
	}
	tr.check(t, token, part[1], part[2])
}

// TestNoLeakStarting: command lines that hold a key and cannot be followed.
func TestNoLeakStarting(t *testing.T) {
	t.Parallel()
	tr := &trap{texts: map[string]string{}}
	for i, args := range [][]string{
		{"serve", "--parallel=0"}, {"serve", "--pulsedive-key=" + marker, "--foo"}, {"observe", "--pulsedive-key=" + marker},
		{"observe", "--pulsedive-key", marker, "nothing"}, {"refer", "--pulsedive-key=" + marker + "\t" + marker, "example.com"},
		{"observe", "--pulsedive-kex=" + marker, "example.com"}, {"observe", "--pulsedive-url=https://" + marker + "@pulsedive.com/", "example.com"},
		{"serve", "--pulsedive-url=https://pulsedive.com/?key=" + marker}, {"token", "--key=" + marker, "--listen=" + closed},
		{"help"}, {"help", "observe"}, {"observe", "--help"}, {"version"}, {"healthcheck", "--listen=" + closed},
		{"observe", "--pulsedive-url=http://" + closed + "/", "--log-level=debug", "example.com"},
		{"observe", "--pulsedive-url=http://no-such-host.invalid/", "--log-level=debug", "example.com"},
	} {
		p := runs(t, []string{"RELAY_PULSEDIVE_KEY=" + marker, "RELAY_KEY=" + marker, "RELAY_TOKEN=" + marker}, args...)
		tr.program(fmt.Sprintf("start %d", i), p)
	}
	tr.check(t)
}
