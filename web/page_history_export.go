package web

import (
	"bufio"
	"encoding/csv"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"pulsedive-relay/store"
	"pulsedive-relay/web/view"
)

// exportBuffer is how many bytes are sent at a time.
const exportBuffer = 64 << 10

// exportHistory sends the exchanges that a filter means as a file. They are sent
// while they are read: what is deleted meanwhile may be missing.
func (a *Admin) exportHistory(w http.ResponseWriter, req *http.Request) error {
	s := soughtBy(req.URL.Query(), a.cfg.Now())
	if err := s.wrong(); err != nil {
		return err
	}
	format, kind := req.FormValue("format"), "text/csv; charset=utf-8; header=present"
	switch format {
	case "csv":
	case "jsonl":
		kind = "application/jsonl; charset=utf-8"
	default:
		return &problem{http.StatusUnprocessableEntity, "There is no such format", "The history is exported as csv or jsonl."}
	}
	attach(w.Header(), kind, "pulsedive-relay-history-"+stamp(a.cfg.Now())+"."+format)
	if req.Method == http.MethodHead {
		return nil
	}
	out := bufio.NewWriterSize(newPatient(w), exportBuffer)
	write, end := writeJSONL(out), func() error { return nil }
	if format == "csv" {
		c := csv.NewWriter(out)
		write, end = writeCSV(c), func() error { c.Flush(); return c.Error() }
		names := make([]string, len(columns))
		for i, one := range columns {
			names[i] = one.name
		}
		if err := c.Write(names); err != nil {
			return err
		}
	}
	err := a.cfg.Store.Each(req.Context(), s.Filter, write)
	if err == nil {
		err = end()
	}
	if err == nil {
		err = out.Flush()
	}
	if err != nil {
		if req.Context().Err() == nil {
			a.cfg.Log.Warn("an export was cut", "error", err)
		}
		panic(http.ErrAbortHandler) // the other end sees that it is not whole
	}
	return nil
}

// column is one column of the CSV file.
type column struct {
	name, text string
	of         func(x *store.Exchange, r *store.Result) string
}

// columns are those of the CSV file, whose lines are an exchange's observables.
// An exchange without one has a line in which the observable's cells are empty.
var columns = []column{
	{"exchange", "The exchange's number; lines with the same one belong together.", func(x *store.Exchange, _ *store.Result) string { return text(x.ID) }},
	{"at", "When the request came in, in UTC; of several the first.", func(x *store.Exchange, _ *store.Result) string { return exactly(x.At) }},
	{"count", "How many alike requests the exchange stands for; all but count and last is of the first.", func(x *store.Exchange, _ *store.Result) string { return strconv.Itoa(x.Count) }},
	{"last", "When the latest of them came in, in UTC.", func(x *store.Exchange, _ *store.Result) string { return exactly(x.Last) }},
	{"source", "Who asked: xdr, try or terminal.", func(x *store.Exchange, _ *store.Result) string { return string(x.Source) }},
	{"endpoint", "What was asked: observe, refer, observe+refer or health.", func(x *store.Exchange, _ *store.Result) string { return string(x.Endpoint) }},
	{"outcome", "How it ended: ok, partial or error.", func(x *store.Exchange, _ *store.Result) string { return string(x.Outcome) }},
	{"code", "The code of the first error.", func(x *store.Exchange, _ *store.Result) string { return x.Code }},
	{"caller", "The address that asked.", func(x *store.Exchange, _ *store.Result) string { return x.Caller }},
	{"key", "Tells callers' Pulsedive keys apart; not the key.", func(x *store.Exchange, _ *store.Result) string { return x.Fingerprint }},
	{"took_ms", "How long the answer took, in milliseconds.", func(x *store.Exchange, _ *store.Result) string { return milliseconds(x.Took) }},
	{"calls", "Calls to Pulsedive for the exchange.", func(x *store.Exchange, _ *store.Result) string { return strconv.Itoa(x.Calls) }},
	{"cached", "Answers from the cache instead.", func(x *store.Exchange, _ *store.Result) string { return strconv.Itoa(x.Cached) }},
	{"observable_type", "ip, ipv6, domain or url.", func(_ *store.Exchange, r *store.Result) string { return r.Observable.Type }},
	{"observable", "The observable's value, as asked.", func(_ *store.Exchange, r *store.Result) string { return r.Observable.Value }},
	{"answered", "Its value as the answer spells it, where that differs.", func(_ *store.Exchange, r *store.Result) string { return r.Answered.Value }},
	{"state", "known, nothing (Pulsedive has no record) or failed.", func(_ *store.Exchange, r *store.Result) string { return string(r.State) }},
	{"disposition", "The verdict: Malicious, Suspicious, Unknown, Common or Clean; empty where there is none.", func(_ *store.Exchange, r *store.Result) string { return r.Disposition.String() }},
	{"risk", "Pulsedive's word for the verdict.", func(_ *store.Exchange, r *store.Result) string { return r.Risk }},
	{"seen", "When Pulsedive saw the observable last, in UTC.", func(_ *store.Exchange, r *store.Result) string { return exactly(r.Seen) }},
	{"risk_factors", "How many risk factors the answer holds.", func(_ *store.Exchange, r *store.Result) string { return strconv.Itoa(r.Factors) }},
	{"threats", "How many threats.", func(_ *store.Exchange, r *store.Result) string { return strconv.Itoa(r.Threats) }},
	{"feeds", "How many feeds.", func(_ *store.Exchange, r *store.Result) string { return strconv.Itoa(r.Feeds) }},
	{"error", "The code of what went wrong with this observable.", func(_ *store.Exchange, r *store.Result) string { return r.Error }},
}

// ofResult is the place of the first column that is about one observable.
const ofResult = 13

// exportColumns are the columns with their meaning, for the page.
func exportColumns() []view.FileColumn {
	list := make([]view.FileColumn, len(columns))
	for i, c := range columns {
		list[i] = view.FileColumn{Name: c.name, Text: c.text}
	}
	return list
}

// writeCSV writes an exchange's lines.
func writeCSV(c *csv.Writer) func(*store.Exchange) error {
	cells := make([]string, len(columns))
	return func(x *store.Exchange) error {
		results := x.Results
		if len(results) == 0 {
			results = []store.Result{{}}
		}
		for i := range results {
			for k, one := range columns {
				if cells[k] = ""; k < ofResult || len(x.Results) > 0 {
					cells[k] = defused(one.of(x, &results[i]))
				}
			}
			if err := c.Write(cells); err != nil {
				return err
			}
		}
		return nil
	}
}

// defused keeps spreadsheets from taking a text for a formula.
func defused(cell string) string {
	visible := strings.TrimLeftFunc(cell, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) })
	first, _ := utf8.DecodeRuneInString(visible)
	if visible != cell || strings.ContainsRune("=+-@＝＋－＠", first) {
		return "'" + cell
	}
	return cell
}

// stamp is a time as files and names of files have it.
func stamp(t time.Time) string { return t.UTC().Format("20060102T150405Z") }

// exactly is a time as the CSV file has it, to the millisecond.
func exactly(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}

func milliseconds(d time.Duration) string {
	return strconv.FormatFloat(float64(d)/float64(time.Millisecond), 'f', 3, 64)
}
