package web

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"pulsedive-relay/relay"
	"pulsedive-relay/relay/auth"
	"pulsedive-relay/relay/ctim"
	"pulsedive-relay/store"
	"pulsedive-relay/web/view"
)

// sampleTime is how long the sample round may take, waiting for a limit a second
// included.
const sampleTime = 25 * time.Second

// sample is what the sample round asks about: a domain that is known, and nobody's
// secret.
var sample = ctim.Observable{Type: "domain", Value: "pulsedive.com"}

// sampleRound is what came of it.
type sampleRound struct {
	answer []byte
	links  []ctim.Link
	errors []relay.Error
	known  bool
}

func (a *Admin) pulsediveChecks(s store.Settings) []check {
	caller := relay.Caller{Key: s.PulsediveKey}
	at := a.cfg.Live.Relay()
	round := sync.OnceValue(func() sampleRound { return askSample(at, caller) }) // for three checks
	of := func(look func(sampleRound) finding) func(context.Context) finding {
		return func(context.Context) finding {
			if s.PulsediveKey == "" {
				return unchecked("There is no key of your own to ask with.")
			}
			return look(round())
		}
	}
	return []check{
		{groupPulsedive, "API key", "Whether Pulsedive takes your own key, and what is left of its limits.", sampleTime, func(ctx context.Context) finding { return checkKey(ctx, at, caller) }},
		{groupPulsedive, "Sample round", "What observe answers for " + sample.Value + ".", sampleTime, of(checkRound)},
		{groupPulsedive, "CTIM of the answer", "Whether Cisco XDR would take it.", sampleTime, of(checkCTIM)},
		{groupPulsedive, "Refer links", "Whether they lead to Pulsedive.", sampleTime, of(checkLinks)},
	}
}

// askSample asks both questions about the sample. It leaves nothing in the
// history.
func askSample(r *relay.Relay, c relay.Caller) sampleRound {
	ctx, cancel := context.WithTimeout(context.Background(), sampleTime)
	defer cancel()
	list := []ctim.Observable{sample}
	observed := r.Observe(ctx, c, list, nil)
	round := sampleRound{errors: observed.Errors, known: len(observed.Bundles) > 0}
	round.answer = observed.AppendJSON(nil)
	round.links = r.Refer(ctx, c, list, nil).Links
	return round
}

func checkKey(ctx context.Context, r *relay.Relay, c relay.Caller) finding {
	if c.Key == "" {
		return warn("You have no key here. Cisco XDR's requests bring their own, so answers go on.", "The page Try, and the checks below, need one.").at("/admin/settings#pulsedive-key", "Set it in Settings")
	}
	h := r.Health(ctx, c)
	if fault := h.Fault(); fault != nil {
		return broken(fault.Message, faultAdvice(fault.Code)).at("/admin/settings#pulsedive-key", "Key in Settings")
	}
	if len(h.Quotas) == 0 {
		return fine("Pulsedive takes it, and told of no limits.")
	}
	var left []string
	low := false
	for _, q := range quotaViews(h) {
		if q.Left >= 0 && q.Period != "second" {
			left = append(left, fmt.Sprintf("%s of %s left this %s", view.Count(q.Left), view.Count(q.Limit), q.Period))
			low = low || view.IsLow(q.Left, q.Limit)
		} else {
			left = append(left, view.Plural(q.Limit, "call", "calls")+" a "+q.Period)
		}
	}
	text := "Pulsedive takes it: " + strings.Join(left, ", ") + "."
	if low {
		return warn(text, "When a limit is used up, answers come from the cache or not at all until it is over. A larger plan has more.")
	}
	return fine(text)
}

// faultAdvice is what to do about an error of Pulsedive's.
func faultAdvice(code string) string {
	switch code {
	case "unauthorized", "forbidden":
		return "Pulsedive refuses the key: enter the one of your account."
	case "too many requests":
		return "A limit of the key is used up: wait until it is over, or take a larger plan."
	case "connection error", "timeout":
		return "There is no network, or the way to Pulsedive is closed: the relay's host needs to reach it on port 443."
	}
	return "Look at the endpoint in Settings, and try again later."
}

func checkRound(r sampleRound) finding {
	switch {
	case len(r.errors) > 0 && !r.known:
		return broken(r.errors[0].Message, faultAdvice(r.errors[0].Code))
	case len(r.errors) > 0:
		return warn("There is an answer, but less than it could be: "+r.errors[0].Message, faultAdvice(r.errors[0].Code))
	case !r.known:
		return warn("Pulsedive answered, but knows nothing of "+sample.Value+".", "That is odd: look whether the endpoint in Settings is Pulsedive's.")
	}
	return fine("Pulsedive's record of " + sample.Value + " was answered in CTIM.")
}

func checkCTIM(r sampleRound) finding {
	if !r.known {
		return unchecked("There is no answer to look at.")
	}
	bundle, err := takeBundle(r.answer)
	if err != nil {
		return broken("The answer cannot be read again: "+err.Error()+".", "This is a fault of the relay's. Please report it.")
	}
	n := len(bundle.Verdicts) + len(bundle.Judgements) + len(bundle.Indicators) + len(bundle.Sightings) + len(bundle.Relationships)
	if faults := ctim.Check(*bundle); len(faults) > 0 {
		return broken(view.Plural(len(faults), "rule is", "rules are")+" broken; the first: "+faults[0].Error()+".", "This is a fault of the relay's. Please report it.")
	}
	return fine("All " + view.Plural(n, "entity keeps", "entities keep") + " the rules of CTIM.")
}

func checkLinks(r sampleRound) finding {
	if len(r.links) == 0 {
		return broken("There are none.", "This is a fault of the relay's. Please report it.")
	}
	if i := slices.IndexFunc(r.links, badLink); i >= 0 {
		return broken("A link does not lead to Pulsedive, or lacks a text: "+view.Clip(r.links[i].URL, 200), "This is a fault of the relay's. Please report it.")
	}
	return fine(view.Plural(len(r.links), "link leads", "links lead") + " to Pulsedive.")
}

func badLink(l ctim.Link) bool {
	return !view.OnPulsedive(l.URL) || l.ID == "" || l.Title == "" || l.Description == "" || len(l.Categories) == 0
}

// probeText is why a key host did not answer, without what auth says in front.
func probeText(err error) string {
	if plain := plainly(err); !strings.HasPrefix(plain, "There was no answer: ") {
		return plain
	}
	text := err.Error()
	if i := strings.LastIndex(text, "keys: "); i >= 0 && errors.Is(err, auth.ErrHost) {
		text = text[i+len("keys: "):]
	}
	return "It did not answer with keys: " + text + "."
}
