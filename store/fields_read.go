package store

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Read reads and checks the text of a value of a kind: number (int64), bytes
// (int64), time (time.Duration), endpoint and key (string), urls and hosts
// ([]string). least and most bound numbers, times and bytes. Errors are for
// people, and never repeat a secret.
func Read(kind, least, most, text string) (any, error) {
	switch kind {
	case "number":
		return readNumber(text, least, most)
	case "bytes":
		return readBytes(text, most)
	case "time":
		return readTime(text, least, most)
	case "endpoint":
		return readEndpoint(text)
	case "urls":
		return each(text, checkURL)
	case "hosts":
		return each(text, checkHost)
	case "key":
		return readKey(text)
	}
	return nil, fmt.Errorf("no values of kind %q are known", kind)
}

func readNumber(text, least, most string) (any, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < bound(least) || n > bound(most) {
		return nil, fmt.Errorf("%q is not a whole number between %s and %s", text, least, most)
	}
	return n, nil
}

// bound is a bound that a tag names.
func bound(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		panic("no bound: " + text) // every start would fail
	}
	return n
}

// units are those of bytes.
var units = []struct {
	name string
	size int64
}{{"", 1}, {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}}

// readBytes reads an amount of memory, 67108864 or 64MiB.
func readBytes(text, most string) (any, error) {
	for i := len(units) - 1; i >= 0; i-- {
		number, ok := strings.CutSuffix(text, units[i].name)
		if !ok {
			continue
		}
		n, err := strconv.ParseUint(strings.TrimSpace(number), 10, 40)
		if err == nil && n <= uint64(bound(most)/units[i].size) {
			return int64(n) * units[i].size, nil
		}
		break
	}
	return nil, fmt.Errorf("%q is no amount of memory like 64MiB, at most %dGiB", text, bound(most)>>30)
}

func readTime(text, least, most string) (any, error) {
	d, err := time.ParseDuration(text)
	from, _ := time.ParseDuration(least)
	to, _ := time.ParseDuration(most)
	if err != nil {
		return nil, fmt.Errorf("%q is not a time like 500ms, 25s or 1h30m", text)
	}
	if d < from || d > to {
		return nil, fmt.Errorf("%s is not between %s and %s", text, least, most)
	}
	return d, nil
}

// readEndpoint reads Pulsedive's address. One that is wrong is not repeated: it
// may hold a password or a key.
func readEndpoint(text string) (any, error) {
	u, err := url.Parse(text)
	if err != nil || !isWeb(u) {
		return nil, errors.New("the value is not an address like https://pulsedive.com/api/info.php")
	}
	if u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return nil, errors.New("the address must be without user, query and fragment")
	}
	return text, nil
}

func checkURL(one string) error {
	u, err := url.Parse(one)
	if err != nil || !isWeb(u) || u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return fmt.Errorf("%s is not an address like https://relay.example.com", Quoted(one))
	}
	return nil
}

func isWeb(u *url.URL) bool { return u.Hostname() != "" && (u.Scheme == "https" || u.Scheme == "http") }

func checkHost(one string) error {
	u, err := url.Parse("https://" + one)
	if err != nil || u.Host != one || u.Hostname() == "" || strings.HasSuffix(one, ":") || strings.ContainsAny(one, "*%") {
		return fmt.Errorf("%s is not a host like visibility.amp.cisco.com, with or without :port", Quoted(one))
	}
	return nil
}

// mostFaults is how many faults of a list are told one by one.
const mostFaults = 10

// ListError is what is wrong with values of a list, in their order; the last one
// may stand for others.
type ListError []error

// Error tells all of them, in one line.
func (e ListError) Error() string {
	texts := make([]string, len(e))
	for i, err := range e {
		texts[i] = err.Error()
	}
	return strings.Join(texts, "; ")
}

// each splits a list at its commas, and at lines but for blank ones, and checks
// each of what it holds. The error is a ListError.
func each(text string, check func(one string) error) ([]string, error) {
	var list []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			list = append(list, strings.Split(line, ",")...)
		}
	}
	if list == nil {
		list = []string{""}
	}
	var faults ListError
	for i := range list {
		list[i] = strings.TrimSpace(list[i])
		if err := check(list[i]); err != nil {
			faults = append(faults, err)
		}
	}
	if more := len(faults) - mostFaults; more > 0 {
		faults = append(faults[:mostFaults], fmt.Errorf("so it is with %d more", more))
	}
	if faults != nil {
		return nil, faults
	}
	return list, nil
}

// readKey reads an API key, which no message repeats.
func readKey(text string) (any, error) {
	text = strings.TrimSpace(text)
	if strings.ContainsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }) {
		return nil, errors.New("the key holds blanks or characters that cannot be seen")
	}
	return text, nil
}

// Quoted repeats a value, but one that may hold a password.
func Quoted(text string) string {
	if strings.Contains(text, "@") {
		return "the value with an @"
	}
	return strconv.Quote(text)
}
