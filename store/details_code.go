package store

// How an answer is stored: as it is, or with its identifiers taken out.
const (
	wholeText = 0
	shortText = 1
)

// appendDetails writes all of an exchange that its summary lacks, but the
// identifiers that it takes out of the answers.
func appendDetails(b []byte, x *Exchange, t *identifiers) []byte {
	w := writer{b}
	w.text(x.Request)
	w.text(x.Audience)
	w.text(x.KeyHost)
	w.int(x.EntitiesLimit)
	w.duration(x.Token)
	w.duration(x.Asked)
	w.duration(x.Translated)
	w.uint(uint64(len(x.Errors)))
	for _, f := range x.Errors {
		w.word(f.Type)
		w.text(f.Code)
		w.text(f.Message)
	}
	w.uint(uint64(len(x.Spans)))
	for i := range x.Spans {
		w.span(&x.Spans[i])
	}
	w.uint(uint64(len(x.Quotas)))
	for _, q := range x.Quotas {
		w.word(q.Period)
		w.int(q.Limit)
		w.int(q.Left)
		w.time(q.Ends)
	}
	w.answer(x.Answer, t)
	w.answer(x.Refer, t)
	return w.b
}

func (w *writer) answer(b []byte, t *identifiers) {
	text, ok := t.take(t.text[:0], b)
	t.text = text
	if !ok {
		w.b = append(w.b, wholeText)
		w.bytes(b)
		return
	}
	w.b = append(w.b, shortText)
	w.bytes(text)
}

func (r *reader) answer(t *identifiers) []byte {
	kind, text := r.byte(), r.part()
	if len(text) == 0 {
		return nil
	}
	switch kind {
	case wholeText:
		return text
	case shortText:
		if whole, err := t.putBack(make([]byte, 0, len(text)+len(text)/8), text); err == nil {
			return whole
		}
	}
	r.fail()
	return nil
}

func (w *writer) span(s *Span) {
	w.int(s.Observable)
	w.word(s.Kind)
	w.duration(s.Queued)
	w.duration(s.Start)
	w.duration(s.Took)
	w.word(s.Outcome)
}

// readDetails reads what appendDetails wrote into x. The answers may be parts of
// b.
func readDetails(x *Exchange, b []byte, t *identifiers) error {
	r := &reader{b: b}
	x.Request, x.Audience, x.KeyHost, x.EntitiesLimit = r.text(), r.text(), r.text(), r.int()
	x.Token, x.Asked, x.Translated = r.duration(), r.duration(), r.duration()
	for range r.count() {
		x.Errors = append(x.Errors, Fault{Type: r.word(), Code: r.text(), Message: r.text()})
		if r.bad {
			return errCode
		}
	}
	for range r.count() {
		x.Spans = append(x.Spans, Span{Observable: r.int(), Kind: r.word(), Queued: r.duration(), Start: r.duration(), Took: r.duration(), Outcome: r.word()})
		if r.bad {
			return errCode
		}
	}
	for range r.count() {
		x.Quotas = append(x.Quotas, Quota{Period: r.word(), Limit: r.int(), Left: r.int(), Ends: r.time()})
		if r.bad {
			return errCode
		}
	}
	x.Answer, x.Refer = r.answer(t), r.answer(t)
	return r.end()
}
