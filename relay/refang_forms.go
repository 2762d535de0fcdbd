package relay

import (
	"strings"
	"unicode/utf8"
)

// bracketed is what analysts put into brackets, and what it stands for: the
// longer before the shorter that it begins with.
var bracketed = []struct{ in, out string }{
	{"://", "://"}, {":/", ":/"}, {"::", "::"}, {":", ":"}, {"//", "//"}, {"/", "/"},
	{"dot", "."}, {"d0t", "."}, {"punkt", "."}, {"punto", "."}, {"point", "."}, {".", "."}, {"．", "."}, {"。", "."},
	{"at", "@"}, {"@", "@"},
}

// bracket takes [.], (dot), { at }, [://] and their kin, also with one blank on
// both sides where the brackets are square or hold a word, and the half one,
// example[.com.
func (c *cleaner) bracket() bool {
	at := c.i + 1
	at += blank(c.text[at:])
	for _, b := range bracketed {
		end := at + len(b.in)
		if end > len(c.text) || !strings.EqualFold(c.text[at:end], b.in) {
			continue
		}
		inner := end + blank(c.text[end:])
		if inner < len(c.text) && strings.IndexByte("])}", c.text[inner]) >= 0 {
			return c.closed(inner+1, b.in, b.out, c.i+1+len(b.in)+1 != inner+1)
		}
		return b.in == "." && c.text[c.i] == '[' && at == c.i+1 && c.after() && end < len(c.text) && isAlnum(c.text[end]) && c.replace(2, ".", true)
	}
	return false
}

// closed takes a bracketed form that ends before the given byte, if it stands
// where it means something: behind a name, or behind the begin of ://.
func (c *cleaner) closed(end int, in, out string, blanks bool) bool {
	slash := strings.IndexByte(":/", out[len(out)-1]) >= 0
	switch {
	case c.after() || slash && strings.IndexByte(":/", c.last(1)) >= 0:
		if blanks {
			c.gaps = append(c.gaps, len(c.out))
		}
		return c.replace(end-c.i, out, true)
	case !slash && (c.text[c.i] == '[' || isAlnum(in[0])) && c.last(1) == ' ' && inName(c.last(2)) &&
		c.i > 0 && c.text[c.i-1] == ' ' && end+1 < len(c.text) && c.text[end] == ' ' && inName(c.text[end+1]):
		c.out = c.out[:len(c.out)-1]
		c.i--
		c.gaps = append(c.gaps, len(c.out))
		return c.replace(end+1-c.i, out, true)
	}
	return false
}

// blank is 1 where a text begins with a blank, else 0.
func blank(text string) int {
	if text != "" && text[0] == ' ' {
		return 1
	}
	return 0
}

// wide takes what is beyond ASCII: the dots of Chinese and Japanese keyboards
// where they separate labels, and what nobody sees, such as a soft hyphen.
func (c *cleaner) wide() bool {
	r, size := utf8.DecodeRuneInString(c.text[c.i:])
	next, _ := utf8.DecodeRuneInString(c.text[c.i+size:])
	switch r {
	case '\u00ad', '\u200b', '\u2060', '\ufeff':
		return c.replace(size, "", false)
	case '．', '․', '﹒':
		if c.after() && next != utf8.RuneError && !notInLabel(next) {
			return c.replace(size, ".", true)
		}
	case '。', '｡': // they end sentences too: a name goes on in ASCII
		if c.after() && next < utf8.RuneSelf && isAlnum(byte(next)) {
			return c.replace(size, ".", true)
		}
	case '：':
		if isAlnum(c.last(1)) && (next == '/' || next == '／') {
			return c.replace(size, ":", true)
		}
	case '／':
		if strings.IndexByte(":/", c.last(1)) >= 0 {
			return c.replace(size, "/", true)
		}
	case '＠':
		if c.after() && next != utf8.RuneError && !notInLabel(next) {
			return c.replace(size, "@", true)
		}
	}
	c.out = append(c.out, c.text[c.i:c.i+size]...)
	c.i += size
	return true
}
