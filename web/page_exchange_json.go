package web

import (
	"net/http"
	"strconv"

	"pulsedive-relay/store"
	"pulsedive-relay/web/view"
)

// sentPart is one of the answers that an exchange may have: to the question, and
// to refer where a try asked both.
type sentPart struct {
	id    string // in the page, and in the address of its file
	label string // in the menu of files
	text  []byte
	href  string
	file  string
}

// partsOf are the answers of an exchange; those that were not sent have no text.
func partsOf(x *store.Exchange) [2]sentPart {
	href, file := exchangePath(x.ID)+"/answer.json", "exchange-"+strconv.FormatUint(x.ID, 10)
	return [2]sentPart{
		{"answer", "Answer as JSON", x.Answer, href, file + ".json"},
		{"refer", "Links as JSON", x.Refer, href + "?part=refer", file + "-refer.json"},
	}
}

// exports are the files of the exchange.
func (l *looked) exports() []view.Link {
	var list []view.Link
	for _, one := range partsOf(l.Exchange) {
		if len(one.text) > 0 {
			list = append(list, view.Link{Href: one.href, Label: one.label})
		}
	}
	return list
}

// jsonParts are the answers to be read.
func (l *looked) jsonParts() []view.JSONView {
	titles := [2]string{"Answer, as it was sent", "Answer to refer"}
	if len(l.Refer) > 0 {
		titles[0] = "Answer to observe"
	}
	var list []view.JSONView
	for i, one := range partsOf(l.Exchange) {
		if len(one.text) > 0 {
			list = append(list, view.JSONView{ID: one.id, Title: titles[i], Text: one.text, Href: one.href, Filename: one.file})
		}
	}
	return list
}

var errNoAnswer = &problem{http.StatusNotFound, "There is no such answer", "Nothing was sent for this part of the exchange."}

// downloadAnswer sends the answer as it was sent.
func (a *Admin) downloadAnswer(w http.ResponseWriter, req *http.Request) error {
	x, err := a.exchangeOf(req)
	if err != nil {
		return err
	}
	parts := partsOf(x)
	part := parts[0]
	if req.URL.Query().Get("part") == parts[1].id {
		part = parts[1]
	}
	if len(part.text) == 0 {
		return errNoAnswer
	}
	attach(w.Header(), "application/json", part.file)
	w.Header().Set("Content-Length", strconv.Itoa(len(part.text)))
	if req.Method != http.MethodHead {
		w.Write(part.text)
	}
	return nil
}
