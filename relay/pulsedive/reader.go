package pulsedive

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// stampLayout is how Pulsedive writes a time, in UTC.
const stampLayout = "2006-01-02 15:04:05"

// reader walks over one answer and keeps what is asked for. Whatever has another
// type than expected is passed over: Pulsedive writes null, "", 0, [] and {} for
// nothing, and numbers as numbers or as strings.
type reader struct {
	d    *jsontext.Decoder
	most int // the most entries kept of one list
}

func newReader(body []byte, most int) *reader {
	return &reader{most: most, d: jsontext.NewDecoder(bytes.NewBuffer(body),
		jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))}
}

// document reads a whole answer, which must be one object and nothing after it.
func (r *reader) document(member func(*reader, []byte) error) error {
	if k := r.d.PeekKind(); k != '{' && k != 0 {
		if err := r.d.SkipValue(); err == nil {
			return fmt.Errorf("%w: no object", ErrShape)
		}
		return ErrNotJSON
	}
	if err := r.object(member); err != nil {
		return notJSON(err)
	}
	if _, err := r.d.ReadToken(); !errors.Is(err, io.EOF) {
		return notJSON(err)
	}
	return nil
}

// object calls member with each name of the next value, quotes included; member
// reads its value. A value that is no object is passed over.
func (r *reader) object(member func(*reader, []byte) error) error {
	if r.d.PeekKind() != '{' {
		return r.d.SkipValue()
	}
	if _, err := r.d.ReadToken(); err != nil {
		return err
	}
	for r.d.PeekKind() == '"' {
		name, err := r.d.ReadValue()
		if err != nil {
			return err
		}
		if err := member(r, name); err != nil {
			return err
		}
	}
	_, err := r.d.ReadToken()
	return err
}

// list calls element before each element of the next value; element reads it. A
// value that is no list is passed over.
func (r *reader) list(element func(*reader) error) error {
	if r.d.PeekKind() != '[' {
		return r.d.SkipValue()
	}
	if _, err := r.d.ReadToken(); err != nil {
		return err
	}
	for k := r.d.PeekKind(); k != ']' && k != 0; k = r.d.PeekKind() {
		if err := element(r); err != nil {
			return err
		}
	}
	_, err := r.d.ReadToken()
	return err
}

// text reads a string; any other value is empty.
func (r *reader) text() (string, error) {
	if r.d.PeekKind() != '"' {
		return "", r.d.SkipValue()
	}
	t, err := r.d.ReadToken()
	if err != nil {
		return "", err
	}
	return t.String(), nil
}

// number reads a whole number without sign, or a string of one; any other value
// is empty.
func (r *reader) number() (string, error) {
	v, err := r.d.ReadValue()
	if err != nil {
		return "", err
	}
	digits := bytes.Trim(v, `"`)
	if len(digits) == 0 || len(digits) > 20 {
		return "", nil
	}
	for _, c := range digits {
		if c < '0' || c > '9' {
			return "", nil
		}
	}
	return string(digits), nil
}

// stamp reads a time; any other value is the zero time.
func (r *reader) stamp() (time.Time, error) {
	v, err := r.d.ReadValue()
	if err != nil || len(v) != len(stampLayout)+2 {
		return time.Time{}, err
	}
	return parseStamp(v[1 : len(v)-1]), nil
}

func parseStamp(s []byte) time.Time {
	t, err := time.Parse(stampLayout, string(s))
	if err != nil || t.Year() < 1 {
		return time.Time{}
	}
	return t
}

func notJSON(err error) error {
	var syntax *jsontext.SyntacticError
	if err == nil || errors.As(err, &syntax) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return ErrNotJSON
	}
	return err
}
