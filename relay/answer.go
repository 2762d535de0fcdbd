package relay

import (
	"net/http"
	"strconv"
	"sync"
	"time"

	"pulsedive-relay/relay/ctim"
	"pulsedive-relay/store"
)

// reply is what an endpoint answers: data, errors, or both.
type reply struct {
	// data appends the value of the member data; nil: there is none.
	data func([]byte) []byte
	// member is the name of data's member where it is another one.
	member string
	errors []Error
	// failed says that the data is beside the point: what was asked for is not there.
	failed bool
	// release is called when the answer was encoded; nil: nothing is to be done.
	release func()
}

// answers are buffers for what goes out.
var answers = sync.Pool{New: func() any { return new([]byte) }}

// keptBuffer is the largest buffer that is kept for the next request, in bytes:
// an answer for two hundred observables is of some megabytes.
const keptBuffer = 8 << 20

// appendJSON appends the envelope.
func (rep reply) appendJSON(b []byte) []byte {
	b = append(b, '{')
	if rep.data != nil {
		member := rep.member
		if member == "" {
			member = "data"
		}
		b = rep.data(append(ctim.AppendString(b, member), ':'))
	}
	if len(rep.errors) > 0 {
		if rep.data != nil {
			b = append(b, ',')
		}
		b = appendErrors(append(b, `"errors":`...), rep.errors)
	}
	return append(b, '}')
}

// writeTimeout bounds how long a caller takes to read its answer.
const writeTimeout = time.Minute

func send(w http.ResponseWriter, status int, body []byte) {
	http.NewResponseController(w).SetWriteDeadline(time.Now().Add(writeTimeout)) // where there is a connection
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	w.Write(body)
}

// problem answers what is no route, in the form that callers know.
func problem(status int, message string) http.HandlerFunc {
	b := strconv.AppendInt([]byte(`{"code":`), int64(status), 10)
	b = ctim.AppendString(append(b, `,"message":`...), message)
	b = ctim.AppendString(append(b, `,"reason":`...), http.StatusText(status))
	b = append(b, '}')
	return func(w http.ResponseWriter, _ *http.Request) { send(w, status, b) }
}

func outcomeOf(rep reply) store.Outcome {
	switch {
	case len(rep.errors) == 0:
		return store.OK
	case rep.data != nil && !rep.failed:
		return store.Partial
	}
	return store.Failed
}
