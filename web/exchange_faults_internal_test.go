package web

import (
	"testing"

	"pulsedive-relay/store"
)

// TestFaultText: errors are told as sentences, and Pulsedive's as Pulsedive's.
func TestFaultText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ code, message, want string }{
		{"internal server error", "Database error.", "Pulsedive says: Database error."},
		{"authorization error", "Authorization failed: Wrong JWT structure", "Authorization failed: Wrong JWT structure."},
		{"invalid argument", "Invalid JSON payload received. {0: {'value': ['Field may not be blank.']}}", "Invalid JSON payload received. {0: {'value': ['Field may not be blank.']}}"},
		{"unknown", " ", ""},
	} {
		if got := faultText(store.Fault{Code: c.code, Message: c.message}); got != c.want {
			t.Errorf("%s, %q is told as %q; want %q", c.code, c.message, got, c.want)
		}
	}
}

// TestFaultTitle: of several observables it says how many failed so.
func TestFaultTitle(t *testing.T) {
	t.Parallel()
	failed, fine := &store.Result{Error: "timeout"}, &store.Result{}
	for _, c := range []struct {
		list []*store.Result
		one  int
		want string
	}{
		{[]*store.Result{failed, fine, failed}, -1, "Timeout, 2 of 3 observables."},
		{[]*store.Result{fine, fine}, -1, "Timeout."},
		{[]*store.Result{failed}, 0, "Timeout."},
	} {
		l := &looked{one: c.one}
		for _, r := range c.list {
			l.subjects = append(l.subjects, subject{Result: r})
		}
		if got := l.faultTitle(store.Fault{Code: "timeout"}); got != c.want {
			t.Errorf("with %d results, one %d, the title is %q; want %q", len(c.list), c.one, got, c.want)
		}
	}
}
