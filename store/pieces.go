package store

import (
	"bytes"

	bolt "go.etcd.io/bbolt"
)

// Details are stored in pieces, under the exchange's number and the piece's.
// bbolt puts three entries or more on each side when it splits a page, so that
// with a few large entries to a page a third of it would stay empty where
// exchanges come one by one.
const (
	// pieceSize is how large a piece is at least, in bytes; where there would be
	// more than maxPieces they are larger.
	pieceSize = 512
	maxPieces = 64
)

// pieceKey is the key of a piece.
func pieceKey(id uint64, n int) []byte { return append(number(id), byte(n)) }

// putPieces stores what belongs to an exchange.
func putPieces(b *bolt.Bucket, id uint64, v []byte) error {
	size := max(pieceSize, (len(v)+maxPieces-1)/maxPieces)
	for n := 0; len(v) > 0; n++ {
		piece := v[:min(size, len(v))]
		if err := b.Put(pieceKey(id, n), piece); err != nil {
			return err
		}
		v = v[len(piece):]
	}
	return nil
}

// pieces puts together what belongs to an exchange, and how many pieces it was.
func pieces(b *bolt.Bucket, id uint64) (v []byte, n int) {
	key := number(id)
	c := b.Cursor()
	for k, piece := c.Seek(key); bytes.HasPrefix(k, key); k, piece = c.Next() {
		v = append(v, piece...)
		n++
	}
	return v, n
}

// packed is what is stored of an exchange beside its summary, in whichever bucket.
func packed(tx *bolt.Tx, id uint64) []byte {
	if v, n := pieces(bucket(tx, detailsBucket), id); n > 0 {
		return v
	}
	v, _ := pieces(bucket(tx, quickBucket), id)
	return v
}

// deletePieces deletes what belongs to an exchange, and says how many pieces it was.
func deletePieces(b *bolt.Bucket, id uint64) (int, error) {
	_, n := pieces(b, id)
	for i := range n {
		if err := b.Delete(pieceKey(id, i)); err != nil {
			return 0, err
		}
	}
	return n, nil
}
