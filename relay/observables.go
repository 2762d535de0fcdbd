package relay

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"pulsedive-relay/relay/ctim"
)

// The types of observable that Pulsedive knows of.
var supported = []string{"ip", "ipv6", "domain", "url"}

// mostFaults bounds how many faults of a body are told; the rest are as the
// first.
const mostFaults = 100

const (
	faultInput   = "Invalid input type."
	faultMissing = "Missing data for required field."
	faultBlank   = "Field may not be blank."
	faultNull    = "Field may not be null."
	faultString  = "Not a valid string."
	faultUnknown = "Unknown field."
)

// payloadError is what is wrong with a body, in the form that callers know: the
// printed form of a map in Python, where the relay before this one came from.
type payloadError struct {
	faults string
}

func (e *payloadError) Error() string { return e.faults }

func schemaFault(text string) error { return &payloadError{"{'_schema': ['" + text + "']}"} }

// decodeObservables reads a request body: which of the observables are to be
// asked about, each once, in order of first appearance (contract: request body).
func decodeObservables(body []byte, most int) ([]ctim.Observable, error) {
	d := jsontext.NewDecoder(bytes.NewBuffer(body), jsontext.AllowDuplicateNames(true))
	if d.PeekKind() != '[' {
		return nil, schemaFault(faultInput)
	}
	if _, err := d.ReadToken(); err != nil {
		return nil, schemaFault(faultInput)
	}
	var faults []string
	list := distinct{most: most}
	for i := 0; d.PeekKind() != ']'; i++ {
		o, fields, err := decodeObservable(d)
		switch {
		case err != nil:
			return nil, schemaFault(faultInput)
		case fields == "":
			list.add(o)
		case len(faults) < mostFaults:
			faults = append(faults, strconv.Itoa(i)+": "+fields)
		}
	}
	switch {
	case end(d) != nil:
		return nil, schemaFault(faultInput)
	case len(faults) > 0:
		return nil, &payloadError{ctim.Clip("{"+strings.Join(faults, ", ")+"}", maxFaultText)}
	case len(list.all) > most:
		return nil, schemaFault(fmt.Sprintf("Longer than maximum length %d.", most))
	}
	return list.all, nil
}

// end reads the end of the list, after which nothing may come.
func end(d *jsontext.Decoder) error {
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return errors.New("more after the list")
	}
	return nil
}

// distinct is the supported observables, each once, and no more than one beyond
// what a request may ask about.
type distinct struct {
	most int
	all  []ctim.Observable
	seen map[ctim.Observable]bool
}

func (l *distinct) add(o ctim.Observable) {
	if len(l.all) > l.most || l.seen[o] || !slices.Contains(supported, o.Type) {
		return
	}
	if l.seen == nil {
		l.seen = map[ctim.Observable]bool{}
	}
	l.seen[o] = true
	l.all = append(l.all, o)
}

// decodeObservable reads one element and says which of its fields are wrong, as
// a printed map; err is a body that is no JSON.
func decodeObservable(d *jsontext.Decoder) (o ctim.Observable, fields string, err error) {
	if d.PeekKind() != '{' {
		return o, "{'_schema': ['" + faultInput + "']}", d.SkipValue()
	}
	if _, err := d.ReadToken(); err != nil {
		return o, "", err
	}
	faults := map[string]string{"type": faultMissing, "value": faultMissing}
	for d.PeekKind() == '"' {
		name, err := d.ReadToken()
		if err != nil {
			return o, "", err
		}
		field := name.String()
		var fault string
		switch field {
		case "type":
			o.Type, fault, err = decodeField(d)
			o.Type = strings.ToLower(o.Type)
		case "value":
			o.Value, fault, err = decodeField(d)
		default:
			fault, err = faultUnknown, d.SkipValue()
		}
		if err != nil {
			return o, "", err
		}
		faults[field] = fault
	}
	_, err = d.ReadToken()
	return o, printFaults(faults), err
}

// decodeField reads one member that must be a string with something in it.
func decodeField(d *jsontext.Decoder) (text, fault string, err error) {
	switch d.PeekKind() {
	case '"':
		t, err := d.ReadToken()
		if err != nil {
			return "", "", err
		}
		text = t.String()
		if strings.TrimSpace(text) == "" {
			fault = faultBlank
		}
		return text, fault, nil
	case 'n':
		return "", faultNull, d.SkipValue()
	}
	return "", faultString, d.SkipValue()
}

// printFaults prints field → list of faults, in alphabetical order of fields;
// empty where there are none.
func printFaults(faults map[string]string) string {
	var names []string
	for name, fault := range faults {
		if fault != "" {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	slices.Sort(names)
	for i, name := range names {
		names[i] = pythonQuote(name) + ": ['" + faults[name] + "']"
	}
	return "{" + strings.Join(names, ", ") + "}"
}

// pythonQuote prints a text as Python's repr does: in single quotes, but in
// double ones where only that avoids escapes.
func pythonQuote(s string) string {
	quote := byte('\'')
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		quote = '"'
	}
	b := []byte{quote}
	for _, r := range s {
		switch {
		case r == '\\' || r == rune(quote):
			b = append(b, '\\', byte(r))
		case r == '\n':
			b = append(b, `\n`...)
		case r == '\r':
			b = append(b, `\r`...)
		case r == '\t':
			b = append(b, `\t`...)
		case strconv.IsPrint(r):
			b = append(b, string(r)...)
		case r < 0x100:
			b = fmt.Appendf(b, `\x%02x`, r)
		case r < 0x10000:
			b = fmt.Appendf(b, `\u%04x`, r)
		default:
			b = fmt.Appendf(b, `\U%08x`, r)
		}
	}
	return string(append(b, quote))
}
