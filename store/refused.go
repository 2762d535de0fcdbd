package store

// A request without a valid token costs its sender nothing, so it must not cost
// the history much either: such requests tell of no observable, and in each hour
// those that are alike are one entry, whatever came between them. From as many
// addresses as there may be entries in an hour they are told apart by address;
// what comes from further ones is one entry for all.
const (
	// mostRefused is how many such entries an hour has.
	mostRefused = 50
	// otherCallers stands for the further addresses.
	otherCallers = "various addresses"
)

// refused are the entries of one hour. It belongs to the one who writes.
type refused struct {
	hour    int64
	entries map[refusal]uint64 // their numbers
}

// refusal is what is alike in them.
type refusal struct {
	endpoint     Endpoint
	outcome      Outcome
	code, caller string
}

// refusalOf is what an entry is alike in; ok is false for one with a token, or
// with observables.
func refusalOf(e *entry) (one refusal, ok bool) {
	s := &e.summary
	return refusal{s.Endpoint, s.Outcome, s.Code, s.Caller}, s.Source == XDR && s.Fingerprint == "" && len(e.places.values) == 0
}

// like is the number of the entry that e is to be counted in, 0 where there is
// none. Where there may be no more entries it makes e one of all others.
func (r *refused) like(e *entry) uint64 {
	one, ok := refusalOf(e)
	if !ok || r == nil {
		return 0
	}
	if hour := hourKey(e.summary.At); hour != r.hour || r.entries == nil {
		r.hour, r.entries = hour, map[refusal]uint64{}
	}
	if id := r.entries[one]; id != 0 {
		return id
	}
	if len(r.entries) >= mostRefused {
		e.anonymous()
		one.caller = otherCallers
	}
	return r.entries[one]
}

// note remembers a new entry.
func (r *refused) note(e *entry, id uint64) {
	if one, ok := refusalOf(e); ok && r != nil && r.entries != nil {
		r.entries[one] = id
	}
}

// anonymous makes an entry one of all other addresses.
func (e *entry) anonymous() {
	e.summary.Caller = otherCallers
	if code, err := appendSummary(nil, &e.summary); err == nil {
		e.code = code
	}
}
