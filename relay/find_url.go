package relay

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"pulsedive-relay/relay/ctim"
)

// mostURL bounds the bytes of a URL that is listed.
const mostURL = 16 << 10

// schemes are those of which any host is taken. Others are read up to the host,
// which then must be an address or a domain: chrome://settings is no URL to ask
// about.
var schemes = words("http https ftp ftps sftp ws wss ldap ldaps smb tcp udp")

// url takes a URL whose scheme is the end of s[start:end].
func (f *finder) url(start, end int) bool {
	if !strings.HasPrefix(f.s[end:], "://") {
		return false
	}
	start, scheme := f.scheme(start, end)
	f.i = end + len("://")
	if scheme == "" {
		return true
	}
	host, begin, after := f.host(f.i)
	if host == "" || !schemes[strings.ToLower(scheme)] && !certain(host) {
		return true
	}
	stop := f.port(after)
	from := stop
	if strings.IndexByte("/?#", f.at(from)) >= 0 {
		stop = f.tail(start, from, "")
	}
	if stop == after { // the host is the last of it, and may have the sentence's end
		if host, after = f.lastHost(begin, after); host == "" {
			return true
		}
		if f.torn(start, begin, after, scheme, f.s[start:end] != scheme) {
			return true
		}
		from, stop = after, after
	}
	tail := f.tailText(start, from, stop)
	f.i = stop
	if stop-start > mostURL {
		return true
	}
	key := strings.ToLower(scheme) + f.s[end:begin] + host + f.s[after:from] + tail
	return f.add(ctim.Observable{Type: "url", Value: scheme + f.s[end:from] + tail}, key, start, stop)
}

// tailText is what follows a host: as it was written, but for the escapes, unless
// the host was made harmless to click.
func (f *finder) tailText(start, from, stop int) string {
	if stop > from && !f.defanged(start, from+1) {
		return f.restored(from, stop)
	}
	return f.s[from:stop]
}

// torn takes a URL whose host ends at a blank, and goes on behind it: what is
// copied from a page or a mail has such (hxxp://example .com). Its first part would
// be a host that nobody wrote; one that is certain is whole, and what follows is the
// text's. defused says that its scheme is none: then the blank may be within a label.
func (f *finder) torn(start, begin, after int, scheme string, defused bool) bool {
	i, dot := after, ""
	for _, one := range []string{".", " ", "[.]", "."} {
		if !strings.HasPrefix(f.s[i:], one) {
			if one == " " {
				return false
			}
			continue
		}
		if i += len(one); one != " " {
			dot = "."
		}
	}
	host := f.s[begin:after]
	a, b := trimmed(f.s, i, f.run(i))
	if a != i || a >= b || certain(host) {
		return false
	}
	name := host + dot + f.s[a:b]
	if len(name) > mostName || !certain(name) || likeCode(name) {
		return false
	}
	from := f.port(b)
	stop := from
	if strings.IndexByte("/?#", f.at(from)) >= 0 {
		stop = f.tail(start, from, "")
	}
	switch {
	case dot == "": // in another script the parts may be no run
		if !defused || !isAlnum(f.s[after-1]) || !isAlnum(f.s[a]) {
			return false
		}
	case f.s[after] == '.': // or the end of a sentence
		if stop == b && !f.defanged(after, after+1) && !certain(f.s[a:b]) {
			return false
		}
	}
	f.i = stop
	if stop-start > mostURL {
		return true
	}
	_, ascii, _ := domainName(name)
	before, rest := scheme+f.s[start+strings.IndexByte(f.s[start:], ':'):begin], f.s[b:from]+f.tailText(start, from, stop)
	return f.addFound(Found{Observable: ctim.Observable{Type: "url", Value: before + name + rest}, Torn: true}, before+ascii+rest, start, stop)
}

// scheme is the scheme that ends before a colon, as browsers know it, and where it
// begins; empty where there is none. What is not of a scheme we know may belong to
// the text: see-https://.
func (f *finder) scheme(start, end int) (int, string) {
	for _, form := range []string{"h**p", "h**ps", "h__p", "h__ps"} {
		if from := end - len(form); from >= f.end && strings.EqualFold(f.s[from:end], form) {
			return from, "http" + f.s[from+len("h**p"):end]
		}
	}
	from := end
	for from > start && end-from < len("x-unusual-scheme-name") && (isAlnum(f.s[from-1]) || f.s[from-1] == '-' || f.s[from-1] == '.') {
		from--
	}
	if short := from + strings.LastIndexAny(f.s[from:end], "-.") + 1; short > from {
		from = short
	}
	scheme := f.s[from:end]
	if len(scheme) < 2 || scheme[0] <= '9' {
		return from, ""
	}
	return from, followable(scheme, scheme)
}

// tail is where path, query and fragment end. What stands around the URL tells
// what of it is the text's: a quote or bracket before it closes it, as the comma
// of a table does. What is in stops ends it as well, and then brackets do that
// it does not open, and a URL does that begins in it.
func (f *finder) tail(start, i int, stops string) int {
	limit := f.gap(i)
	before := f.at(start - 1)
	inner := stops != ""
	bracketed := inner || strings.IndexByte("([{", before) >= 0
	switch {
	case start == 0 || before == '\n':
		stops += f.separator(start)
	case strings.IndexByte("',;|", before) >= 0:
		stops += string(before)
	}
	var open [3]int
	end := i
	for end < limit {
		r, size := utf8.DecodeRuneInString(f.s[end:])
		if !inURL(r) || strings.ContainsRune(stops, r) || strings.IndexByte(",;|", f.s[end]) >= 0 && f.urlAt(end+1) {
			break
		}
		if inner && strings.HasPrefix(f.s[end:], "://") {
			for end > i && isAlnum(f.s[end-1]) {
				end--
			}
			break
		}
		if k := strings.IndexByte("([{", f.s[end]); k >= 0 {
			open[k]++
		} else if k := strings.IndexByte(")]}", f.s[end]); k >= 0 {
			if open[k]--; open[k] < 0 && bracketed {
				open[k] = 0
				break
			}
		}
		end += size
	}
	f.looked += end - i
	for ; end > i; end-- {
		b := f.s[end-1]
		if k := strings.IndexByte(")]}", b); k >= 0 && open[k] < 0 {
			open[k]++
		} else if k := strings.IndexByte("([{", b); k >= 0 && open[k] > 0 {
			open[k]--
		} else if strings.IndexByte(".,;:!?'*|", b) < 0 {
			break
		}
	}
	return end
}

// inURL says whether a character can be of a URL as people write them: letters of
// any script, but no blanks, no quotes, no punctuation of other scripts.
func inURL(r rune) bool {
	if r < utf8.RuneSelf {
		return r > ' ' && r != 0x7f && !strings.ContainsRune("\"<>\\^`", r)
	}
	return r != utf8.RuneError && unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.S)
}

// urlAt says whether another URL begins at i.
func (f *finder) urlAt(i int) bool {
	rest := f.s[i:min(len(f.s), i+len("https://"))]
	for _, begin := range []string{"http://", "https://", "hxxp://", "hxxps://", "ftp://"} {
		if len(rest) >= len(begin) && strings.EqualFold(rest[:len(begin)], begin) {
			return true
		}
	}
	return false
}

// separator is what separates the fields of the line that begins at start, if it
// is one of a table: if the line before or behind has as many of them.
func (f *finder) separator(start int) string {
	line, after, _ := strings.Cut(f.s[start:], "\n")
	next, _, _ := strings.Cut(after, "\n")
	before := ""
	if start > 0 {
		before = f.s[:start-1]
		before = before[strings.LastIndexByte(before, '\n')+1:]
	}
	f.looked += len(line) + len(next) + len(before)
	for _, mark := range []string{",", ";"} {
		if n := strings.Count(line, mark); n > 0 && (n == strings.Count(before, mark) || n == strings.Count(next, mark)) {
			return mark
		}
	}
	return ""
}
