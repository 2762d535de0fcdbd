package pulsedivetest

import (
	"regexp"
	"sync/atomic"
	"time"
)

// stampLayout is how Pulsedive writes times, in UTC.
const stampLayout = "2006-01-02 15:04:05"

// relativeStamp is a JSON string that tells a time relative to now: "-3d",
// "+40d", "-3d4h12m5s".
var relativeStamp = regexp.MustCompile(`"([+-])(\d{1,5})d((?:\d+h)?(?:\d+m)?(?:\d+s)?)"`)

// template is a JSON document with relative stamps: piece, stamp, piece, … piece.
type template struct {
	pieces [][]byte
	stamps []time.Duration
}

func newTemplate(doc []byte) template {
	var t template
	from := 0
	for _, at := range relativeStamp.FindAllSubmatchIndex(doc, -1) {
		t.pieces = append(t.pieces, doc[from:at[0]+1])
		t.stamps = append(t.stamps, offset(string(doc[at[2]:at[3]]), string(doc[at[4]:at[5]]), string(doc[at[6]:at[7]])))
		from = at[1] - 1
	}
	t.pieces = append(t.pieces, doc[from:])
	return t
}

// offset reads the parts of a relative stamp.
func offset(sign, days, rest string) time.Duration {
	d, _ := time.ParseDuration("0" + days + "h") // both are of digits only
	d *= 24
	if rest != "" {
		more, _ := time.ParseDuration(rest)
		d += more
	}
	if sign == "-" {
		return -d
	}
	return d
}

// at is the document with its stamps told from now.
func (t template) at(now time.Time) []byte {
	doc := append([]byte(nil), t.pieces[0]...)
	for i, d := range t.stamps {
		doc = now.Add(d).UTC().AppendFormat(doc, stampLayout)
		doc = append(doc, t.pieces[i+1]...)
	}
	return doc
}

// moving is a document whose stamps move along with the clock, by the hour: two
// calls within an hour get the same document, and its compressed form is worth
// keeping.
type moving struct {
	template template
	latest   atomic.Pointer[hourly]
}

// hourly is what a template makes of one hour.
type hourly struct {
	hour    time.Time
	stamp   string // the hour as a stamp
	content *content
}

func newMoving(t template) *moving { return &moving{template: t} }

// at is the document of the hour that now is in.
func (m *moving) at(now time.Time) *hourly {
	hour := now.UTC().Truncate(time.Hour)
	if h := m.latest.Load(); h != nil && h.hour.Equal(hour) {
		return h
	}
	h := &hourly{hour, hour.Format(stampLayout), newContent(m.template.at(hour))}
	m.latest.Store(h)
	return h
}
