package pulsedivetest

import (
	"net/http"
	"net/netip"
	"strings"
	"time"
)

// healthIID is the iid that health checks ask for: pulsedive.com.
const healthIID = "2"

// find says what is known of the value or iid asked for.
func (f *Fake) find(q query, now time.Time) reply {
	switch {
	case q.get != "" && q.get != "links":
		return badRequest
	case q.iid != "":
		return f.findIID(q, now)
	case q.indicator == "":
		return badRequest
	}
	return f.findValue(q.indicator, q.get, now)
}

// findIID answers a call by iid. The health record is there even where nothing
// was set or loaded.
func (f *Fake) findIID(q query, now time.Time) reply {
	f.mu.RLock()
	health, value, loaded := f.health, f.iids[q.iid], f.sampleLoaded
	f.mu.RUnlock()
	switch {
	case q.iid == healthIID && q.get == "" && health != nil:
		return *health
	case value != "":
		return f.findValue(value, q.get, now)
	case loaded || q.iid == healthIID:
		if e := f.sample.iids[q.iid]; e != nil {
			return e.reply(q.get, now)
		}
	}
	return unknown(q.get)
}

// findValue answers a call by value: as it is, else in its usual spelling.
func (f *Fake) findValue(value, get string, now time.Time) reply {
	if r, ok := f.known(value, get, now); ok {
		return r
	}
	if plain := usual(value); plain != value {
		if r, ok := f.known(plain, get, now); ok {
			return r
		}
	}
	if f.generator != nil {
		return f.generator.reply(value, get, now)
	}
	return unknown(get)
}

// known looks in what was set by hand, then in the sample. Whatever one of them
// knows the record of, the other does not add links to.
func (f *Fake) known(value, get string, now time.Time) (reply, bool) {
	f.mu.RLock()
	info, hasInfo := f.info[value]
	links, hasLinks := f.links[value]
	loaded := f.sampleLoaded
	f.mu.RUnlock()
	switch {
	case get == "" && hasInfo:
		return info, true
	case get != "" && hasLinks:
		return links, true
	case get != "" && hasInfo:
		return noLinks, true
	}
	if e := f.sample.values[value]; e != nil && loaded {
		return e.reply(get, now), true
	}
	return reply{}, false
}

// usual is how Pulsedive spells a value: addresses in their shortest form,
// names in lower case without a closing dot, URLs as they are.
func usual(value string) string {
	value = strings.TrimSpace(value)
	if a, err := netip.ParseAddr(value); err == nil {
		return a.String()
	}
	if strings.Contains(value, "/") {
		return value
	}
	return strings.ToLower(strings.TrimSuffix(value, "."))
}

// unknown is the answer for a value nobody knows.
func unknown(get string) reply {
	if get == "" {
		return notFound
	}
	return noLinks
}

var (
	notFound         = errorReply(http.StatusNotFound, "Indicator not found.")
	noLinks          = errorReply(http.StatusOK, "No links found.")
	badRequest       = errorReply(http.StatusBadRequest, "Invalid request.")
	keyMissing       = errorReply(http.StatusUnauthorized, "Your API key is missing.")
	keyInvalid       = errorReply(http.StatusUnauthorized, "Your API key is invalid.")
	methodNotAllowed = errorReply(http.StatusMethodNotAllowed, "Method not allowed.")
)
