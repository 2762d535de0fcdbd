package pulsedive

import (
	"math/rand/v2"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// longestBlock is how long a used-up day or month is believed without asking
// again: the operator may have bought more.
const longestBlock = 10 * time.Minute

// Period is what a limit of a plan counts over.
type Period int

// The periods of Pulsedive's plans. PeriodUnknown is that of a refusal which
// does not tell.
const (
	PeriodUnknown Period = iota
	Second
	Day
	Month
)

// String names the period: second, day, month.
func (p Period) String() string {
	return [...]string{"period", "second", "day", "month"}[p]
}

// ends is when the period that holds now is over. Pulsedive's calendar is taken
// to be UTC.
func (p Period) ends(now time.Time) time.Time {
	y, m, d := now.UTC().Date()
	switch p {
	case Day:
		return time.Date(y, m, d+1, 0, 0, 0, 0, time.UTC)
	case Month:
		return time.Date(y, m+1, 1, 0, 0, 0, 0, time.UTC)
	}
	return now.Add(window)
}

// limits is what the answers for one key told of its plan.
type limits struct {
	told      bool // limits were named in a header
	perSecond int  // 0: none known
	exact     bool // perSecond was named in a refusal, not reckoned
	notBefore time.Time
	left      [Month + 1]remaining // by Period
	block     *LimitError          // a used-up day or month
	blocks    uint64               // how many there were
}

// remaining is how many calls a day or a month has left.
type remaining struct {
	known bool
	n     int
	limit int // as named in a refusal, or the most that was seen left
	ends  time.Time
}

// Quota is one limit of a key's plan, for those who look.
type Quota struct {
	Period Period
	// Limit is how many calls a period has, at least; Left how many are left,
	// -1 where that is not known.
	Limit, Left int
	// Ends is when the period is over, zero where Left is not known.
	Ends time.Time
}

var (
	// remainingHeader is the name of a header by period, in the form of net/http.
	remainingHeader = [...]string{Second: "X-Requests-Remaining-Second", Day: "X-Requests-Remaining-Day", Month: "X-Requests-Remaining-Month"}
	limitText       = regexp.MustCompile(`\b(\d[\d,]{0,10}) requests? per (second|day|month)`)
)

// limitOf reads a refusal's text, and the headers where that says nothing.
func limitOf(message string, h http.Header) (p Period, n int) {
	text := strings.ToLower(message)
	if m := limitText.FindStringSubmatch(text); m != nil {
		n, _ = strconv.Atoi(strings.ReplaceAll(m[1], ",", ""))
		text = m[2]
	}
	switch {
	case strings.Contains(text, "second"):
		return Second, n
	case strings.Contains(text, "month"):
		return Month, n
	case strings.Contains(text, "day"), strings.Contains(text, "daily"):
		return Day, n
	}
	for _, p := range []Period{Month, Day, Second} {
		if h.Get(remainingHeader[p]) == "0" {
			return p, n
		}
	}
	return PeriodUnknown, n
}

// learn takes in what the answer to a call tells. after is how many calls
// Pulsedive may have taken in after that one.
func (l *limits) learn(a *answer, t *turn, after uint64, now time.Time) {
	for _, p := range []Period{Second, Day, Month} {
		left := a.header[remainingHeader[p]]
		if len(left) == 0 {
			continue
		}
		n, err := strconv.Atoi(left[0])
		if err != nil || n < 0 {
			continue
		}
		l.told = true
		if p == Second {
			l.learnSecond(n, t)
		} else if p.ends(t.at).After(now) { // else it tells of yesterday
			l.learnLeft(p, n, int(after), now)
		}
	}
	if a.limit != nil {
		l.learnRefusal(a.limit, a.limitNumber, t, now)
	}
}

// learnSecond reckons the limit a second from what is left of it: this call and
// what is left after it. The most that was ever seen comes closest. What a
// refusal named is believed until an answer leaves more than that.
func (l *limits) learnSecond(n int, t *turn) {
	if n >= mostPerSecond {
		l.perSecond, l.exact = 0, false
		return
	}
	if !l.exact || n > l.perSecond {
		l.perSecond, l.exact = max(l.perSecond, n+1), false
	}
	if n == 0 && t.ours < l.perSecond { // someone else uses the key
		l.notBefore = later(l.notBefore, t.at.Add(window))
	}
}

// learnLeft takes in how many calls were left when one was answered: no more can
// be left now, and no fewer but for the calls that came after it. Answers may
// overtake each other.
func (l *limits) learnLeft(p Period, n, after int, now time.Time) {
	r := &l.left[p]
	if !r.known {
		*r = remaining{known: true, n: n - after, limit: r.limit, ends: p.ends(now)}
	}
	r.n = min(max(r.n, n-after), n)
	r.limit = max(r.limit, n+1)
	if n == 0 {
		l.blockUntil(&LimitError{Period: p, StatusError: StatusError{
			Status: http.StatusTooManyRequests, Reason: http.StatusText(http.StatusTooManyRequests),
			Message: "The Pulsedive API key has used up its requests for this " + p.String() + ".",
		}}, now, p.ends(now))
	}
}

func (l *limits) learnRefusal(e *LimitError, n int, t *turn, now time.Time) {
	switch e.Period {
	case Second, PeriodUnknown: // one that names no period is taken for a second's
		if e.Period == Second && n > 0 && n <= mostPerSecond {
			l.perSecond, l.exact = n, true
		}
		// By chance a little later: two relays with one key would else keep
		// step, and always the same would come second.
		l.notBefore = later(l.notBefore, t.at.Add(window+rand.N(window/2)))
		e.Until = l.notBefore
	case Day, Month:
		r := &l.left[e.Period]
		r.known, r.n, r.limit, r.ends = true, 0, max(r.limit, n), e.Period.ends(t.at)
		l.blockUntil(e, now, r.ends)
	}
}

// blockUntil refuses calls until the period ends, or longestBlock has passed.
func (l *limits) blockUntil(e *LimitError, now, ends time.Time) {
	e.Until = now.Add(longestBlock)
	if ends.Before(e.Until) {
		e.Until = ends
	}
	if l.block == nil {
		l.blocks++
	}
	l.block = e
}

// expire forgets periods that are over, and a block; it says whether there was
// one.
func (l *limits) expire(now time.Time) (over bool) {
	for p := range l.left {
		if r := &l.left[p]; r.known && !now.Before(r.ends) {
			*r = remaining{}
			over = true
		}
	}
	if l.block != nil && !now.Before(l.block.Until) {
		l.left[l.block.Period].known = false
		l.block = nil
		over = true
	}
	return over
}

// count notes that a call is made: -1, or was not made after all: 1.
func (l *limits) count(change int) {
	for p := range l.left {
		l.left[p].n += change
	}
}

// spent says whether a day or a month has nothing left for another call.
func (l *limits) spent() bool {
	return l.block == nil && !l.enough(0)
}

// enough says whether what is left serves one call and n more.
func (l *limits) enough(n int) bool {
	for _, r := range l.left {
		if r.known && r.n <= n && l.block == nil {
			return false
		}
	}
	return true
}

// quotas lists what is known, shortest period first.
func (l *limits) quotas() []Quota {
	var list []Quota
	if l.perSecond > 0 {
		list = append(list, Quota{Period: Second, Limit: l.perSecond, Left: -1})
	}
	for _, p := range []Period{Day, Month} {
		if r := l.left[p]; r.limit > 0 {
			q := Quota{Period: p, Limit: r.limit, Left: -1}
			if r.known {
				q.Left, q.Ends = max(r.n, 0), r.ends
			}
			list = append(list, q)
		}
	}
	return list
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
