package main

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/alecthomas/kong"
)

// What is wrong with a value is told in one line that names the flag, and the
// variable where the value came from one. So each flag with a value says by the
// tag type how it is read, and by least and most what its bounds are.

// fromVariable is a value that came from the environment.
type fromVariable struct{ name, text string }

// reader reads and checks the text of one value.
type reader func(v *kong.Value, text string) (any, error)

// readers are the values of the tag type.
var readers = map[string]reader{
	"address": readAddress, "local": readLocal, "number": readNumber, "bytes": readBytes, "time": readTime,
	"choice": readChoice, "endpoint": readEndpoint, "urls": readURLs, "hosts": readHosts, "key": readKey, "text": readText,
}

// mappers makes kong read values by readers.
func mappers() kong.Option {
	return kong.OptionFunc(func(k *kong.Kong) error {
		for name, read := range readers {
			if err := kong.NamedMapper(name, read).Apply(k); err != nil {
				return err
			}
		}
		return nil
	})
}

// Decode is called by kong.
func (read reader) Decode(ctx *kong.DecodeContext, target reflect.Value) error {
	token, err := ctx.Scan.PopValue("")
	if err != nil {
		return fmt.Errorf("a value is missing: %s", ctx.Value.Summary())
	}
	text, origin := fmt.Sprint(token.Value), ""
	if v, ok := token.Value.(fromVariable); ok {
		text, origin = v.text, " (set by "+v.name+")"
	}
	value, err := read(ctx.Value, text)
	if err != nil {
		return fmt.Errorf("%w%s", err, origin)
	}
	v := reflect.ValueOf(value)
	if target.Kind() == reflect.Slice { // each further time adds to it
		target.Set(reflect.AppendSlice(target, v))
		return nil
	}
	target.Set(v.Convert(target.Type()))
	return nil
}

// Vars is called by kong: bounds that help texts name.
func (read reader) Vars(v *kong.Value) kong.Vars {
	return kong.Vars{"least": v.Tag.Get("least"), "most": v.Tag.Get("most")}
}

// readAddress reads where to listen.
func readAddress(_ *kong.Value, text string) (any, error) {
	host, port, err := net.SplitHostPort(text)
	if err != nil || strings.ContainsAny(host, "/@ ") {
		return nil, fmt.Errorf("%s is no address like :9090 or 127.0.0.1:9090", quoted(text))
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return nil, fmt.Errorf("%q is no port between 0 and 65535", port)
	}
	return text, nil
}

// readLocal reads where something listens already.
func readLocal(v *kong.Value, text string) (any, error) {
	address, err := readAddress(v, text)
	if err == nil && strings.HasSuffix(text, ":0") {
		return nil, errors.New("port 0 stands for any free port: name the one that the relay printed at its start")
	}
	return address, err
}

func readNumber(v *kong.Value, text string) (any, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	least, most := bound(v, "least"), bound(v, "most")
	if err != nil || n < least || n > most {
		return nil, fmt.Errorf("%q is no whole number between %d and %d", text, least, most)
	}
	return n, nil
}

// bound is a number in a tag.
func bound(v *kong.Value, tag string) int64 {
	n, err := v.Tag.GetInt(tag)
	if err != nil {
		panic(v.Name + ": no bound " + tag) // every start would fail
	}
	return n
}

// units are those of bytes, longest name first.
var units = []struct {
	name string
	size int64
}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"", 1}}

// readBytes reads an amount of memory, 67108864 or 64MiB.
func readBytes(v *kong.Value, text string) (any, error) {
	for _, unit := range units {
		number, ok := strings.CutSuffix(text, unit.name)
		if !ok {
			continue
		}
		n, err := strconv.ParseUint(strings.TrimSpace(number), 10, 40)
		if most := bound(v, "most"); err == nil && n <= uint64(most/unit.size) {
			return int64(n) * unit.size, nil
		}
		break
	}
	return nil, fmt.Errorf("%q is no amount of memory like 64MiB, at most %dGiB", text, bound(v, "most")>>30)
}

func readTime(v *kong.Value, text string) (any, error) {
	d, err := time.ParseDuration(text)
	least, _ := time.ParseDuration(v.Tag.Get("least"))
	most, _ := time.ParseDuration(v.Tag.Get("most"))
	if err != nil {
		return nil, fmt.Errorf("%q is no time like 500ms, 25s or 1h30m", text)
	}
	if d < least || d > most {
		return nil, fmt.Errorf("%s is not between %s and %s", text, v.Tag.Get("least"), v.Tag.Get("most"))
	}
	return d, nil
}

func readChoice(v *kong.Value, text string) (any, error) {
	if !v.EnumMap()[text] {
		return nil, fmt.Errorf("%q is none of %s", text, strings.Join(v.EnumSlice(), ", "))
	}
	return text, nil
}

// readEndpoint reads Pulsedive's address. One that is wrong is not repeated: it
// may hold a password or a key.
func readEndpoint(_ *kong.Value, text string) (any, error) {
	u, err := url.Parse(text)
	if err != nil || !isWeb(u) {
		return nil, errors.New("the value is no address like https://pulsedive.com/api/info.php")
	}
	if u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return nil, errors.New("the address must be without user, query and fragment")
	}
	return text, nil
}

func readURLs(_ *kong.Value, text string) (any, error) {
	return each(text, func(one string) error {
		u, err := url.Parse(one)
		if err != nil || !isWeb(u) || u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
			return fmt.Errorf("%s is no address like https://relay.example.com", quoted(one))
		}
		return nil
	})
}

func isWeb(u *url.URL) bool { return u.Hostname() != "" && (u.Scheme == "https" || u.Scheme == "http") }

func readHosts(_ *kong.Value, text string) (any, error) {
	return each(text, func(one string) error {
		u, err := url.Parse("https://" + one)
		if err != nil || u.Host != one || u.Hostname() == "" || strings.HasSuffix(one, ":") || strings.ContainsAny(one, "*%") {
			return fmt.Errorf("%s is no host like visibility.amp.cisco.com, with or without :port", quoted(one))
		}
		return nil
	})
}

// each splits a list at its commas and checks each of what it holds.
func each(text string, check func(one string) error) ([]string, error) {
	list := strings.Split(text, ",")
	for i := range list {
		list[i] = strings.TrimSpace(list[i])
		if err := check(list[i]); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// readKey reads an API key, which no message repeats.
func readKey(_ *kong.Value, text string) (any, error) {
	text = strings.TrimSpace(text)
	if strings.ContainsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }) {
		return nil, errors.New("the key holds blanks or characters that cannot be seen")
	}
	return text, nil
}

func readText(_ *kong.Value, text string) (any, error) {
	if strings.TrimSpace(text) == "" {
		return nil, errors.New("the value is blank")
	}
	return text, nil
}

// quoted repeats a value, but one that may hold a password.
func quoted(text string) string {
	if strings.Contains(text, "@") {
		return "the value"
	}
	return strconv.Quote(text)
}
