package relay_test

import (
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"pulsedive-relay/relay"
	"pulsedive-relay/relay/pulsedive/pulsedivetest"
)

func TestTrailingSlashMakesNoDifference(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{fake: pulsedivetest.Config{Generate: true}})
	for path, body := range endpoints {
		with, without := w.ask(path+"/", body), w.ask(path, body)
		wantErrors(t, path+"/", with)
		if (with.Data == nil) != (without.Data == nil) || len(with.Text) != len(without.Text) {
			t.Errorf("%s/: %s, want an answer like that without the slash: %s", path, with.Text, without.Text)
		}
	}
	for _, path := range []string{"/version", "/version/"} {
		if got, want := w.do(w.request(http.MethodPost, path, "")).Text, `{"version":"`+relay.Version+`"}`; got != want {
			t.Errorf("POST %s: %s, want %s", path, got, want)
		}
	}
	for _, path := range []string{"/watchdog", "/watchdog/"} {
		req := w.request(http.MethodGet, path, "")
		req.Header.Set("Health-Check", `X "quoted"`)
		if got, want := w.do(req).Text, `{"data":"X \"quoted\""}`; got != want {
			t.Errorf("GET %s: %s, want %s", path, got, want)
		}
	}
	wantErrors(t, "GET /watchdog without its header", w.do(w.request(http.MethodGet, "/watchdog", "")), fatal("health check failed", "Invalid Health Check"))
}

func TestBodyIsJSONWhateverItsContentType(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{fake: pulsedivetest.Config{Generate: true}})
	token := w.token(testKey, nil)
	for _, contentType := range []string{"", "application/json", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "nonsense"} {
		req := w.request(http.MethodPost, observePath, bodyOf("domain", "a.example"))
		req.Header.Set("Authorization", "Bearer "+token)
		req.Header["Content-Type"] = []string{contentType}
		a := w.do(req)
		wantErrors(t, "Content-Type "+contentType, a)
		wantVerdicts(t, "Content-Type "+contentType, a, "a.example")
	}
}

func TestSchemeInAnyCase(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{fake: pulsedivetest.Config{Generate: true}})
	for _, scheme := range []string{"Bearer ", "bearer ", "BEARER ", "bEaReR  "} {
		req := w.request(http.MethodPost, "/health", "")
		req.Header.Set("Authorization", scheme+w.token(testKey, nil))
		wantErrors(t, scheme, w.do(req))
	}
}

func TestBoundsOfTheBody(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{fake: pulsedivetest.Config{Generate: true}, relay: relay.Config{MaxObservables: 3}})
	long := fatal("invalid argument", "The request body is larger than 1 MiB.")
	most := fatal("invalid argument", "Invalid JSON payload received. {'_schema': ['Longer than maximum length 3.']}")
	three := bodyOf("domain", "a.example", "b.example", "c.example")
	for name, c := range map[string]struct {
		body string
		want []relay.Error
	}{
		"1 MiB":                               {three + strings.Repeat(" ", 1<<20-len(three)), nil},
		"a byte more":                         {three + strings.Repeat(" ", 1<<20-len(three)+1), []relay.Error{long}},
		"8 MiB":                               {strings.Repeat("[", 8<<20), []relay.Error{long}},
		"four observables":                    {bodyOf("domain", "a.example", "b.example", "c.example", "d.example"), []relay.Error{most}},
		"four, two of them the same":          {bodyOf("domain", "a.example", "b.example", "c.example", "a.example"), nil},
		"three beside those not supported":    {strings.Replace(three, "[", `[{"type":"sha256","value":"1"},{"type":"email","value":"2"},`, 1), nil},
		"20,000 the same":                     {bodyOf("ip", strings.Split(strings.Repeat("192.0.2.1 ", 19_999)+"192.0.2.1", " ")...), nil},
		"a fault after more than are allowed": {strings.TrimSuffix(bodyOf("domain", numbered(9)...), "]") + `,{"type":"ip"}]`, []relay.Error{fatal("invalid argument", "Invalid JSON payload received. {9: {'value': ['Missing data for required field.']}}")}},
	} {
		for _, path := range []string{observePath, referPath} {
			a := w.ask(path, c.body)
			wantErrors(t, name+" at "+path, a, c.want...)
			if (a.Data != nil) != (c.want == nil) {
				t.Errorf("%s at %s: data %s, want some only where there is no error", name, path, a.Data)
			}
		}
	}
}

func TestUnknownPathsAndWrongMethods(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	for _, c := range []struct {
		method, path string
		status       int
		allow        string
	}{
		{"GET", "/nowhere", 404, ""}, {"POST", "/observe", 404, ""}, {"POST", "/observe/observables/more", 404, ""}, {"POST", "/observe/observables//", 404, ""},
		{"POST", "/OBSERVE/observables", 404, ""}, {"GET", "/", 404, ""}, {"POST", "/", 404, ""}, {"POST", "/deliberate/observables", 404, ""},
		{"GET", "/%2e%2e/%00", 404, ""}, {"BREW", "/coffee", 404, ""},
		{"GET", "/health", 405, "POST"}, {"PUT", "/health/", 405, "POST"}, {"HEAD", "/health", 405, "POST"}, {"OPTIONS", "/health", 405, "POST"},
		{"GET", observePath, 405, "POST"}, {"DELETE", referPath + "/", 405, "POST"}, {"GET", "/version", 405, "POST"}, {"BREW", "/version", 405, "POST"},
		{"POST", "/watchdog", 405, "GET, HEAD"}, {"OPTIONS", "/watchdog/", 405, "GET, HEAD"}, {"POST", "/healthz", 405, "GET, HEAD"},
	} {
		resp, err := w.server.Client().Do(w.request(c.method, c.path, ""))
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != c.status || resp.Header.Get("Allow") != c.allow || resp.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s %s: status %d, Allow %q, %s (%v), want %d, %q, JSON", c.method, c.path,
				resp.StatusCode, resp.Header.Get("Allow"), resp.Header.Get("Content-Type"), err, c.status, c.allow)
		}
		if c.method == http.MethodHead {
			continue
		}
		var got struct {
			Code            int
			Message, Reason string
		}
		d := json.NewDecoder(strings.NewReader(string(text)))
		d.DisallowUnknownFields()
		if err := d.Decode(&got); err != nil || got.Code != c.status || got.Message == "" || got.Reason == "" {
			t.Errorf("%s %s: %s (%v), want code %d, a message and a reason", c.method, c.path, text, err, c.status)
		}
	}
}

func TestHeadIsGetWithoutTheBody(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	for _, path := range []string{"/healthz", "/watchdog"} {
		resp, err := w.server.Client().Do(w.request(http.MethodHead, path, ""))
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusOK || len(text) > 0 {
			t.Errorf("HEAD %s: status %d, body %q, %v, want 200 without a body", path, resp.StatusCode, text, err)
		}
	}
	resp, err := w.server.Client().Do(w.request(http.MethodGet, "/healthz", ""))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if text, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != http.StatusOK || string(text) != "ok\n" {
		t.Errorf("GET /healthz: status %d, body %q, %v, want 200, ok", resp.StatusCode, text, err)
	}
}

// Body, then unsupported types, then the token, then Pulsedive: whatever comes
// later is not looked at.
func TestOrderOfTheChecks(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	w.fake.SetInfo("a.example", fault(500, "Database error."))
	good := "Bearer " + w.token(testKey, nil)
	broken := fatal("invalid argument", "Invalid JSON payload received. {'_schema': ['Invalid input type.']}")
	noHeader := fatal("authorization error", "Authorization failed: Authorization header is missing")
	for path, empty := range map[string]string{observePath: `{"data":{}}`, referPath: `{"data":[]}`} {
		for _, c := range []struct {
			name, body, authorization string
			want                      []relay.Error
		}{
			{"a broken body, no token", "{", "", []relay.Error{broken}},
			{"a broken body, a good token", "{", good, []relay.Error{broken}},
			{"a fault beside an unsupported type", `[{"type":"sha256","value":""}]`, "", []relay.Error{fatal("invalid argument", "Invalid JSON payload received. {0: {'value': ['Field may not be blank.']}}")}},
			{"unsupported types, no token", bodyOf("sha256", "1", "2"), "", nil},
			{"unsupported types, a bad token", bodyOf("hostname", "1"), "Bearer x", nil},
			{"an empty list, no token", "[]", "", nil},
			{"a good body, no token", bodyOf("domain", "a.example"), "", []relay.Error{noHeader}},
		} {
			req := w.request(http.MethodPost, path, c.body)
			if c.authorization != "" {
				req.Header.Set("Authorization", c.authorization)
			}
			a := w.do(req)
			wantErrors(t, c.name+" at "+path, a, c.want...)
			if c.want == nil && a.Text != empty {
				t.Errorf("%s at %s: %s, want %s", c.name, path, a.Text, empty)
			}
		}
		wantCalls(t, "requests that end before Pulsedive", w, 0)
	}
	a := w.ask(observePath, bodyOf("domain", "a.example"))
	wantErrors(t, "a good body, a good token", a, fatal("internal server error", "Database error."))
}

var uuidForm = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

// Each answer has an id of its own, the one under which the log tells of it.
func TestRequestID(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{fake: pulsedivetest.Config{Generate: true}})
	seen := map[string]bool{}
	for _, c := range []struct{ method, path, body string }{
		{"POST", observePath, bodyOf("domain", "a.example")}, {"POST", observePath, "{"}, {"POST", referPath, "[]"},
		{"POST", "/health", ""}, {"POST", "/version", ""}, {"GET", "/watchdog", ""},
	} {
		resp, err := w.server.Client().Do(w.request(c.method, c.path, c.body))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		id := resp.Header.Get("X-Request-Id")
		if !uuidForm.MatchString(id) || seen[id] {
			t.Errorf("%s %s: X-Request-Id %q, want a random UUID", c.method, c.path, id)
		}
		seen[id] = true
		w.wantLogged("msg=request id="+id, "route="+c.path)
	}
}

// wantLogged waits for a line of the log that holds all of the texts: it is
// written after the answer.
func (w *world) wantLogged(texts ...string) string {
	w.t.Helper()
	var found string
	poll(w.t, func() bool {
		for line := range strings.Lines(w.logs.String()) {
			found = line
			for _, text := range texts {
				if !strings.Contains(line, text) {
					found = ""
				}
			}
			if found != "" {
				return true
			}
		}
		return false
	}, func() string { return "no line with " + strings.Join(texts, ", ") + " in the log:\n" + w.logs.String() })
	return found
}

// What the access log tells of a request.
func TestAccessLog(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{fake: pulsedivetest.Config{Generate: true}})
	w.fake.SetInfo("broken.example", fault(500, "Database error."))
	w.ask(observePath, bodyOf("domain", "a.example", "broken.example"))
	w.wantLogged("level=INFO msg=request", "caller=127.0.0.1", "route="+observePath, "outcome=partial", "observables=2", "pulsedive_calls=3", `error="internal server error"`)
	w.ask(observePath, bodyOf("domain", "a.example"))
	w.wantLogged("level=INFO msg=request", "route="+observePath, "outcome=ok", "observables=1", "pulsedive_calls=2")
	w.ask(observePath, bodyOf("domain", "broken.example"))
	w.wantLogged("level=INFO msg=request", "route="+observePath, "outcome=error", "observables=1", "pulsedive_calls=1")
	w.askWith("x", "/health", "")
	w.wantLogged("level=INFO msg=request", "route=/health", "outcome=error", "observables=0", "pulsedive_calls=0", `error="authorization error"`)
}
