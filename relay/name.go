package relay

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// lookup maps names as browsers do before they look one up, but for the rules
// that names in DNS do not keep: underscores and hyphens anywhere.
var lookup = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.StrictDomainName(false), idna.CheckHyphens(false))

// standing is how far the public suffix list vouches for a name.
type standing int

const (
	unknown    standing = iota // below no suffix of the list, or itself one of a registry
	offered                    // itself a suffix that a company offers others: duckdns.org
	registered                 // below a suffix
)

// domainName is a name in lower case without a last dot, in the script that it is
// written in, and in ASCII. ok is false for what has not the form of a domain.
func domainName(name string) (spelt, ascii string, ok bool) {
	spelt = strings.ToLower(strings.TrimSuffix(name, "."))
	if !isDomain(spelt) {
		return spelt, spelt, false
	}
	ascii = spelt
	if strings.IndexFunc(spelt, beyondASCII) >= 0 {
		mapped, err := lookup.ToASCII(spelt)
		back, errBack := lookup.ToUnicode(mapped)
		if err == nil && errBack == nil && isDomain(back) {
			spelt, ascii = back, mapped
		}
	}
	return spelt, ascii, true
}

func beyondASCII(r rune) bool { return r >= utf8.RuneSelf }

// isDomain says whether a name is one of a domain: of two labels at least, the
// last not a number.
func isDomain(name string) bool {
	last := name[strings.LastIndexByte(name, '.')+1:]
	return isName(name) && len(last) < len(name) && strings.Trim(last, "0123456789") != ""
}

// isName says whether a text is made of labels: letters, digits, hyphens and
// underscores of any script.
func isName(name string) bool {
	if len(name) > 253 {
		return false
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' || strings.ContainsFunc(label, notInLabel) {
			return false
		}
	}
	return true
}

func notInLabel(r rune) bool {
	return r != '-' && r != '_' && !unicode.In(r, unicode.Letter, unicode.Digit, unicode.Mark)
}

// reserved is the ending that is kept for examples (RFC 2606): names below it
// stand in documents and samples, and are nothing but names.
const reserved = "example"

// standingOf looks a domain up in the public suffix list, and takes the reserved
// ending for one on it. The label that was registered has no underscore.
func standingOf(ascii string) standing {
	if strings.IndexFunc(ascii, beyondASCII) >= 0 {
		return unknown
	}
	suffix, registry := publicsuffix.PublicSuffix(ascii)
	registry = registry || suffix == reserved
	switch {
	case !registry && !strings.Contains(suffix, "."):
		return unknown
	case suffix == ascii && registry:
		return unknown
	case suffix == ascii:
		return offered
	}
	rest := ascii[:len(ascii)-len(suffix)-1]
	if strings.Contains(rest[strings.LastIndexByte(rest, '.')+1:], "_") {
		return unknown
	}
	return registered
}

// The top-level domains that are also extensions of files or members in programs.
// fileTLDs are nearly always files where a name has two labels; sourceTLDs are
// those of large countries too, and files only below the names that programs
// have.
var (
	fileTLDs   = words("md py sh zip mov")
	sourceTLDs = words("rs pl cc so ps app ml mk pm java")
	memberTLDs = words("name id")
	sources    = words("main lib mod build index setup test tests config configure install run readme changelog license util utils common core init makefile app server client")
	members    = words("agent cloud container destination e el error event file group host http i item log network node obj observer organization os process req request res rule self server service session source target task this threat url user window x")
	products   = words("ASP.NET VB.NET ADO.NET ML.NET")
)

func words(list string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(list) {
		set[w] = true
	}
	return set
}

// likeCode says whether a name with a public suffix is, by its form, more likely
// something else: a file, a member of an object, a product, or the end of a
// sentence with the blank forgotten ("is done.In the").
func likeCode(name string) bool {
	last := name[strings.LastIndexByte(name, '.')+1:]
	first, _, _ := strings.Cut(name, ".")
	tld, stem := strings.ToLower(last), strings.ToLower(first)
	if last[0] >= 'A' && last[0] <= 'Z' && last[1:] == tld[1:] && tld != "com" && tld != "org" {
		return true
	}
	if len(first)+1+len(last) != len(name) {
		return false
	}
	return products[name] || fileTLDs[tld] || sourceTLDs[tld] && (sources[stem] || strings.HasPrefix(stem, "lib")) || memberTLDs[tld] && members[stem]
}
