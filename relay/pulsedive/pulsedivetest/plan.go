package pulsedivetest

import (
	"net/http"
	"strconv"
)

// Plan is what each key may ask. Calls that are answered 429 count against
// nothing.
//
// "Per second" is a sliding window: a call passes where fewer than PerSecond
// calls of the key passed in the second before it. That is stricter than
// counting by the second of the clock, so a caller that gets along here gets
// along either way. Days and months are those of the UTC calendar.
type Plan struct {
	Name      string // how people call it
	PerSecond int    // calls in any second; 0: no such limit
	PerDay    int    // calls a day; 0: no such limit
	PerMonth  int    // calls a month; 0: no such limit
}

// FreePlan is the plan of a key that costs nothing, as Pulsedive is reported to
// limit it.
func FreePlan() Plan { return Plan{Name: "free", PerSecond: 1, PerDay: 50, PerMonth: 500} }

// ProPlan is a plan of a paid key; its numbers are made up, and so is that it has
// no limit per month.
func ProPlan() Plan { return Plan{Name: "pro", PerSecond: 10, PerDay: 10_000} }

// PlanByName finds a plan by its name: none, free or pro.
func PlanByName(name string) (Plan, bool) {
	for _, p := range []Plan{{Name: "none"}, FreePlan(), ProPlan()} {
		if p.Name == name {
			return p, true
		}
	}
	return Plan{}, false
}

func (p Plan) limitless() bool { return p.PerSecond <= 0 && p.PerDay <= 0 && p.PerMonth <= 0 }

// remaining is what is left of each limit after a call; noLimit: no such limit.
type remaining struct{ second, day, month int }

const noLimit = -1

var unlimited = remaining{noLimit, noLimit, noLimit}

// tell sets the headers of the limits that exist.
func (l remaining) tell(h http.Header) {
	for _, one := range [...]struct {
		header string
		left   int
	}{
		{"X-Requests-Remaining-Second", l.second},
		{"X-Requests-Remaining-Day", l.day},
		{"X-Requests-Remaining-Month", l.month},
	} {
		if one.left != noLimit {
			h.Set(one.header, strconv.Itoa(one.left))
		}
	}
}
