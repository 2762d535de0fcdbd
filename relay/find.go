package relay

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"pulsedive-relay/relay/ctim"
)

// Found is one value in a text that looks like an observable.
type Found struct {
	// Observable has type and value as Pulsedive is asked: what was made harmless
	// to click is undone, domains and addresses are in their common spelling.
	Observable ctim.Observable
	// Supported says that Pulsedive is asked about its type; what is not is
	// recognised only: mail addresses, hashes of files, networks.
	Supported bool
	// Kind is for people: ip, ipv6, domain, url, email, network, md5, sha1, sha256,
	// sha512.
	Kind string
	// Path is what stands behind a domain or an address that has no scheme before
	// it, port included, the first where there are more. It is no part of the
	// observable: As says what it may be.
	Path string
	// Torn says that the URL has a blank in it, as what is copied from a page
	// does: Observable is what it would be without.
	Torn bool
	// Written is the value as it stands in the text, with its type where one is
	// written before it.
	Written string
}

// MostFound bounds how many values of a text are listed: more than anybody asks
// Pulsedive about at once.
const MostFound = 1000

// mostName bounds the bytes of a run of characters that is looked at as a name; a
// name has 253 at most in ASCII, more in other scripts.
const mostName = 1024

// Find finds every observable in a text, each once, in order of first
// appearance, at most MostFound; more says whether there were more. The text may
// be a value, a list, a mail, a report, CSV, JSON, HTML, lines of a log: Find goes
// by the values' own form and by what stands around them.
//
// What it takes:
//   - a URL of a common scheme with any host, and of another scheme with an
//     address or a domain; without what belongs to the sentence, the quotes, the
//     brackets or the table around it. Domains and URLs inside are not listed.
//   - a name as domain only below a suffix on the public suffix list or below
//     .example, and not where it is a file, a path, a call or a key (name.go says when). A path
//     behind a bare domain or address is told beside it: its scheme is not known, so
//     there is no URL to ask about.
//   - addresses, also with ports and in brackets, but no ranges, no addresses with
//     zones, no version numbers. Networks are recognised only.
//
// Names that stand alone on their line, that were made harmless to click, or that
// have their type before them (domain:"x") are explicit: they need not look any
// less like a file, and one with its type needs no public suffix either.
//
// It takes time in proportion to the text's length.
func Find(text string) (found []Found, more bool) {
	f := find(text)
	return f.found, f.more
}

func find(text string) *finder {
	f := &finder{plain: refang(text), seen: map[Found]int{}}
	for f.i < len(f.s) && !f.more {
		f.next()
	}
	return f
}

// finder is the state of one search: everything before i is done with.
type finder struct {
	*plain
	i     int
	found []Found
	seen  map[Found]int // where in found, by what makes two the same
	more  bool

	end       int    // where the last value ended
	triedIPv6 int    // before here no IPv6 address begins
	triedMail int    // before here no mail address begins
	unclosed  [2]int // before here no double, no single quote closes
}

// next takes one value, or passes over what is none.
func (f *finder) next() {
	if f.address6() {
		return
	}
	start := f.i
	end := f.run(start)
	if end == start {
		_, size := utf8.DecodeRuneInString(f.s[start:])
		f.looked++
		f.i += size
		return
	}
	f.i = end
	_ = f.typed(start, end) || f.url(start, end) || f.mail(start, end) || f.value(start, end)
}

// value takes a run that is a value as a whole.
func (f *finder) value(start, end int) bool {
	a, b := trimmed(f.s, start, end)
	return f.hash(a, b) || f.address4(a, b) || f.domain(a, b)
}

// trimmed is a run without the punctuation of the sentence around it.
func trimmed(s string, a, b int) (int, int) {
	for b > a && strings.IndexByte(".-_", s[b-1]) >= 0 {
		b--
	}
	for a < b && (s[a] == '.' || s[a] == '-') {
		a++
	}
	if b < len(s) && s[b] == '_' { // emphasis of Markdown, on both sides
		for a < b && s[a] == '_' {
			a++
		}
	}
	return a, b
}

// run is where the characters of names that begin at i end. It ends as well
// where a script that writes no blanks meets another: 访问example.com is a word
// and a domain.
func (f *finder) run(i int) int {
	const none, spaced, unspaced = 0, 1, 2
	last := none
	for i < len(f.s) {
		f.looked++
		r, size := rune(f.s[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(f.s[i:])
		}
		now := none
		switch {
		case r == '.' || r == '-' || r == '_':
		case r < utf8.RuneSelf && isAlnum(byte(r)):
			now = spaced
		case r < utf8.RuneSelf || notInLabel(r):
			return i
		case r == 'ー' || unicode.Is(unicode.M, r):
			now = last
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar):
			now = unspaced
		default:
			now = spaced
		}
		if last != none && now != none && now != last {
			return i
		}
		last, i = now, i+size
	}
	return i
}

// add lists what stands in s[a:b], if it is new. key is the value in the one
// spelling of all that mean the same.
func (f *finder) add(o ctim.Observable, key string, a, b int) bool {
	return f.addFound(Found{Observable: o}, key, a, b)
}

func (f *finder) addFound(v Found, key string, a, b int) bool {
	f.end = b
	o := v.Observable
	if strings.ContainsFunc(o.Value, unseen) {
		return true
	}
	k := Found{Observable: ctim.Observable{Type: o.Type, Value: key}, Torn: v.Torn}
	at, known := f.seen[k]
	switch {
	case known && f.found[at].Path == "":
		f.found[at].Path = v.Path
	case known:
	case len(f.found) == MostFound:
		f.more = true
	default:
		f.seen[k] = len(f.found)
		v.Supported, v.Kind, v.Written = slices.Contains(supported, o.Type), o.Type, f.written(a, b)
		f.found = append(f.found, v)
	}
	return true
}

// unseen says whether a character is a blank, or none that can be seen.
func unseen(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == utf8.RuneError
}

// alone says whether s[a:b] is all that its line has, but for the bullet of a
// list and the comma behind it.
func (f *finder) alone(a, b int) bool {
	for a > 0 && strings.IndexByte(" \t-*", f.s[a-1]) >= 0 {
		a--
		f.looked++
	}
	for b < len(f.s) && strings.IndexByte(" \t\r.,;", f.s[b]) >= 0 {
		b++
		f.looked++
	}
	a = len(strings.TrimSuffix(f.s[:a], "•"))
	return (a == 0 || f.s[a-1] == '\n') && (b == len(f.s) || f.s[b] == '\n')
}

// at is the byte at i, 0 outside the text.
func (f *finder) at(i int) byte {
	if 0 <= i && i < len(f.s) {
		return f.s[i]
	}
	return 0
}
