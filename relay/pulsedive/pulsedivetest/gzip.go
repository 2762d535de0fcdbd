package pulsedivetest

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"hash/crc32"
	"sync"
)

// content is the lasting part of an answer. It is deflated once, when a caller
// first takes gzip.
type content struct {
	raw      []byte
	once     sync.Once
	deflated []byte
}

func newContent(raw []byte) *content { return &content{raw: raw} }

// maxStored is the size of the largest stored block (RFC 1951, 3.2.4).
const maxStored = 1<<16 - 1

// gzipHeader is a gzip member's header without name or time (RFC 1952, 2.3).
var gzipHeader = []byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255}

// gzip is head and content as one gzip member, in pieces: header and head, kept
// as a stored block; the content, deflated beforehand; checksum and size. So an
// answer that differs in its head only costs no compression.
func (c *content) gzip(head []byte) [3][]byte {
	c.once.Do(c.deflate)
	start := bytes.Clone(gzipHeader)
	if n := uint16(len(head)); n > 0 {
		start = append(start, 0) // a stored block, not the last
		start = binary.LittleEndian.AppendUint16(start, n)
		start = binary.LittleEndian.AppendUint16(start, ^n)
		start = append(start, head...)
	}
	sum := crc32.Update(crc32.ChecksumIEEE(head), crc32.IEEETable, c.raw)
	end := binary.LittleEndian.AppendUint32(nil, sum)
	end = binary.LittleEndian.AppendUint32(end, uint32(len(head)+len(c.raw)))
	return [3][]byte{start, c.deflated, end}
}

func (c *content) deflate() {
	var b bytes.Buffer
	w, _ := flate.NewWriter(&b, flate.DefaultCompression) // fails for an unknown level only
	_, _ = w.Write(c.raw)                                 // a bytes.Buffer takes everything
	_ = w.Close()
	c.deflated = b.Bytes()
}
