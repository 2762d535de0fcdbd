package pulsedivetest

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// step is one call at a moment, and what it must get.
type step struct {
	at   string // after testNow
	key  string
	want string // status and what is left of second, day, month; or the limit that stopped it
}

func TestPlans(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		plan  Plan
		steps []step
	}{
		{"none", Plan{}, []step{{"0s", "a", "404 - - -"}, {"0s", "a", "404 - - -"}}},
		{"free", FreePlan(), []step{
			{"0s", "a", "404 0 49 499"},
			{"0s", "b", "404 0 49 499"},
			{"999ms", "a", "429 1 requests per second"},
			{"1s", "a", "404 0 48 498"}, // the refused one cost nothing, not even its second
		}},
		{"sliding second", Plan{PerSecond: 2}, []step{
			{"0s", "a", "404 1 - -"},
			{"900ms", "a", "404 0 - -"},
			{"999ms", "a", "429 2 requests per second"},
			{"1s", "a", "404 0 - -"},
			{"1500ms", "a", "429 2 requests per second"}, // another second of the clock, the same second of the window
			{"1900ms", "a", "404 0 - -"},
			{"5s", "a", "404 1 - -"},
		}},
		{"day", Plan{PerDay: 2}, []step{
			{"0s", "a", "404 - 1 -"},
			{"1s", "a", "404 - 0 -"},
			{"2s", "a", "429 2 requests per day"},
			{"9h12m23s", "a", "429 2 requests per day"}, // 23:59:59
			{"9h12m24s", "a", "404 - 1 -"},              // midnight UTC
		}},
		{"month", Plan{PerDay: 1, PerMonth: 1}, []step{
			{"0s", "a", "404 - 0 0"},
			{"1s", "a", "429 1 requests per month"}, // the longest one is told
			{"9h12m24s", "a", "404 - 0 0"},          // the first of April
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			now := testNow
			f := New(Config{Plan: c.plan, Now: func() time.Time { return now }})
			for i, s := range c.steps {
				after, _ := time.ParseDuration(s.at)
				now = testNow.Add(after)
				if got := outcome(ask(f, "indicator", "x.example", "key", s.key)); got != s.want {
					t.Errorf("step %d: asked at %s with key %s: got %q, want %q", i, s.at, s.key, got, s.want)
				}
			}
		})
	}
}

// outcome is an answer in the words of step.want.
func outcome(a answer) string {
	left := ""
	for _, limit := range []string{"Second", "Day", "Month"} {
		h := a.header.Get("X-Requests-Remaining-" + limit)
		if h == "" {
			h = "-"
		}
		left += " " + h
	}
	if a.status != 429 {
		return fmt.Sprint(a.status, left)
	}
	if left != " - - -" {
		return "429 with headers" + left
	}
	text := strings.TrimPrefix(a.body, `{"error":"API rate limit exceeded: `)
	text, ok := strings.CutSuffix(text, `. Visit pulsedive.com/api to view limits and upgrade your plan."}`)
	return fmt.Sprintf("429 %s%s", text, map[bool]string{false: " (other words)"}[ok])
}

func TestPlanByName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]Plan{"none": {Name: "none"}, "free": FreePlan(), "pro": ProPlan()} {
		if got, ok := PlanByName(name); !ok || got != want {
			t.Errorf("asked for plan %q: got %+v, %v, want %+v", name, got, ok, want)
		}
	}
	if got, ok := PlanByName("gold"); ok {
		t.Errorf("asked for plan gold: got %+v, want none", got)
	}
}

func TestRefusedKeysUseNothing(t *testing.T) {
	t.Parallel()
	f := New(Config{Plan: Plan{PerDay: 1}, Now: at(testNow)})
	f.RefuseKey("bad")
	for range 3 {
		if got := ask(f, "indicator", "x.example", "key", "bad"); got.status != 401 {
			t.Errorf("asked with a refused key: got %d, want 401", got.status)
		}
	}
}

func TestReset(t *testing.T) {
	t.Parallel()
	f := New(Config{Plan: Plan{PerDay: 1}, Now: at(testNow)})
	f.SetInfo("d.example", Answer{Text: "kept"})
	for range 2 {
		if got := ask(f, "indicator", "d.example", "key", "k"); got.status != 200 || got.body != "kept" {
			t.Errorf("asked with a fresh limit: got %d %s, want 200 kept", got.status, got.body)
		}
		f.Reset()
		if n, calls := f.Count(), f.Calls(); n != 0 || len(calls) != 0 {
			t.Errorf("asked after Reset: got count %d, calls %v, want none", n, calls)
		}
	}
}
