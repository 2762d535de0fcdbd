package view

import (
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxColoured is the longest JSON whose parts are coloured, in bytes: the page
// grows to about the threefold.
const maxColoured = 256 << 10

// piece is a part of a block with its class: k a name, s a string, n a number or
// a literal, esc a hidden character.
type piece struct {
	text, class string
}

// pieces takes the text of a block apart. Hidden characters become escapes in
// the way of JSON, so that what is copied still decodes to the same.
func pieces(text string, json bool) []piece {
	if !json || len(text) > maxColoured {
		return split(nil, text, "")
	}
	var found []piece
	for i := 0; i < len(text); {
		end, class := token(text, i)
		if class == "" {
			for end < len(text) {
				next, c := token(text, end)
				if c != "" {
					break
				}
				end = next
			}
		}
		found = split(found, text[i:end], class)
		i = end
	}
	return found
}

// token is the end and the class of what begins at i.
func token(text string, i int) (int, string) {
	switch c := text[i]; {
	case c == '"':
		end := stringEnd(text, i)
		if strings.HasPrefix(strings.TrimLeft(text[end:min(end+2, len(text))], " "), ":") {
			return end, "k"
		}
		return end, "s"
	case c == '-' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z':
		end := i + 1
		for end < len(text) && !strings.ContainsRune(" ,:]}\n\r\t\"", rune(text[end])) {
			end++
		}
		return end, "n"
	}
	return i + 1, ""
}

// stringEnd is behind the quote that ends the string at i, or the text's end.
func stringEnd(text string, i int) int {
	for i++; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(text)
}

// split appends a text, its hidden characters as pieces of their own.
func split(to []piece, text, class string) []piece {
	begin := 0
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if r != '\n' && r != '\t' && hidden(r, size) {
			if begin < i {
				to = append(to, piece{text[begin:i], class})
			}
			to = append(to, piece{jsonEscape(r, text[i]), "esc"})
			begin = i + size
		}
		i += size
	}
	if begin < len(text) {
		to = append(to, piece{text[begin:], class})
	}
	return to
}

func jsonEscape(r rune, first byte) string {
	if r > 0xffff {
		high, low := utf16.EncodeRune(r)
		return fmt.Sprintf(`\u%04x\u%04x`, high, low)
	}
	return escape(r, first)
}
