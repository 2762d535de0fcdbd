package web

import (
	"encoding/json"
	"io"
	"time"

	"pulsedive-relay/relay/ctim"
	"pulsedive-relay/store"
)

// exported is a line of the JSON file: the whole exchange, or its summary alone
// where the rest is damaged. Times are in UTC, durations in milliseconds. Of alike
// requests that are one exchange all but count and last is of the first.
type exported struct {
	ID          uint64           `json:"id"`
	Damaged     bool             `json:"damaged,omitempty"`
	Request     string           `json:"request"`
	At          time.Time        `json:"at"`
	Last        time.Time        `json:"last"`
	Count       int              `json:"count"`
	Source      store.Source     `json:"source"`
	Endpoint    store.Endpoint   `json:"endpoint"`
	Outcome     store.Outcome    `json:"outcome"`
	Caller      string           `json:"caller"`
	Key         string           `json:"key"`
	Audience    string           `json:"audience,omitempty"`
	KeyHost     string           `json:"key_host,omitempty"`
	Limit       int              `json:"entities_limit,omitempty"`
	Took        float64          `json:"took_ms"`
	Token       float64          `json:"token_ms"`
	Asked       float64          `json:"asked_ms"`
	Translated  float64          `json:"translated_ms"`
	Calls       int              `json:"calls"`
	Cached      int              `json:"cached"`
	Observables []exportedResult `json:"observables"`
	Spans       []exportedSpan   `json:"spans"`
	Quotas      []exportedQuota  `json:"limits"`
	Errors      []exportedFault  `json:"errors"`
	Answer      json.RawMessage  `json:"answer"`
	Refer       json.RawMessage  `json:"refer_answer,omitempty"`
}

type exportedResult struct {
	Type        string           `json:"type"`
	Value       string           `json:"value"`
	Answered    *ctim.Observable `json:"answered,omitempty"`
	State       store.State      `json:"state"`
	Disposition string           `json:"disposition,omitempty"`
	Risk        string           `json:"risk,omitempty"`
	Retired     string           `json:"retired,omitempty"`
	Seen        *time.Time       `json:"seen,omitempty"`
	Factors     int              `json:"risk_factors"`
	Threats     int              `json:"threats"`
	Feeds       int              `json:"feeds"`
	Relations   int              `json:"relations"`
	Error       string           `json:"error,omitempty"`
	Took        float64          `json:"took_ms"`
}

type exportedSpan struct {
	Observable int     `json:"observable"`
	Kind       string  `json:"kind"`
	Queued     float64 `json:"queued_ms"`
	Start      float64 `json:"start_ms"`
	Took       float64 `json:"took_ms"`
	Outcome    string  `json:"outcome"`
}

type exportedQuota struct {
	Period string     `json:"period"`
	Limit  int        `json:"limit"`
	Left   int        `json:"left"`
	Ends   *time.Time `json:"ends,omitempty"`
}

type exportedFault struct {
	Type    string `json:"type"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// writeJSONL writes an exchange's line.
func writeJSONL(w io.Writer) func(*store.Exchange) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return func(x *store.Exchange) error { return e.Encode(exportOf(x)) }
}

func exportOf(x *store.Exchange) *exported {
	e := &exported{
		ID: x.ID, Damaged: x.Damaged, Request: x.Request, At: x.At.UTC(), Last: x.Last.UTC(), Count: x.Count, Source: x.Source, Endpoint: x.Endpoint, Outcome: x.Outcome,
		Caller: x.Caller, Key: x.Fingerprint, Audience: x.Audience, KeyHost: x.KeyHost, Limit: x.EntitiesLimit,
		Took: inMS(x.Took), Token: inMS(x.Token), Asked: inMS(x.Asked), Translated: inMS(x.Translated), Calls: x.Calls, Cached: x.Cached,
		Observables: []exportedResult{}, Spans: []exportedSpan{}, Quotas: []exportedQuota{}, Errors: []exportedFault{},
		Answer: raw(x.Answer), Refer: raw(x.Refer),
	}
	for i := range x.Results {
		r := &x.Results[i]
		one := exportedResult{
			Type: r.Observable.Type, Value: r.Observable.Value, State: r.State, Disposition: r.Disposition.String(), Risk: r.Risk, Retired: r.Retired,
			Seen: ifAny(r.Seen), Factors: r.Factors, Threats: r.Threats, Feeds: r.Feeds, Relations: r.Relations, Error: r.Error, Took: inMS(r.Took),
		}
		if r.Answered.Value != "" {
			one.Answered = &r.Answered
		}
		e.Observables = append(e.Observables, one)
	}
	for _, s := range x.Spans {
		e.Spans = append(e.Spans, exportedSpan{s.Observable, s.Kind, inMS(s.Queued), inMS(s.Start), inMS(s.Took), s.Outcome})
	}
	for _, q := range x.Quotas {
		e.Quotas = append(e.Quotas, exportedQuota{q.Period, q.Limit, q.Left, ifAny(q.Ends)})
	}
	for _, f := range x.Errors {
		e.Errors = append(e.Errors, exportedFault(f))
	}
	return e
}

// raw is an answer as it is; one that is no JSON becomes a text, none null.
func raw(answer []byte) json.RawMessage {
	if len(answer) == 0 {
		return nil
	}
	if json.Valid(answer) {
		return answer
	}
	text, _ := json.Marshal(string(answer)) // a text can always be written
	return text
}

func inMS(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func ifAny(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
