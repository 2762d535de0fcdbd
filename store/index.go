package store

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"

	bolt "go.etcd.io/bbolt"
)

const (
	// maxIndexed is how many bytes of a value the index knows; what is longer is
	// told apart by looking at the exchange.
	maxIndexed = 200
	// numberSize is what follows the value in a key of the index: a zero byte and
	// the exchange's number, upside down, so that newer ones come first.
	numberSize = 9
)

// folded is a value as it is compared.
func folded(value string) string { return strings.ToLower(value) }

// indexed is the part of a value that the index knows.
func indexed(value string) string {
	value = folded(value)
	return value[:min(len(value), maxIndexed)]
}

// indexKey is the index's key of a value (see indexed) in an exchange.
func indexKey(to []byte, indexed string, id uint64) []byte {
	to = append(to, indexed...)
	to = append(to, 0)
	return binary.BigEndian.AppendUint64(to, ^id)
}

// indexedID is the exchange that a key of the index names.
func indexedID(key []byte) uint64 { return ^numberOf(key[max(0, len(key)-8):]) }

// indexedValues are the different values of results, as the index knows them.
func indexedValues(list []Result) []string {
	values := make([]string, 0, len(list))
	for i := range list {
		asked := indexed(list[i].Observable.Value)
		values = append(values, asked)
		if v := list[i].Answered.Value; v != "" {
			if answered := indexed(v); answered != asked {
				values = append(values, answered)
			}
		}
	}
	slices.Sort(values)
	return slices.Compact(values)
}

// candidates are the numbers of exchanges between low and high that may have an
// observable beginning with prefix, in order. ok is false where there are so many
// that looking through the exchanges themselves is quicker: more than most.
func candidates(tx *bolt.Tx, prefix string, low, high uint64, most int) (ids []uint64, ok bool) {
	want := []byte(indexed(prefix))
	c := bucket(tx, observablesBucket).Cursor()
	looked := 0
	for k, _ := c.Seek(want); k != nil && bytes.HasPrefix(k, want); k, _ = c.Next() {
		if looked++; looked > most {
			return nil, false
		}
		if id := indexedID(k); len(k)-numberSize >= len(want) && low <= id && id <= high {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids), true
}
