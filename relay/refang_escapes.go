package relay

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// escape takes what a backslash begins. Escapes of letters are read only where
// the text is JSON, since elsewhere C:\new.exe is a path.
func (c *cleaner) escape() bool {
	switch next := c.ahead(1); {
	case next == '/' || next == '"':
		return c.replace(2, string(next), false)
	case next == '.':
		return c.after() && isAlnum(c.ahead(2)) && c.replace(2, ".", true)
	case next == ':':
		return (c.ahead(2) == '/' || c.ahead(2) == '\\') && c.replace(2, ":", true)
	case next == 'u' && c.i+6 <= len(c.text):
		r, err := strconv.ParseUint(c.text[c.i+2:c.i+6], 16, 16)
		if err != nil || r < utf8.RuneSelf && isAlnum(byte(r)) || !utf8.ValidRune(rune(r)) {
			return false
		}
		return c.replace(6, string(rune(r)), false)
	case strings.HasPrefix(c.text[c.i:], `\r\n`):
		return c.replace(4, "\n", false)
	case c.json && next == '\\':
		return c.replace(2, `\`, false)
	case c.json && (next == 'n' || next == 'r' || next == 't'):
		return c.replace(2, "\n", false)
	}
	return false
}

// references are the character references that pages and feeds write in values and
// around them.
var references = map[string]string{
	"amp": "&", "lt": "<", "gt": ">", "quot": `"`, "apos": "'", "nbsp": " ", "period": ".", "colon": ":", "sol": "/",
	"#34": `"`, "#38": "&", "#39": "'", "#43": "+", "#46": ".", "#47": "/", "#58": ":", "#60": "<", "#61": "=", "#62": ">", "#64": "@",
	"#x22": `"`, "#x26": "&", "#x27": "'", "#x2b": "+", "#x2e": ".", "#x2f": "/", "#x3a": ":", "#x3c": "<", "#x3d": "=", "#x3e": ">", "#x40": "@",
}

// mostReference bounds the length of a character reference's name.
const mostReference = len("period")

// reference takes back a character reference that the last byte written completes,
// and writes what it stands for: so that &amp;amp; comes to rest at one &.
func (c *cleaner) reference() {
	end := len(c.out) - 1
	if end < 0 || c.out[end] != ';' {
		return
	}
	from := end - 1
	for from >= 0 && end-from <= mostReference && c.out[from] != '&' {
		from--
	}
	if from < 0 || c.out[from] != '&' {
		return
	}
	with, ok := references[strings.ToLower(string(c.out[from+1:end]))]
	if !ok {
		return
	}
	was, fang := c.i-(end+1-from), false
	for k := len(c.edits) - 1; k >= 0; k = len(c.edits) - 1 {
		e := c.edits[k]
		if e.to <= from {
			was = e.end + from - e.to
			break
		}
		// The bytes before this edit stood in the text as they are.
		was, fang = e.was-max(e.from-from, 0), fang || e.fang
		c.edits = c.edits[:k]
	}
	for len(c.gaps) > 0 && c.gaps[len(c.gaps)-1] >= from {
		c.gaps = c.gaps[:len(c.gaps)-1]
	}
	c.out = append(c.out[:from], with...)
	c.edits = append(c.edits, edit{from: from, to: len(c.out), was: was, end: c.i, fang: fang})
}

// header notes whether the part of a mail that begins here is quoted-printable.
func (c *cleaner) header() {
	const name = "content-transfer-encoding:"
	if c.i > 0 && c.text[c.i-1] != '\n' || c.i+len(name) > len(c.text) || !strings.EqualFold(c.text[c.i:c.i+len(name)], name) {
		return
	}
	const is = "quoted-printable"
	value := strings.TrimLeft(c.text[c.i+len(name):min(len(c.text), c.i+len(name)+len(is)+4)], " \t")
	c.quoted = len(value) >= len(is) && strings.EqualFold(value[:len(is)], is)
}

// quotedPrintable takes =3D, and the break of a line that was too long.
func (c *cleaner) quotedPrintable() bool {
	switch rest := c.text[c.i+1:]; {
	case strings.HasPrefix(rest, "\n"):
		return c.replace(2, "", false)
	case strings.HasPrefix(rest, "\r\n"):
		return c.replace(3, "", false)
	case len(rest) >= 2:
		b, err := strconv.ParseUint(rest[:2], 16, 8)
		return err == nil && c.replace(3, string([]byte{byte(b)}), false)
	}
	return false
}
