package main

import (
	"fmt"
	"testing"
	"time"

	"pulsedive-relay/relay/ctim"
)

// asked is a question about values, of which some failed.
func asked(t *testing.T, values []string, failed ...int) *question {
	t.Helper()
	list, err := recognise(values)
	if err != nil {
		t.Fatal(err)
	}
	q := &question{list: list, failed: map[int]bool{}}
	for _, i := range failed {
		q.failed[i] = true
	}
	return q
}

func known(value string) ctim.Bundle {
	o := ctim.Observable{Value: value}
	return ctim.Bundle{Verdicts: []ctim.Verdict{{Observable: o}}, Judgements: []ctim.Judgement{{Observable: o}}}
}

// TestObserveTableOrder: every value has its row, whatever its spelling, and none
// that failed is said to be unknown.
func TestObserveTableOrder(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		values  []string
		failed  []int
		bundles []string
		want    string // of each row what stands first and last
	}{
		{"all known", []string{"a.example", "b.example"}, nil, []string{"a.example", "b.example"}, "[a.example –] [b.example –]"},
		{"none known", []string{"a.example", "b.example"}, nil, nil, "[a.example nothing known] [b.example nothing known]"},
		{"the first unknown", []string{"a.example", "b.example"}, nil, []string{"b.example"}, "[a.example nothing known] [b.example –]"},
		{"one failed", []string{"a.example", "b.example"}, []int{0}, []string{"b.example"}, "[a.example no answer] [b.example –]"},
		{"another spelling", []string{"A.example", "http://b.example", "2001:db8:0:0::1"}, nil, []string{"a.EXAMPLE.", "http://b.example/", "2001:DB8::1"},
			"[a.EXAMPLE. –] [http://b.example/ –] [2001:DB8::1 –]"},
		{"another name", []string{"http://a.example/x y", "b.example"}, nil, []string{"http://a.example/x%20y", "b.example"}, "[http://a.example/x%20y –] [b.example –]"},
		{"another name behind one that failed", []string{"a.example", "http://b.example/ ", "c.example"}, []int{0}, []string{"http://b.example/other", "c.example"},
			"[a.example no answer] [http://b.example/other –] [c.example –]"},
	} {
		var bundles []ctim.Bundle
		for _, value := range c.bundles {
			bundles = append(bundles, known(value))
		}
		got := ""
		for i, row := range asked(t, c.values, c.failed...).observeTable(bundles).rows {
			if i > 0 {
				got += " "
			}
			got += fmt.Sprint([]string{row[0].text, row[len(row)-1].text})
		}
		if got != c.want {
			t.Errorf("%s: rows are %s; want %s", c.name, got, c.want)
		}
	}
}

func TestValidUntil(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		disposition ctim.Disposition
		end         time.Time
		want        string
	}{
		{ctim.Malicious, now.Add(24 * time.Hour), "2026-03-05"},
		{ctim.Malicious, now.Add(time.Second), "2026-03-04"},
		{ctim.Clean, now.Add(-time.Second), "2026-03-04 (over)"},
		{ctim.Suspicious, time.Time{}, "–"},
		{ctim.Unknown, now.Add(time.Hour), "–"},
	} {
		if got := until(ctim.Verdict{Disposition: c.disposition, ValidTime: ctim.Span{End: c.end}}, now); got != c.want {
			t.Errorf("%v until %v at %v: %q; want %q", c.disposition, c.end, now, got, c.want)
		}
	}
}

func TestWhy(t *testing.T) {
	t.Parallel()
	titled := func(titles ...string) (list []ctim.Indicator) {
		for _, title := range titles {
			list = append(list, ctim.Indicator{Title: title})
		}
		return list
	}
	related := func(n int) []ctim.Sighting { return []ctim.Sighting{{}, {Relations: make([]ctim.Relation, n)}} }
	for _, c := range []struct {
		bundle ctim.Bundle
		want   string
	}{
		{ctim.Bundle{}, "–"},
		{ctim.Bundle{Indicators: titled("x")}, "1 indicator: x"},
		{ctim.Bundle{Indicators: titled("a", "b", "c", "d")}, "4 indicators: a, b, c"},
		{ctim.Bundle{Sightings: related(1)}, "1 DNS relation"},
		{ctim.Bundle{Indicators: titled("a"), Sightings: related(2)}, "1 indicator, 2 DNS relations: a"},
	} {
		if got := why(c.bundle); got != c.want {
			t.Errorf("why is %q; want %q", got, c.want)
		}
	}
}
