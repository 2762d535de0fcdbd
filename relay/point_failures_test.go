package relay_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pulsedive-relay/relay"
	"pulsedive-relay/relay/ctim"
	"pulsedive-relay/relay/pulsedive"
	"pulsedive-relay/relay/pulsedive/pulsedivetest"
)

// The tests TestPoint1… to TestPoint10… are those of what this relay answers
// better than the one that it replaces.

func TestPoint1OneFailureDoesNotVoidTheOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	w.know("domain", "first.example", "last.example")
	for value, a := range map[string]pulsedivetest.Answer{
		"broken1.example": fault(500, "Database error."), "broken2.example": fault(500, "Database error."),
		"broken3.example": fault(500, "Another error."),
		"silent.example":  {Status: 507}, "page.example": {Text: "<h1>Maintenance</h1>"},
		"shape.example": record("domain", "shape.example", object{"iid": nil}),
	} {
		w.fake.SetInfo(value, a)
	}
	asked := []string{"first.example", "broken1.example", "broken2.example", "nobody-knows.example", "page.example",
		"broken3.example", "silent.example", "shape.example", "last.example"}
	a := w.ask(observePath, bodyOf("domain", asked...))
	wantVerdicts(t, "nine domains", a, "first.example", "last.example")
	wantErrors(t, "nine domains", a,
		fatal("internal server error", "Database error."),
		fatal("invalid response", "Pulsedive answered with something that is no JSON."),
		fatal("internal server error", "Another error."),
		fatal("insufficient storage", "The Pulsedive API error."),
		fatal("key error", "The data structure of Pulsedive API has changed. The module is broken."))
	for _, value := range asked {
		if !slices.ContainsFunc(w.fake.Calls(), func(c pulsedivetest.Call) bool { return c.Value == value && c.Get == "" }) {
			t.Errorf("nine domains: %s was not asked about", value)
		}
	}
}

func TestPoint1RefusedKeyEndsTheAsking(t *testing.T) {
	t.Parallel()
	for _, path := range []string{observePath, referPath} {
		w := newWorld(t, options{})
		w.fake.RefuseKey(testKey)
		a := w.ask(path, bodyOf("domain", numbered(40)...))
		wantErrors(t, path+" with a refused key", a, fatal("unauthorized", "Your API key is invalid."))
		wantCalls(t, path+" with a refused key", w, 1)
	}
}

// A key that is refused in the middle of a request: what was answered stays.
func TestPoint1RefusedKeyKeepsWhatWasAnswered(t *testing.T) {
	t.Parallel()
	fake := pulsedivetest.New(pulsedivetest.Config{Generate: true})
	var infos atomic.Int64
	upstream := http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.URL.Query().Get("get") == "" && infos.Add(1) > 3 {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		fake.ServeHTTP(w, req)
	})
	w := newWorld(t, options{upstream: upstream, relay: relay.Config{Parallel: 1}})
	a := w.ask(observePath, bodyOf("domain", numbered(20)...))
	wantVerdicts(t, "20 domains, the key refused from the fourth", a, numbered(3)...)
	wantErrors(t, "20 domains, the key refused from the fourth", a, fatal("forbidden", "The Pulsedive API error."))
	if n := infos.Load(); n != 4 {
		t.Errorf("20 domains, the key refused from the fourth: %d were asked about, want 4", n)
	}
}

func TestPoint1UsedUpLimitEndsTheAsking(t *testing.T) {
	t.Parallel()
	for _, period := range []string{"day", "month"} {
		refusal := "API rate limit exceeded: 50 requests per " + period + ". Visit pulsedive.com/api to view limits and upgrade your plan."
		for _, path := range []string{observePath, referPath} {
			asked := path + " with a used-up " + period
			var calls atomic.Int64
			w := newWorld(t, options{upstream: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				calls.Add(1)
				w.WriteHeader(http.StatusTooManyRequests)
				fmt.Fprintf(w, `{"error":%q}`, refusal)
			})})
			a := w.ask(path, bodyOf("domain", numbered(40)...))
			wantErrors(t, asked, a, fatal("too many requests", refusal))
			if n := calls.Load(); n != 1 {
				t.Errorf("%s: %d calls, want 1", asked, n)
			}
		}
	}
}

// A day with three calls left: three observables are answered, and the third
// answer's header says that more is not to be asked.
func TestPoint1LimitThatRunsOutKeepsWhatWasAnswered(t *testing.T) {
	t.Parallel()
	for _, plan := range []pulsedivetest.Plan{{PerDay: 3}, {PerMonth: 3}} {
		asked := fmt.Sprintf("ten domains with the plan %+v", plan)
		w := newWorld(t, options{fake: pulsedivetest.Config{Generate: true, Plan: plan}})
		a := w.ask(observePath, bodyOf("domain", numbered(10)...))
		if n := len(docs[ctim.Verdict](t, a, "verdicts")); n != 3 {
			t.Errorf("%s: %d verdicts, want 3: %s", asked, n, a.Text)
		}
		wantCalls(t, asked, w, 3)
		if len(a.Errors) == 0 || a.Errors[0].Type != "fatal" || a.Errors[0].Code != "too many requests" {
			t.Errorf("%s: errors %q, want the first to be too many requests", asked, a.Errors)
		}
		for _, e := range a.Errors[1:] {
			if e.Type != "warning" {
				t.Errorf("%s: error %q beside the limit's, want warnings only", asked, e)
			}
		}
	}
}

// numbered makes up n domains.
func numbered(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("d%d.example", i+1)
	}
	return list
}

func TestPoint2FailingLinksCostRelationsOnly(t *testing.T) {
	t.Parallel()
	limit := "API rate limit exceeded: 50 requests per day. Visit pulsedive.com/api to view limits and upgrade your plan."
	for name, c := range map[string]struct {
		links pulsedivetest.Answer
		want  relay.Error
	}{
		"status 500":         {fault(500, "Database error."), fatal("internal server error", "Database error.")},
		"status 500, page":   {pulsedivetest.Answer{Status: 500, Text: "<h1>Sorry</h1>"}, fatal("internal server error", "The Pulsedive API error.")},
		"status 401":         {fault(401, "Your API key is invalid."), fatal("unauthorized", "Your API key is invalid.")},
		"a used-up day":      {fault(429, limit), relay.Error{Type: "warning", Code: "too many requests", Message: "Relations of 1 of 2 observables were not asked for: " + limit}},
		"no JSON":            {pulsedivetest.Answer{Text: "<h1>Maintenance</h1>"}, fatal("invalid response", "Pulsedive answered with something that is no JSON.")},
		"a list":             {pulsedivetest.Answer{Body: json.RawMessage(`[]`)}, fatal("key error", "The data structure of Pulsedive API has changed. The module is broken.")},
		"the connection cut": {pulsedivetest.Answer{Status: -1}, fatal("connection error", "Pulsedive could not be reached.")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, options{relay: relay.Config{Parallel: 1}})
			w.know("domain", "related.example", "plain.example")
			w.fake.SetLinks("plain.example", dns("ip", "192.0.2.9"))
			w.fake.SetLinks("related.example", c.links)
			// Links are asked for in order: those that fail come last.
			a := w.ask(observePath, bodyOf("domain", "plain.example", "related.example"))
			wantErrors(t, name, a, c.want)
			wantAllButRelations(t, name, a, "plain.example", "related.example")
		})
	}
}

func TestPoint2SlowLinksCostRelationsOnly(t *testing.T) {
	t.Parallel()
	slow := func(req *http.Request) bool {
		return req.URL.Query().Get("get") == "links" && req.URL.Query().Get("indicator") == "related.example"
	}
	inBubble(t, options{gated: slow, pulsedive: pulsedive.Config{Timeout: 3 * time.Second}}, func(t *testing.T, w *world) {
		w.know("domain", "plain.example", "related.example")
		w.fake.SetLinks("plain.example", dns("ip", "192.0.2.9"))
		a := w.ask(observePath, bodyOf("domain", "plain.example", "related.example"))
		wantErrors(t, "links that take too long", a, fatal("timeout", "Pulsedive took too long to answer."))
		wantAllButRelations(t, "links that take too long", a, "plain.example", "related.example")
	})
}

// wantAllButRelations checks that of two observables everything is there, but
// that the second has no relations.
func wantAllButRelations(t *testing.T, asked string, a answer, first, second string) {
	t.Helper()
	wantVerdicts(t, asked, a, first, second)
	var got []string
	for _, s := range docs[ctim.Sighting](t, a, "sightings") {
		got = append(got, s.Observables[0].Value+": "+s.Description)
	}
	var want []string
	for _, v := range []string{first, second} {
		want = append(want, v+": registered a week ago", v+": Threat: Gannet", v+": Feed: Example ")
	}
	want = slices.Insert(want, 3, first+": Active DNS")
	if !slices.Equal(got, want) {
		t.Errorf("%s: sightings\n got %q\nwant %q", asked, got, want)
	}
	if n := len(docs[ctim.Indicator](t, a, "indicators")); n != 6 {
		t.Errorf("%s: %d indicators, want 6", asked, n)
	}
	if n := len(docs[ctim.Relationship](t, a, "relationships")); n != 6 {
		t.Errorf("%s: %d relationships, want 6", asked, n)
	}
	if got := relationsOf(t, a); !slices.Equal(got, []string{first + ">192.0.2.9"}) {
		t.Errorf("%s: relations %q, want those of %s alone", asked, got, first)
	}
}

func TestPoint3EachGetsItsBrowseLinkByOneLookUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	for i, v := range []string{"a.example", "b.example", "c.example"} {
		w.fake.SetInfo(v, record("domain", v, object{"iid": 11 + i}))
	}
	a := w.ask(referPath, bodyOf("domain", "a.example", "b.example", "unknown.example", "c.example"))
	wantErrors(t, "four domains", a)
	wantLinks(t, "four domains", a, "search-domain-a.example", "search-domain-b.example", "search-domain-unknown.example", "search-domain-c.example",
		"detail-domain-a.example", "detail-domain-b.example", "detail-domain-c.example")
	for i, l := range linksOf(t, a)[4:] {
		if want := fmt.Sprintf("https://pulsedive.com/indicator/?iid=%d", 11+i); l.URL != want {
			t.Errorf("four domains: browse link %s leads to %s, want %s", l.ID, l.URL, want)
		}
	}
	wantCalls(t, "four domains", w, 4)
}

func TestPoint3SearchLinksAreThereBesideErrors(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	w.know("domain", "a.example")
	w.fake.SetInfo("b.example", fault(500, "Database error."))
	a := w.ask(referPath, bodyOf("domain", "a.example", "b.example"))
	wantErrors(t, "one good, one broken", a, fatal("internal server error", "Database error."))
	wantLinks(t, "one good, one broken", a, "search-domain-a.example", "search-domain-b.example", "detail-domain-a.example")

	down := newWorld(t, options{pulsedive: pulsedive.Config{URL: unreachable(t)}})
	a = down.ask(referPath, bodyOf("domain", "a.example", "b.example"))
	wantErrors(t, "Pulsedive down", a, fatal("connection error", "Pulsedive could not be reached."))
	wantLinks(t, "Pulsedive down", a, "search-domain-a.example", "search-domain-b.example")
	if strings.Contains(a.Text, testKey) {
		t.Errorf("Pulsedive down: the answer holds the key: %s", a.Text)
	}
}
