package store

import (
	"encoding/binary"
	"errors"
	"time"
)

// errCode says that stored bytes are not what was written.
var errCode = errors.New("what is stored cannot be read")

// words are texts that are stored as a byte. The order is part of the format:
// words are only ever added, at the end.
var words = []string{
	"", "xdr", "try", "terminal", "observe", "refer", "observe+refer", "health",
	"ok", "partial", "error", "known", "nothing", "failed",
	"ip", "ipv6", "domain", "url",
	"unknown", "none", "low", "medium", "high", "critical", "retired",
	"info", "links", "cached", "joined", "stale", "not found", "second", "day", "month",
	"fatal", "warning",
}

// codes are the words' bytes.
var codes = func() map[string]byte {
	m := make(map[string]byte, len(words))
	for i, w := range words {
		m[w] = byte(i)
	}
	return m
}()

// spelled is the byte of a text that is no word; the text follows.
const spelled = 0xff

// writer appends values to bytes.
type writer struct{ b []byte }

func (w *writer) uint(n uint64)            { w.b = binary.AppendUvarint(w.b, n) }
func (w *writer) int(n int)                { w.b = binary.AppendVarint(w.b, int64(n)) }
func (w *writer) duration(d time.Duration) { w.b = binary.AppendVarint(w.b, int64(d)) }

func (w *writer) bytes(b []byte) {
	w.uint(uint64(len(b)))
	w.b = append(w.b, b...)
}

func (w *writer) text(s string) {
	w.uint(uint64(len(s)))
	w.b = append(w.b, s...)
}

// word writes a text that is often one of the words.
func (w *writer) word(s string) {
	if c, ok := codes[s]; ok {
		w.b = append(w.b, c)
		return
	}
	w.b = append(w.b, spelled)
	w.text(s)
}

// time writes a time to the nanosecond, without its zone. A zero time is one
// byte.
func (w *writer) time(t time.Time) {
	if t.IsZero() {
		w.b = append(w.b, 0)
		return
	}
	w.b = append(w.b, 1)
	w.b = binary.AppendVarint(w.b, t.Unix())
	w.uint(uint64(t.Nanosecond()))
}

// reader reads what a writer wrote. After the first fault it gives zero values.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) fail() { r.bad, r.b = true, nil }

func (r *reader) uint() uint64 {
	n, size := binary.Uvarint(r.b)
	if size <= 0 {
		r.fail()
		return 0
	}
	r.b = r.b[size:]
	return n
}

func (r *reader) varint() int64 {
	n, size := binary.Varint(r.b)
	if size <= 0 {
		r.fail()
		return 0
	}
	r.b = r.b[size:]
	return n
}

func (r *reader) int() int                { return int(r.varint()) }
func (r *reader) duration() time.Duration { return time.Duration(r.varint()) }

// count reads how many things follow, each of which takes a byte or more.
func (r *reader) count() int {
	n := r.uint()
	if n > uint64(len(r.b)) {
		r.fail()
		return 0
	}
	return int(n)
}

// part reads bytes, which are valid as long as what is read.
func (r *reader) part() []byte {
	n := r.count()
	b := r.b[:n:n]
	r.b = r.b[n:]
	return b
}

func (r *reader) text() string { return string(r.part()) }

func (r *reader) byte() byte {
	if len(r.b) == 0 {
		r.fail()
		return 0
	}
	c := r.b[0]
	r.b = r.b[1:]
	return c
}

func (r *reader) word() string {
	c := r.byte()
	switch {
	case c == spelled:
		return r.text()
	case int(c) < len(words):
		return words[c]
	}
	r.fail()
	return ""
}

func (r *reader) time() time.Time {
	switch r.byte() {
	case 0:
		return time.Time{}
	case 1:
		seconds, nanoseconds := r.varint(), r.uint()
		if nanoseconds < 1e9 {
			return time.Unix(seconds, int64(nanoseconds)).UTC()
		}
	}
	r.fail()
	return time.Time{}
}

// end says whether all was read, and nothing was wrong.
func (r *reader) end() error {
	if r.bad || len(r.b) > 0 {
		return errCode
	}
	return nil
}
