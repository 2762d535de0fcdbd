package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"reflect"
	"strconv"
	"strings"

	"github.com/alecthomas/kong"

	"pulsedive-relay/store"
)

// What is wrong with a value is told in one line that names the flag, and the
// variable where the value came from one. So each flag with a value says by the
// tag type how it is read, and by least and most what its bounds are.

// fromVariable is a value that came from the environment.
type fromVariable struct{ name, text string }

// reader reads and checks the text of one value.
type reader func(v *kong.Value, text string) (any, error)

// readers are the values of the tag type: those that settings have, and those of
// the process alone.
var readers = map[string]reader{
	"number": readSetting, "bytes": readSetting, "time": readSetting, "endpoint": readSetting,
	"urls": readSetting, "hosts": readSetting, "key": readSetting,
	"address": readAddress, "local": readLocal, "choice": readChoice, "text": readText, "networks": readNetworks,
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
		return nil, fmt.Errorf("%s is not an address like :9090 or 127.0.0.1:9090", store.Quoted(text))
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

func readChoice(v *kong.Value, text string) (any, error) {
	if !v.EnumMap()[text] {
		return nil, fmt.Errorf("%q is none of %s", text, strings.Join(v.EnumSlice(), ", "))
	}
	return text, nil
}

func readText(_ *kong.Value, text string) (any, error) {
	if strings.TrimSpace(text) == "" {
		return nil, errors.New("the value is blank")
	}
	return text, nil
}

// readSetting reads a value of a kind that settings have.
func readSetting(v *kong.Value, text string) (any, error) {
	return store.Read(v.Tag.Get("type"), v.Tag.Get("least"), v.Tag.Get("most"), text)
}

// readNetworks reads networks, and addresses as networks of one.
func readNetworks(_ *kong.Value, text string) (any, error) {
	list := strings.Split(text, ",")
	for i := range list {
		if list[i] = strings.TrimSpace(list[i]); !network(list[i]).IsValid() {
			return nil, fmt.Errorf("%s is no address or network like 10.0.0.0/8", store.Quoted(list[i]))
		}
	}
	return list, nil
}

// network is a network of a text, or of the one address that it is; not valid
// where it is neither.
func network(text string) netip.Prefix {
	if p, err := netip.ParsePrefix(text); err == nil {
		return p.Masked()
	}
	a, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Prefix{}
	}
	p, _ := a.Prefix(a.BitLen())
	return p
}
