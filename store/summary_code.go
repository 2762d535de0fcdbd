package store

import (
	"encoding/binary"
	"fmt"
	"time"

	"pulsedive-relay/relay/ctim"
)

// A stored summary begins with what filters ask for, in fixed places, so that
// looking through many reads no more of each:
//
//	0     the format, 1
//	1-3   source, endpoint, outcome, as words' bytes
//	4     bits for what is among the results: 1-5 dispositions, the others states
//	5-12  At, in nanoseconds since 1970
const (
	summaryFormat = 1
	sourceAt      = 1
	endpointAt    = 2
	outcomeAt     = 3
	resultsAt     = 4
	timeAt        = 5
	headSize      = 13
)

// appendSummary writes all of a summary but its number. It refuses sources,
// endpoints and outcomes that are not those of this package.
func appendSummary(b []byte, s *Summary) ([]byte, error) {
	source, known1 := codes[string(s.Source)]
	endpoint, known2 := codes[string(s.Endpoint)]
	outcome, known3 := codes[string(s.Outcome)]
	if !known1 || !known2 || !known3 {
		return b, fmt.Errorf("no exchanges of source %q, endpoint %q and outcome %q are known", s.Source, s.Endpoint, s.Outcome)
	}
	b = append(b, summaryFormat, source, endpoint, outcome, resultBits(s.Results))
	b = binary.BigEndian.AppendUint64(b, uint64(s.At.UnixNano()))
	w := writer{b}
	w.text(s.Code)
	w.text(s.Caller)
	w.text(s.Fingerprint)
	w.duration(s.Took)
	w.int(s.Calls)
	w.int(s.Cached)
	w.int(s.Count)
	w.duration(s.Last.Sub(s.At))
	w.uint(uint64(len(s.Results)))
	for i := range s.Results {
		w.result(&s.Results[i])
	}
	return w.b, nil
}

// stateBits are those of the states. Each result has one, so that of an exchange
// about observables some bit is set.
var stateBits = map[State]byte{Nothing: 1 << 0, Errored: 1 << 6, Known: 1 << 7}

// dispositionBit is that of a disposition; 0: it has none.
func dispositionBit(d ctim.Disposition) byte {
	if d < 1 || d > 5 {
		return 0
	}
	return 1 << d
}

// resultBits are what is among results.
func resultBits(list []Result) (bits byte) {
	for i := range list {
		r := &list[i]
		state, ok := stateBits[r.State]
		if !ok {
			state = stateBits[Known]
		}
		bits |= state | dispositionBit(r.Disposition)
	}
	return bits
}

func (w *writer) result(r *Result) {
	w.word(r.Observable.Type)
	w.text(r.Observable.Value)
	w.word(r.Answered.Type)
	w.text(r.Answered.Value)
	w.word(string(r.State))
	w.int(int(r.Disposition))
	w.word(r.Risk)
	w.text(r.Retired)
	w.time(r.Seen)
	w.uint(uint64(len(r.FactorRisks)))
	for _, risk := range r.FactorRisks {
		w.word(risk)
	}
	w.int(r.Factors)
	w.int(r.Threats)
	w.int(r.Feeds)
	w.int(r.Relations)
	w.text(r.Error)
	w.duration(r.Took)
}

// readSummary reads what appendSummary wrote. Nothing of it refers to b.
func readSummary(id uint64, b []byte) (Summary, error) {
	s := Summary{ID: id}
	r, err := readHead(&s, b)
	if err != nil {
		return s, err
	}
	if n := r.count(); n > 0 {
		s.Results = make([]Result, 0, min(n, len(r.b)/resultSize+1))
		for range n {
			s.Results = append(s.Results, r.result())
			if r.bad {
				break
			}
		}
	}
	return s, r.end()
}

// resultSize is how many bytes a result takes at least.
const resultSize = 16

// readHead reads all but the results.
func readHead(s *Summary, b []byte) (*reader, error) {
	if len(b) < headSize || b[0] != summaryFormat || int(max(b[sourceAt], b[endpointAt], b[outcomeAt])) >= len(words) {
		return nil, errCode
	}
	s.Source, s.Endpoint, s.Outcome = Source(words[b[sourceAt]]), Endpoint(words[b[endpointAt]]), Outcome(words[b[outcomeAt]])
	s.At = time.Unix(0, nanoseconds(b)).UTC()
	r := &reader{b: b[headSize:]}
	s.Code, s.Caller, s.Fingerprint = r.text(), r.text(), r.text()
	s.Took, s.Calls, s.Cached = r.duration(), r.int(), r.int()
	s.Count = r.int()
	s.Last = s.At.Add(r.duration())
	return r, nil
}

// nanoseconds is the time of a stored summary.
func nanoseconds(b []byte) int64 { return int64(binary.BigEndian.Uint64(b[timeAt:])) }

func (r *reader) result() Result {
	s := Result{Observable: ctim.Observable{Type: r.word(), Value: r.text()}, Answered: ctim.Observable{Type: r.word(), Value: r.text()}}
	s.State = State(r.word())
	s.Disposition = ctim.Disposition(r.int())
	s.Risk, s.Retired, s.Seen = r.word(), r.text(), r.time()
	if n := r.count(); n > 0 {
		s.FactorRisks = make([]string, n)
		for i := range s.FactorRisks {
			s.FactorRisks[i] = r.word()
		}
	}
	s.Factors, s.Threats, s.Feeds, s.Relations = r.int(), r.int(), r.int(), r.int()
	s.Error, s.Took = r.text(), r.duration()
	return s
}

// values gives the observables of a stored summary, as asked and as answered, until
// yield returns false. Values are valid as long as b.
func values(b []byte, yield func(kind string, value []byte) bool) error {
	var s Summary
	r, err := readHead(&s, b)
	if err != nil {
		return err
	}
	for range r.count() {
		kind, asked := r.word(), r.part()
		answeredKind, answered := r.word(), r.part()
		if r.bad {
			return errCode
		}
		if !yield(kind, asked) || len(answered) > 0 && !yield(answeredKind, answered) {
			return nil
		}
		r.skipResult()
	}
	return r.end()
}

// skipResult passes over a result behind its observables.
func (r *reader) skipResult() {
	r.word()
	r.varint()
	r.word()
	r.part()
	r.time()
	for range r.count() {
		r.word()
	}
	for range 4 {
		r.varint()
	}
	r.part()
	r.varint()
}
