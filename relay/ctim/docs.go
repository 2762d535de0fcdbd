package ctim

import "strconv"

// Docs writes the member data of an observe answer: an object with
// {"count":n,"docs":[…]} for each kind that has documents. Every text becomes
// valid UTF-8. It is for answers that never have all their documents in memory.
type Docs struct {
	b     []byte
	kinds int // how many kinds were opened
	docs  int // how many documents were written of the last
	left  int // how many are to come
}

// NewDocs begins to write after b.
func NewDocs(b []byte) Docs { return Docs{b: append(b, '{')} }

// Open begins a kind, of which exactly n documents must follow; with none it is
// left out.
func (w *Docs) Open(name string, n int) {
	w.docs, w.left = 0, n
	if n == 0 {
		return
	}
	w.b = comma(w.b, w.kinds)
	w.kinds++
	w.b = append(append(append(w.b, '"'), name...), `":{"count":`...)
	w.b = append(strconv.AppendInt(w.b, int64(n), 10), `,"docs":[`...)
}

// before separates a document from those before it, after ends one.
func (w *Docs) before() {
	w.b = comma(w.b, w.docs)
	w.docs++
}

func (w *Docs) after() {
	if w.left--; w.left == 0 {
		w.b = append(w.b, `]}`...)
	}
}

// End ends the answer and hands it out.
func (w *Docs) End() []byte { return append(w.b, '}') }

// Verdict writes a document of its kind, as the other methods do.
func (w *Docs) Verdict(x *Verdict) {
	w.before()
	w.b = appendVerdict(w.b, x)
	w.after()
}

// Judgement writes a judgement.
func (w *Docs) Judgement(x *Judgement) {
	w.before()
	w.b = appendJudgement(w.b, x)
	w.after()
}

// Indicator writes an indicator.
func (w *Docs) Indicator(x *Indicator) {
	w.before()
	w.b = appendIndicator(w.b, x)
	w.after()
}

// Sighting writes a sighting.
func (w *Docs) Sighting(x *Sighting) {
	w.before()
	w.b = appendSighting(w.b, x)
	w.after()
}

// Relationship writes a relationship.
func (w *Docs) Relationship(x *Relationship) {
	w.before()
	w.b = appendRelationship(w.b, x)
	w.after()
}
