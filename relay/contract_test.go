package relay_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pulsedive-relay/relay"
	"pulsedive-relay/relay/ctim"
	"pulsedive-relay/relay/pulsedive/pulsedivetest"
)

// recorded is one case of the contract: what was asked of the relay that this
// one replaces, what Pulsedive answered it, and what it answered.
type recorded struct {
	Name    string    `json:"name"`
	Now     time.Time `json:"now"`
	Request struct {
		Method, Path  string
		Headers       map[string]string
		Claims        map[string]any
		Authorization string
		SignWith      string `json:"sign_with"`
		Body          string
	} `json:"request"`
	Upstream []struct {
		Query  map[string]string `json:"query"`
		Status int               `json:"status"`
		Body   json.RawMessage   `json:"body"`
	} `json:"upstream"`
	Response struct {
		Status int `json:"status"`
		Body   any `json:"body"`
	} `json:"response"`
}

// TestContract replays every recorded case over HTTP.
func TestContract(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/contract/*.json")
	if err != nil || len(files) < 100 {
		t.Fatalf("found %d recorded cases, want 104: %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var c recorded
			if err := json.Unmarshal(text, &c); err != nil {
				t.Fatal(err)
			}
			replay(t, c)
		})
	}
}

func replay(t *testing.T, c recorded) {
	w := newWorld(t, options{
		relay: relay.Config{Now: func() time.Time { return c.Now }},
		hosts: []string{"127.0.0.1:9"}, // the host that does not answer
		kept:  true,
	})
	for _, u := range c.Upstream {
		a := pulsedivetest.Answer{Status: u.Status, Body: u.Body}
		if json.Unmarshal(u.Body, &a.Text) == nil {
			a.Body = nil
		}
		switch {
		case u.Query["iid"] != "":
			w.fake.SetHealth(a)
		case u.Query["get"] == "links":
			w.fake.SetLinks(u.Query["indicator"], a)
		default:
			w.fake.SetInfo(u.Query["indicator"], a)
		}
	}
	req, err := http.NewRequest(c.Request.Method, w.server.URL+c.Request.Path, strings.NewReader(c.Request.Body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range c.Request.Headers {
		req.Header.Set(name, value)
	}
	if header := authorization(t, w, c); header != "" {
		req.Header.Set("Authorization", header)
	}
	resp, err := w.server.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	var got any
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatalf("%s: the answer is no JSON: %v", c.Name, err)
	}
	if strings.HasPrefix(c.Request.Path, observePath) {
		checkAnswer(t, c.Name, text)
	}
	if resp.StatusCode != c.Response.Status {
		t.Errorf("%s: status %d, want %d", c.Name, resp.StatusCode, c.Response.Status)
	}
	want := c.Response.Body
	if c.Response.Status != http.StatusOK || strings.HasPrefix(c.Name, "version") {
		got, want = members(got), members(want) // their contents are free
	}
	sameAnswer(t, c.Name, got, want)
	wantKept(t, w, c, text)
	callsWithin(t, w, c)
}

// wantKept checks that the history has the answer as it was sent.
func wantKept(t *testing.T, w *world, c recorded, text []byte) {
	t.Helper()
	kept := c.Response.Status == http.StatusOK && !strings.HasPrefix(c.Request.Path, "/version") && !strings.HasPrefix(c.Request.Path, "/watchdog")
	x := w.latest()
	switch {
	case !kept && x != nil:
		t.Errorf("%s: the history has %+v, want nothing", c.Name, x.Summary)
	case kept && (x == nil || string(x.Answer) != string(text)):
		t.Errorf("%s: the history has %+v, want the answer %s", c.Name, x, text)
	}
}

// checkAnswer checks that an answer to observe is CTIM that XDR takes.
func checkAnswer(t *testing.T, name string, text []byte) {
	t.Helper()
	var a answer
	if err := json.Unmarshal(text, &a); err != nil {
		t.Fatal(err)
	}
	for _, err := range ctim.Check(bundleOf(t, a)) {
		t.Errorf("%s: %v", name, err)
	}
}

func authorization(t *testing.T, w *world, c recorded) string {
	if c.Request.Claims == nil {
		return c.Request.Authorization
	}
	claims := map[string]any{}
	for name, v := range c.Request.Claims {
		if s, ok := v.(string); ok {
			v = strings.NewReplacer("{base}", w.server.URL, "{jwks_host}", w.issuer.Host()).Replace(s)
		}
		claims[name] = v
	}
	var token string
	var err error
	if c.Request.SignWith != "" {
		token, err = w.issuer.TokenSignedBy(c.Request.SignWith, claims)
	} else {
		token, err = w.issuer.Token(claims)
	}
	if err != nil {
		t.Fatal(err)
	}
	return "Bearer " + token
}

func sameAnswer(t *testing.T, name string, got, want any) {
	t.Helper()
	got, want = canonical(got), canonical(want)
	if reflect.DeepEqual(got, want) {
		return
	}
	g, _ := json.MarshalIndent(got, "", " ")
	x, _ := json.MarshalIndent(want, "", " ")
	t.Errorf("%s: the answer differs from the recorded one\n%s", name, firstDifference(string(g), string(x)))
}

// firstDifference shows where two texts part.
func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(g), len(w)) {
		if i >= len(g) || i >= len(w) || g[i] != w[i] {
			from := max(i-8, 0)
			return fmt.Sprintf("line %d\n got …\n%s\nwant …\n%s", i+1,
				strings.Join(g[min(from, len(g)):min(i+4, len(g))], "\n"), strings.Join(w[min(from, len(w)):min(i+4, len(w))], "\n"))
		}
	}
	return "no line differs"
}

// canonical replaces random ids by their place and orders relationships.
func canonical(v any) any {
	m, _ := v.(map[string]any)
	data, ok := m["data"].(map[string]any)
	if !ok {
		return v
	}
	names := map[string]string{}
	for _, kind := range []string{"sightings", "judgements"} {
		for i, d := range docsOf(data, kind) {
			id, _ := d["id"].(string)
			d["id"] = fmt.Sprintf("%s#%d", kind, i)
			names[id] = fmt.Sprintf("%s#%d", kind, i)
		}
	}
	for _, d := range docsOf(data, "relationships") {
		d["id"] = "relationship"
		for _, ref := range []string{"source_ref", "target_ref"} {
			id, _ := d[ref].(string)
			if name, ok := names[id]; ok {
				d[ref] = name
			}
		}
	}
	if group, ok := data["relationships"].(map[string]any); ok {
		list := group["docs"].([]any)
		slices.SortFunc(list, func(a, b any) int {
			x, _ := json.Marshal(a)
			y, _ := json.Marshal(b)
			return strings.Compare(string(x), string(y))
		})
	}
	return v
}

func docsOf(data map[string]any, kind string) []map[string]any {
	group, _ := data[kind].(map[string]any)
	list, _ := group["docs"].([]any)
	var found []map[string]any
	for _, d := range list {
		found = append(found, d.(map[string]any))
	}
	return found
}

// members keeps the names of an object's members alone.
func members(v any) any {
	names := map[string]any{}
	m, _ := v.(map[string]any)
	for name := range m {
		names[name] = "free"
	}
	return names
}

// callsWithin checks that Pulsedive was asked nothing that the case does not
// list, and nothing twice.
func callsWithin(t *testing.T, w *world, c recorded) {
	t.Helper()
	allowed := map[string]int{}
	for _, u := range c.Upstream {
		v := url.Values{}
		for name, value := range u.Query {
			v.Set(name, value)
		}
		allowed[v.Encode()]++
	}
	for _, call := range w.fake.Calls() {
		v := url.Values{}
		for name, value := range map[string]string{"indicator": call.Value, "get": call.Get, "key": call.Key, "iid": call.IID} {
			if value != "" {
				v.Set(name, value)
			}
		}
		if allowed[v.Encode()]--; allowed[v.Encode()] < 0 {
			t.Errorf("%s: Pulsedive was asked %s, which the case does not list or not so often", c.Name, v.Encode())
		}
	}
}
