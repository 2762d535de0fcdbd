package view

import (
	"slices"
	"strconv"

	"github.com/a-h/templ"
)

// TryPage is the page Try: a form, and below it a run, or the latest ones.
type TryPage struct {
	Shell  Shell
	Form   TryForm
	Run    *RunView // nil: none
	Recent []RunLine
}

// TryForm is what is to be asked.
type TryForm struct {
	Text string
	// Fault is why it was not sent, empty where it was not tried.
	Fault string
	// NoKey says that no key of Pulsedive's is set.
	NoKey          bool
	Observe, Refer bool
	// Limit is the entities limit as typed, MaxLimit the highest there may be.
	Limit    string
	MaxLimit int
	Found    FoundView
}

// FoundView is what was found in the text.
type FoundView struct {
	// Blank says that there is no text.
	Blank bool
	Chips []ChipView
	Tally Tally
	// Out are the keys of what is in the text, but taken out.
	Out []string
}

// ChipView is one value that was found.
type ChipView struct {
	// Key is its name in the form.
	Key, Value string
	// Written is the value as it stands in the text, where that differs.
	Written string
	// Type is what it is asked as; of what cannot be asked, what it is.
	Type      string
	Supported bool
	// Path stands behind the value and is not asked about.
	Path string
	// Hold is why it is not asked about unless a type is chosen, empty for most; Held
	// that none is.
	Hold string
	Held bool
	// Misfit says that it is not what its type says, Over that it is beyond what a
	// run may ask about: neither is asked.
	Misfit, Over bool
}

// MaxText is the longest text, or file, that observables are looked for in, in
// bytes.
const MaxText = 1 << 20

// ChipTypes are the types that a chip may be given.
var ChipTypes = []string{"domain", "url", "ip", "ipv6"}

// said is the headline of what was found. The script tells it to screen readers
// where it changed.
func (f FoundView) said() string {
	switch {
	case f.Blank:
		return ""
	}
	return f.Tally.headline()
}

// notes are the sentences below the chips.
func (f FoundView) notes() []string {
	notes := f.Tally.notes()
	if !f.Blank && len(f.Chips) == 0 && len(f.Out) == 0 {
		notes = append(notes, "No domain, URL or IP address was found in this text. Names need a known ending; domain:\"name\" takes any.")
	}
	return notes
}

// firstOver is the first chip that is over the limit of a run; -1: none.
func (f FoundView) firstOver() int {
	return slices.IndexFunc(f.Chips, func(c ChipView) bool { return c.Over })
}

// look is the classes of a chip.
func (c ChipView) look() string {
	switch {
	case !c.Supported:
		return "found-chip off"
	case c.Misfit:
		return "found-chip misfit"
	case c.Held || c.Over:
		return "found-chip held"
	}
	return "found-chip"
}

// fault has the menu of a chip say that its type is wrong.
func (c ChipView) fault() templ.Attributes {
	if !c.Misfit {
		return nil
	}
	return templ.Attributes{"aria-invalid": "true", "aria-describedby": "why-" + c.Key}
}

// misfit says what a chip is not.
func (c ChipView) misfit() string {
	switch c.Type {
	case "url":
		return "is no URL"
	case "ip":
		return "is no IPv4 address"
	case "ipv6":
		return "is no IPv6 address"
	}
	return "is no domain"
}

// title is what the pointer is told of a chip.
func (c ChipView) title() string {
	text := Visible(c.Value)
	if c.Written != "" && c.Written != c.Value {
		text += "\nwritten as " + Visible(c.Written)
	}
	if !c.Supported {
		text += "\nnot supported: Pulsedive knows no " + unsupportedKind(c.Type)
	}
	if c.Path != "" {
		text += "\nasked without " + Visible(Clip(c.Path, 120))
	}
	if c.Over {
		text += "\nnot asked: over the limit of a run"
	}
	if c.Hold != "" {
		text += "\n" + c.Hold
	}
	return text
}

func unsupportedKind(kind string) string {
	switch kind {
	case "email":
		return "mail addresses"
	case "network":
		return "networks"
	}
	return "hashes of files"
}

func limitAttributes(most int) templ.Attributes {
	return templ.Attributes{"min": "1", "max": strconv.Itoa(most), "step": "1"}
}

// tryPage is the page as the layout needs it.
func tryPage(p TryPage) Page {
	page := Page{Title: "Try", Current: NavTry, Shell: p.Shell, Scripts: []string{"try.js"}, Styles: []string{"try.css"}}
	if p.Run != nil && !p.Run.Beside {
		page.Refresh = p.Run.refresh()
	}
	return page
}
