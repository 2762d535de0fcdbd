package main

import (
	"io"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"

	"pulsedive-relay/relay/ctim"
)

// widest is how many characters of a cell are shown; the JSON has the rest.
const widest = 60

// colours are the terminal's for dispositions; the word always stands beside.
var colours = map[ctim.Disposition]string{
	ctim.Clean: "\x1b[32m", ctim.Malicious: "\x1b[1;31m", ctim.Suspicious: "\x1b[33m",
}

// table is printed in aligned columns.
type table struct {
	head []string
	rows [][]cell
}

// cell is a foreign text: whatever could steer a terminal is taken out.
type cell struct {
	text, colour string
	whole        bool // not to be cut
}

func (t *table) add(row []cell) {
	for i := range row {
		row[i].text = printable(row[i].text)
		if !row[i].whole {
			row[i].text = ctim.Clip(row[i].text, widest)
		}
	}
	t.rows = append(t.rows, row)
}

func (t *table) print(w io.Writer, terminal bool) error {
	coloured := terminal && os.Getenv("NO_COLOR") == ""
	widths := make([]int, len(t.head))
	for i, h := range t.head {
		widths[i] = utf8.RuneCountInString(h)
	}
	for _, row := range t.rows {
		for i, c := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(c.text))
		}
	}
	head := make([]cell, len(t.head))
	for i, h := range t.head {
		head[i] = cell{text: h, colour: "\x1b[2m"}
	}
	var b strings.Builder
	for _, row := range append([][]cell{head}, t.rows...) {
		for i, c := range row {
			text := c.text
			if coloured && c.colour != "" {
				text = c.colour + text + "\x1b[0m"
			}
			b.WriteString(text)
			if i < len(row)-1 {
				b.WriteString(strings.Repeat(" ", widths[i]-utf8.RuneCountInString(c.text)+2))
			}
		}
		b.WriteByte('\n')
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// printable replaces what is no visible character: control characters, escape
// sequences, marks that turn the direction of text.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || unicode.IsPrint(r) {
			return r
		}
		return '�'
	}, s)
}
