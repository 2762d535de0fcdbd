package store

import (
	"time"

	"pulsedive-relay/relay/ctim"
)

// Filter says which exchanges are meant; its members combine. The zero value
// means all.
type Filter struct {
	// Observable is how an observable's value begins, without regard to case, as
	// asked or as answered.
	Observable string
	Source     Source
	Endpoint   Endpoint
	Outcome    Outcome
	// Disposition is that of any of the observables.
	Disposition ctim.Disposition
	// From and To bound At: From <= At < To; zero: no bound.
	From, To time.Time
}

// Page is a part of a list of exchanges, newest first.
type Page struct {
	Items []Summary
	// Newer and Older are the cursors of the pages beside this one, 0 where
	// there is none.
	Newer, Older uint64
	// Partial says that the search stopped at its bound of entries or time before
	// the page was full; Older goes on from there (Newer where the page was asked
	// for by Cursor.After), and Reached is the time of the last entry that was
	// looked at.
	Partial bool
	Reached time.Time
}

// Cursor says where in a list a page begins. The zero value is the newest.
type Cursor struct {
	// Before: the page has the newest exchanges with lower numbers. After: the
	// page has the oldest with higher ones, and still lists newest first.
	Before, After uint64
}

// Hour is what happened in one hour.
type Hour struct {
	Start               time.Time
	OK, Partial, Failed int
	// Calls to Pulsedive, and answers that the cache gave instead.
	Calls, Cached int
	// Dispositions counts verdicts, by disposition; 0 counts observables that
	// Pulsedive does not know.
	Dispositions [6]int
	// Times is a histogram of Took: requests by bucket (see Percentile).
	Times Histogram
}
