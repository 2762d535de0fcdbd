package view

import (
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
)

// ExchangePage is the page of one exchange: what was asked and what came of it,
// with one of its parts below.
type ExchangePage struct {
	// Page is the layout's.
	Page Page
	// Path is the address of the exchange, without a query.
	Path string
	// Kind is what was asked: Observe, Refer, Health check.
	Kind string
	// At is when, Now when the page is looked at.
	At, Now time.Time
	// Title stands where there is no one observable: 4 observables, Health check.
	Title string
	// Subject is the one observable that the page is about; nil: several, or none.
	Subject *SubjectView
	// All leads from one of several observables back to all of them.
	All Link
	// Verdict is the worst of all; empty: there is none, and Outcome is told.
	Verdict Verdict
	Outcome string
	Asked   AskedView
	// Again says that the same can be asked again.
	Again bool
	// Exports are files to download.
	Exports []Link
	// Print is where a print has all of it.
	Print string
	// Pulsedive is the page of the observable there; empty: there is none.
	Pulsedive string
	// Hints say what went wrong, or what is to be known before all else; Folded
	// makes one line of them.
	Hints  []Hint
	Folded bool
	// Before is the exchange that last asked about the same; nil: none is known.
	Before *BeforeView
	// Diff is the difference to an earlier exchange; nil: nobody asked for it.
	Diff  *DiffView
	Facts []FactView
	Tabs  []TabView
	// Body is the part that is looked at.
	Body templ.Component
}

// AskedView says who asked, and what it took.
type AskedView struct {
	// By is Cisco XDR (US), Try, the terminal; From the address.
	By, From string
	Took     time.Duration
	// Calls to Pulsedive, and answers that the cache gave instead.
	Calls, Cached int
	// Fingerprint tells keys apart.
	Fingerprint string
	// Limit is the entities limit; 0: it does not apply.
	Limit int
	// Count is how many requests are folded into this entry, the last of them at
	// Last.
	Count int
	Last  time.Time
}

// BeforeView is an earlier exchange that asked about the same.
type BeforeView struct {
	Href, Compare string
	At            time.Time
	Verdict       Verdict
}

// SubjectView is what is known of one observable.
type SubjectView struct {
	Type, Value string
	// Answered is how the answer spells it, where that differs.
	Answered string
	Verdict  Verdict
	// Href is the page about this one of several.
	Href string
	// Now is when the page is looked at.
	Now time.Time
	// Risk, Severity, Confidence and TLP are words of Pulsedive's and CTIM's.
	Risk, Severity, Confidence, TLP string
	// Retired is why Pulsedive retired the record.
	Retired string
	// Seen is when Pulsedive saw it last, Until how long the verdict holds.
	Seen, Until time.Time
	// Error is what went wrong, a code.
	Error string
	// Pulsedive is its page there.
	Pulsedive string
	// Why are the reasons by kind: risk factors, threats, feeds.
	Why [3]ReasonsView
	// Relations are the names and addresses that belong to it.
	Relations []RelationView
	// Unrelated is why there are no relations, where something kept them away.
	Unrelated string
}

// Ended says that the verdict's valid time is over.
func (s SubjectView) Ended(now time.Time) bool { return !s.Until.IsZero() && s.Until.Before(now) }

// The kinds of reasons.
const (
	Factor = "factor"
	Threat = "threat"
	Feed   = "feed"
)

// ReasonsView is the reasons of one kind.
type ReasonsView struct {
	Kind string
	List []ReasonView
	// More is where those are that are too many for the list.
	More string
}

// ReasonView is a risk factor, a threat or a feed.
type ReasonView struct {
	Name string
	// Risk is a risk factor's, in Pulsedive's word.
	Risk string
	// Tag is the category, Producer the organisation behind a feed.
	Tag, Producer string
	// Linked is since when the observable is linked to it.
	Linked time.Time
	// URI is its page at Pulsedive.
	URI string
}

// RelationView is another observable that belongs to one.
type RelationView struct {
	Type, Value string
	// How is what the other is to this one: resolves to, name of.
	How  string
	Href string
}

// heading says how many reasons of a kind there are.
func (r *ReasonsView) heading() string {
	n := len(r.List)
	switch r.Kind {
	case Factor:
		return "Why: " + Plural(n, "risk factor", "risk factors")
	case Threat:
		return Plural(n, "threat", "threats")
	}
	return Plural(n, "feed", "feeds")
}

// Bounds of a list of reasons: how many are seen at once, and how many when it is
// unfolded; all others are among the entities.
const (
	reasonsSeen   = 8
	reasonsListed = 200
	// reasonsBrief is how many of a kind the card of one of several observables
	// names.
	reasonsBrief = 4
)

// upTo cuts a list in two.
func upTo[T any](list []T, n int) (first, rest []T) {
	n = min(n, len(list))
	return list[:n], list[n:]
}

// DiffView is the difference between two exchanges.
type DiffView struct {
	// Href is the earlier exchange, At when it was.
	Href string
	At   time.Time
	// Changes are by observable; those without a difference are left out.
	Changes []ChangeView
	// Same is how many observables have none; Other how many were not asked about
	// then.
	Same, Other int
}

// ChangeView is the difference for one observable.
type ChangeView struct {
	Type, Value   string
	Before, After Verdict
	// Lists are what came and went, by kind.
	Lists []DiffList
}

// DiffList is what came and went of a kind.
type DiffList struct {
	Label      string
	Come, Gone []string
}

// foot counts those that are not told of.
func (d DiffView) foot() string {
	var list []string
	if len(d.Changes) > 0 && d.Same > 0 {
		list = append(list, Plural(d.Same, "other observable", "other observables")+" without a change")
	}
	if d.Other > 0 {
		list = append(list, Plural(d.Other, "observable was", "observables were")+" not asked about then")
	}
	return strings.Join(list, "; ")
}

// diffListed bounds how many names of a kind are told each way.
const diffListed = 12

// longTitle is from how many characters a title is set smaller, and clipTitle
// from how many it is cut.
const (
	longTitle = 90
	clipTitle = 400
)

// titleClass makes a long observable smaller.
func titleClass(value string) string {
	if len(value) > longTitle {
		return "subject long"
	}
	return "subject"
}

// parts are what an exchange cost and for whom, after when it was.
func (a *AskedView) parts() []string {
	list := []string{"answered in " + Took(a.Took)}
	if a.Calls > 0 || a.Cached == 0 {
		list = append(list, Plural(a.Calls, "Pulsedive call", "Pulsedive calls"))
	}
	if a.Cached > 0 {
		list = append(list, strconv.Itoa(a.Cached)+" from the cache")
	}
	if a.Fingerprint != "" {
		list = append(list, "key #"+a.Fingerprint)
	}
	if a.Limit > 0 {
		list = append(list, "limit "+strconv.Itoa(a.Limit))
	}
	return list
}
