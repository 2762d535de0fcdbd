package web

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"pulsedive-relay/relay/ctim"
	"pulsedive-relay/store"
)

// TestExportDamaged: what the summary says of a damaged exchange is exported, and
// JSON lines say that the rest is missing.
func TestExportDamaged(t *testing.T) {
	t.Parallel()
	x := &store.Exchange{Damaged: true, Summary: store.Summary{ID: 7, Count: 1, Results: []store.Result{{Observable: ctim.Observable{Type: "domain", Value: "www.example.com"}}}}}
	var lines, cells bytes.Buffer
	if err := writeJSONL(&lines)(x); err != nil {
		t.Fatal(err)
	}
	c := csv.NewWriter(&cells)
	if err := writeCSV(c)(x); err != nil {
		t.Fatal(err)
	}
	c.Flush()
	for text, want := range map[string]string{lines.String(): `{"id":7,"damaged":true,`, cells.String(): "7,"} {
		if !strings.HasPrefix(text, want) || !strings.Contains(text, "www.example.com") {
			t.Errorf("exporting a damaged exchange: got %s; want it to begin with %s and to name the observable", text, want)
		}
	}
}
