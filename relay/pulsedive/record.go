package pulsedive

import (
	"fmt"
	"time"
)

// Record is what Pulsedive knows of one indicator, reduced to what CTIM needs.
// Texts are as Pulsedive sent them: foreign, to be escaped wherever they go.
type Record struct {
	// IID is Pulsedive's number of the indicator, digits only; empty where the
	// answer had none.
	IID string
	// Indicator is the value as Pulsedive spells it, Type its type: ip, ipv6,
	// domain, url or a type of Pulsedive's own.
	Indicator, Type string
	// Risk is unknown, none, low, medium, high, critical or retired; unknown where
	// the answer had null or anything else.
	Risk string
	// Retired is why the record is retired, empty where it is not.
	Retired string
	// Seen is stamp_seen or, where that is null, stamp_updated or stamp_added.
	Seen time.Time
	// RetiredAt is stamp_retired, zero where it is empty.
	RetiredAt time.Time

	RiskFactors []RiskFactor
	Threats     []Threat
	Feeds       []Feed

	missing string // a member that the answer should have had
}

// RiskFactor is one reason for a record's risk.
type RiskFactor struct {
	Description, Risk string
}

// Threat is a threat that an indicator is linked to.
type Threat struct {
	// TID is Pulsedive's number of the threat, digits only, or empty.
	TID, Name, Category string
	Linked              time.Time
}

// Feed is a feed that lists an indicator.
type Feed struct {
	// FID is Pulsedive's number of the feed, digits only, or empty.
	FID, Name, Category, Organization string
	Linked                            time.Time
}

// Links are the indicators that Pulsedive links to one, as far as CTIM has a
// word for the link.
type Links struct {
	ActiveDNS []DNS
}

// DNS is an entry of Active DNS: the other end of a name's resolution.
type DNS struct {
	Indicator, Type string
	Linked          time.Time
}

// Complete is nil where the record holds every member that the mapping to CTIM
// needs, else ErrShape (contract: key error).
func (r *Record) Complete() error {
	if r.missing == "" {
		return nil
	}
	return fmt.Errorf("%w: no usable member %s", ErrShape, r.missing)
}

// size is about what the record takes in memory, in bytes: what the cache
// counts.
func (r *Record) size() int {
	n := 256
	r.texts(func(s *string) { n += len(*s) })
	return n + 48*cap(r.RiskFactors) + 88*cap(r.Threats) + 104*cap(r.Feeds)
}

func (l *Links) size() int {
	n := 64 + 72*cap(l.ActiveDNS)
	for i := range l.ActiveDNS {
		n += l.ActiveDNS[i].text()
	}
	return n
}
