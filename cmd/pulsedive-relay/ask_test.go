package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"pulsedive-relay/relay/pulsedive/pulsedivetest"
)

var keyed = []string{"RELAY_PULSEDIVE_KEY=" + secretKey}

func TestObserveJSON(t *testing.T) {
	t.Parallel()
	fake, at := upstream(t, pulsedivetest.Config{})
	for _, more := range [][]string{nil, {"--json"}} {
		p := runs(t, keyed, append([]string{"observe", at, "198.51.100.23", "qsnatch-c2.example.net", "unknown.example.com"}, more...)...)
		var got struct {
			Data map[string]struct {
				Count int
				Docs  []struct{ Observable struct{ Type, Value string } }
			}
			Errors []any
		}
		if err := json.Unmarshal([]byte(p.stdout.String()), &got); err != nil || p.status != 0 || p.stderr.String() != "" {
			t.Fatalf("exit status %d, %q: %v; want 0, nothing and JSON:\n%s", p.status, p.stderr.String(), err, p.stdout.String())
		}
		verdicts := got.Data["verdicts"].Docs
		if len(verdicts) != 2 || verdicts[0].Observable.Value != "198.51.100.23" || verdicts[1].Observable.Type != "domain" || got.Errors != nil {
			t.Errorf("observe %q prints verdicts %v and errors %v; want two verdicts in the order of the values, no errors", more, verdicts, got.Errors)
		}
	}
	for _, call := range fake.Calls() {
		if call.Key != secretKey {
			t.Errorf("Pulsedive was asked %+v; want the operator's own key", call)
		}
	}
}

func TestObserveTable(t *testing.T) {
	t.Parallel()
	_, at := upstream(t, pulsedivetest.Config{})
	p := runs(t, keyed, "observe", "--table", at, "QSNATCH-C2.example.net", "2001:DB8:51:0::23", "192.0.2.53", "unknown.example.com", "limited.example.com", "bare.example.org", "www[.]example[.]com")
	want := []string{
		`^Observable +Type +Verdict +Severity +Valid until +Why$`,
		`^qsnatch-c2\.example\.net +domain +Malicious +High +20\d\d-\d\d-\d\d +\d+ indicators, \d+ DNS relations: \S.*, .*, .*`,
		`^2001:db8:51::23 +ipv6 +Malicious +High +20\d\d-\d\d-\d\d +\S`,
		`^192\.0\.2\.53 +ip +Unknown +Unknown +– +1 indicator, 1 DNS relation: \S`,
		`^unknown\.example\.com +domain +– +– +– +nothing known$`,
		`^limited\.example\.com +domain +– +– +– +no answer$`,
		`^bare\.example\.org +domain +Unknown +Unknown +– +–$`,
		`^www\.example\.com +domain +Clean +None +20\d\d-\d\d-\d\d +\S`,
	}
	lines := strings.Split(strings.TrimSuffix(p.stdout.String(), "\n"), "\n")
	if len(lines) != len(want) {
		t.Fatalf("prints %d lines, want %d:\n%s%s", len(lines), len(want), p.stdout.String(), p.stderr.String())
	}
	for i, pattern := range want {
		if !regexp.MustCompile(pattern).MatchString(lines[i]) {
			t.Errorf("line %d is %q; want %s", i, lines[i], pattern)
		}
	}
	if p.status != 1 || !strings.HasPrefix(p.stderr.String(), "pulsedive-relay: error: too many requests: ") || strings.Count(p.stderr.String(), "\n") != 1 {
		t.Errorf("exit status %d, standard error %q; want 1 and one line on the error", p.status, p.stderr.String())
	}
	if strings.Contains(p.stdout.String(), "\x1b") {
		t.Errorf("prints colours where there is no terminal: %q", p.stdout.String())
	}
}

func TestReferTable(t *testing.T) {
	t.Parallel()
	_, at := upstream(t, pulsedivetest.Config{})
	p := runs(t, keyed, "refer", "--table", at, "qsnatch-c2.example.net", "https://login.example.org/reset?session=44", "unknown.example.com", "broken.example.com")
	want := []string{
		`^Observable +Link +Address$`,
		`^qsnatch-c2\.example\.net +Page +https://pulsedive\.com/indicator/\?iid=\d+$`,
		`^qsnatch-c2\.example\.net +Search +https://pulsedive\.com/browse/\?q=[A-Za-z0-9+/=]{300,}$`,
		`^https://login\.example\.org/reset\?session=44 +Page +https://pulsedive\.com/indicator/\?iid=\d+$`,
		`^https://login\.example\.org/reset\?session=44 +Search +https://pulsedive\.com/browse/`,
		`^unknown\.example\.com +Page +nothing known$`,
		`^unknown\.example\.com +Search +https://pulsedive\.com/browse/`,
		`^broken\.example\.com +Page +no answer$`,
		`^broken\.example\.com +Search +https://pulsedive\.com/browse/`,
	}
	lines := strings.Split(strings.TrimSuffix(p.stdout.String(), "\n"), "\n")
	if len(lines) != len(want) || p.status != 1 {
		t.Fatalf("exit status %d, %d lines; want 1 and %d:\n%s%s", p.status, len(lines), len(want), p.stdout.String(), p.stderr.String())
	}
	for i, pattern := range want {
		if !regexp.MustCompile(pattern).MatchString(lines[i]) {
			t.Errorf("line %d is %q; want %s", i, lines[i], pattern)
		}
	}
}

func TestReferJSON(t *testing.T) {
	t.Parallel()
	_, at := upstream(t, pulsedivetest.Config{})
	p := runs(t, keyed, "refer", at, "198.51.100.23")
	var got struct{ Data []struct{ ID, URL string } }
	if err := json.Unmarshal([]byte(p.stdout.String()), &got); err != nil || p.status != 0 || len(got.Data) != 2 {
		t.Errorf("exit status %d, %d links, %v; want 0 and two:\n%s%s", p.status, len(got.Data), err, p.stdout.String(), p.stderr.String())
	}
}

func TestAskStatus(t *testing.T) {
	t.Parallel()
	fake, at := upstream(t, pulsedivetest.Config{})
	refused, atRefused := upstream(t, pulsedivetest.Config{})
	refused.RefuseKey(secretKey)
	for _, c := range []struct {
		name           string
		args           []string
		status         int
		stdout, stderr string
	}{
		{"nothing known", []string{"observe", "--table", at, "unknown.example.com"}, 0, "nothing known", ""},
		{"nothing known, JSON", []string{"observe", at, "unknown.example.com"}, 0, `{"data":{}}`, ""},
		{"nothing known to refer to", []string{"refer", "--table", at, "unknown.example.com"}, 0, "nothing known", ""},
		{"links that fail", []string{"observe", "--table", "--request-timeout=3s", at, "flaky-links.example.com"}, 1, "flaky-links.example.com  domain", "error: "},
		{"a refused key", []string{"observe", "--table", atRefused, "example.com"}, 1, "no answer", "pulsedive-relay: error: unauthorized: "},
		{"a refused key, JSON", []string{"observe", atRefused, "example.com"}, 1, `"code":"unauthorized"`, ""},
		{"a refused key to refer", []string{"refer", atRefused, "example.com"}, 1, `"code":"unauthorized"`, ""},
		{"no Pulsedive", []string{"observe", "--table", "--pulsedive-url=http://" + closed, "example.com"}, 1, "no answer", "connection error"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := runs(t, keyed, c.args...)
			if p.status != c.status || !strings.Contains(p.stdout.String(), c.stdout) || !strings.Contains(p.stderr.String(), c.stderr) {
				t.Errorf("%q: exit status %d, %q, %q; want %d, %q, %q", c.args, p.status, p.stdout.String(), p.stderr.String(), c.status, c.stdout, c.stderr)
			}
			if lines := strings.Count(p.stderr.String(), "\n"); lines != min(len(c.stderr), 1) {
				t.Errorf("%q prints %d lines on standard error, %q; want one for an error, none else", c.args, lines, p.stderr.String())
			}
		})
	}
	t.Run("each value once", func(t *testing.T) {
		t.Parallel()
		p := runs(t, keyed, "observe", "--table", at, "bare.example.org", "BARE.example.org.", "bare[.]example.org")
		calls := 0
		for _, call := range fake.Calls() {
			if call.Value == "bare.example.org" && call.Get == "" {
				calls++
			}
		}
		if rows := strings.Count(p.stdout.String(), "bare.example.org"); rows != 1 || calls != 1 {
			t.Errorf("one value in three spellings makes %d rows and %d calls; want one of each:\n%s", rows, calls, p.stdout.String())
		}
	})
}

// TestObserveWarning: an answer that is less than it could be is still one.
func TestObserveWarning(t *testing.T) {
	t.Parallel()
	fake := pulsedivetest.New(pulsedivetest.Config{})
	fake.LoadSample()
	gone := make(chan struct{})
	t.Cleanup(func() { close(gone) })
	at := endpoint(t, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.FormValue("get") == "links" { // they never come
			select {
			case <-req.Context().Done():
			case <-gone:
			}
			return
		}
		fake.ServeHTTP(w, req)
	}))
	p := runs(t, keyed, "observe", "--table", "--request-timeout=3s", at, "www.example.com") // time enough for the verdict
	if p.status != 0 || !strings.Contains(p.stdout.String(), "Clean") || !strings.HasPrefix(p.stderr.String(), "pulsedive-relay: warning: timeout: ") {
		t.Errorf("exit status %d, %q, %q; want 0, the verdict and a warning", p.status, p.stdout.String(), p.stderr.String())
	}
}

func TestObserveInterrupted(t *testing.T) {
	t.Parallel()
	asked := make(chan struct{}, 1)
	at := endpoint(t, http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
		asked <- struct{}{}
		<-req.Context().Done()
	}))
	p := begin(t, keyed, "observe", at, "example.com")
	select {
	case <-asked:
	case <-time.After(patience):
		t.Fatalf("Pulsedive was not asked within %s", patience)
	}
	p.end()
	if got := p.stderr.String(); p.status != 1 || got != "pulsedive-relay: interrupted\n" || p.stdout.String() != "" {
		t.Errorf("exit status %d, %q, %q; want 1, nothing, interrupted", p.status, p.stdout.String(), got)
	}
}

func TestObserveEntitiesLimit(t *testing.T) {
	t.Parallel()
	_, at := upstream(t, pulsedivetest.Config{})
	for _, c := range []struct {
		limit string
		want  int
	}{{"--entities-limit=2", 2}, {"--entities-limit=100", 100}} {
		p := runs(t, keyed, "observe", at, c.limit, "everything.example")
		if got := strings.Count(p.stdout.String(), `"type":"indicator"`); got != c.want {
			t.Errorf("%s: %d indicators; want %d\n%s", c.limit, got, c.want, p.stderr.String())
		}
	}
}

// steer are texts that move cursors, retitle windows, turn texts around or fake
// lines, were they shown as they are.
const steer = "a\x1b[2J\x1b]0;title\x07\u009b31m\u202egnp.exe\u2066\r\nfatal: fake line\tb\x00\x7f\u200f\ufeffc"

func TestHostileTexts(t *testing.T) {
	t.Parallel()
	quoted, _ := json.Marshal(steer)
	record := fmt.Sprintf(`{"iid":7,"type":"domain","indicator":"example.com","risk":"high","stamp_seen":"2026-01-02 03:04:05","riskfactors":[{"rfid":1,"description":%s,"risk":"high"}],"threats":[{"tid":1,"name":%s,"category":"malware","stamp_linked":"2026-01-02 03:04:05"}],"feeds":[]}`, quoted, quoted)
	good := endpoint(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, record) }))
	bad := endpoint(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprintf(w, `{"error":%s}`, quoted)
	}))
	for _, args := range [][]string{
		{"observe", "--table", good, "example.com"}, {"observe", "--table", bad, "example.com"}, {"refer", "--table", bad, "example.com"},
		{"observe", "--table", good, "http://example.com/\u202egnp"},
	} {
		p := runs(t, keyed, args...)
		got := p.stdout.String() + p.stderr.String()
		if bad := firstSteering(got); bad >= 0 {
			t.Errorf("%q prints %q, which steers a terminal at %d", args, got, bad)
		}
		if strings.Contains(got, "\nfatal: fake line") {
			t.Errorf("%q lets Pulsedive begin a line of its own: %q", args, got)
		}
		if args[2] == good && !strings.Contains(got, "gnp.exe") && !strings.Contains(got, "�gnp") {
			t.Errorf("%q prints %q; want the visible part of the text", args, got)
		}
	}
}

// firstSteering is where a text holds what could steer a terminal; line breaks
// are the program's own.
func firstSteering(s string) int {
	return strings.IndexFunc(s, func(r rune) bool {
		return r < ' ' && r != '\n' || r >= 0x7f && r < 0xa0 || strings.ContainsRune("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\u2028\u2029", r)
	})
}
