package relay

import (
	"crypto/sha1"
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"strings"
	"unsafe"

	"github.com/google/uuid"
)

// textArena makes texts in one piece of memory, as an answer has a great many.
// They are good until it is used again.
type textArena []byte

// add makes a text of pieces.
func (a *textArena) add(first string, more ...string) string {
	from := len(*a)
	*a = append(*a, first...)
	for _, s := range more {
		*a = append(*a, s...)
	}
	return a.since(from)
}

// without makes a text of a beginning and of s without what is cut out of it.
func (a *textArena) without(first, s, cut string) string {
	from := len(*a)
	*a = append(*a, first...)
	for found := true; found; {
		var before string
		before, s, found = strings.Cut(s, cut)
		*a = append(*a, before...)
	}
	return a.since(from)
}

// since is what was added from a place on, as a text that shares the memory.
func (a *textArena) since(from int) string {
	b := (*a)[from:]
	return unsafe.String(unsafe.SliceData(b), len(b))
}

// nameID makes an id out of a name.
func (a *textArena) nameID(prefix, name string) string {
	from := len(*a)
	*a = appendUUID(append(*a, prefix...), nameUUID(name), 5)
	return a.since(from)
}

// randomID makes an id with what newID gives, or with a random UUID where it is
// nil.
func (a *textArena) randomID(prefix string, newID func() string) string {
	if newID != nil {
		return a.add(prefix, newID())
	}
	from := len(*a)
	*a = appendUUID(append(*a, prefix...), randomUUID(), 4)
	return a.since(from)
}

// randomUUID is a random number. Ids need to differ, not to be secret, so they
// come from the runtime's generator instead of a system call each.
func randomUUID() (id [16]byte) {
	binary.NativeEndian.PutUint64(id[:8], rand.Uint64())
	binary.NativeEndian.PutUint64(id[8:], rand.Uint64())
	return id
}

// nameUUID is a number made of a name, in the X.500 namespace: the same for the
// same name, for ever.
func nameUUID(name string) [16]byte {
	var room [256]byte
	sum := sha1.Sum(append(append(room[:0], uuid.NameSpaceX500[:]...), name...))
	return [16]byte(sum[:16])
}

// appendUUID appends a number as the text of a UUID of a version (RFC 9562).
func appendUUID(b []byte, id [16]byte, version byte) []byte {
	id[6] = id[6]&0x0f | version<<4
	id[8] = id[8]&0x3f | 0x80
	var digits [32]byte
	hex.Encode(digits[:], id[:])
	b = append(append(b, digits[:8]...), '-')
	b = append(append(b, digits[8:12]...), '-')
	b = append(append(b, digits[12:16]...), '-')
	b = append(append(b, digits[16:20]...), '-')
	return append(b, digits[20:]...)
}
