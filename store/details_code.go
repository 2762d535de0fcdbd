package store

// detailsFormat is the first byte of an exchange's stored details; what follows
// is compressed (see compress).
const detailsFormat = 1

// appendDetails writes all of an exchange that its summary lacks.
func appendDetails(b []byte, x *Exchange) []byte {
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
	w.bytes(x.Answer)
	w.bytes(x.Refer)
	return w.b
}

func (w *writer) span(s *Span) {
	w.int(s.Observable)
	w.word(s.Kind)
	w.duration(s.Queued)
	w.duration(s.Start)
	w.duration(s.Took)
	w.word(s.Outcome)
}

// readDetails reads what appendDetails wrote into x. The answers are parts of b.
func readDetails(x *Exchange, b []byte) error {
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
	x.Answer, x.Refer = present(r.part()), present(r.part())
	return r.end()
}

// present is b, nil where it is empty.
func present(b []byte) []byte {
	if len(b) == 0 {
		return nil
	}
	return b
}
