package view_test

import (
	"testing"
	"time"

	"pulsedive-relay/relay/ctim"
	"pulsedive-relay/web/view"
)

func TestTook(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		-1: "–", 0: "0 µs", 412 * time.Microsecond: "412 µs", 3 * time.Millisecond: "3 ms", 412 * time.Millisecond: "412 ms",
		999400 * time.Microsecond: "999 ms", 999600 * time.Microsecond: "1.0 s", 1234 * time.Millisecond: "1.2 s", 9960 * time.Millisecond: "10 s",
		14 * time.Second: "14 s", 59900 * time.Millisecond: "1 min", 125 * time.Second: "2 min 5 s", 2 * time.Hour: "2 h", 102 * time.Hour: "4 d 6 h",
	} {
		if got := view.Took(d); got != want {
			t.Errorf("Took(%v) is %q; want %q", d, got, want)
		}
	}
}

func TestSpan(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0: "0 s", 400 * time.Millisecond: "0 s", 59 * time.Second: "59 s", time.Minute: "1 min", 3601 * time.Second: "1 h", 24 * time.Hour: "1 d",
		102*time.Hour + 5*time.Minute: "4 d 6 h", 24*time.Hour + 5*time.Minute: "1 d",
	} {
		if got := view.Span(d); got != want {
			t.Errorf("Span(%v) is %q; want %q", d, got, want)
		}
	}
}

func TestBytes(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{
		0: "0 B", 999: "999 B", 1000: "1 kB", 4096: "4.1 kB", 9949: "9.9 kB", 9951: "10 kB", 41_000_000: "41 MB", 999_600: "1 MB",
		1_200_000_000: "1.2 GB", 5_000_000_000_000_000: "5000 TB",
	} {
		if got := view.Bytes(n); got != want {
			t.Errorf("Bytes(%d) is %q; want %q", n, got, want)
		}
	}
}

func TestCount(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "0", 999: "999", 1284: "1\u202f284", 12408: "12\u202f408", 1234567: "1\u202f234\u202f567", -1284: "−1\u202f284"} {
		if got := view.Count(n); got != want {
			t.Errorf("Count(%d) is %q; want %q", n, got, want)
		}
	}
	if got := view.Count(uint64(1284)); got != "1\u202f284" {
		t.Errorf("Count of an unsigned number is %q; want the same as of a signed one", got)
	}
	for n, want := range map[int]string{0: "0 calls", 1: "1 call", 1284: "1\u202f284 calls"} {
		if got := view.Plural(n, "call", "calls"); got != want {
			t.Errorf("Plural(%d) is %q; want %q", n, got, want)
		}
	}
	for in, want := range map[[2]int]string{{0, 0}: "–", {1, 3}: "33 %", {2, 3}: "67 %", {5, 5}: "100 %"} {
		if got := view.Percent(in[0], in[1]); got != want {
			t.Errorf("Percent(%d, %d) is %q; want %q", in[0], in[1], got, want)
		}
	}
}

func TestCapital(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"": "", "too many": "Too many", "Ok": "Ok", "école": "École", "ßx": "ßx", "日本": "日本", "\xffx": "\xffx"} {
		if got := view.Capital(in); got != want {
			t.Errorf("Capital(%q) is %q; want %q", in, got, want)
		}
	}
}

func TestAgoText(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for d, want := range map[time.Duration]string{
		0: "just now", 4 * time.Second: "just now", -4 * time.Second: "just now", 12 * time.Second: "12 s ago", 60 * time.Second: "1 min ago",
		59 * time.Minute: "59 min ago", 47 * time.Hour: "47 h ago", 2 * day: "2 days ago", 3*day + time.Hour: "3 days ago", 99 * day: "99 days ago",
		100 * day: "3 months ago", 153 * day: "5 months ago", 729 * day: "23 months ago", 731 * day: "2 years ago", 1461 * day: "3 years ago",
		-88 * day: "in 88 days", -30 * time.Minute: "in 30 min",
	} {
		if got := view.AgoText(now.Add(-d), now); got != want {
			t.Errorf("%v before now is %q; want %q", d, got, want)
		}
	}
	if got := view.AgoText(time.Time{}, now); got != "never" {
		t.Errorf("no time is %q; want never", got)
	}
	zone := time.FixedZone("", 3600)
	if got, want := view.StampText(now.In(zone)), "2026-11-25 14:32:11 UTC"; got != want {
		t.Errorf("a time of another zone is %q; want %q", got, want)
	}
}

func TestVerdicts(t *testing.T) {
	t.Parallel()
	for d, want := range map[ctim.Disposition]view.Verdict{
		ctim.Clean: view.VerdictClean, ctim.Malicious: view.VerdictMalicious, ctim.Suspicious: view.VerdictSuspicious,
		ctim.Common: view.VerdictCommon, ctim.Unknown: view.VerdictUnknown, 0: view.VerdictNothing, 9: view.VerdictNothing,
	} {
		if got := view.VerdictOf(d); got != want {
			t.Errorf("the verdict of disposition %d is %q; want %q", d, got, want)
		}
	}
	for _, c := range []struct {
		want view.Verdict
		of   []view.Verdict
	}{
		{view.VerdictNothing, nil},
		{view.VerdictClean, []view.Verdict{view.VerdictClean}},
		{view.VerdictNothing, []view.Verdict{view.VerdictClean, view.VerdictNothing}},
		{view.VerdictMalicious, []view.Verdict{view.VerdictFailed, view.VerdictMalicious, view.VerdictSuspicious}},
		{view.VerdictFailed, []view.Verdict{view.VerdictUnknown, view.VerdictFailed, view.VerdictCommon}},
	} {
		if got := view.Worst(c.of...); got != c.want {
			t.Errorf("the worst of %v is %q; want %q", c.of, got, c.want)
		}
	}
}
