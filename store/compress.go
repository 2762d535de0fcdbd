package store

import (
	_ "embed"
	"fmt"
	"sync"

	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
)

// What is stored of an exchange beside its summary begins with the format; then
// come the identifiers that were taken out of it, and the rest, compressed.
// While the answer waits that is done quickly; the writer does it again, to be
// smaller, where it has the time, and else that is done when it is calm.
const (
	quickFormat = 1
	smallFormat = 2
)

// dictionary is text that answers are full of. It is part of both formats.
//
//go:embed dictionary-1.txt
var dictionary []byte

// window is how far back what is compressed may refer to, in bytes: little, as it
// is memory that each compressor keeps.
const window = 512 << 10

// maxDetails bounds what decompressing an exchange may take, in bytes: two
// answers of the largest size, and what is said about them.
const maxDetails = 256 << 20

// compressor makes details small. It serves many goroutines at once.
type compressor struct {
	quick   *s2.Dict
	encoder *zstd.Encoder
	decoder *zstd.Decoder
	bound   int // maxDetails, but in tests
}

func newCompressor() (*compressor, error) {
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true), zstd.WithWindowSize(window), zstd.WithEncoderDictRaw(smallFormat, dictionary))
	if err != nil {
		return nil, fmt.Errorf("preparing to compress: %w", err)
	}
	decoder, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxDetails), zstd.WithDecoderDictRaw(smallFormat, dictionary))
	if err != nil {
		return nil, fmt.Errorf("preparing to decompress: %w", err)
	}
	return &compressor{s2.MakeDict(dictionary, nil), encoder, decoder, maxDetails}, nil
}

// scratch is memory for packing an exchange.
type scratch struct {
	plain, packed []byte
	identifiers
}

// scratches serve again; maxScratch is up to how many bytes of memory one keeps.
var scratches = sync.Pool{New: func() any { return &scratch{} }}

const maxScratch = 1 << 20

// plainOf is what is to be compressed of an exchange. What is larger than can be
// read back lacks the answers, and if need be all else that the summary has not;
// cut says so.
func (c *compressor) plainOf(x *Exchange, s *scratch) (cut bool) {
	s.reset()
	s.plain = appendDetails(s.plain[:0], x, &s.identifiers)
	if len(s.plain) <= c.bound {
		return false
	}
	less := *x
	less.Answer, less.Refer = nil, nil
	s.reset()
	if s.plain = appendDetails(s.plain[:0], &less, &s.identifiers); len(s.plain) > c.bound {
		s.plain = appendDetails(s.plain[:0], &Exchange{}, &s.identifiers)
	}
	return true
}

// pack makes what is stored of an exchange, quickly. cut says that not all of it
// is.
func (c *compressor) pack(x *Exchange) (b []byte, cut bool) {
	s := scratches.Get().(*scratch)
	cut = c.plainOf(x, s)
	if n := s2.MaxEncodedLen(len(s.plain)); n > cap(s.packed) {
		s.packed = make([]byte, n)
	}
	packed := c.quick.Encode(s.packed[:cap(s.packed)], s.plain)
	b = append(packedHead(quickFormat, s.raw, len(packed)), packed...)
	if max(cap(s.packed), cap(s.plain)) <= maxScratch {
		scratches.Put(s)
	}
	return b, cut
}

// packedHead is what precedes the compressed rest, with room for that.
func packedHead(format byte, raw []byte, room int) []byte {
	w := writer{make([]byte, 0, 8+len(raw)+room)}
	w.b = append(w.b, format)
	w.bytes(raw)
	return w.b
}

// smaller is what pack made, made smaller.
func (c *compressor) smaller(b []byte) []byte {
	raw, plain, err := c.open(b)
	if err != nil || b[0] != quickFormat {
		return b
	}
	if small := c.encoder.EncodeAll(plain, packedHead(smallFormat, raw, len(plain)/8)); len(small) < len(b) {
		return small
	}
	return b
}

// open is the parts of what is stored. Nothing of plain refers to b.
func (c *compressor) open(b []byte) (raw, plain []byte, err error) {
	r := reader{b: b}
	format := r.byte()
	raw = r.part()
	switch format {
	case quickFormat:
		if n, err := s2.DecodedLen(r.b); err != nil || n > c.bound {
			return nil, nil, errCode
		}
		plain, err = c.quick.Decode(nil, r.b)
	case smallFormat:
		plain, err = c.decoder.DecodeAll(r.b, nil)
	default:
		return nil, nil, errCode
	}
	if err != nil {
		return nil, nil, fmt.Errorf("decompressing an exchange: %w", err)
	}
	return raw, plain, nil
}

// unpack reads what is stored into x. Nothing of it refers to b.
func (c *compressor) unpack(x *Exchange, b []byte) error {
	raw, plain, err := c.open(b)
	if err != nil {
		return err
	}
	return readDetails(x, plain, &identifiers{raw: raw})
}

func (c *compressor) close() {
	c.decoder.Close()
	_ = c.encoder.Close()
}
