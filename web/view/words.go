package view

import (
	"strings"

	"pulsedive-relay/relay/ctim"
)

// Kind is the tone of a hint.
type Kind string

// The kinds of hints.
const (
	KindInfo    Kind = "info"
	KindOK      Kind = "ok"
	KindWarning Kind = "warning"
	KindError   Kind = "error"
)

// Hint is a sentence that helps, with the link that mends it.
type Hint struct {
	Kind Kind
	// Title comes first, in bold; Text follows. Either may be empty.
	Title, Text string
	Link        Link
}

// Flash is a hint that is shown once, after a form was sent.
type Flash = Hint

// Verdict is what a badge says of an observable.
type Verdict string

// The verdicts, worst first: those of CTIM, and the two ways to have none.
const (
	VerdictMalicious  Verdict = "malicious"
	VerdictSuspicious Verdict = "suspicious"
	VerdictFailed     Verdict = "failed"
	VerdictUnknown    Verdict = "unknown"
	VerdictNothing    Verdict = "nothing"
	VerdictCommon     Verdict = "common"
	VerdictClean      Verdict = "clean"
)

// VerdictOf is the verdict of a disposition; of none: that nothing is known.
func VerdictOf(d ctim.Disposition) Verdict {
	switch d {
	case ctim.Clean:
		return VerdictClean
	case ctim.Malicious:
		return VerdictMalicious
	case ctim.Suspicious:
		return VerdictSuspicious
	case ctim.Common:
		return VerdictCommon
	case ctim.Unknown:
		return VerdictUnknown
	}
	return VerdictNothing
}

// Word is how people read the verdict.
func (v Verdict) Word() string {
	switch v {
	case VerdictMalicious:
		return "Malicious"
	case VerdictSuspicious:
		return "Suspicious"
	case VerdictFailed:
		return "Failed"
	case VerdictUnknown:
		return "Unknown"
	case VerdictCommon:
		return "Common"
	case VerdictClean:
		return "Clean"
	}
	return "Nothing known"
}

// rank orders verdicts, the worst first.
func (v Verdict) rank() int {
	for i, one := range []Verdict{VerdictMalicious, VerdictSuspicious, VerdictFailed, VerdictUnknown, VerdictNothing, VerdictCommon, VerdictClean} {
		if v == one {
			return i
		}
	}
	return 4 // as nothing known
}

// Worst is the verdict that leads a list; of none: that nothing is known.
func Worst(verdicts ...Verdict) Verdict {
	if len(verdicts) == 0 {
		return VerdictNothing
	}
	worst := verdicts[0]
	for _, v := range verdicts[1:] {
		if v.rank() < worst.rank() {
			worst = v
		}
	}
	return worst
}

// tone is the colour of a severity or a risk in Pulsedive's or CTIM's word.
func tone(severity string) string {
	switch strings.ToLower(severity) {
	case "critical", "high":
		return "malicious"
	case "medium", "low":
		return "suspicious"
	case "none", "clean":
		return "clean"
	}
	return "unknown"
}

// Health is the state of one link of the chain, or of one check.
type Health string

// The states of a link of the chain.
const (
	HealthOK   Health = "ok"
	HealthWarn Health = "warn"
	HealthFail Health = "fail"
	HealthIdle Health = "idle"
)

// word is what a screen reader says for the dot.
func (h Health) word() string {
	switch h {
	case HealthOK:
		return "fine"
	case HealthWarn:
		return "needs a look"
	case HealthFail:
		return "broken"
	}
	return "not used yet"
}

// Word is how people read the state of a check.
func (h Health) Word() string {
	switch h {
	case HealthOK:
		return "Fine"
	case HealthWarn:
		return "Needs a look"
	case HealthFail:
		return "Broken"
	}
	return "Not checked"
}

// tone is the colour of a state.
func (h Health) tone() string {
	switch h {
	case HealthOK:
		return "is-clean"
	case HealthWarn:
		return "is-suspicious"
	case HealthFail:
		return "is-malicious"
	}
	return "is-unknown"
}
