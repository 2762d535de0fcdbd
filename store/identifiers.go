package store

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
)

// A third of a compressed answer would be its entities' random identifiers: their
// 36 characters compress to 20 bytes, and spoil what is near. So they are taken
// out, as 16 bytes each, and the text refers to them: to a new one by a byte, to
// one that was there by its distance from the newest. These bytes are not in
// JSON; a text that holds them stays as it is.
const (
	identifierSize  = 16
	identifierText  = 36
	newIdentifier   = 1
	knownIdentifier = 2
	// maxDistance is how far back a known identifier may be.
	maxDistance = 1<<16 - 1
)

// beforeIdentifier precedes an identifier and its entity's kind.
var beforeIdentifier = []byte("transient:")

// identifiers are those of one exchange's answers, in order.
type identifiers struct {
	raw  []byte
	seen map[[identifierSize]byte]int // where each is in raw; for writing
	next int                          // how much of raw the text had so far; for reading
	text []byte                       // memory for writing
}

// reset forgets them, and keeps the memory.
func (t *identifiers) reset() {
	t.raw, t.text = t.raw[:0], t.text[:0]
	if len(t.seen) > maxSeen || t.seen == nil {
		t.seen = map[[identifierSize]byte]int{}
	}
	clear(t.seen)
}

// maxSeen is up to how many identifiers the memory for them is kept.
const maxSeen = 1 << 14

// take appends b to a text and takes the identifiers out. ok is false where b
// cannot be told from what stands for them.
func (t *identifiers) take(to, b []byte) (text []byte, ok bool) {
	if bytes.IndexByte(b, newIdentifier) >= 0 || bytes.IndexByte(b, knownIdentifier) >= 0 {
		return to, false
	}
	for {
		i := bytes.Index(b, beforeIdentifier)
		if i < 0 {
			return append(to, b...), true
		}
		i += len(beforeIdentifier)
		dash := bytes.IndexByte(b[i:], '-')
		if dash < 0 {
			return append(to, b...), true
		}
		i += dash + 1
		to, b = append(to, b[:i]...), b[i:]
		if id, ok := readIdentifier(b); ok {
			to, b = t.refer(to, id), b[identifierText:]
		}
	}
}

// refer appends what stands for an identifier.
func (t *identifiers) refer(to []byte, id [identifierSize]byte) []byte {
	count := len(t.raw) / identifierSize
	if at, ok := t.seen[id]; ok && count-at <= maxDistance {
		return binary.BigEndian.AppendUint16(append(to, knownIdentifier), uint16(count-at))
	}
	t.seen[id] = count
	t.raw = append(t.raw, id[:]...)
	return append(to, newIdentifier)
}

// digits are where an identifier's pairs of digits are in its text, nibbles what
// small hexadecimal digits stand for, and noDigit what all else does.
var (
	digits  = [identifierSize]int{0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34}
	nibbles = func() (t [256]byte) {
		for i := range t {
			t[i] = noDigit
		}
		for i, c := range []byte("0123456789abcdef") {
			t[c] = byte(i)
		}
		return t
	}()
)

const noDigit = 0xf0

// readIdentifier reads an identifier as texts have it, in small letters.
func readIdentifier(b []byte) (id [identifierSize]byte, ok bool) {
	if len(b) < identifierText || b[8] != '-' || b[13] != '-' || b[18] != '-' || b[23] != '-' {
		return id, false
	}
	b = b[:identifierText]
	var wrong byte
	for i, at := range digits {
		high, low := nibbles[b[at]], nibbles[b[at+1]]
		id[i] = high<<4 | low
		wrong |= high | low
	}
	return id, wrong < noDigit
}

// putBack appends a text with its identifiers, which follow those of the texts
// before.
func (t *identifiers) putBack(to, text []byte) ([]byte, error) {
	for {
		i := bytes.IndexAny(text, "\x01\x02")
		if i < 0 {
			return append(to, text...), nil
		}
		at := t.next
		to = append(to, text[:i]...)
		kind := text[i]
		text = text[i+1:]
		if kind == newIdentifier {
			t.next += identifierSize
		} else {
			if len(text) < 2 {
				return nil, errCode
			}
			at -= identifierSize * int(binary.BigEndian.Uint16(text))
			text = text[2:]
		}
		if at < 0 || at+identifierSize > len(t.raw) || at+identifierSize > t.next {
			return nil, errCode
		}
		to = appendIdentifier(to, t.raw[at:at+identifierSize])
	}
}

func appendIdentifier(to, id []byte) []byte {
	for i, part := range [][]byte{id[:4], id[4:6], id[6:8], id[8:10], id[10:]} {
		if i > 0 {
			to = append(to, '-')
		}
		to = hex.AppendEncode(to, part)
	}
	return to
}
