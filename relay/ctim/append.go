package ctim

import (
	"strconv"
	"time"
	"unicode/utf8"
)

// AppendBundles appends the member data of an observe answer, as Docs writes it:
// the documents of the bundles, one bundle after the other.
func AppendBundles(b []byte, bundles []Bundle) []byte {
	w := NewDocs(b)
	openDocs(&w, "verdicts", bundles, func(x *Bundle) []Verdict { return x.Verdicts }, (*Docs).Verdict)
	openDocs(&w, "judgements", bundles, func(x *Bundle) []Judgement { return x.Judgements }, (*Docs).Judgement)
	openDocs(&w, "indicators", bundles, func(x *Bundle) []Indicator { return x.Indicators }, (*Docs).Indicator)
	openDocs(&w, "sightings", bundles, func(x *Bundle) []Sighting { return x.Sightings }, (*Docs).Sighting)
	openDocs(&w, "relationships", bundles, func(x *Bundle) []Relationship { return x.Relationships }, (*Docs).Relationship)
	return w.End()
}

func openDocs[T any](w *Docs, name string, bundles []Bundle, of func(*Bundle) []T, write func(*Docs, *T)) {
	n := 0
	for i := range bundles {
		n += len(of(&bundles[i]))
	}
	w.Open(name, n)
	for i := range bundles {
		docs := of(&bundles[i])
		for j := range docs {
			write(w, &docs[j])
		}
	}
}

// AppendLinks appends the member data of a refer answer, a list.
func AppendLinks(b []byte, links []Link) []byte {
	b = append(b, '[')
	for i := range links {
		b = comma(b, i)
		b = appendLink(b, &links[i])
	}
	return append(b, ']')
}

func comma(b []byte, before int) []byte {
	if before > 0 {
		b = append(b, ',')
	}
	return b
}

func appendVerdict(b []byte, v *Verdict) []byte {
	b = text(b, `{"type":`, v.Type)
	b = disposition(b, v.Disposition, v.DispositionName)
	b = observable(append(b, `,"observable":`...), v.Observable)
	return append(span(b, `,"valid_time":`, v.ValidTime), '}')
}

func appendJudgement(b []byte, j *Judgement) []byte {
	b = text(b, `{"type":`, j.Type)
	b = text(b, `,"id":`, j.ID)
	b = text(b, `,"schema_version":`, j.SchemaVersion)
	b = text(b, `,"source":`, j.Source)
	b = textIf(b, `,"source_uri":`, j.SourceURI)
	b = textIf(b, `,"tlp":`, j.TLP)
	b = observable(append(b, `,"observable":`...), j.Observable)
	b = disposition(b, j.Disposition, j.DispositionName)
	b = text(b, `,"severity":`, j.Severity)
	b = text(b, `,"confidence":`, j.Confidence)
	b = strconv.AppendInt(append(b, `,"priority":`...), int64(j.Priority), 10)
	return append(span(b, `,"valid_time":`, j.ValidTime), '}')
}

func appendIndicator(b []byte, x *Indicator) []byte {
	b = text(b, `{"type":`, x.Type)
	b = text(b, `,"id":`, x.ID)
	b = text(b, `,"schema_version":`, x.SchemaVersion)
	b = textIf(b, `,"source":`, x.Source)
	b = textIf(b, `,"source_uri":`, x.SourceURI)
	b = textIf(b, `,"tlp":`, x.TLP)
	b = text(b, `,"producer":`, x.Producer)
	b = textIf(b, `,"title":`, x.Title)
	b = textIf(b, `,"short_description":`, x.ShortDescription)
	b = textIf(b, `,"severity":`, x.Severity)
	if len(x.Tags) > 0 {
		b = texts(append(b, `,"tags":`...), x.Tags)
	}
	return append(span(b, `,"valid_time":`, x.ValidTime), '}')
}

func appendSighting(b []byte, s *Sighting) []byte {
	b = text(b, `{"type":`, s.Type)
	b = text(b, `,"id":`, s.ID)
	b = text(b, `,"schema_version":`, s.SchemaVersion)
	b = textIf(b, `,"source":`, s.Source)
	b = textIf(b, `,"source_uri":`, s.SourceURI)
	b = textIf(b, `,"description":`, s.Description)
	b = textIf(b, `,"severity":`, s.Severity)
	b = text(b, `,"confidence":`, s.Confidence)
	b = strconv.AppendInt(append(b, `,"count":`...), int64(s.Count), 10)
	if len(s.Observables) > 0 {
		b = append(b, `,"observables":[`...)
		for i, o := range s.Observables {
			b = observable(comma(b, i), o)
		}
		b = append(b, ']')
	}
	b = span(b, `,"observed_time":`, s.ObservedTime)
	if len(s.Relations) > 0 {
		b = append(b, `,"relations":[`...)
		for i := range s.Relations {
			b = appendRelation(comma(b, i), &s.Relations[i])
		}
		b = append(b, ']')
	}
	return append(b, '}')
}

func appendRelation(b []byte, r *Relation) []byte {
	b = text(b, `{"origin":`, r.Origin)
	b = text(b, `,"relation":`, r.Relation)
	b = observable(append(b, `,"source":`...), r.Source)
	b = observable(append(b, `,"related":`...), r.Related)
	return append(b, '}')
}

func appendRelationship(b []byte, r *Relationship) []byte {
	b = text(b, `{"type":`, r.Type)
	b = text(b, `,"id":`, r.ID)
	b = text(b, `,"schema_version":`, r.SchemaVersion)
	b = textIf(b, `,"tlp":`, r.TLP)
	b = text(b, `,"relationship_type":`, r.RelationshipType)
	b = text(b, `,"source_ref":`, r.SourceRef)
	return append(text(b, `,"target_ref":`, r.TargetRef), '}')
}

func appendLink(b []byte, l *Link) []byte {
	b = text(b, `{"id":`, l.ID)
	b = text(b, `,"title":`, l.Title)
	b = text(b, `,"description":`, l.Description)
	b = text(b, `,"url":`, l.URL)
	b = texts(append(b, `,"categories":`...), l.Categories)
	return append(b, '}')
}

func disposition(b []byte, d Disposition, name string) []byte {
	b = strconv.AppendInt(append(b, `,"disposition":`...), int64(d), 10)
	return text(b, `,"disposition_name":`, name)
}

func observable(b []byte, o Observable) []byte {
	b = text(b, `{"type":`, o.Type)
	return append(text(b, `,"value":`, o.Value), '}')
}

func span(b []byte, name string, s Span) []byte {
	b = append(append(b, name...), '{')
	open := len(b)
	b = instant(b, `"start_time":"`, s.Start)
	if s.End.IsZero() {
		return append(b, '}')
	}
	started := len(b) > open
	if started {
		b = append(b, ',')
	}
	if started && s.End == s.Start { // an instant: formatted once
		b = append(b, `"end_time":`...)
		b = append(b, b[open+len(`"start_time":`):len(b)-len(`,"end_time":`)]...)
		return append(b, '}')
	}
	return append(instant(b, `"end_time":"`, s.End), '}')
}

func instant(b []byte, name string, t time.Time) []byte {
	if t.IsZero() {
		return b
	}
	return append(t.AppendFormat(append(b, name...), time.RFC3339), '"')
}

func texts(b []byte, list []string) []byte {
	b = append(b, '[')
	for i, s := range list {
		b = AppendString(comma(b, i), s)
	}
	return append(b, ']')
}

func textIf(b []byte, name, s string) []byte {
	if s == "" {
		return b
	}
	return text(b, name, s)
}

func text(b []byte, name, s string) []byte { return AppendString(append(b, name...), s) }

// AppendString appends s as a JSON string. Only what JSON demands is escaped;
// bytes that are no UTF-8 become U+FFFD.
func AppendString(b []byte, s string) []byte {
	b = append(b, '"')
	from := 0
	for i := plain(s, 0); i < len(s); i = plain(s, i) {
		c := s[i]
		if c >= utf8.RuneSelf {
			if r, n := utf8.DecodeRuneInString(s[i:]); r != utf8.RuneError || n > 1 {
				i += n
				continue
			}
		}
		b = append(b, s[from:i]...)
		b = escape(b, c)
		i++
		from = i
	}
	return append(append(b, s[from:]...), '"')
}

// StringLength is how many bytes AppendString appends.
func StringLength(s string) int {
	length := len(`""`) + len(s)
	var room [len(`\u0000`)]byte
	for i := plain(s, 0); i < len(s); i = plain(s, i) {
		c := s[i]
		if c >= utf8.RuneSelf {
			if r, n := utf8.DecodeRuneInString(s[i:]); r != utf8.RuneError || n > 1 {
				i += n
				continue
			}
		}
		length += len(escape(room[:0], c)) - 1
		i++
	}
	return length
}

// plain is where the run of characters ends that begins at i and stands in JSON
// as it is: ASCII without controls, quotes and backslashes. Eight bytes at a
// time, as most of an answer is made of them.
func plain(s string, i int) int {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	for t := s[i:]; len(t) >= 8; t = t[8:] {
		w := uint64(t[0]) | uint64(t[1])<<8 | uint64(t[2])<<16 | uint64(t[3])<<24 |
			uint64(t[4])<<32 | uint64(t[5])<<40 | uint64(t[6])<<48 | uint64(t[7])<<56
		quote, backslash := w^(ones*'"'), w^(ones*'\\')
		if (w|(w-ones*' ')|(quote-ones)|(backslash-ones))&highs != 0 {
			break
		}
		i += 8
	}
	for ; i < len(s); i++ {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			break
		}
	}
	return i
}

// escape appends one byte that cannot stand as it is.
func escape(b []byte, c byte) []byte {
	const hex = "0123456789abcdef"
	switch {
	case c >= utf8.RuneSelf:
		return append(b, "\uFFFD"...)
	case c == '"' || c == '\\':
		return append(b, '\\', c)
	}
	return append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
}
