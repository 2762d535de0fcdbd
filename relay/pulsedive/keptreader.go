package pulsedive

import (
	"encoding/binary"
	"errors"
	"math"
	"strings"
	"time"
	"unicode/utf8"
)

// keptReader reads what keep wrote. It takes the bytes for foreign: what
// comes out has the bounds and the forms of a decoded answer.
type keptReader struct {
	b    []byte
	most int // the most entries of a list
	err  error
}

var errKept = errors.New("no answer that was kept")

func (in *keptReader) fail() { in.b, in.err = nil, errKept }

func (in *keptReader) byte() byte {
	if len(in.b) == 0 {
		in.fail()
		return 0
	}
	c := in.b[0]
	in.b = in.b[1:]
	return c
}

func (in *keptReader) number(most int64) int64 {
	n, size := binary.Uvarint(in.b)
	if size <= 0 || n > uint64(most) {
		in.fail()
		return 0
	}
	in.b = in.b[size:]
	return int64(n)
}

func (in *keptReader) text() string {
	n := int(in.number(mostText))
	if n > len(in.b) || !utf8.Valid(in.b[:n]) {
		in.fail()
		return ""
	}
	s := string(in.b[:n])
	in.b = in.b[n:]
	return s
}

// digits reads a number that is kept as text.
func (in *keptReader) digits() string {
	s := in.text()
	if strings.Trim(s, "0123456789") != "" || len(s) > 20 {
		in.fail()
	}
	return s
}

func (in *keptReader) time() time.Time {
	const last = 3652059 * 24 * 60 * 60 // from year 1 to 10000
	if n := in.number(last - 1); n > 0 {
		return time.Unix(time.Time{}.Unix()+n, 0).UTC()
	}
	return time.Time{}
}

// list reads the length of a list, and says so by as many turns.
func (in *keptReader) list(yield func(int) bool) {
	for i := range in.number(int64(min(in.most, math.MaxInt32))) {
		if in.err != nil || !yield(int(i)) {
			return
		}
	}
}

func (in *keptReader) record() *Record {
	r := &Record{IID: in.digits(), Indicator: in.text(), Type: in.text(), Risk: in.text(), Retired: in.text()}
	r.Seen, r.RetiredAt = in.time(), in.time()
	for range in.list {
		r.RiskFactors = append(r.RiskFactors, RiskFactor{Description: in.text(), Risk: in.text()})
	}
	for range in.list {
		r.Threats = append(r.Threats, Threat{TID: in.digits(), Name: in.text(), Category: in.text(), Linked: in.time()})
	}
	for range in.list {
		r.Feeds = append(r.Feeds, Feed{FID: in.digits(), Name: in.text(), Category: in.text(), Organization: in.text(), Linked: in.time()})
	}
	if missing(r, true, true) != "" || r.Risk != knownRisk(r.Risk) || r.blank() {
		in.fail()
	}
	r.Threats, _ = newest(r.Threats, in.most)
	r.Feeds, _ = newest(r.Feeds, in.most)
	compact(r.texts)
	return r
}

// blank says whether an entry of a list lacks what every entry has.
func (r *Record) blank() bool {
	for i := range r.RiskFactors {
		if r.RiskFactors[i].Description == "" {
			return true
		}
	}
	for i := range r.Threats {
		if r.Threats[i].Name == "" {
			return true
		}
	}
	for i := range r.Feeds {
		if r.Feeds[i].Name == "" {
			return true
		}
	}
	return false
}

func (in *keptReader) links() *Links {
	l := &Links{}
	for range in.list {
		e := DNS{Indicator: in.text(), Type: in.text(), Linked: in.time()}
		if e.Indicator == "" {
			in.fail()
		}
		l.ActiveDNS = append(l.ActiveDNS, e)
	}
	compact(l.texts)
	return l
}
