package pulsedivetest

import (
	"net/url"
	"strings"
)

// query is what the fake reads of a call.
type query struct{ indicator, get, iid, key string }

// parseQuery reads the parameters the fake knows, the first of each. It does
// without url.ParseQuery's map, since benchmarks pay for it on every call.
func parseQuery(raw string) query {
	var q query
	for raw != "" {
		var pair string
		pair, raw, _ = strings.Cut(raw, "&")
		name, value, _ := strings.Cut(pair, "=")
		if to := q.field(name); to != nil && *to == "" {
			*to = unescape(value)
		}
	}
	return q
}

func (q *query) field(name string) *string {
	switch name {
	case "indicator":
		return &q.indicator
	case "get":
		return &q.get
	case "iid":
		return &q.iid
	case "key":
		return &q.key
	}
	return nil
}

// unescape decodes a query value; one that cannot be decoded counts as absent.
func unescape(s string) string {
	if !strings.ContainsAny(s, "%+") {
		return s
	}
	s, _ = url.QueryUnescape(s)
	return s
}
