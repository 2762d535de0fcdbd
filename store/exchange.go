package store

import (
	"time"

	"pulsedive-relay/relay/ctim"
)

// Source is who asked.
type Source string

// The sources of exchanges.
const (
	XDR      Source = "xdr"      // a request with a token
	Try      Source = "try"      // the admin's page
	Terminal Source = "terminal" // the commands observe and refer
)

// Endpoint is what was asked.
type Endpoint string

// The endpoints whose requests are kept. A try may ask both questions at once.
const (
	Observe Endpoint = "observe"
	Refer   Endpoint = "refer"
	Both    Endpoint = "observe+refer"
	Health  Endpoint = "health"
)

// Outcome is how a request ended.
type Outcome string

// The outcomes: answered whole, answered with data and errors, or with errors
// alone.
const (
	OK      Outcome = "ok"
	Partial Outcome = "partial"
	Failed  Outcome = "error"
)

// Summary is what lists show of an exchange.
type Summary struct {
	// ID is the exchange's number in this file: later ones have higher numbers.
	// Append gives it.
	ID uint64
	// At is when the request came in.
	At time.Time
	// Source, Endpoint and Outcome tell who asked what, and how it ended.
	Source   Source
	Endpoint Endpoint
	Outcome  Outcome
	// Results is what came of each observable, in the order of the request.
	Results []Result
	// Code is the code of the first error, empty where there is none.
	Code string
	// Caller is the address that asked, without the port.
	Caller string
	// Fingerprint tells callers' keys apart: some digits of an HMAC.
	Fingerprint string
	// Took is how long the answer took, all in all.
	Took time.Duration
	// Calls is how many calls to Pulsedive it took; Cached how many answers the
	// cache gave instead.
	Calls, Cached int
	// Count is how many requests this entry stands for, 1 or more: consecutive
	// ones of an hour that are alike and ask about no observable are folded into
	// one, which says what the first of them was. Last is when the latest of them
	// came in; equal to At where Count is 1.
	Count int
	Last  time.Time
}

// State is what came of one observable.
type State string

// The states of an observable in a finished exchange.
const (
	Known   State = "known"   // Pulsedive has a record
	Nothing State = "nothing" // Pulsedive knows nothing
	Errored State = "failed"  // there is no answer
)

// Result is what came of one observable.
type Result struct {
	// Observable is as it was asked; Answered as the answer spells it, where
	// that differs, else zero.
	Observable, Answered ctim.Observable
	State                State
	// Disposition is the verdict, also where only links were asked for; 0 where
	// there is no record.
	Disposition ctim.Disposition
	// Risk is Pulsedive's word for the verdict: unknown, none, low, medium, high,
	// critical, retired; empty where there is no record.
	Risk string
	// Retired is why the record is retired, empty where it is not.
	Retired string
	// Seen is when Pulsedive saw the observable last.
	Seen time.Time
	// FactorRisks holds the risk of each risk factor, in the order of the
	// answer's indicators.
	FactorRisks []string
	// Factors, Threats, Feeds and Relations count what the answer holds.
	Factors, Threats, Feeds, Relations int
	// Error is the code of what went wrong, empty where nothing did.
	Error string
	// Took is the time from the question to its end.
	Took time.Duration
}

// Exchange is one handled request with its answer. Neither Pulsedive's key nor a
// token is part of it.
type Exchange struct {
	Summary
	// Damaged says that all but the summary cannot be read, and is missing. Each
	// alone gives such exchanges.
	Damaged bool
	// Request is the request's id, as in the log and the answer's header.
	Request string
	// Audience and KeyHost are what the token named; empty without a token.
	Audience, KeyHost string
	// EntitiesLimit is the limit that held; 0 where it does not apply.
	EntitiesLimit int
	// Answer is the answer as it was sent. Refer is the second one of a try that
	// asked both questions.
	Answer, Refer []byte
	// Errors are those of the answer.
	Errors []Fault
	// Token, Asked and Translated are the parts of Took, one after the other:
	// checking the token; asking about the observables, where each record that
	// comes is mapped to CTIM while others are asked; writing that out as the JSON
	// of the answer.
	Token, Asked, Translated time.Duration
	// Spans are the calls to Pulsedive and what came instead of some, in order
	// of their start.
	Spans []Span
	// Quotas is what was known of the limits of the caller's key at the end.
	Quotas []Quota
}

// Fault is an error of an answer.
type Fault struct {
	Type, Code, Message string
}

// Span is one question to Pulsedive.
type Span struct {
	// Observable is its place in the request, -1 for a health check.
	Observable int
	// Kind is info, links or health.
	Kind string
	// Queued, Start and Took place it in time, from the exchange's At: put,
	// called (after waiting for a limit), and how long the call took. Where no
	// call was made Took is 0.
	Queued, Start, Took time.Duration
	// Outcome is ok, not found, a word for a fault (timeout, connection, "limit
	// day", …), or what came instead of a call: see FromCache and Called.
	Outcome string
}

// FromCache says that the cache answered, be it with what is over its time.
func (s *Span) FromCache() bool { return s.Outcome == "cached" || s.Outcome == "stale" }

// Called says that a call was made for this question, and waited for: not another
// one's was shared, and nobody left before it ended.
func (s *Span) Called() bool {
	switch s.Outcome {
	case "joined", "under way", "given up":
		return false
	}
	return !s.FromCache()
}

// Quota is one limit of a key's plan.
type Quota struct {
	// Period is second, day or month.
	Period string
	// Limit is how many calls a period has, at least; Left how many are left,
	// -1 where that is not known.
	Limit, Left int
	// Ends is when the period is over, zero where Left is not known.
	Ends time.Time
}
