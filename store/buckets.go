package store

import (
	"encoding/binary"
	"iter"

	bolt "go.etcd.io/bbolt"
)

// The buckets of the file. Numbers in keys are big-endian, so that their order
// is the numbers' order.
var (
	// aboutBucket holds facts about the file as a whole, under the keys below.
	aboutBucket = []byte("about")
	// summariesBucket: an exchange's number -> what lists show of it.
	summariesBucket = []byte("summaries")
	// detailsBucket: an exchange's number and a piece's -> all else, compressed.
	detailsBucket = []byte("details")
	// quickBucket is the same, for what is to be compressed again (condense.go).
	quickBucket = []byte("quick")
	// observablesBucket and hostsBucket are the index (see places).
	observablesBucket = []byte("observables")
	hostsBucket       = []byte("hosts")
	// hoursBucket: the hour's start in seconds -> what happened in it.
	hoursBucket = []byte("hours")
	// lastBucket: a source -> its latest exchange.
	lastBucket = []byte("last")
	// settingsBucket: a field's name -> its text, where it is not the default.
	settingsBucket = []byte("settings")
	// secretsBucket holds what copies leave out unless asked.
	secretsBucket = []byte("secrets")
	// sessionsBucket: a token's hash -> its session.
	sessionsBucket = []byte("sessions")
	// keptBucket: a key of the cache -> what was kept; expiriesBucket has them
	// by the end of their time.
	keptBucket     = []byte("kept")
	expiriesBucket = []byte("kept-expiries")
)

// public are the buckets that every copy holds; private those that it holds if
// asked.
var (
	public  = [][]byte{aboutBucket, summariesBucket, detailsBucket, quickBucket, observablesBucket, hostsBucket, hoursBucket, lastBucket, settingsBucket}
	private = [][]byte{secretsBucket, sessionsBucket, keptBucket, expiriesBucket}
)

// The keys of aboutBucket.
var (
	// versionKey is the schema's version, countKey the number of exchanges.
	versionKey = []byte("version")
	countKey   = []byte("exchanges")
	// checkedKey is when CheckWritable last wrote something.
	checkedKey = []byte("checked")
	// generationKey is the journal's generation that the database has.
	generationKey = []byte("journal")
)

// fillSequential is how full the pages of a bucket get whose keys only grow:
// nothing will be put between those that are there.
const fillSequential = 1.0

// bucket is a bucket of the file. Keys of the sequential ones only grow.
func bucket(tx *bolt.Tx, name []byte) *bolt.Bucket {
	b := tx.Bucket(name)
	switch string(name) {
	case "summaries", "details", "quick", "hours":
		b.FillPercent = fillSequential
	}
	return b
}

// entries are what a bucket holds, in order, as long as the transaction goes on
// and the bucket is not changed.
func entries(b *bolt.Bucket) iter.Seq2[[]byte, []byte] {
	return func(yield func(k, v []byte) bool) {
		c := b.Cursor()
		for k, v := c.First(); k != nil && yield(k, v); k, v = c.Next() {
		}
	}
}

// number is a number as a key or value.
func number(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

// numberOf reads such a number; 0 where there is none.
func numberOf(b []byte) uint64 {
	if len(b) < 8 {
		return 0
	}
	return binary.BigEndian.Uint64(b)
}
