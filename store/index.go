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

// indexed is the part of a value, or of a host, that the index knows.
func indexed(folded string) string { return folded[:min(len(folded), maxIndexed)] }

// indexKey is the index's key of a value or host (see indexed) in an exchange.
func indexKey(to []byte, indexed string, id uint64) []byte {
	to = append(to, indexed...)
	to = append(to, 0)
	return binary.BigEndian.AppendUint64(to, ^id)
}

// indexedID is the exchange that a key of the index names.
func indexedID(key []byte) uint64 { return ^numberOf(key[max(0, len(key)-8):]) }

// places are where the index has an exchange: under its observables' values, and
// under their hosts, turned round.
type places struct{ values, hosts []string }

// placesOf are those of results.
func placesOf(list []Result) places {
	p := places{values: make([]string, 0, len(list))}
	for i := range list {
		p.add(list[i].Observable.Type, list[i].Observable.Value)
		if a := list[i].Answered; a.Value != "" {
			p.add(a.Type, a.Value)
		}
	}
	return p.different()
}

// add adds those of an observable. A URL on an IP address is found as that address
// is; a domain without a dot is found by its value already.
func (p *places) add(kind, value string) {
	value = folded(value)
	p.values = append(p.values, indexed(value))
	host, address := hostOf(kind, []byte(value))
	switch {
	case len(host) == 0 || kind == "domain" && bytes.IndexByte(host, '.') < 0:
	case address:
		p.values = append(p.values, indexed(string(host)))
	default:
		p.hosts = append(p.hosts, indexed(turned(string(host))))
	}
}

// number is how many they are.
func (p *places) number() int { return len(p.values) + len(p.hosts) }

// different leaves each place once.
func (p places) different() places {
	slices.Sort(p.values)
	slices.Sort(p.hosts)
	return places{slices.Compact(p.values), slices.Compact(p.hosts)}
}

// turned is a host with its labels the other way round, each with a dot behind it:
// what is below it begins so.
func turned(host string) string {
	labels := strings.Split(host, ".")
	slices.Reverse(labels)
	return strings.Join(labels, ".") + "."
}

// candidates are the numbers of exchanges between low and high that may have an
// observable that is sought, in order. ok is false where there are so many that
// looking through the exchanges themselves is quicker: more than most.
func candidates(tx *bolt.Tx, text sought, low, high uint64, most int) (ids []uint64, ok bool) {
	looked := 0
	for _, in := range []struct {
		bucket []byte
		begin  string
	}{{observablesBucket, indexed(string(text))}, {hostsBucket, indexed(turned(string(text)))}} {
		want := []byte(in.begin)
		c := bucket(tx, in.bucket).Cursor()
		for k, _ := c.Seek(want); k != nil && bytes.HasPrefix(k, want); k, _ = c.Next() {
			if looked++; looked > most {
				return nil, false
			}
			if id := indexedID(k); len(k)-numberSize >= len(want) && low <= id && id <= high {
				ids = append(ids, id)
			}
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids), true
}
