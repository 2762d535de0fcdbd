package web

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"pulsedive-relay/relay/ctim"
	"pulsedive-relay/store"
)

// Answers are kept as they were sent: an envelope with CTIM in it. Here they are
// taken apart again, for pages. An answer may be from an older relay, cut off, or
// full of hostile text; nothing in it is trusted to fit.

// maxTaken is the largest answer that is taken apart, in bytes.
const maxTaken = 32 << 20

var errTooLarge = errors.New("it is larger than what is taken apart for a page")

// docs is a list of entities in an answer.
type docs[T any] struct {
	Docs []T `json:"docs"`
}

// takeBundle reads the answer to observe. An answer without data is an empty
// bundle.
func takeBundle(sent []byte) (*ctim.Bundle, error) {
	var answer struct {
		Data struct {
			Verdicts      docs[ctim.Verdict]      `json:"verdicts"`
			Judgements    docs[ctim.Judgement]    `json:"judgements"`
			Indicators    docs[ctim.Indicator]    `json:"indicators"`
			Sightings     docs[ctim.Sighting]     `json:"sightings"`
			Relationships docs[ctim.Relationship] `json:"relationships"`
		} `json:"data"`
	}
	if err := take(sent, &answer); err != nil {
		return &ctim.Bundle{}, err
	}
	d := &answer.Data
	return &ctim.Bundle{
		Verdicts: d.Verdicts.Docs, Judgements: d.Judgements.Docs, Indicators: d.Indicators.Docs,
		Sightings: d.Sightings.Docs, Relationships: d.Relationships.Docs,
	}, nil
}

// takeLinks reads the answer to refer.
func takeLinks(sent []byte) ([]ctim.Link, error) {
	var answer struct {
		Data []ctim.Link `json:"data"`
	}
	err := take(sent, &answer)
	return answer.Data, err
}

func take(sent []byte, into any) error {
	switch {
	case len(sent) == 0: // whoever asked left before there was an answer
		return nil
	case len(sent) > maxTaken:
		return errTooLarge
	}
	if err := json.Unmarshal(sent, into); err != nil {
		return fmt.Errorf("taking an answer apart: %w", err)
	}
	return nil
}

// The kinds of reasons, in the order in which an answer has them.
const (
	factor = iota
	threat
	feed
)

// reason is an indicator with the sighting that ties it to an observable.
type reason struct {
	kind      int
	indicator *ctim.Indicator
	sighting  *ctim.Sighting
	tied      *ctim.Relationship // what ties the two
	risk      string             // of a risk factor, in Pulsedive's word
}

// name is the indicator's, without the word for its kind.
func (r *reason) name() string {
	text := r.indicator.ShortDescription
	if text == "" {
		text = r.indicator.Title
	}
	switch r.kind {
	case threat:
		text = strings.TrimPrefix(text, "Threat: ")
	case feed:
		text = strings.TrimPrefix(text, "Feed: ")
	}
	if text = strings.TrimSpace(text); text == "" {
		return "(without a name)"
	}
	return text
}

// subject is what an answer holds of one observable.
type subject struct {
	*store.Result
	place     int             // in the request
	verdict   *ctim.Verdict   // nil: there is none
	judgement *ctim.Judgement // nil: there is none
	reasons   []reason
	sightings []*ctim.Sighting // those with relations
}

// name is the observable as the answer spells it.
func (s *subject) name() ctim.Observable {
	if s.Answered != (ctim.Observable{}) {
		return s.Answered
	}
	return s.Observable
}

// relations are the pairs of observables that the answer ties to this one.
func (s *subject) relations() []ctim.Relation {
	var all []ctim.Relation
	for _, one := range s.sightings {
		all = append(all, one.Relations...)
	}
	return all
}

// bySubject gives each observable of a request what the answer holds of it: the
// verdict and judgement on it, the sightings of it, and the indicators that these
// are tied to by relationships. What belongs to none is left out.
func bySubject(results []store.Result, b *ctim.Bundle) []subject {
	subjects := make([]subject, len(results))
	alike := map[ctim.Observable][]int{} // places that the answer spells alike
	for i := range results {
		subjects[i] = subject{Result: &results[i], place: i}
		if results[i].State == store.Known {
			name := subjects[i].name()
			alike[name] = append(alike[name], i)
		}
	}
	verdicts, judgements := map[ctim.Observable][]*ctim.Verdict{}, map[ctim.Observable][]*ctim.Judgement{}
	for i := range b.Verdicts {
		v := &b.Verdicts[i]
		verdicts[v.Observable] = append(verdicts[v.Observable], v)
	}
	for i := range b.Judgements {
		j := &b.Judgements[i]
		judgements[j.Observable] = append(judgements[j.Observable], j)
	}
	sightings := map[ctim.Observable][]*ctim.Sighting{}
	for i := range b.Sightings {
		for _, o := range b.Sightings[i].Observables {
			sightings[o] = append(sightings[o], &b.Sightings[i])
		}
	}
	tied := indicatorsOf(b)
	for name, places := range alike {
		for nth, place := range places {
			s := &subjects[place]
			s.verdict, s.judgement = nthOf(verdicts[name], nth), nthOf(judgements[name], nth)
			s.take(share(sightings[name], nth, len(places)), tied)
		}
	}
	return subjects
}

// nthOf is an element of a list; nil: there is none.
func nthOf[T any](list []*T, n int) *T {
	if n < len(list) {
		return list[n]
	}
	return nil
}

// share is the n-th of equal parts: two spellings of one observable have the same
// record twice in an answer.
func share[T any](list []T, n, parts int) []T {
	size := len(list) / parts
	if len(list)%parts != 0 { // an answer of another kind: the first has all
		if n > 0 {
			return nil
		}
		size = len(list)
	}
	return list[n*size : (n+1)*size]
}

// indicatorsOf finds the indicators of each sighting, by its id. One indicator may
// be in an answer several times, with one id and the words of each observable: the
// relationship of the same place names the one that is meant.
func indicatorsOf(b *ctim.Bundle) map[string][]tie {
	first := make(map[string]int, len(b.Indicators))
	for i := range b.Indicators {
		if _, ok := first[b.Indicators[i].ID]; !ok {
			first[b.Indicators[i].ID] = i
		}
	}
	ties := make(map[string][]tie, len(b.Relationships))
	for i := range b.Relationships {
		r := &b.Relationships[i]
		place, ok := first[r.TargetRef]
		if i < len(b.Indicators) && b.Indicators[i].ID == r.TargetRef {
			place, ok = i, true
		}
		if ok {
			ties[r.SourceRef] = append(ties[r.SourceRef], tie{&b.Indicators[place], r})
		}
	}
	return ties
}

// tie is a relationship with what it leads to.
type tie struct {
	indicator *ctim.Indicator
	how       *ctim.Relationship
}

// take gives a subject its sightings and what they are tied to.
func (s *subject) take(sightings []*ctim.Sighting, ties map[string][]tie) {
	for _, one := range sightings {
		if len(one.Relations) > 0 {
			s.sightings = append(s.sightings, one)
		}
		for _, t := range ties[one.ID] {
			s.reasons = append(s.reasons, reason{kind: looksLike(t), indicator: t.indicator, sighting: one, tied: t.how})
		}
	}
	// What was counted when the answer was made says more than its looks.
	if s.Factors+s.Threats+s.Feeds == len(s.reasons) {
		for i := range s.reasons {
			s.reasons[i].kind = kindAt(i, s.Result)
		}
	}
	n := 0
	for i := range s.reasons {
		if r := &s.reasons[i]; r.kind == factor {
			if n < len(s.FactorRisks) {
				r.risk = s.FactorRisks[n]
			}
			n++
		}
	}
	slices.SortStableFunc(s.reasons, weightier)
}

// weightier orders reasons by kind, and risk factors by risk, the highest first.
func weightier(a, b reason) int {
	return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(severity(b.risk), severity(a.risk)))
}

func kindAt(i int, r *store.Result) int {
	switch {
	case i < r.Factors:
		return factor
	case i < r.Factors+r.Threats:
		return threat
	}
	return feed
}

// looksLike guesses the kind of an indicator.
func looksLike(t tie) int {
	switch {
	case t.how.RelationshipType == ctim.MemberOf:
		return feed
	case strings.HasPrefix(t.indicator.Title, "Threat: "):
		return threat
	}
	return factor
}
