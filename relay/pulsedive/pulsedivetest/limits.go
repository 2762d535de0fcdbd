package pulsedivetest

import (
	"fmt"
	"sync"
	"time"
)

// limits counts what each key has used of the plan.
type limits struct {
	plan Plan
	mu   sync.Mutex
	keys map[string]*usage
}

// usage is what one key has used.
type usage struct {
	second     []time.Time // passed calls of the last second, oldest first
	day, month period
}

// period counts the calls of one day or month.
type period struct {
	name string
	used int
}

// enter starts counting anew where the period has changed.
func (p *period) enter(name string) {
	if p.name != name {
		*p = period{name: name}
	}
}

func (l *limits) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	clear(l.keys)
}

// take lets one call of key pass, or says in Pulsedive's words which limit stops
// it: the one that lasts longest.
func (l *limits) take(key string, now time.Time) (left remaining, over string) {
	if l.plan.limitless() {
		return unlimited, ""
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	u := l.keys[key]
	if u == nil {
		u = &usage{}
		l.keys[key] = u
	}
	u.enter(now)
	p := l.plan
	switch {
	case full(p.PerMonth, u.month.used):
		return unlimited, overText(p.PerMonth, "month")
	case full(p.PerDay, u.day.used):
		return unlimited, overText(p.PerDay, "day")
	case full(p.PerSecond, len(u.second)):
		return unlimited, overText(p.PerSecond, "second")
	}
	u.pass(now)
	return remaining{rest(p.PerSecond, len(u.second)), rest(p.PerDay, u.day.used), rest(p.PerMonth, u.month.used)}, ""
}

// enter forgets what no longer counts at now.
func (u *usage) enter(now time.Time) {
	utc := now.UTC()
	u.day.enter(utc.Format(time.DateOnly))
	u.month.enter(utc.Format("2006-01"))
	for len(u.second) > 0 && now.Sub(u.second[0]) >= time.Second {
		u.second = u.second[1:]
	}
}

func (u *usage) pass(now time.Time) {
	u.second = append(u.second, now)
	u.day.used++
	u.month.used++
}

func full(limit, used int) bool { return limit > 0 && used >= limit }

func rest(limit, used int) int {
	if limit <= 0 {
		return noLimit
	}
	return limit - used
}

// overText is the documented text of a 429.
func overText(limit int, per string) string {
	return fmt.Sprintf("API rate limit exceeded: %d requests per %s. "+
		"Visit pulsedive.com/api to view limits and upgrade your plan.", limit, per)
}
