package pulsedive

import (
	"slices"
	"strings"
	"time"
)

// newest orders a list, newest first and otherwise as sent, and drops what is
// beyond the bound. It says how much text that was, in bytes.
func newest[T interface {
	linked() time.Time
	text() int
}](list []T, most int) (kept []T, freed int) {
	slices.SortStableFunc(list, func(a, b T) int { return b.linked().Compare(a.linked()) })
	if len(list) <= most {
		return list, 0
	}
	for _, e := range list[most:] {
		freed += e.text()
	}
	return slices.Clone(list[:most]), freed // the rest is not to stay in memory
}

// usualList is how many entries a list of Pulsedive's usually has, at most.
const usualList = 12

// add puts an element on a list, where there is room for its text, and drops the
// oldest before the list gets much longer than what is kept.
func add[T interface {
	linked() time.Time
	text() int
}](in *reader, list []T, e T) []T {
	if !in.take(e.text()) {
		return list
	}
	if list == nil {
		list = make([]T, 0, usualList)
	}
	if list = append(list, e); len(list) < 2*in.most {
		return list
	}
	list, freed := newest(list, in.most)
	in.room += freed
	return list
}

func (t Threat) linked() time.Time { return t.Linked }
func (t Threat) text() int         { return len(t.TID) + len(t.Name) + len(t.Category) }
func (f Feed) linked() time.Time   { return f.Linked }
func (f Feed) text() int           { return len(f.FID) + len(f.Name) + len(f.Category) + len(f.Organization) }

// compact puts all texts into one piece of memory of their own, so that the
// answer that they are parts of need not stay.
func compact(texts func(func(*string))) {
	n := 0
	texts(func(s *string) { n += len(*s) })
	var b strings.Builder
	b.Grow(n)
	texts(func(s *string) {
		b.WriteString(*s)
		*s = b.String()[b.Len()-len(*s):]
	})
}
