package store

import (
	_ "embed"
	"fmt"
	"runtime"

	"github.com/klauspost/compress/zstd"
)

// dictionary1 is text that answers are full of: it stands at the end of what a
// compressed answer may refer to. It is part of the format: another one gets
// another number, and this one stays.
//
//go:embed dictionary-1.txt
var dictionary1 []byte

// dictionaryNumber names dictionary1 in what is compressed with it.
const dictionaryNumber = 1

// maxDetails bounds what decompressing an exchange may take, in bytes: two
// answers of the largest size, and what is said about them.
const maxDetails = 256 << 20

// compressor makes details small. Both halves serve many goroutines at once.
type compressor struct {
	encoder *zstd.Encoder
	decoder *zstd.Decoder
}

func newCompressor() (*compressor, error) {
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(runtime.GOMAXPROCS(0)),
		zstd.WithLowerEncoderMem(true), zstd.WithEncoderDictRaw(dictionaryNumber, dictionary1))
	if err != nil {
		return nil, fmt.Errorf("preparing to compress: %w", err)
	}
	decoder, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(runtime.GOMAXPROCS(0)),
		zstd.WithDecoderMaxMemory(maxDetails), zstd.WithDecoderDictRaw(dictionaryNumber, dictionary1))
	if err != nil {
		return nil, fmt.Errorf("preparing to decompress: %w", err)
	}
	return &compressor{encoder, decoder}, nil
}

// pack appends the format's byte and b, compressed.
func (c *compressor) pack(to, b []byte) []byte {
	return c.encoder.EncodeAll(b, append(to, detailsFormat))
}

// unpack reads what pack wrote.
func (c *compressor) unpack(b []byte) ([]byte, error) {
	if len(b) == 0 || b[0] != detailsFormat {
		return nil, errCode
	}
	out, err := c.decoder.DecodeAll(b[1:], nil)
	if err != nil {
		return nil, fmt.Errorf("decompressing an exchange: %w", err)
	}
	return out, nil
}

func (c *compressor) close() {
	c.decoder.Close()
	_ = c.encoder.Close()
}
