package pulsedivetest

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"net/http"
	"sync"
	"time"
)

// sample.json is a list of observables with the answers for their record and
// their links. Everything in it is made up. A string such as "-3d4h" in it is a
// stamp, three days and four hours before now; see relativeStamp.
//
//go:embed sample.json
var sampleJSON []byte

// SampleEntry is one observable of the sample intelligence.
type SampleEntry struct {
	Value string // what to ask for
	Type  string // ip, ipv6, domain or url
	Shows string // a sentence or two: what this one is there to show
}

// Sample lists the sample intelligence in the order worth reading.
func Sample() []SampleEntry {
	file := sampleFile()
	list := make([]SampleEntry, len(file))
	for i := range file {
		list[i] = file[i].SampleEntry
	}
	return list
}

// LoadSample makes f know the sample intelligence. Answers set by hand win over it.
func (f *Fake) LoadSample() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sampleLoaded = true
}

// sampleFile reads sample.json, once.
var sampleFile = sync.OnceValue(func() []sampleRecord {
	var file []sampleRecord
	if err := json.Unmarshal(sampleJSON, &file); err != nil {
		panic("pulsedivetest: sample.json: " + err.Error()) // a test reads it
	}
	for i := range file {
		file[i].iid = iidOf(file[i].Info.Body)
		file[i].Info.compile()
		file[i].Links.compile()
	}
	return file
})

// sampleRecord is one observable of sample.json.
type sampleRecord struct {
	SampleEntry
	Info  sampleAnswer
	Links sampleAnswer

	iid string
}

// sampleAnswer is the answer for the record or the links of a sampleRecord;
// without body or text there is nothing known.
type sampleAnswer struct {
	Status   int // 0: 200
	Body     json.RawMessage
	Text     string
	template template // of Body
}

// compile makes ready to answer.
func (a *sampleAnswer) compile() {
	if a.Status == 0 {
		a.Status = http.StatusOK
	}
	var compact bytes.Buffer
	if a.Body != nil {
		_ = json.Compact(&compact, a.Body) // it was just decoded
	}
	a.template = newTemplate(compact.Bytes())
}

// sampleSet is the sample intelligence as one Fake answers it.
type sampleSet struct{ values, iids map[string]*sample }

// sample is one observable with its answers, told from some hour.
type sample struct {
	*sampleRecord
	info, links *moving
}

func newSampleSet() sampleSet {
	s := sampleSet{map[string]*sample{}, map[string]*sample{}}
	file := sampleFile()
	for i := range file {
		r := &file[i]
		e := &sample{r, newMoving(r.Info.template), newMoving(r.Links.template)}
		s.values[r.Value] = e
		if r.iid != "" {
			s.iids[r.iid] = e
		}
	}
	return s
}

// reply is the answer for the record or the links.
func (e *sample) reply(get string, now time.Time) reply {
	a, m := &e.Info, e.info
	if get != "" {
		a, m = &e.Links, e.links
	}
	switch {
	case a.Body != nil:
		return reply{status: a.Status, ctype: typeJSON, body: m.at(now).content}
	case a.Text != "":
		return reply{status: a.Status, ctype: typeHTML, body: newContent([]byte(a.Text))}
	}
	return unknown(get)
}
