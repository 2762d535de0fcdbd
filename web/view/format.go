package view

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// thin separates thousands: a narrow space that does not break.
const thin = "\u202f"

// stampLayout is how exact times are written, with the zone behind.
const stampLayout = "2006-01-02 15:04:05"

// Count writes a number with thin spaces between thousands.
func Count[N ~int | ~int64 | ~uint64 | ~uint32 | ~int32](n N) string {
	digits := strconv.FormatInt(int64(n), 10)
	sign := ""
	if digits[0] == '-' {
		sign, digits = "−", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + thin + digits[i:]
	}
	return sign + digits
}

// Plural writes a number with its word: 1 exchange, 12 exchanges.
func Plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Count(n) + " " + many
}

// Capital writes a text as the beginning of a sentence.
func Capital(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 || first == utf8.RuneError {
		return s
	}
	return string(unicode.ToTitle(first)) + s[size:]
}

// Percent writes a share of a whole: 63 %. Of nothing it is a dash.
func Percent(part, whole int) string {
	if whole <= 0 {
		return "–"
	}
	return strconv.Itoa((part*100+whole/2)/whole) + " %"
}

// Took writes how long something took: 412 µs, 3 ms, 1.2 s, 14 s, 2 min 5 s.
func Took(d time.Duration) string {
	switch {
	case d < 0:
		return "–"
	case d < time.Millisecond:
		return strconv.FormatInt(d.Microseconds(), 10) + " µs"
	case d < 999500*time.Microsecond:
		return strconv.FormatInt(d.Round(time.Millisecond).Milliseconds(), 10) + " ms"
	case d < 9950*time.Millisecond:
		return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " s"
	case d < 59500*time.Millisecond:
		return strconv.FormatFloat(d.Seconds(), 'f', 0, 64) + " s"
	}
	return Span(d.Round(time.Second))
}

// tookShort is Took for lists, where the eye compares: none is in a smaller unit
// than milliseconds.
func tookShort(d time.Duration) string {
	if d >= 0 && d < time.Millisecond {
		return "<\u00a01\u00a0ms"
	}
	return Took(d)
}

// Span writes a long duration in its two largest units: 4 d 6 h, 2 min 5 s.
func Span(d time.Duration) string {
	units := []struct {
		size time.Duration
		name string
	}{{24 * time.Hour, " d"}, {time.Hour, " h"}, {time.Minute, " min"}, {time.Second, " s"}}
	for i, u := range units {
		if d < u.size && i < len(units)-1 {
			continue
		}
		text := strconv.FormatInt(int64(d/u.size), 10) + u.name
		if i < len(units)-1 && d%u.size >= units[i+1].size {
			text += " " + strconv.FormatInt(int64(d%u.size/units[i+1].size), 10) + units[i+1].name
		}
		return text
	}
	return "0 s"
}

// Bytes writes a size: 812 B, 4.1 kB, 41 MB.
func Bytes(n int64) string {
	if n < 1000 {
		return strconv.FormatInt(n, 10) + " B"
	}
	size, unit := float64(n), ""
	for _, unit = range []string{"kB", "MB", "GB", "TB"} {
		size /= 1000
		if size < 999.5 {
			break
		}
	}
	digits := 0
	if size < 9.95 {
		digits = 1
	}
	return strings.TrimSuffix(strconv.FormatFloat(size, 'f', digits, 64), ".0") + " " + unit
}

// AgoText writes a time as seen from now: 12 s ago, 3 days ago, in 88 days. The
// script that keeps pages fresh counts alike.
func AgoText(t, now time.Time) string {
	if t.IsZero() {
		return "never"
	}
	d := now.Sub(t)
	future := d < 0
	if future {
		d = -d
	}
	if d < 5*time.Second {
		return "just now"
	}
	text := distance(d)
	if future {
		return "in " + text
	}
	return text + " ago"
}

// distance changes unit so late that one of a unit is never said: 47 h, 2 days;
// 99 days, 3 months; 23 months, 2 years.
func distance(d time.Duration) string {
	const day = 24 * time.Hour
	days := int(d / day)
	months := int(float64(days) / 30.44)
	switch {
	case d < time.Minute:
		return strconv.Itoa(int(d/time.Second)) + " s"
	case d < time.Hour:
		return strconv.Itoa(int(d/time.Minute)) + " min"
	case d < 2*day:
		return strconv.Itoa(int(d/time.Hour)) + " h"
	case days < 100:
		return strconv.Itoa(days) + " days"
	case months < 24:
		return strconv.Itoa(months) + " months"
	}
	return strconv.Itoa(months/12) + " years"
}

// StampText writes a time exactly, in UTC.
func StampText(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.UTC().Format(stampLayout) + " UTC"
}

// clockText writes the time of day, and the day too where that is not today.
func clockText(t, now time.Time) string {
	t, now = t.UTC(), now.UTC()
	if t.Year() == now.Year() && t.YearDay() == now.YearDay() {
		return t.Format("15:04:05")
	}
	if t.Year() == now.Year() {
		return t.Format("2 Jan 15:04")
	}
	return t.Format("2006-01-02")
}
