package view

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"pulsedive-relay/relay/ctim"
)

// Bounds of a JSON text that is shown.
const (
	// jsonNodes is how many values are shown at most: what a browser folds and
	// unfolds without a wait.
	jsonNodes = 6000
	// jsonBytes is how long names and texts are at most, all together.
	jsonBytes = 512 << 10
	// jsonDepth is how deep values may be nested.
	jsonDepth = 32
	// jsonString is how many bytes of one text are shown.
	jsonString = 8 << 10
	// jsonOpen is how many members an object, or elements a list, may have beyond
	// the first levels to be unfolded at first.
	jsonOpen = 3
	// jsonRaw is how many bytes of a text that is no JSON are shown.
	jsonRaw = 64 << 10
)

// jsonNode is a value in a JSON text: an object or a list with what is in it, or
// a plain value.
type jsonNode struct {
	name  string // within an object
	named bool
	kind  byte // '{', '[', or that of the plain value: 's' a text, 'n' a number, 'b' true, false or null
	text  string
	in    []*jsonNode
	cut   bool // not all of it is there
}

// jsonReader reads a JSON text up to the bounds.
type jsonReader struct {
	d            *json.Decoder
	nodes, bytes int
	clipped      bool // a text within is not shown whole
}

// errBound says that a text goes on beyond the bounds.
var errBound = errors.New("more than is shown")

// readJSON takes a text apart. What is there before an error is the node, too;
// errBound is a text that is only too large.
func readJSON(text []byte) (*jsonNode, error) {
	r := &jsonReader{d: json.NewDecoder(bytes.NewReader(text))}
	r.d.UseNumber()
	n, err := r.value(0)
	if err == nil {
		if _, err = r.d.Token(); errors.Is(err, io.EOF) {
			if r.clipped {
				return n, errBound
			}
			return n, nil
		}
		err = errors.New("more after the value")
	}
	return n, err
}

// quoted is a text as it is shown, and counted.
func (r *jsonReader) quoted(s string) string {
	r.clipped = r.clipped || len(s) > jsonString
	s = quoted(s)
	r.bytes += len(s)
	return s
}

func (r *jsonReader) value(depth int) (*jsonNode, error) {
	if r.nodes++; r.nodes > jsonNodes || r.bytes > jsonBytes || depth > jsonDepth {
		return nil, errBound
	}
	t, err := r.d.Token()
	if err != nil {
		return nil, err
	}
	n := &jsonNode{}
	switch v := t.(type) {
	case json.Delim:
		n.kind = byte(v)
		err = r.members(n, depth)
	case string:
		n.kind, n.text = 's', r.quoted(v)
	case json.Number:
		n.kind, n.text = 'n', v.String()
	case bool:
		n.kind, n.text = 'b', strconv.FormatBool(v)
	default:
		n.kind, n.text = 'b', "null"
	}
	return n, err
}

func (r *jsonReader) members(n *jsonNode, depth int) error {
	for r.d.More() {
		var name string
		if n.kind == '{' {
			t, err := r.d.Token()
			if err != nil {
				n.cut = true
				return err
			}
			name, _ = t.(string) // the decoder takes no other names
		}
		in, err := r.value(depth + 1)
		if in != nil {
			in.name, in.named = r.quoted(name), n.kind == '{'
			n.in = append(n.in, in)
		}
		if err != nil {
			n.cut = true
			return err
		}
	}
	if _, err := r.d.Token(); err != nil {
		n.cut = true
		return err
	}
	return nil
}

// quoted is a text as JSON writes it, with hidden characters as the escapes that
// JSON has for them: the text stays the same, and nothing in it acts.
func quoted(s string) string {
	if len(s) > jsonString {
		s = strings.ToValidUTF8(s[:jsonString], "") + "…"
	}
	plain := string(ctim.AppendString(nil, s))
	var b strings.Builder
	for _, r := range plain {
		switch {
		case !hidden(r, utf8.RuneLen(r)):
			b.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

// open says whether a value is unfolded at first: the envelope, what is short, and
// what is nearly alone in its list.
func (n *jsonNode) open(depth, siblings int) bool {
	return depth < 3 || len(n.in) <= jsonOpen || n.kind == '{' && siblings <= 2 && depth < 6
}

// close is the bracket that ends a value.
func (n *jsonNode) close() string {
	if n.kind == '[' {
		return "]"
	}
	return "}"
}

// size says how much is folded.
func (n *jsonNode) size() string {
	if n.kind == '[' {
		return Plural(len(n.in), "element", "elements")
	}
	return Plural(len(n.in), "member", "members")
}

// hint names what is folded, by the members that name entities best.
func (n *jsonNode) hint() string {
	for _, name := range []string{`"title"`, `"description"`, `"relationship_type"`, `"disposition_name"`, `"value"`, `"code"`} {
		for _, in := range n.in {
			if in.name == name && in.kind == 's' {
				return Clip(in.text, 60)
			}
		}
	}
	return ""
}
