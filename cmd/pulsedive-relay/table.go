package main

import (
	"io"
	"slices"
	"strings"

	"pulsedive-relay/relay/ctim"
)

const (
	// widest is how many columns of a terminal a cell takes at most, but one at
	// the end of its row; the JSON has the rest.
	widest = 60
	// narrowest is what a column is left where the terminal is narrow.
	narrowest = 16
	// gap is what lies between two columns.
	gap = 2
)

// The colours of a terminal. A word always stands beside.
const (
	faint  = "\x1b[2m"
	normal = "\x1b[0m"
)

// colours are those of dispositions.
var colours = map[ctim.Disposition]string{
	ctim.Clean: "\x1b[32m", ctim.Malicious: "\x1b[1;31m", ctim.Suspicious: "\x1b[33m",
}

// table is printed in aligned columns.
type table struct {
	head []string
	// whole says that the last column is not to be cut.
	whole bool
	rows  [][]cell
}

// cell is a foreign text: whatever could steer a terminal is taken out.
type cell struct{ text, colour string }

// add adds a row of a cell for each column.
func (t *table) add(row ...cell) {
	for i := range row {
		row[i].text = printable(row[i].text)
	}
	t.rows = append(t.rows, row)
}

// texts are cells without colour.
func texts(list ...string) []cell {
	row := make([]cell, len(list))
	for i, s := range list {
		row[i].text = s
	}
	return row
}

// print prints the table as wide as the screen, or as wide as it is.
func (t *table) print(w io.Writer, s screen) error {
	rows := t.rows
	if len(t.head) > 0 {
		head := texts(t.head...)
		for i := range head {
			head[i].colour = faint
		}
		rows = append([][]cell{head}, rows...)
	}
	widths := t.widths(rows, s.columns)
	var b strings.Builder
	for _, row := range rows {
		for i, c := range row {
			last := i == len(row)-1
			if !last || !t.whole {
				c.text = cut(c.text, widths[i])
			}
			if !s.colours || c.colour == "" {
				b.WriteString(c.text)
			} else {
				b.WriteString(c.colour + c.text + normal)
			}
			if !last {
				b.WriteString(strings.Repeat(" ", widths[i]-columns(c.text)+gap))
			}
		}
		b.WriteByte('\n')
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// widths is how wide each column is, so that all of them fit: the last gives way
// first, then the widest. most 0: there is room for everything.
func (t *table) widths(rows [][]cell, most int) []int {
	var widths []int
	for _, row := range rows {
		for i, c := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			w := columns(c.text)
			if i < len(row)-1 {
				w = min(w, widest)
			}
			widths[i] = max(widths[i], w)
		}
	}
	if most > 0 && len(widths) > 0 {
		t.fit(widths, most)
	}
	return widths
}

// fit makes columns narrower until they take no more than most, or cannot.
func (t *table) fit(widths []int, most int) {
	if t.whole {
		widths = widths[:len(widths)-1]
		most /= 2 // the rest is for the last one, as far as it goes
	}
	total := gap * (len(widths) - 1)
	for _, w := range widths {
		total += w
	}
	for ; total > most; total-- {
		at := len(widths) - 1
		if t.whole || widths[at] <= narrowest {
			at = slices.Index(widths, slices.Max(widths))
		}
		if widths[at] <= narrowest {
			return
		}
		widths[at]--
	}
}
