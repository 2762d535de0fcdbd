package view

import (
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
	// Ask is how many observables Run asks about.
	Ask int
	// Over is how many there are beyond Most, the most that a run asks about.
	Over, Most int
	// More says that there are more than are listed.
	More bool
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
	case f.Ask == 0:
		return "Nothing to ask about"
	}
	return "Found " + Count(f.Ask)
}

// unsupported counts what is recognised only.
func (f FoundView) unsupported() int {
	n := 0
	for _, c := range f.Chips {
		if !c.Supported {
			n++
		}
	}
	return n
}

// notes are the sentences below the chips.
func (f FoundView) notes() []string {
	var notes []string
	if n := f.unsupported(); n > 0 {
		verb := " are"
		if n == 1 {
			verb = " is"
		}
		notes = append(notes, Count(n)+verb+" not asked about: Pulsedive knows domains, URLs and IP addresses, but no hashes and no mail addresses.")
	}
	if f.Over > 0 {
		notes = append(notes, "Run asks about the first "+Count(f.Most)+"; "+Count(f.Over)+" more are over the limit of a request.")
	}
	if f.More {
		notes = append(notes, "There is more in the text than is listed here. Split it.")
	}
	if !f.Blank && f.Ask == 0 && len(f.Chips) == 0 && len(f.Out) == 0 {
		notes = append(notes, "No domain, URL or IP address was found in this text. Names need a known ending; domain:\"name\" takes any.")
	}
	return notes
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
	return text
}

func unsupportedKind(kind string) string {
	if kind == "email" {
		return "mail addresses"
	}
	return "hashes of files"
}

func limitAttributes(most int) templ.Attributes {
	return templ.Attributes{"min": "1", "max": strconv.Itoa(most), "step": "1"}
}

// tryPage is the page as the layout needs it.
func tryPage(p TryPage) Page {
	page := Page{Title: "Try", Current: NavTry, Shell: p.Shell, Scripts: []string{"try.js"}, Styles: []string{"try.css"}}
	if p.Run != nil {
		page.Refresh = p.Run.refresh()
	}
	return page
}
