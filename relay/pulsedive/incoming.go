package pulsedive

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
)

// largeAnswer is the length from which an answer needs one of largeAtOnce places,
// so that many long answers do not meet in memory.
const largeAnswer = 256 << 10

// incomings are used again: with the gzip reader, which net/http would make anew
// for each answer, they are about 50 KiB each.
var incomings = sync.Pool{New: func() any { return &incoming{compressed: bufio.NewReader(nil)} }}

// incoming is what taking in an answer needs.
type incoming struct {
	text       bytes.Buffer
	limited    io.LimitedReader
	compressed *bufio.Reader
	gzip       gzip.Reader
	place      <-chan struct{} // among the long answers, nil where it has none
}

// recycle gives everything back; what read returned is gone then.
func (in *incoming) recycle() {
	if in.place != nil {
		<-in.place
		in.place = nil
	}
	in.limited.R = nil
	in.compressed.Reset(nil)
	if in.text.Cap() <= largeAnswer {
		in.text.Reset()
		incomings.Put(in)
	}
}

// read takes in an answer without its compression, bounded. One that turns out
// long waits for a place among the long ones.
func (in *incoming) read(ctx context.Context, resp *http.Response, large chan struct{}) ([]byte, error) {
	body, err := in.unzipped(resp)
	if err != nil {
		return nil, err
	}
	const first = largeAnswer - bytes.MinRead // the buffer grows no further for this
	in.limited = io.LimitedReader{R: body, N: first}
	n, err := in.text.ReadFrom(&in.limited)
	if err == nil && n == first {
		select {
		case large <- struct{}{}:
			in.place = large
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		in.limited.N = MaxAnswer + 1 - n
		_, err = in.text.ReadFrom(&in.limited)
	}
	if err == nil && in.text.Len() > MaxAnswer {
		err = ErrTooLarge
	}
	return in.text.Bytes(), err
}

// unzipped is an answer's body without its compression.
func (in *incoming) unzipped(resp *http.Response) (io.Reader, error) {
	if !strings.EqualFold(resp.Header.Get("Content-Encoding"), "gzip") {
		return resp.Body, nil
	}
	in.compressed.Reset(resp.Body)
	err := in.gzip.Reset(in.compressed)
	if errors.Is(err, io.EOF) {
		return http.NoBody, nil // many answers without a body say so all the same
	}
	return &in.gzip, err
}
