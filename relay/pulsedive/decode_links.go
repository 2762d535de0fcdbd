package pulsedive

import (
	"slices"
	"strings"
	"time"
)

// decodeLinks reads the answer to links. One that holds an error, or no list of
// Active DNS, has none.
func decodeLinks(body []byte, most int) (*Links, error) {
	l := &Links{}
	in := newReader(body, most)
	object := in.enter('{')
	for object && in.more('}') {
		if in.name() == "Active DNS" {
			l.readDNS(in)
		} else {
			in.skip()
		}
	}
	if err := in.end(object); err != nil {
		return nil, err
	}
	l.keepNewest(most)
	compact(l.texts)
	return l, nil
}

func (l *Links) readDNS(in *reader) {
	for ok := in.enter('['); ok && in.more(']'); {
		var e DNS
		for ok := in.enter('{'); ok && in.more('}'); {
			switch in.name() {
			case "indicator":
				e.Indicator = in.text()
			case "type":
				e.Type = strings.ToLower(in.text())
			case "stamp_linked":
				e.Linked = in.stamp()
			default:
				in.skip()
			}
		}
		if e.Indicator == "" || !in.take(e.text()) {
			continue
		}
		if l.ActiveDNS == nil {
			l.ActiveDNS = make([]DNS, 0, usualList)
		}
		if l.ActiveDNS = append(l.ActiveDNS, e); len(l.ActiveDNS) >= 2*in.most {
			in.room += l.keepNewest(in.most)
		}
	}
}

func (e DNS) linked() time.Time { return e.Linked }
func (e DNS) text() int         { return len(e.Indicator) + len(e.Type) }

// keepNewest drops the oldest entries beyond the bound; the others stay in the
// order they were sent in. It says how much text that was, in bytes.
func (l *Links) keepNewest(most int) (freed int) {
	if len(l.ActiveDNS) <= most {
		return 0
	}
	ordered, freed := newest(slices.Clone(l.ActiveDNS), most)
	oldest, equal := ordered[most-1].Linked, 0
	for _, e := range ordered {
		if e.Linked.Equal(oldest) {
			equal++
		}
	}
	kept := make([]DNS, 0, most)
	for _, e := range l.ActiveDNS {
		if e.Linked.Equal(oldest) {
			equal--
		}
		if e.Linked.After(oldest) || e.Linked.Equal(oldest) && equal >= 0 {
			kept = append(kept, e)
		}
	}
	l.ActiveDNS = kept
	return freed
}

func (l *Links) texts(visit func(*string)) {
	for i := range l.ActiveDNS {
		visit(&l.ActiveDNS[i].Indicator)
		visit(&l.ActiveDNS[i].Type)
	}
}
