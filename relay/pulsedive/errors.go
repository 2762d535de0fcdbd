package pulsedive

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// What can come of a question besides an answer. None of them, nor any error
// that wraps them, holds the API key or the query.
var (
	// ErrNotFound: Pulsedive knows nothing of the value.
	ErrNotFound = errors.New("nothing known")
	// ErrShape: the answer lacks a member that the mapping needs.
	ErrShape = errors.New("unexpected shape of the answer")
	// ErrNotJSON: the answer is no JSON.
	ErrNotJSON = errors.New("the answer is no JSON")
	// ErrTooLarge: the answer is longer than MaxAnswer.
	ErrTooLarge = errors.New("the answer is too large")
	// ErrConnection: Pulsedive could not be reached, or hung up.
	ErrConnection = errors.New("no connection")
	// ErrTimeout: Pulsedive took longer than Config.Timeout.
	ErrTimeout = errors.New("no answer in time")
)

// StatusError is an answer with a status that means a fault.
type StatusError struct {
	// Status is the HTTP status.
	Status int
	// Reason is the status's phrase: Too Many Requests.
	Reason string
	// Message is what Pulsedive says of it, empty where it says nothing.
	Message string
}

func (e *StatusError) Error() string {
	return strings.TrimSpace(fmt.Sprintf("status %d %s", e.Status, e.Message))
}

// CertificateError is a certificate of Pulsedive's that does not verify.
type CertificateError struct {
	Reason string
}

func (e *CertificateError) Error() string { return "certificate: " + e.Reason }

// LimitError is a limit of the key's plan that stands in the way.
type LimitError struct {
	StatusError
	Period Period
	// Until is when Pulsedive is asked again with this key.
	Until time.Time
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("limit a %s: %s", e.Period, e.StatusError.Error())
}

// Unwrap makes a LimitError a StatusError too.
func (e *LimitError) Unwrap() error { return &e.StatusError }

// UnavailableError says that Pulsedive failed so often that it is left alone
// for a while.
type UnavailableError struct {
	// Until is when it is tried again, at the latest.
	Until time.Time
}

func (e *UnavailableError) Error() string {
	return "failed too often, not asked until " + e.Until.UTC().Format(time.RFC3339)
}

// PanicError is a fault of this program's own, caught where it harms no other
// request.
type PanicError struct {
	Value any
	Stack []byte
}

func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }
