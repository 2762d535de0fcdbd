package web

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"

	"pulsedive-relay/relay"
	"pulsedive-relay/relay/ctim"
	"pulsedive-relay/store"
	"pulsedive-relay/web/view"
)

// mostKeptText is the longest text that a run's page shows again, in bytes; of a
// longer one it shows the observables.
const mostKeptText = 64 << 10

// tryForm is the form of the page Try as it was sent. Observables in its text are
// known by short hashes of what was found (chipKey): so what was taken out, and
// what was given another type, stays so while the text around it changes.
type tryForm struct {
	text           string
	out            map[string]bool   // what was taken out
	types          map[string]string // what was given another type
	observe, refer bool
	limit          string // as it was typed
}

// emptyTryForm is the form before anything is typed.
func emptyTryForm(text string, most int) tryForm {
	return tryForm{text: text, observe: true, refer: true, limit: strconv.Itoa(min(relay.DefaultEntitiesLimit, most))}
}

// readTryForm reads the form. A file that came with it, where no script put it
// into the box, is added to the text.
func readTryForm(req *http.Request) (tryForm, error) {
	if err := req.ParseMultipartForm(maxForm); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
			return emptyTryForm("", relay.DefaultEntitiesLimit), errTooMuch
		}
		return tryForm{}, errBadForm
	}
	f := tryForm{
		text: strings.ReplaceAll(req.PostFormValue("text"), "\r\n", "\n"), out: map[string]bool{}, types: map[string]string{},
		observe: req.PostFormValue("observe") != "", refer: req.PostFormValue("refer") != "", limit: strings.TrimSpace(req.PostFormValue("limit")),
	}
	for name, values := range req.PostForm {
		if key, ok := strings.CutPrefix(name, "type-"); ok && slices.Contains(view.ChipTypes, values[0]) {
			f.types[key] = values[0]
		}
	}
	if req.PostFormValue("restore") == "" {
		for _, key := range req.PostForm["out"] {
			f.out[key] = true
		}
	}
	text, err := readTryFile(req)
	if err != nil {
		return f, err
	}
	if f.text != "" && text != "" {
		f.text = strings.TrimRight(f.text, "\n") + "\n"
	}
	if f.text += text; len(f.text) > view.MaxText {
		return f, errTooMuch
	}
	return f, nil
}

var (
	errBadForm  = &problem{http.StatusBadRequest, "The form did not arrive as a whole", "Go back and send it again."}
	errTooMuch  = &problem{http.StatusRequestEntityTooLarge, "That is too much at once", "Texts and files of up to 1 MiB are searched. Paste less, or split it."}
	errNoText   = &problem{http.StatusUnprocessableEntity, "This file is no text", "Text files of up to 1 MiB are read: mails, reports, logs, CSV, JSON, HTML. Open others in their program and paste what they say."}
	errNothing  = &problem{http.StatusUnprocessableEntity, "Nothing was found that Pulsedive can be asked about", "It knows domains, URLs and IP addresses."}
	errHeld     = &problem{http.StatusUnprocessableEntity, "Nothing of what was found is asked about", "The chips say why. Choose a type in one to ask all the same."}
	errNoChoice = &problem{http.StatusUnprocessableEntity, "Nothing is to be asked", "Choose Observe, Refer, or both."}
	errNoKey    = &problem{http.StatusUnprocessableEntity, "No Pulsedive key is set", "Tries ask with your own key. Set it in Settings."}
)

// readTryFile reads the file that came with a form; none: an empty text.
func readTryFile(req *http.Request) (string, error) {
	file, _, err := req.FormFile("file")
	if err != nil {
		return "", nil
	}
	defer file.Close()
	content, err := io.ReadAll(file)
	if err != nil {
		return "", fmt.Errorf("reading the file: %w", err)
	}
	return textOf(content)
}

// textOf is a file's content as text: UTF-8, or UTF-16 where it says so.
func textOf(content []byte) (string, error) {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(content, []byte{0xff, 0xfe}):
		order = binary.LittleEndian
	case bytes.HasPrefix(content, []byte{0xfe, 0xff}):
		order = binary.BigEndian
	case bytes.IndexByte(content, 0) >= 0:
		return "", errNoText
	default:
		text := strings.ToValidUTF8(strings.TrimPrefix(string(content), "\ufeff"), "\ufffd")
		return strings.ReplaceAll(text, "\r\n", "\n"), nil
	}
	var units []uint16
	for i := 2; i+1 < len(content); i += 2 {
		units = append(units, order.Uint16(content[i:]))
	}
	return strings.ReplaceAll(string(utf16.Decode(units)), "\r\n", "\n"), nil
}

// endpoint is which of the two questions is asked; empty: none.
func (f *tryForm) endpoint() store.Endpoint {
	switch {
	case f.observe && f.refer:
		return store.Both
	case f.observe:
		return store.Observe
	case f.refer:
		return store.Refer
	}
	return ""
}

// entities is the entities limit, from 1 to most; where only links are asked for
// it does not matter.
func (f *tryForm) entities(most int) (int, error) {
	if !f.observe {
		return 0, nil
	}
	n, err := strconv.Atoi(f.limit)
	if err != nil || n < 1 || n > most {
		return 0, &problem{http.StatusUnprocessableEntity, fmt.Sprintf("The entities limit is a number from 1 to %d", most), ""}
	}
	return n, nil
}

// listed is a form that holds these observables, one a line: typed where they
// would not be found as what they are. Each is to be asked, public or not.
func listed(list []ctim.Observable, f tryForm) tryForm {
	lines := make([]string, len(list))
	f.out, f.types = nil, map[string]string{}
	for i, o := range list {
		f.types[chipKey(relay.Found{Observable: o})] = o.Type
		lines[i] = o.Value
		if found, more := relay.Find(o.Value); more || len(found) != 1 || found[0].Observable != o {
			lines[i] = o.Type + `:"` + o.Value + `"`
		}
	}
	f.text = strings.Join(lines, "\n")
	return f
}
