package view

import (
	"time"

	"github.com/a-h/templ"
)

// SelfTestPage is a run of the self-test.
type SelfTestPage struct {
	// Fresh is whether there was no run yet; Running whether one goes on.
	Fresh, Running bool
	// Ended is when it was over, Took how long it took.
	Ended, Now time.Time
	Took       time.Duration
	Groups     []FindingGroupView
}

// FindingGroupView is what was found about one part of the chain.
type FindingGroupView struct {
	Title    string
	Findings []FindingView
}

// FindingView is what one check came to.
type FindingView struct {
	Name    string
	Running bool
	State   Health
	// Text says what was found, Advice what to do, Link where.
	Text, Advice string
	Link         Link
	Took         time.Duration
}

// Add appends a finding to its group; those of one group follow each other.
func (p *SelfTestPage) Add(group string, f FindingView) {
	if n := len(p.Groups); n == 0 || p.Groups[n-1].Title != group {
		p.Groups = append(p.Groups, FindingGroupView{Title: group})
	}
	last := &p.Groups[len(p.Groups)-1]
	last.Findings = append(last.Findings, f)
}

// counts are how many checks came to what; done is how many came to anything.
func (p SelfTestPage) counts() (of map[Health]int, done, all int) {
	of = map[Health]int{}
	for _, g := range p.Groups {
		for _, f := range g.Findings {
			if all++; !f.Running && !p.Fresh {
				done++
				of[f.State]++
			}
		}
	}
	return of, done, all
}

// done is how many checks came to something, all how many there are.
func (p SelfTestPage) done() int { _, n, _ := p.counts(); return n }
func (p SelfTestPage) all() int  { _, _, n := p.counts(); return n }

// state is the worst of what was found.
func (p SelfTestPage) state() Health {
	of, _, _ := p.counts()
	for _, h := range []Health{HealthFail, HealthWarn, HealthOK} {
		if of[h] > 0 {
			return h
		}
	}
	return HealthIdle
}

// summary says in a sentence what was found.
func (p SelfTestPage) summary() string {
	of, done, all := p.counts()
	switch {
	case p.Fresh:
		return Plural(all, "check", "checks") + ", none run yet"
	case p.Running:
		return Count(done) + " of " + Plural(all, "check is", "checks are") + " done"
	case of[HealthFail] > 0 && of[HealthWarn] > 0:
		return Plural(of[HealthFail], "is broken", "are broken") + ", " + Plural(of[HealthWarn], "needs a look", "need a look")
	case of[HealthFail] > 0:
		return Plural(of[HealthFail], "check is broken", "checks are broken")
	case of[HealthWarn] > 0:
		return Plural(of[HealthWarn], "check needs a look", "checks need a look")
	}
	return "All is well"
}

// label is what the button says.
func (p SelfTestPage) label() string {
	switch {
	case p.Running:
		return "Running …"
	case p.Fresh:
		return "Run all checks"
	}
	return "Run again"
}

func (p SelfTestPage) icon() string {
	if p.Fresh {
		return "play"
	}
	return "again"
}

// polling has the results ask for themselves, while a run goes on.
func polling(running bool) templ.Attributes {
	if !running {
		return nil
	}
	return templ.Attributes{"hx-get": "/admin/self-test", "hx-trigger": "every 500ms", "hx-swap": "outerHTML"}
}
