package view

import "strings"

// Tally counts what was found in a text, and what becomes of it: nothing is left
// out without a word.
type Tally struct {
	// Ask is how many observables are asked about, Over how many more there are than
	// Most, the most that a run asks about.
	Ask, Over, Most int
	// NotPublic and Torn are not asked about unless somebody chooses to, Misfit are
	// not what the type that was chosen says, Unsupported are recognised only.
	NotPublic, Torn, Misfit, Unsupported int
	// Paths are asked about without the path behind them.
	Paths int
	// More says that there are more than are listed.
	More bool
}

// found counts the observables, asked about or not.
func (t Tally) found() int { return t.Ask + t.Over + t.NotPublic + t.Torn + t.Misfit }

// Held says whether anything was found that is not asked about as it stands.
func (t Tally) Held() bool { return t.NotPublic+t.Torn+t.Misfit > 0 }

// headline says how many were found, and how many of them are asked.
func (t Tally) headline() string {
	n, found := t.found(), ""
	if found = "Found " + Count(n); t.More {
		found = "Found more than " + Count(n)
	}
	switch {
	case n == 0:
		return "Nothing to ask about"
	case t.Ask == 0:
		return found + ", none is asked"
	case t.Ask < n || t.More:
		return found + ", " + are(t.Ask, "asked")
	}
	return found
}

// Left says what a run leaves out, and why; empty where that is nothing.
func (t Tally) Left() string {
	var parts []string
	for _, one := range []struct {
		n    int
		text string
	}{
		{t.Over, " over the limit of " + Count(t.Most) + " in a run"}, {t.NotPublic, " not public"}, {t.Torn, " with a blank inside"},
		{t.Misfit, " not of the chosen type"}, {t.Unsupported, " of a kind that Pulsedive does not know"}, {t.Paths, " with a path, asked without it"},
	} {
		if one.n > 0 {
			parts = append(parts, Count(one.n)+one.text)
		}
	}
	if t.More {
		parts = append(parts, "what the text has beyond those")
	}
	if len(parts) == 0 {
		return ""
	}
	return t.headline() + ". Left out: " + strings.Join(parts, "; ") + "."
}

// notes say what is not asked about, and what to do.
func (t Tally) notes() []string {
	var notes []string
	add := func(n int, text string) {
		if n > 0 {
			notes = append(notes, text)
		}
	}
	add(t.NotPublic, are(t.NotPublic, "not public")+": asking would waste calls of the key. Choose a type in the chip to ask all the same.")
	add(t.Torn, are(t.Torn, "not asked about")+": a blank in it tears it apart. Mend it in the text, or choose url in the chip if it shows what was meant.")
	add(t.Misfit, are(t.Misfit, "not what the chosen type says")+", and not asked about. A URL needs http:// or https:// before it.")
	add(t.Paths, Count(t.Paths)+" with a path but without http://: the name is asked about, the path is not. Choose url in the chip to ask about the URL instead.")
	add(t.Unsupported, are(t.Unsupported, "not asked about")+": Pulsedive knows domains, URLs and IP addresses, but no hashes, mail addresses or networks.")
	add(t.Over, "Run asks about the first "+Count(t.Most)+"; "+Plural(t.Over, "more is", "more are")+" over the limit of a run. Take out what is asked, or split the text.")
	if t.More {
		notes = append(notes, "There is more in the text than is listed here. Split it.")
	}
	return notes
}

// are is "1 is …" or "n are …".
func are(n int, what string) string {
	if n == 1 {
		return "1 is " + what
	}
	return Count(n) + " are " + what
}
