package view

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxLink is the longest address that becomes a link, in bytes: browsers' own
// bound for what they still open.
const maxLink = 2000

// MaxShown is how many characters of an observable a list shows at most; the
// rest is in its title and on copy.
const MaxShown = 300

// run is a piece of a text: as it is, or one character written as an escape.
type run struct {
	text    string
	escaped bool
}

// runs takes a text apart, such that no control, bidi or invisible character is
// left to act.
func runs(s string) []run {
	var found []run
	begin := 0
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if hidden(r, size) && !groups(s, i, size) {
			if begin < i {
				found = append(found, run{text: s[begin:i]})
			}
			found = append(found, run{text: escape(r, s[i]), escaped: true})
			begin = i + size
		}
		i += size
	}
	if begin < len(s) {
		found = append(found, run{text: s[begin:]})
	}
	return found
}

// hidden is whether a character shows nothing of its own, or changes how others
// are shown: controls, formats (bidi among them), separators, blanks that are no
// space, fillers, and bytes that are no UTF-8.
func hidden(r rune, size int) bool {
	switch {
	case r == utf8.RuneError && size == 1:
		return true
	case r >= ' ' && r < 0x7f:
		return false
	case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Z, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point):
		return true
	}
	return r == 0x2800 || r == 0x3164 || r == 0xffa0 || r == 0x115f || r == 0x1160
}

// groups is whether a character is the thin space between the digits of a number,
// as Count writes it.
func groups(s string, i, size int) bool {
	digit := func(at int) bool { return at >= 0 && at < len(s) && s[at] >= '0' && s[at] <= '9' }
	return s[i:i+size] == thin && digit(i-1) && digit(i+size)
}

// escape writes a character in the way of programming languages.
func escape(r rune, first byte) string {
	switch {
	case r == utf8.RuneError && first != 0xef:
		return fmt.Sprintf(`\x%02x`, first)
	case r > 0xffff:
		return fmt.Sprintf(`\U%08x`, r)
	case r == '\n' || r == '\t' || r == '\r':
		return strings.Trim(strconv.QuoteRune(r), "'")
	}
	return fmt.Sprintf(`\u%04x`, r)
}

// Visible is a text with its control, bidi and invisible characters written as
// escapes: for titles and other attributes.
func Visible(s string) string {
	var b strings.Builder
	for _, one := range runs(s) {
		b.WriteString(one.text)
	}
	return b.String()
}

// Clip cuts a text after n characters and ends it in an ellipsis.
func Clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	count := 0
	for i := range s {
		if count == n {
			return s[:i] + "…"
		}
		count++
	}
	return s
}

// SafeLink is whether an address may become a link: http or https with a host,
// without user names, and nothing in it that hides.
func SafeLink(address string) bool {
	if address == "" || len(address) > maxLink || Visible(address) != address || strings.ContainsAny(address, " \\"+thin) {
		return false
	}
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != "" && u.User == nil && u.Opaque == ""
}

// OnPulsedive is whether an address is one of Pulsedive's own pages.
func OnPulsedive(address string) bool {
	return SafeLink(address) && strings.HasPrefix(address, "https://pulsedive.com/")
}
