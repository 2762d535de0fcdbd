package pulsedive

import (
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
	// Ends is when the period is over, zero for a second.
	Ends time.Time
}

var (
	remainingHeader = [...]string{Second: "X-Requests-Remaining-Second", Day: "X-Requests-Remaining-Day", Month: "X-Requests-Remaining-Month"}
	limitNumber     = regexp.MustCompile(`(\d{1,9}) requests? per (?:second|day|month)`)
)

// limitOf reads a refusal's text, and the headers where that says nothing.
func limitOf(message string, h http.Header) (p Period, n int) {
	text := strings.ToLower(message)
	if m := limitNumber.FindStringSubmatch(text); m != nil {
		n, _ = strconv.Atoi(m[1])
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

// learn takes in what one answer tells. inFlight calls are still on their way.
func (l *limits) learn(a *answer, now time.Time, inFlight int, sent []time.Time) {
	for _, p := range []Period{Second, Day, Month} {
		n, err := strconv.Atoi(a.header.Get(remainingHeader[p]))
		if err != nil || n < 0 {
			continue
		}
		l.told = true
		if p == Second {
			l.learnSecond(n, now, sent)
			continue
		}
		l.learnLeft(p, n, now, inFlight)
	}
	if a.limit != nil {
		l.learnRefusal(a.limit, a.limitNumber, now)
	}
}

// learnSecond reckons the limit a second from what is left of it: this call and
// what is left after it. The most that was ever seen comes closest.
func (l *limits) learnSecond(n int, now time.Time, sent []time.Time) {
	if n >= mostPerSecond {
		l.perSecond = 0
		return
	}
	if !l.exact {
		l.perSecond = max(l.perSecond, n+1)
	}
	ours := 0
	for _, t := range sent {
		if now.Sub(t) < window {
			ours++
		}
	}
	if n == 0 && max(ours, 1) < l.perSecond { // someone else uses the key
		l.notBefore = now.Add(window)
	}
}

// learnLeft takes the number in an answer for the number left, but for what
// calls on their way will use up; answers may overtake each other.
func (l *limits) learnLeft(p Period, n int, now time.Time, inFlight int) {
	r := &l.left[p]
	switch {
	case !r.known:
		*r = remaining{known: true, n: n - inFlight, limit: n + 1, ends: p.ends(now)}
	case n < r.n:
		r.n = n
	case n > r.n+inFlight:
		r.n = n - inFlight
	}
	r.limit = max(r.limit, n+1)
	if n == 0 {
		l.blockUntil(&LimitError{Period: p, StatusError: StatusError{
			Status: http.StatusTooManyRequests, Reason: http.StatusText(http.StatusTooManyRequests),
			Message: "The Pulsedive API key has used up its requests for this " + p.String() + ".",
		}}, now)
	}
}

func (l *limits) learnRefusal(e *LimitError, n int, now time.Time) {
	switch e.Period {
	case Second:
		if n > 0 && n <= mostPerSecond {
			l.perSecond, l.exact = n, true
		}
		l.notBefore = now.Add(window)
		e.Until = l.notBefore
	case Day, Month:
		r := &l.left[e.Period]
		r.known, r.n, r.limit, r.ends = true, 0, max(r.limit, n), e.Period.ends(now)
		l.blockUntil(e, now)
	}
}

func (l *limits) blockUntil(e *LimitError, now time.Time) {
	e.Until = now.Add(longestBlock)
	if end := e.Period.ends(now); end.Before(e.Until) {
		e.Until = end
	}
	if l.block == nil {
		l.blocks++
	}
	l.block = e
}

// expire forgets periods that are over and says whether a block was among them.
func (l *limits) expire(now time.Time) bool {
	for p := range l.left {
		if l.left[p].known && !now.Before(l.left[p].ends) {
			l.left[p] = remaining{}
		}
	}
	if l.block == nil || now.Before(l.block.Until) {
		return false
	}
	l.left[l.block.Period].known = false
	l.block = nil
	return true
}

// count notes that a call is made.
func (l *limits) count() {
	for p := range l.left {
		l.left[p].n--
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

// nextAt is when the limit a second allows the next call, given when the latest
// were sent.
func (l *limits) nextAt(sent []time.Time) time.Time {
	at := l.notBefore
	if l.perSecond > 0 && len(sent) >= l.perSecond {
		if t := sent[len(sent)-l.perSecond].Add(window); t.After(at) {
			at = t
		}
	}
	return at
}

// quotas lists what is known, shortest period first.
func (l *limits) quotas() []Quota {
	var list []Quota
	if l.perSecond > 0 {
		list = append(list, Quota{Period: Second, Limit: l.perSecond, Left: -1})
	}
	for _, p := range []Period{Day, Month} {
		if r := l.left[p]; r.limit > 0 {
			list = append(list, Quota{Period: p, Limit: r.limit, Left: max(r.n, 0), Ends: r.ends})
		}
	}
	return list
}
