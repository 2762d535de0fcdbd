package web

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"pulsedive-relay/relay"
	"pulsedive-relay/relay/ctim"
	"pulsedive-relay/web/view"
)

// fate is what becomes of a value that was found in the text.
type fate int

const (
	asked       fate = iota
	repeated         // asked already: another value means the same
	over             // beyond what a run may ask about
	overAgain        // another value that is over means the same
	held             // not asked, unless a type is chosen for it
	misfit           // not what the type that was chosen says
	unsupported      // Pulsedive knows no such thing
)

// chip is one value that was found in the text and is not taken out.
type chip struct {
	relay.Found
	key  string
	as   ctim.Observable // as it is to be asked
	hold string          // why it is not asked unless its type is chosen, empty for most
	fate fate
}

// chipKey names what was found, for the form.
func chipKey(v relay.Found) string {
	name := v.Observable.Type + " " + v.Observable.Value
	if v.Torn {
		name += " torn"
	}
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:6])
}

// holdText says why a value is not asked unless somebody chooses to: one of fifty
// calls a day is too much for what Pulsedive cannot know. What the demo knows stands
// for public addresses and names.
func holdText(v relay.Found, demo bool) string {
	if v.Torn {
		return "blank inside"
	}
	why := relay.NotPublic(v.Observable)
	if demo && why == relay.Documentation {
		return ""
	}
	return why
}

// chip is a value with the type that was chosen for it.
func (f *tryForm) chip(v relay.Found, demo bool) chip {
	c := chip{Found: v, key: chipKey(v), as: v.Observable}
	if !v.Supported {
		c.fate = unsupported
		return c
	}
	c.hold = holdText(v, demo)
	fits := true
	if as := f.types[c.key]; as != "" {
		c.as, fits = v.As(as)
	} else if c.hold != "" {
		c.fate = held
	}
	if !fits {
		c.fate = misfit
	}
	return c
}

// tryFound is what was found in the text.
type tryFound struct {
	chips []chip
	out   []string // the keys of what is there, but taken out
	ask   []ctim.Observable
	over  []ctim.Observable
	tally view.Tally
}

// find finds the observables. A run asks about the first most of them, each once.
func (f *tryForm) find(most int, demo bool) tryFound {
	t := tryFound{tally: view.Tally{Most: most}}
	if len(f.text) > view.MaxText {
		return t
	}
	found, more := relay.Find(f.text)
	t.tally.More = more
	met := map[ctim.Observable]fate{} // what became of the first
	for _, one := range found {
		c := f.chip(one, demo)
		if f.out[c.key] {
			t.out = append(t.out, c.key)
			continue
		}
		if c.fate == asked {
			first, again := met[c.as]
			switch {
			case again && first == over:
				c.fate = overAgain
			case again:
				c.fate = repeated
			case len(t.ask) == most:
				c.fate = over
				t.over = append(t.over, c.as)
			default:
				t.ask = append(t.ask, c.as)
			}
			if !again {
				met[c.as] = c.fate
			}
		}
		t.count(c)
		t.chips = append(t.chips, c)
	}
	return t
}

func (t *tryFound) count(c chip) {
	n := &t.tally
	switch c.fate {
	case asked:
		n.Ask++
	case over:
		n.Over++
	case held:
		if c.Torn {
			n.Torn++
		} else {
			n.NotPublic++
		}
	case misfit:
		n.Misfit++
	case unsupported:
		n.Unsupported++
	}
	if c.withoutPath() {
		n.Paths++
	}
}

// withoutPath says whether a value is asked about, but not what stands behind it.
func (c chip) withoutPath() bool {
	return c.Path != "" && c.as == c.Observable && (c.fate == asked || c.fate == repeated)
}

func (a *Admin) found(f tryForm) tryFound {
	return f.find(a.cfg.Live.Settings().MaxObservables, a.cfg.Demo)
}

func (a *Admin) foundView(f tryForm) view.FoundView {
	found := a.found(f)
	v := view.FoundView{Blank: strings.TrimSpace(f.text) == "" || len(f.text) > view.MaxText, Tally: found.tally, Out: found.out}
	for _, c := range found.chips {
		one := view.ChipView{Key: c.key, Value: c.as.Value, Written: c.Written, Type: c.as.Type, Supported: c.Supported, Hold: c.hold, Held: c.fate == held, Misfit: c.fate == misfit, Over: c.fate == over || c.fate == overAgain}
		if c.withoutPath() {
			one.Path = c.Path
		}
		v.Chips = append(v.Chips, one)
	}
	return v
}
