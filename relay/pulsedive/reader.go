package pulsedive

import (
	"encoding/json"
	"fmt"
	"math/bits"
	"strings"
	"unsafe"

	"github.com/go-json-experiment/json/jsontext"
)

// Bounds of what is read and kept of one answer.
const (
	// mostText is the longest text that is kept, in bytes; a longer one counts as
	// empty.
	mostText = 64 << 10
	// mostListedText is how much text the lists of one answer may hold together,
	// in bytes; entries beyond that are dropped.
	mostListedText = 1 << 20
	// mostDepth is how deep an answer may be nested.
	mostDepth = 500
)

// reader walks over one answer and keeps what is asked for. Whatever has another
// type than expected is passed over: Pulsedive writes null, "", 0, [] and {} for
// nothing, and numbers as numbers or as strings.
//
//	for ok := in.enter('{'); ok && in.more('}'); {
//		switch in.name() {
//		case "tid":
//			t.TID = in.number()
//		default:
//			in.skip()
//		}
//	}
//
// It is a scanner of its own because most of an answer is passed over, and since
// decoding was the largest part of the relay's work: a general decoder makes a
// token of everything. It takes what encoding/json takes but for its own bound on
// depth, and a fuzz test holds it to that.
type reader struct {
	s     string // the answer; texts are parts of it
	i     int    // how far it is read
	depth int
	first bool // no element of the bracket entered last was read yet
	bad   bool // it is no JSON
	most  int  // the most entries kept of one list
	room  int  // how much text the lists may still take, in bytes
}

// newReader reads body where it stands, without copying it: the texts that come
// out are good as long as body does not change. Whatever is kept of them is copied
// (compact).
func newReader(body []byte, most int) *reader {
	return &reader{s: unsafe.String(unsafe.SliceData(body), len(body)), most: most, room: mostListedText}
}

// fail ends the reading: nothing follows any more.
func (r *reader) fail() { r.bad, r.i = true, len(r.s) }

// end says what was wrong with a whole answer, which must be one object and
// nothing after it; object is whether it began as one.
func (r *reader) end(object bool) error {
	if r.kind(); r.bad || r.i < len(r.s) {
		return ErrNotJSON
	}
	if !object {
		return fmt.Errorf("%w: no object", ErrShape)
	}
	return nil
}

// kind passes over white space and is the first byte of what follows, 0 at the
// end.
func (r *reader) kind() byte {
	for ; r.i < len(r.s); r.i++ {
		switch c := r.s[r.i]; c {
		case ' ', '\t', '\n', '\r':
		default:
			return c
		}
	}
	return 0
}

// enter passes over the bracket that begins an object or a list and says that it
// did; anything else is passed over whole.
func (r *reader) enter(bracket byte) bool {
	if r.kind() != bracket {
		r.skip()
		return false
	}
	r.i++
	r.first = true
	if r.depth++; r.depth > mostDepth {
		r.fail()
	}
	return !r.bad
}

// more says whether another element follows, before which it stands then; after
// the last it passes over the bracket.
func (r *reader) more(bracket byte) bool {
	c := r.kind()
	if c == bracket && !r.bad {
		r.i++
		r.depth--
		r.first = false
		return false
	}
	if !r.first {
		if c != ',' {
			r.fail()
			return false
		}
		r.i++
		if r.kind() == bracket {
			r.fail()
		}
	}
	r.first = false
	return !r.bad
}

// name reads an object's next name, and the colon behind it.
func (r *reader) name() string {
	s := r.string()
	if r.kind() != ':' {
		r.fail()
		return ""
	}
	r.i++
	return s
}

// skip passes over the next value.
func (r *reader) skip() {
	switch c := r.kind(); c {
	case '{':
		for ok := r.enter('{'); ok && r.more('}'); {
			r.name()
			r.skip()
		}
	case '[':
		for ok := r.enter('['); ok && r.more(']'); {
			r.skip()
		}
	case '"':
		r.string()
	case 't':
		r.word("true")
	case 'f':
		r.word("false")
	case 'n':
		r.word("null")
	default:
		r.digits()
	}
}

func (r *reader) word(w string) {
	if !strings.HasPrefix(r.s[r.i:], w) {
		r.fail()
		return
	}
	r.i += len(w)
}

// digits passes over a number.
func (r *reader) digits() {
	r.oneOf("-")
	if !r.oneOf("0") && !r.run() {
		r.fail()
	}
	if r.oneOf(".") && !r.run() {
		r.fail()
	}
	if r.oneOf("eE") {
		if r.oneOf("+-"); !r.run() {
			r.fail()
		}
	}
}

// run passes over decimal digits and says whether there was one.
func (r *reader) run() bool {
	from := r.i
	for r.i < len(r.s) && r.s[r.i]-'0' <= 9 {
		r.i++
	}
	return r.i > from
}

func (r *reader) oneOf(set string) bool {
	if r.i == len(r.s) || strings.IndexByte(set, r.s[r.i]) < 0 {
		return false
	}
	r.i++
	return true
}

// string reads a string, which must be next.
func (r *reader) string() string {
	if r.kind() != '"' {
		r.fail()
		return ""
	}
	from := r.i + 1
	s := r.s[from:]
	n, escaped := ordinary(s), false
	for ; n < len(s); n++ {
		c := s[n]
		if c > '\\' || c > '"' && c < '\\' { // most characters
			continue
		}
		if c == '"' || c < ' ' {
			break
		}
		if c == '\\' {
			escaped = true
			n++
		}
	}
	if n >= len(s) || s[n] != '"' {
		r.fail()
		return ""
	}
	r.i = from + n + 1
	if escaped {
		return r.unescape(r.s[from-1 : r.i])
	}
	return s[:n]
}

// ordinary is how many bytes at the beginning of s are no quote, no backslash and
// no control, as far as eight at a time tell: all, up to the last few.
func ordinary(s string) (n int) {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	for t := s; len(t) >= 8; t = t[8:] {
		w := uint64(t[0]) | uint64(t[1])<<8 | uint64(t[2])<<16 | uint64(t[3])<<24 |
			uint64(t[4])<<32 | uint64(t[5])<<40 | uint64(t[6])<<48 | uint64(t[7])<<56
		quote, backslash := w^(ones*'"'), w^(ones*'\\')
		if hit := ((w-ones*' ')&^w | (quote-ones)&^quote | (backslash-ones)&^backslash) & highs; hit != 0 {
			return n + bits.TrailingZeros64(hit)/8
		}
		n += 8
	}
	return n
}

// unescape reads a string with escapes, quotes included.
func (r *reader) unescape(quoted string) string {
	if b, err := jsontext.AppendUnquote(nil, quoted); err == nil {
		return string(b)
	}
	var text string // encoding/json takes half of a surrogate pair, too
	if json.Unmarshal([]byte(quoted), &text) != nil {
		r.fail()
	}
	return text
}
