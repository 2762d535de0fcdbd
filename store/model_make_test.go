package store_test

import (
	"regexp"
	"strings"
	"time"

	"pulsedive-relay/relay/ctim"
	"pulsedive-relay/store"
)

// some is an exchange of any kind about few observables, which come again.
func (m *model) some() *store.Exchange {
	x := m.exchange(m.clock.now().Add(-time.Duration(m.IntN(600)) * time.Second))
	if m.IntN(4) == 0 {
		x.At = m.onTheHour(x.At)
		x.Last = x.At
	}
	x.Answer = []byte(strings.Repeat("answer ", 1+m.IntN(20)))
	x.Source, x.Endpoint = pick(m.maker, store.XDR, store.Try, store.Terminal), pick(m.maker, store.Observe, store.Refer, store.Both)
	x.Outcome = pick(m.maker, store.OK, store.Partial, store.Failed)
	x.Results = nil
	for range m.IntN(4) {
		o := m.named()
		r := m.result(o)
		if m.IntN(3) == 0 {
			r.Answered = ctim.Observable{Type: pick(m.maker, "domain", "url"), Value: "other." + o.Value}
		}
		if m.IntN(4) == 0 {
			r = store.Result{Observable: o, State: pick(m.maker, store.Nothing, store.Errored), Error: "not found"}
		}
		x.Results = append(x.Results, r)
	}
	if m.IntN(5) == 0 {
		x.Errors, x.Code = []store.Fault{{Type: "fatal", Code: "too many requests", Message: "Later."}}, "too many requests"
		x.Refer = []byte("links")
	}
	return x
}

// named is an observable with one of a few names, of any type.
func (m *model) named() ctim.Observable {
	name := pick(m.maker, "a.example", "A.Example", "ab.example", "b.a.example", "ä.example", "Ä.EXAMPLE", "x\x00y", "192.0.2.1", "192.0.2.10")
	switch m.IntN(3) {
	case 0:
		return ctim.Observable{Type: "url", Value: pick(m.maker, "http://", "HTTPS://b.example@", "") + pick(m.maker, "", "", "www.", strings.Repeat("long.", 60)) + name + pick(m.maker, "", ":8080", "/b.example?x", ".#y")}
	case 1:
		return ctim.Observable{Type: "ip", Value: name}
	}
	return ctim.Observable{Type: "domain", Value: name + pick(m.maker, "", "", strings.Repeat("/long", 60), strings.Repeat("/long", 60)+"er", strings.Repeat(".long", 60))}
}

func (m *model) health() *store.Exchange {
	x := &store.Exchange{Summary: store.Summary{At: m.clock.now(), Source: store.XDR, Endpoint: store.Health, Outcome: store.OK, Caller: "192.0.2.7", Fingerprint: "5f3a9c0b", Took: time.Millisecond}}
	if m.IntN(5) == 0 {
		x.Outcome, x.Code = store.Failed, "invalid token"
	}
	return x
}

func (m *model) filter() store.Filter {
	var f store.Filter
	if m.IntN(2) == 0 {
		f.Observable = pick(m.maker, "a", "A.example", "ab", "B", "other", "ä", "Ä.e", "nothing", ".example", ".A.EXAMPLE", "example", "b.example", "long.a.example", "long", "192.0.2.1", "2.1", "x\x00", "x\x00y\x00", "a.example"+strings.Repeat("/long", 60), "a.example"+strings.Repeat("/LONG", 60)+"E")
	}
	if m.IntN(4) == 0 {
		f.Source = pick(m.maker, store.XDR, store.Try)
	}
	if m.IntN(4) == 0 {
		f.Endpoint = pick(m.maker, store.Observe, store.Health)
	}
	if m.IntN(4) == 0 {
		f.Outcome = pick(m.maker, store.OK, store.Failed)
	}
	if m.IntN(4) == 0 {
		f.Disposition = ctim.Disposition(1 + m.IntN(5))
	}
	if m.IntN(6) == 0 {
		f.State = pick(m.maker, store.Known, store.Nothing, store.Errored)
	}
	if m.IntN(3) == 0 {
		f.From = m.clock.now().Add(-time.Duration(m.IntN(100)) * time.Hour)
	}
	if m.IntN(3) == 0 {
		f.To = m.clock.now().Add(-time.Duration(m.IntN(50)) * time.Hour)
		if m.IntN(2) == 0 {
			f.To = m.onTheHour(f.To)
		}
	}
	return f
}

// onTheHour is the hour that a time is in, or less than a second more.
func (m *model) onTheHour(t time.Time) time.Time {
	return t.Truncate(time.Hour).Add(pick(m.maker, 0, 1, time.Duration(m.IntN(1000))*time.Millisecond))
}

// meant says whether a filter means an exchange.
func meant(f store.Filter, x *store.Exchange) bool {
	value, disposition, state := f.Observable == "", f.Disposition == 0, f.State == ""
	for _, r := range x.Results {
		value = value || about(f.Observable, r.Observable) || r.Answered.Value != "" && about(f.Observable, r.Answered)
		disposition = disposition || r.Disposition == f.Disposition
		state = state || r.State == f.State
	}
	return value && disposition && state && (f.Source == "" || x.Source == f.Source) && (f.Endpoint == "" || x.Endpoint == f.Endpoint) &&
		(f.Outcome == "" || x.Outcome == f.Outcome) && (f.From.IsZero() || !x.Last.Before(f.From)) && (f.To.IsZero() || x.At.Before(f.To))
}

// userAndHost finds a URL's host, or its address, in the plainest form.
var userAndHost = regexp.MustCompile(`^(?:[^/?#]*?://)?(?:[^/?#\\]*@)?(?:\[([^/?#\\\]]*)|([^/?#\\:]*?)\.*(?:[:/?#\\]|$))`)

// about says whether an observable is found by a text: it begins so, or its host
// is the text or ends in it behind a dot.
func about(text string, o ctim.Observable) bool {
	text, value := strings.ToLower(text), strings.ToLower(o.Value)
	if strings.Trim(text, ".") != "" {
		text = strings.TrimLeft(text, ".")
	}
	host, address := "", ""
	switch o.Type {
	case "domain":
		host = strings.TrimRight(value, ".")
	case "url":
		if found := userAndHost.FindStringSubmatch(value); found != nil {
			address, host = found[1], found[2]
		}
		if strings.Trim(host, ".0123456789") == "" {
			address, host = address+host, ""
		}
	}
	return strings.HasPrefix(value, text) || address != "" && strings.HasPrefix(address, text) || host != "" && strings.HasSuffix("."+host, "."+text)
}
