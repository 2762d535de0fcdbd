package pulsedivetest

import (
	"bytes"
	"encoding/json"
	"hash/fnv"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"
)

// variants is how many different made-up records there are for each type.
const variants = 8

// types are what a value can be, as Pulsedive names them.
var types = [...]string{"ip", "ipv6", "domain", "url"}

// perVariant is one T for each variant of each type.
type perVariant[T any] [len(types)][variants]T

// madeUp writes the templates of all variants, once.
var madeUp = sync.OnceValue(func() *perVariant[[2]template] {
	var all perVariant[[2]template]
	for t := range all {
		for v := range all[t] {
			m := newMaker(t, v)
			all[t][v] = [2]template{newTemplate(m.infoTail()), newTemplate(m.linksTail())}
		}
	}
	return &all
})

// generator makes up records: iid, value and type of each come first and are its
// own, what follows is one of a few documents written beforehand. Which one is a
// matter of the value alone, so asking again, or another Fake, gets the same.
type generator struct {
	tails perVariant[struct{ info, links *moving }]
}

func newGenerator() *generator {
	g := &generator{}
	for t, ofType := range madeUp() {
		for v, one := range ofType {
			g.tails[t][v].info = newMoving(one[0])
			g.tails[t][v].links = newMoving(one[1])
		}
	}
	return g
}

// reply is the made-up record of value, or its links.
func (g *generator) reply(value, get string, now time.Time) reply {
	t, hash := typeOf(value), hashOf(value)
	tails := &g.tails[t][hash%variants]
	iid := 1_000_000 + hash%900_000_000
	if get != "" {
		h := tails.links.at(now)
		return reply{status: http.StatusOK, ctype: typeJSON, head: linksHead(value, t, iid, h.stamp), body: h.content}
	}
	h := tails.info.at(now)
	return reply{status: http.StatusOK, ctype: typeJSON, head: infoHead(value, t, iid), body: h.content}
}

// typeOf recognises what kind of value it is: an index of types.
func typeOf(value string) int {
	if strings.Contains(value, "://") {
		return 3
	}
	a, err := netip.ParseAddr(value)
	switch {
	case err != nil:
		return 2
	case a.Is4():
		return 0
	}
	return 1
}

func hashOf(value string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(value)) // never fails
	return mix(h.Sum64())
}

// infoHead is the start of a record; infoTail goes on.
func infoHead(value string, t int, iid uint64) []byte {
	b := make([]byte, 0, len(value)+64)
	b = strconv.AppendUint(append(b, `{"iid":`...), iid, 10)
	b = appendString(append(b, `,"indicator":`...), value)
	return append(append(append(b, `,"type":"`...), types[t]...), '"')
}

// linksHead is the start of links, with the one category that holds the value;
// linksTail goes on.
func linksHead(value string, t int, iid uint64, stamp string) []byte {
	b := make([]byte, 0, len(value)+192)
	b = strconv.AppendUint(append(b, `{"Related URLs":[{"iid":`...), iid+1, 10)
	b = appendString(append(b, `,"indicator":`...), relatedURL(value, t))
	b = append(append(b, `,"type":"url","risk":"unknown","stamp_linked":"`...), stamp...)
	return append(b, `","summary":{}}]`...)
}

func relatedURL(value string, t int) string {
	switch types[t] {
	case "url":
		return value + "#again"
	case "ipv6":
		return "https://[" + value + "]/login"
	}
	return "https://" + value + "/login"
}

// appendString writes s as a JSON string.
func appendString(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= 0x7f || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			quoted, _ := json.Marshal(s) // a string always can
			return append(b, quoted...)
		}
	}
	b = append(append(b, '"'), s...)
	return append(b, '"')
}

// tail is a JSON object without its opening brace, to follow other members.
func tail(members any) []byte {
	doc, _ := json.Marshal(members) // of maps, strings and numbers only
	return bytes.Replace(doc, []byte("{"), []byte(","), 1)
}
