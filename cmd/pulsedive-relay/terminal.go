package main

import (
	"os"
	"strings"
	"unicode"
	"unicode/utf16"

	"golang.org/x/term"
)

// Foreign texts (what Pulsedive says, what a command line holds) are shown on
// terminals. None of them may steer one: move its cursor, turn the direction of
// its text, write its clipboard.

func isTerminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// screen is the terminal that answers are printed on.
type screen struct {
	columns int  // 0: it is no terminal
	colours bool // it shows them
}

func (p *process) screen() screen {
	f, ok := p.stdout.(*os.File)
	if !ok || !isTerminal(f) {
		return screen{}
	}
	s := screen{columns: 80, colours: p.environ["NO_COLOR"] == "" && p.environ["TERM"] != "dumb"}
	if columns, _, err := term.GetSize(int(f.Fd())); err == nil && columns > 0 {
		s.columns = columns
	}
	return s
}

// printable replaces what is no visible character: control characters, escape
// sequences, marks that turn the direction of text.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsPrint(r):
			return r
		}
		return '�'
	}, s)
}

// escaped is JSON in which characters that could steer a terminal are written as
// \u escapes, which mean the same. Indentation stays.
func escaped(json []byte) []byte {
	b := make([]byte, 0, len(json))
	for _, r := range string(json) {
		if r == '\n' || unicode.IsPrint(r) {
			b = append(b, string(r)...)
			continue
		}
		for _, unit := range utf16.AppendRune(nil, r) {
			const hex = "0123456789abcdef"
			b = append(b, '\\', 'u', hex[unit>>12], hex[unit>>8&15], hex[unit>>4&15], hex[unit&15])
		}
	}
	return b
}

// wide are the characters that take two columns of a terminal, near enough: East
// Asian scripts, full-width forms, emoji.
var wide = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x1100, Hi: 0x115f, Stride: 1}, {Lo: 0x2e80, Hi: 0x303e, Stride: 1}, {Lo: 0x3041, Hi: 0xa4cf, Stride: 1},
		{Lo: 0xac00, Hi: 0xd7a3, Stride: 1}, {Lo: 0xf900, Hi: 0xfaff, Stride: 1}, {Lo: 0xfe30, Hi: 0xfe6f, Stride: 1},
		{Lo: 0xff01, Hi: 0xff60, Stride: 1}, {Lo: 0xffe0, Hi: 0xffe6, Stride: 1},
	},
	R32: []unicode.Range32{{Lo: 0x1f300, Hi: 0x1f64f, Stride: 1}, {Lo: 0x1f900, Hi: 0x1f9ff, Stride: 1}, {Lo: 0x20000, Hi: 0x3fffd, Stride: 1}},
}

// columns is how many columns of a terminal a text takes.
func columns(s string) int {
	n := 0
	for _, r := range s {
		n += columnsOf(r)
	}
	return n
}

func columnsOf(r rune) int {
	switch {
	case unicode.In(r, unicode.Mn, unicode.Me):
		return 0
	case unicode.Is(wide, r):
		return 2
	}
	return 1
}

// cut is a text of at most n columns; what is cut is marked by an ellipsis.
func cut(s string, n int) string {
	if columns(s) <= n {
		return s
	}
	used := 0
	for i, r := range s {
		if used += columnsOf(r); used > n-1 {
			return s[:i] + "…"
		}
	}
	return s
}
