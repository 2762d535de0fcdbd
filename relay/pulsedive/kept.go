package pulsedive

import (
	"encoding/binary"
	"time"
)

// Kept is one answer of the cache in a form that outlives the process. It holds
// no API key, but what was asked and what Pulsedive said.
type Kept struct {
	// Key is opaque: the fingerprint of the API key and the question.
	Key []byte
	// Value is the record or the links, encoded.
	Value []byte
	// At is when Pulsedive answered, Expires when the answer is out of date.
	At, Expires time.Time
}

// keptForm is the first byte of every Kept.Value: which form the rest has.
const keptForm = 1

// The kinds of answers, in Kept.Key behind the fingerprint.
const (
	keptRecord = 'r'
	keptLinks  = 'l'
)

// Kept walks over the answers in the cache that found something and are not out
// of date, those from after since; the zero time: all. Answers that come
// meanwhile may be among them or not.
func (c *Client) Kept(since time.Time, yield func(Kept) bool) {
	if c.cache == nil {
		return
	}
	for k, e := range c.cache.entries.All() {
		if !e.at.After(since) || time.Since(e.at) >= c.cache.ttl(e) {
			continue
		}
		kept, ok := keep(k, e)
		kept.Expires = kept.At.Add(c.cache.found)
		if ok && !yield(kept) {
			return
		}
	}
}

// Restore puts an answer back into the cache that an earlier process kept, and
// says whether it did: not what is out of date, damaged, or older than what the
// cache holds. Only under the same Config.HashKey anybody will find it.
func (c *Client) Restore(kept Kept) bool {
	if c.cache == nil || kept.At.After(time.Now()) || !kept.Expires.After(time.Now()) {
		return false
	}
	k, e, ok := unkeep(kept, c.cfg.MostListed)
	if !ok || time.Since(e.at) >= c.cache.found {
		return false
	}
	if known, has, _ := c.cache.get(k); has && !known.at.Before(e.at) {
		return false
	}
	c.cache.put(k, e)
	return true
}

// keep encodes an answer; ok is false for one that is not worth it: nothing was
// found, or nothing that can be mapped.
func keep(k cacheKey, e entry) (kept Kept, ok bool) {
	kind := byte(keptRecord)
	kept.At, kept.Value = e.at.Round(0), append(make([]byte, 0, e.size()), keptForm)
	switch {
	case e.record != nil && e.record.missing == "":
		kept.Value = e.record.keep(kept.Value)
	case e.links != nil:
		kind = keptLinks
		kept.Value = e.links.keep(kept.Value)
	default:
		return kept, false
	}
	kept.Key = append(append(append(kept.Key, k.print[:]...), kind), k.query.indicator...)
	return kept, true
}

// unkeep reads what keep wrote; ok is false for anything else.
func unkeep(kept Kept, most int) (k cacheKey, e entry, ok bool) {
	n := copy(k.print[:], kept.Key)
	in := keptReader{b: kept.Value, most: most}
	if n < len(k.print) || len(kept.Key) == n || in.byte() != keptForm {
		return k, e, false
	}
	k.query.indicator = string(kept.Key[n+1:])
	e.at = kept.At
	switch kept.Key[n] {
	case keptRecord:
		e.record = in.record()
	case keptLinks:
		k.query.get = "links"
		e.links = in.links()
	default:
		return k, e, false
	}
	return k, e, in.err == nil && len(in.b) == 0
}

func (r *Record) keep(b []byte) []byte {
	b = keepText(b, r.IID, r.Indicator, r.Type, r.Risk, r.Retired)
	b = keepTime(keepTime(b, r.Seen), r.RetiredAt)
	b = binary.AppendUvarint(b, uint64(len(r.RiskFactors)))
	for i := range r.RiskFactors {
		b = keepText(b, r.RiskFactors[i].Description, r.RiskFactors[i].Risk)
	}
	b = binary.AppendUvarint(b, uint64(len(r.Threats)))
	for i := range r.Threats {
		t := &r.Threats[i]
		b = keepTime(keepText(b, t.TID, t.Name, t.Category), t.Linked)
	}
	b = binary.AppendUvarint(b, uint64(len(r.Feeds)))
	for i := range r.Feeds {
		f := &r.Feeds[i]
		b = keepTime(keepText(b, f.FID, f.Name, f.Category, f.Organization), f.Linked)
	}
	return b
}

func (l *Links) keep(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(len(l.ActiveDNS)))
	for i := range l.ActiveDNS {
		e := &l.ActiveDNS[i]
		b = keepTime(keepText(b, e.Indicator, e.Type), e.Linked)
	}
	return b
}

func keepText(b []byte, texts ...string) []byte {
	for _, s := range texts {
		b = append(binary.AppendUvarint(b, uint64(len(s))), s...)
	}
	return b
}

// keepTime appends a time in whole seconds from that on which is the zero time.
func keepTime(b []byte, t time.Time) []byte {
	return binary.AppendUvarint(b, uint64(t.Unix()-time.Time{}.Unix()))
}
