package relay

import (
	"crypto/sha1"
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"strings"

	"github.com/google/uuid"
)

// idLength is that of a UUID as text.
const idLength = 36

// ids makes n ids that begin with prefix, in one piece of memory, as an answer
// has a great many; appendID appends the rest of the i-th.
func ids(n int, prefix string, appendID func(b []byte, i int) []byte) []string {
	var all strings.Builder
	all.Grow(n * (len(prefix) + idLength))
	var room [2 * idLength]byte
	list := make([]string, n)
	for i := range list {
		from := all.Len()
		all.WriteString(prefix)
		all.Write(appendID(room[:0], i))
		list[i] = all.String()[from:]
	}
	return list
}

// randomIDs is ids with what newID gives, or with random UUIDs where it is nil.
func randomIDs(n int, prefix string, newID func() string) []string {
	return ids(n, prefix, func(b []byte, _ int) []byte {
		if newID != nil {
			return append(b, newID()...)
		}
		return appendUUID(b, randomUUID(), 4)
	})
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
