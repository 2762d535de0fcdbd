package pulsedivetest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"
)

// Answer is an answer set by hand.
type Answer struct {
	Status int             // HTTP status; 0: 200, -1: the connection is cut
	Body   json.RawMessage // sent as application/json
	Text   string          // sent as text/html where Body is nil
	Header http.Header     // further headers; they win over the fake's own
}

// SetInfo sets what a call for the record of value is answered. Where the record
// has an iid, calls by that iid find it as well.
func (f *Fake) SetInfo(value string, a Answer) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.info[value] = a.reply()
	if iid := iidOf(a.Body); iid != "" {
		f.iids[iid] = value
	}
}

// SetLinks sets what a call for the links of value is answered. A value that has
// a record only is answered "No links found."
func (f *Fake) SetLinks(value string, a Answer) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.links[value] = a.reply()
}

// SetHealth sets what a call for iid=2 is answered; without it, that is the
// sample record of pulsedive.com.
func (f *Fake) SetHealth(a Answer) {
	f.mu.Lock()
	defer f.mu.Unlock()
	r := a.reply()
	f.health = &r
}

// iidOf is the iid of a record, a number or a string, or "" where it has none.
func iidOf(record []byte) string {
	var r struct {
		IID any `json:"iid"`
	}
	dec := json.NewDecoder(strings.NewReader(string(record)))
	dec.UseNumber()
	if dec.Decode(&r) != nil || r.IID == nil {
		return ""
	}
	return fmt.Sprint(r.IID)
}

// cut is the status of a call that gets no answer at all.
const cut = 0

const (
	typeJSON = "application/json"
	typeHTML = "text/html; charset=utf-8"
)

// reply is an answer ready to be sent: head, then body.
type reply struct {
	status int
	ctype  string
	header http.Header
	head   []byte // what differs from call to call; mostly empty
	body   *content
}

func (a Answer) reply() reply {
	r := reply{status: a.Status, ctype: typeJSON, header: maps.Clone(a.Header), body: newContent(a.Body)}
	switch {
	case a.Status == 0:
		r.status = http.StatusOK
	case a.Status < 0:
		r.status = cut
	}
	if a.Body == nil {
		r.ctype, r.body = typeHTML, newContent([]byte(a.Text))
	}
	return r
}

// errorReply is Pulsedive's way to tell a fault.
func errorReply(status int, text string) reply {
	body, _ := json.Marshal(map[string]string{"error": text})
	return reply{status: status, ctype: typeJSON, body: newContent(body)}
}

// gzipFrom is the size in bytes from which on answers are compressed.
const gzipFrom = 1 << 10

// send writes the answer, compressed where the caller takes that and it pays. A
// 429 goes without the headers of what is left, as it may at Pulsedive.
func (a reply) send(w http.ResponseWriter, r *http.Request, left remaining) {
	h := w.Header()
	h.Set("Content-Type", a.ctype)
	if a.status != http.StatusTooManyRequests {
		left.tell(h)
	}
	maps.Copy(h, a.header)
	parts := [3][]byte{a.head, a.body.raw}
	if a.compressible() {
		h.Set("Vary", "Accept-Encoding")
		if acceptsGzip(r.Header) {
			h.Set("Content-Encoding", "gzip")
			parts = a.body.gzip(a.head)
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(parts[0])+len(parts[1])+len(parts[2])))
	w.WriteHeader(a.status)
	for _, p := range parts {
		if len(p) > 0 {
			_, _ = w.Write(p) // a caller that left is none of our business
		}
	}
}

// compressible tells whether the answer is big enough to be worth it, and its
// head small enough for one stored block.
func (a reply) compressible() bool {
	return len(a.head)+len(a.body.raw) > gzipFrom && len(a.head) <= maxStored
}

func acceptsGzip(h http.Header) bool {
	for _, v := range h["Accept-Encoding"] {
		for one := range strings.SplitSeq(v, ",") {
			name, weight, _ := strings.Cut(one, ";")
			if strings.TrimSpace(name) == "gzip" {
				return strings.Trim(weight, " q=.0") != "" || weight == ""
			}
		}
	}
	return false
}
