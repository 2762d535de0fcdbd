// Package ctim holds the entities of CTIM, Cisco's threat intelligence model,
// as they stand on the wire between a relay and Cisco XDR: only those kinds and
// members that this relay answers with.
//
// It knows names, encodings and rules (Check), nothing of where the content
// comes from. The types encode and decode with encoding/json; the Append
// functions write the same JSON without reflection, for the answers.
package ctim

import "time"

// SchemaVersion is the version of CTIM that every entity names.
const SchemaVersion = "1.0.22"

// The values of the member type.
const (
	TypeVerdict      = "verdict"
	TypeJudgement    = "judgement"
	TypeIndicator    = "indicator"
	TypeSighting     = "sighting"
	TypeRelationship = "relationship"
)

// The kinds of relationship in use: a sighting is a sighting of an indicator,
// or the sighted observable is a member of the indicator's list.
const (
	SightingOf = "sighting-of"
	MemberOf   = "member-of"
)

// ResolvedTo relates a domain to an address.
const ResolvedTo = "Resolved_To"

// Disposition is CTIM's number for what is thought of an observable.
type Disposition int

// The dispositions of CTIM.
const (
	Clean Disposition = iota + 1
	Malicious
	Suspicious
	Common
	Unknown
)

// String is the disposition_name that belongs to d, empty for a number that
// CTIM does not have.
func (d Disposition) String() string {
	switch d {
	case Clean:
		return "Clean"
	case Malicious:
		return "Malicious"
	case Suspicious:
		return "Suspicious"
	case Common:
		return "Common"
	case Unknown:
		return "Unknown"
	}
	return ""
}

// Observable is what is asked about.
type Observable struct {
	Type  string `json:"type"`
	Value string `json:"value"`
}

// Span is a stretch of time, in UTC and whole seconds: valid_time and
// observed_time. A zero End means without end.
type Span struct {
	Start time.Time `json:"start_time,omitzero"`
	End   time.Time `json:"end_time,omitzero"`
}

// Verdict says what is thought of an observable, on balance of its judgements.
type Verdict struct {
	Type            string      `json:"type"`
	Disposition     Disposition `json:"disposition"`
	DispositionName string      `json:"disposition_name"`
	Observable      Observable  `json:"observable"`
	ValidTime       Span        `json:"valid_time"`
}

// Judgement is one source's opinion of an observable.
type Judgement struct {
	Type            string      `json:"type"`
	ID              string      `json:"id"`
	SchemaVersion   string      `json:"schema_version"`
	Source          string      `json:"source"`
	SourceURI       string      `json:"source_uri,omitempty"`
	TLP             string      `json:"tlp,omitempty"`
	Observable      Observable  `json:"observable"`
	Disposition     Disposition `json:"disposition"`
	DispositionName string      `json:"disposition_name"`
	Severity        string      `json:"severity"`
	Confidence      string      `json:"confidence"`
	Priority        int         `json:"priority"`
	ValidTime       Span        `json:"valid_time"`
}

// Indicator describes a pattern that observables were found to match: a risk
// factor, a threat, a feed.
type Indicator struct {
	Type             string   `json:"type"`
	ID               string   `json:"id"`
	SchemaVersion    string   `json:"schema_version"`
	Source           string   `json:"source,omitempty"`
	SourceURI        string   `json:"source_uri,omitempty"`
	TLP              string   `json:"tlp,omitempty"`
	Producer         string   `json:"producer"`
	Title            string   `json:"title,omitempty"`
	ShortDescription string   `json:"short_description,omitempty"`
	Severity         string   `json:"severity,omitempty"`
	Tags             []string `json:"tags,omitempty"`
	ValidTime        Span     `json:"valid_time"`
}

// Relation ties two observables to each other within a sighting.
type Relation struct {
	Origin   string     `json:"origin"`
	Relation string     `json:"relation"`
	Source   Observable `json:"source"`
	Related  Observable `json:"related"`
}

// Sighting says that observables were seen at a time.
type Sighting struct {
	Type          string       `json:"type"`
	ID            string       `json:"id"`
	SchemaVersion string       `json:"schema_version"`
	Source        string       `json:"source,omitempty"`
	SourceURI     string       `json:"source_uri,omitempty"`
	Description   string       `json:"description,omitempty"`
	Severity      string       `json:"severity,omitempty"`
	Confidence    string       `json:"confidence"`
	Count         int          `json:"count"`
	Observables   []Observable `json:"observables,omitempty"`
	ObservedTime  Span         `json:"observed_time"`
	Relations     []Relation   `json:"relations,omitempty"`
}

// Relationship ties two entities of one answer to each other, by their ids.
type Relationship struct {
	Type             string `json:"type"`
	ID               string `json:"id"`
	SchemaVersion    string `json:"schema_version"`
	TLP              string `json:"tlp,omitempty"`
	RelationshipType string `json:"relationship_type"`
	SourceRef        string `json:"source_ref"`
	TargetRef        string `json:"target_ref"`
}

// Bundle is what is known of one observable, or of several.
type Bundle struct {
	Verdicts      []Verdict
	Judgements    []Judgement
	Indicators    []Indicator
	Sightings     []Sighting
	Relationships []Relationship
}

// Link leads an analyst to a page about an observable (XDR: refer). It is no
// entity of CTIM, but travels with it.
type Link struct {
	ID          string   `json:"id"`
	Title       string   `json:"title"`
	Description string   `json:"description"`
	URL         string   `json:"url"`
	Categories  []string `json:"categories"`
}
