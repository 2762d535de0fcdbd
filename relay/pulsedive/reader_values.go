package pulsedive

import (
	"strings"
	"time"
	"unicode/utf8"
)

// text reads a string; any other value is empty.
func (r *reader) text() string {
	if r.kind() != '"' {
		r.skip()
		return ""
	}
	s := r.string()
	switch {
	case len(s) > mostText:
		return ""
	case !utf8.ValidString(s):
		return strings.ToValidUTF8(s, "\uFFFD")
	}
	return s
}

// value reads the next value as it stands in the answer.
func (r *reader) value() string {
	r.kind()
	from := r.i
	r.skip()
	return r.s[from:r.i]
}

// something says whether the next value is anything but null, false, 0, or empty.
func (r *reader) something() bool {
	switch r.value() {
	case `null`, `false`, `0`, `""`, `[]`, `{}`:
		return false
	}
	return true
}

// take says whether the lists may take more text, and counts it.
func (r *reader) take(n int) bool {
	if n > r.room {
		return false
	}
	r.room -= n
	return true
}

// number reads a whole number without sign, or a string of one; any other value
// is empty.
func (r *reader) number() string {
	v := r.value()
	if len(v) > 1 && v[0] == '"' {
		v = v[1 : len(v)-1]
	}
	if len(v) > 20 {
		return ""
	}
	for _, c := range []byte(v) {
		if c < '0' || c > '9' {
			return ""
		}
	}
	return v
}

// stamp reads a time in Pulsedive's form, 2006-01-02 15:04:05, in UTC; any other
// value is the zero time.
func (r *reader) stamp() time.Time {
	const form = `"0000-00-00 00:00:00"`
	v := r.value()
	if len(v) != len(form) {
		return time.Time{}
	}
	for i := range len(form) {
		if c := v[i]; form[i] == '0' && (c < '0' || c > '9') || form[i] != '0' && c != form[i] {
			return time.Time{}
		}
	}
	n := func(i, digits int) (n int) {
		for _, c := range []byte(v[i : i+digits]) {
			n = 10*n + int(c-'0')
		}
		return n
	}
	year, month, day, hour, minute, second := n(1, 4), time.Month(n(6, 2)), n(9, 2), n(12, 2), n(15, 2), n(18, 2)
	t := time.Date(year, month, day, hour, minute, second, 0, time.UTC)
	y, m, d := t.Date()
	if y != year || m != month || d != day || year < 1 || hour > 23 || minute > 59 || second > 59 {
		return time.Time{}
	}
	return t
}
