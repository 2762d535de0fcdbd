package relay

import (
	"sort"
	"strings"
	"unicode/utf8"
)

// plain is a text with its observables as machines write them: what analysts did
// so that nobody follows a value by accident is undone (198.51.100[.]23), and so
// are the escapes of JSON, HTML and quoted-printable mail. It knows where each
// byte came from, so that a value can be shown as it was written.
type plain struct {
	text   string // as it was
	s      string // as it is read
	edits  []edit // in order
	gaps   []int  // where in s edits with blanks in what they replaced begin
	looked int    // bytes looked at, for the test of linear time
}

// edit is one replacement: s[from:to] stands for text[was:end].
type edit struct {
	from, to, was, end int
	fang               bool // an analyst's doing; else an escape of the format
}

// refang reads a text in one pass.
func refang(text string) *plain {
	c := cleaner{text: text, json: looksJSON(text)}
	for c.i < len(text) {
		c.looked++
		if !c.replaced() {
			c.out = append(c.out, text[c.i])
			c.i++
			c.reference()
		}
	}
	return &plain{text: text, s: string(c.out), edits: c.edits, gaps: c.gaps, looked: c.looked}
}

// written is s[i:j] as it stood in the text.
func (p *plain) written(i, j int) string {
	begin, end := i, j
	if k := p.before(i + 1); k >= 0 {
		if e := p.edits[k]; i < e.to {
			begin = e.was
		} else {
			begin = e.end + i - e.to
		}
	}
	if k := p.before(j); k >= 0 {
		e := p.edits[k]
		end = e.end + max(j-e.to, 0)
	}
	return p.text[begin:end]
}

// before is the last edit that begins before i; -1 where none does.
func (p *plain) before(i int) int {
	return sort.Search(len(p.edits), func(k int) bool { return p.edits[k].from >= i }) - 1
}

// defanged says whether an analyst wrote s[i:j] in another way.
func (p *plain) defanged(i, j int) bool {
	for k := p.before(j); k >= 0 && p.edits[k].to > i; k-- {
		if p.edits[k].fang {
			return true
		}
	}
	return false
}

// restored is s[i:j] with the escapes undone only: what stands in a path like an
// analyst's brackets is part of the path.
func (p *plain) restored(i, j int) string {
	var b strings.Builder
	for k := p.before(i) + 1; k < len(p.edits) && p.edits[k].from < j; k++ {
		if e := p.edits[k]; e.fang && e.to <= j {
			b.WriteString(p.s[i:e.from])
			b.WriteString(p.text[e.was:e.end])
			i = e.to
		}
	}
	b.WriteString(p.s[i:j])
	return b.String()
}

// gap is where after i the next edit with blanks in it begins.
func (p *plain) gap(i int) int {
	if k := sort.SearchInts(p.gaps, i); k < len(p.gaps) {
		return p.gaps[k]
	}
	return len(p.s)
}

// cleaner is a text half read.
type cleaner struct {
	text   string
	i      int
	out    []byte
	edits  []edit
	gaps   []int
	json   bool // the whole text is JSON: its escapes are known to be some
	quoted bool // in a quoted-printable part of a mail
	looked int
}

// looksJSON says whether a text begins as JSON does.
func looksJSON(text string) bool {
	text = strings.TrimLeft(text, " \t\r\n")
	if text == "" || text[0] != '{' && text[0] != '[' {
		return false
	}
	text = strings.TrimLeft(text[1:], " \t\r\n")
	return text != "" && strings.IndexByte(`"{[`, text[0]) >= 0
}

// replaced takes what begins here, if it stands for something else.
func (c *cleaner) replaced() bool {
	switch b := c.text[c.i]; {
	case b == '[' || b == '(' || b == '{':
		return c.bracket()
	case b == '.':
		return c.ahead(1) == ']' && c.after() && isAlnum(c.ahead(2)) && c.replace(2, ".", true)
	case b == ':':
		return strings.HasPrefix(c.text[c.i:], `:\\`) && strings.IndexByte("psPS", c.last(1)) >= 0 && c.replace(3, "://", true)
	case b == '\\':
		return c.escape()
	case b == '=' && c.quoted:
		return c.quotedPrintable()
	case b == 'C' || b == 'c':
		c.header()
	case b >= utf8.RuneSelf:
		return c.wide()
	}
	return false
}

// replace reads n bytes and writes what they stand for.
func (c *cleaner) replace(n int, with string, fang bool) bool {
	c.edits = append(c.edits, edit{from: len(c.out), to: len(c.out) + len(with), was: c.i, end: c.i + n, fang: fang})
	c.out = append(c.out, with...)
	c.i += n
	c.reference()
	return true
}

// ahead is the byte n after this one, 0 behind the end.
func (c *cleaner) ahead(n int) byte {
	if c.i+n < len(c.text) {
		return c.text[c.i+n]
	}
	return 0
}

// last is the nth last byte written, 0 before the begin.
func (c *cleaner) last(n int) byte {
	if n <= len(c.out) {
		return c.out[len(c.out)-n]
	}
	return 0
}

// after says whether the last thing written can be of a name.
func (c *cleaner) after() bool { return inName(c.last(1)) }

func isAlnum(b byte) bool {
	return '0' <= b && b <= '9' || 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z'
}

// inName says whether a byte can be of a label: what is beyond ASCII may be.
func inName(b byte) bool { return isAlnum(b) || b == '-' || b == '_' || b >= utf8.RuneSelf }
