package pulsedive

import (
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// utc is a time as Pulsedive writes it.
func utc(t testing.TB, stamp string) time.Time {
	t.Helper()
	at, err := time.Parse(time.DateTime, stamp)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// whole is a record with every member that is needed.
const whole = `"iid":7,"indicator":"a.example","type":"domain","risk":"low","stamp_seen":"2026-01-02 03:04:05"`

func TestDecodeRecord(t *testing.T) {
	t.Parallel()
	seen := utc(t, "2026-01-02 03:04:05")
	good := func(change func(*Record)) *Record {
		r := &Record{IID: "7", Indicator: "a.example", Type: "domain", Risk: "low", Seen: seen}
		if change != nil {
			change(r)
		}
		return r
	}
	without := func(member string) string { // a record without one member
		return "{" + strings.Join(slices.DeleteFunc(strings.Split(whole, ","), func(s string) bool {
			return strings.HasPrefix(s, `"`+member+`"`)
		}), ",") + "}"
	}
	lacking := func(member string, change func(*Record)) *Record {
		r := good(change)
		r.missing = member
		return r
	}
	for name, c := range map[string]struct {
		body string
		want *Record
		err  error
	}{
		"whole":                          {`{` + whole + `}`, good(nil), nil},
		"blanks around it":               {" \n{" + whole + "}\r\n ", good(nil), nil},
		"more members":                   {`{"properties":{"geo":[]},"comments":[{"a":[1]}],` + whole + `,"umbrella_rank":null}`, good(nil), nil},
		"a member twice, the last":       {`{"iid":1,` + whole + `}`, good(nil), nil},
		"iid as string":                  {`{` + whole + `,"iid":"42"}`, good(func(r *Record) { r.IID = "42" }), nil},
		"iid of 20 digits":               {`{` + whole + `,"iid":12345678901234567890}`, good(func(r *Record) { r.IID = "12345678901234567890" }), nil},
		"iid that is no number":          {`{` + whole + `,"iid":"7 or so"}`, lacking("iid", func(r *Record) { r.IID = "" }), nil},
		"iid below zero":                 {`{` + whole + `,"iid":-7}`, lacking("iid", func(r *Record) { r.IID = "" }), nil},
		"iid with a point":               {`{` + whole + `,"iid":7.5}`, lacking("iid", func(r *Record) { r.IID = "" }), nil},
		"iid null":                       {`{` + whole + `,"iid":null}`, lacking("iid", func(r *Record) { r.IID = "" }), nil},
		"iid a list":                     {`{` + whole + `,"iid":[7]}`, lacking("iid", func(r *Record) { r.IID = "" }), nil},
		"no iid":                         {without("iid"), lacking("iid", func(r *Record) { r.IID = "" }), nil},
		"no indicator":                   {without("indicator"), lacking("indicator", func(r *Record) { r.Indicator = "" }), nil},
		"indicator a number":             {`{` + whole + `,"indicator":5}`, lacking("indicator", func(r *Record) { r.Indicator = "" }), nil},
		"no type":                        {without("type"), lacking("type", func(r *Record) { r.Type = "" }), nil},
		"type in capitals":               {`{` + whole + `,"type":"IPv6"}`, good(func(r *Record) { r.Type = "ipv6" }), nil},
		"type of Pulsedive's own":        {`{` + whole + `,"type":"artifact"}`, lacking("type", func(r *Record) { r.Type = "artifact" }), nil},
		"no risk":                        {without("risk"), lacking("risk", func(r *Record) { r.Risk = "unknown" }), nil},
		"risk null":                      {`{` + whole + `,"risk":null}`, good(func(r *Record) { r.Risk = "unknown" }), nil},
		"risk a number":                  {`{` + whole + `,"risk":3}`, good(func(r *Record) { r.Risk = "unknown" }), nil},
		"risk of a kind not known":       {`{` + whole + `,"risk":"dire"}`, good(func(r *Record) { r.Risk = "unknown" }), nil},
		"risk in capitals":               {`{` + whole + `,"risk":"Critical"}`, good(func(r *Record) { r.Risk = "critical" }), nil},
		"no stamp_seen":                  {without("stamp_seen"), lacking("stamp_seen", func(r *Record) { r.Seen = time.Time{} }), nil},
		"no stamp_seen, one updated":     {strings.Replace(without("stamp_seen"), "{", `{"stamp_updated":"2026-01-02 03:04:05",`, 1), lacking("stamp_seen", nil), nil},
		"stamp_seen null":                {`{` + whole + `,"stamp_seen":null}`, lacking("stamp_seen", func(r *Record) { r.Seen = time.Time{} }), nil},
		"stamp_seen null, updated":       {`{` + whole + `,"stamp_added":"2020-01-01 00:00:00","stamp_updated":"2026-01-02 03:04:05","stamp_seen":null}`, good(nil), nil},
		"stamp_seen null, updated empty": {`{` + whole + `,"stamp_added":"2026-01-02 03:04:05","stamp_updated":"","stamp_seen":null}`, good(nil), nil},
		"stamp_seen null, only added":    {`{` + whole + `,"stamp_seen":null,"stamp_added":"2026-01-02 03:04:05"}`, good(nil), nil},
		"stamp_seen there, others too":   {`{"stamp_added":"2020-01-01 00:00:00",` + whole + `,"stamp_updated":"2030-01-01 00:00:00"}`, good(nil), nil},
		"stamp_seen the year 0":          {`{` + whole + `,"stamp_seen":"0000-00-00 00:00:00","stamp_added":"2026-01-02 03:04:05"}`, good(nil), nil},
		"stamp_seen a date":              {`{` + whole + `,"stamp_seen":"2026-01-02"}`, lacking("stamp_seen", func(r *Record) { r.Seen = time.Time{} }), nil},
		"retired null":                   {`{` + whole + `,"retired":null,"stamp_retired":null}`, good(nil), nil},
		"retired 0":                      {`{` + whole + `,"retired":0,"stamp_retired":""}`, good(nil), nil},
		"retired": {`{` + whole + `,"retired":"No recent activity","stamp_retired":"2026-01-02 03:04:05"}`,
			good(func(r *Record) { r.Retired, r.RetiredAt = "No recent activity", seen }), nil},
		"lists null":       {`{` + whole + `,"riskfactors":null,"threats":null,"feeds":null}`, good(nil), nil},
		"lists empty":      {`{` + whole + `,"riskfactors":[],"threats":[],"feeds":[]}`, good(nil), nil},
		"lists as objects": {`{` + whole + `,"riskfactors":{},"threats":{"0":{"name":"x"}},"feeds":"none"}`, good(nil), nil},
		"lists of other things": {`{` + whole + `,"riskfactors":[1,null,"a",[],{"description":"d"},{}],"threats":[[{"name":"x"}],{"tid":1}],"feeds":[null,{"name":""}]}`,
			good(func(r *Record) { r.RiskFactors = []RiskFactor{{Description: "d"}} }), nil},
		"risk factors as listed": {`{` + whole + `,"riskfactors":[{"rfid":1,"description":"b","risk":"low"},{"rfid":"2","description":"a","risk":null}]}`,
			good(func(r *Record) { r.RiskFactors = []RiskFactor{{"b", "low"}, {"a", ""}} }), nil},
		"threats newest first": {`{` + whole + `,"threats":[
			{"tid":1,"name":"none","category":null,"stamp_linked":null},
			{"tid":"2","name":"old","category":"c","stamp_linked":"2020-01-01 00:00:00"},
			{"tid":"x","name":"new","category":"d","stamp_linked":"2021-01-01 00:00:00","more":{}},
			{"name":"old too","stamp_linked":"2020-01-01 00:00:00"}]}`,
			good(func(r *Record) {
				r.Threats = []Threat{
					{"", "new", "d", utc(t, "2021-01-01 00:00:00")}, {"2", "old", "c", utc(t, "2020-01-01 00:00:00")},
					{"", "old too", "", utc(t, "2020-01-01 00:00:00")}, {"1", "none", "", time.Time{}},
				}
			}), nil},
		"feeds newest first": {`{` + whole + `,"feeds":[
			{"fid":1,"name":"old ","category":"c","organization":"o","pricing":"free","stamp_linked":"2020-01-01 00:00:00"},
			{"fid":"2","name":"n\u00fc\"","organization":null,"stamp_linked":"2021-01-01 00:00:00"}]}`,
			good(func(r *Record) {
				r.Feeds = []Feed{{"2", `nü"`, "", "", utc(t, "2021-01-01 00:00:00")}, {"1", "old ", "c", "o", utc(t, "2020-01-01 00:00:00")}}
			}), nil},
		"error":                  {`{"error":"Indicator not found."}`, nil, ErrNotFound},
		"error as object":        {`{"error":{"text":"Indicator not found."}}`, nil, ErrNotFound},
		"error with a risk":      {`{"error":"Indicator not found.","risk":"unknown"}`, nil, ErrNotFound},
		"error beside a record":  {`{` + whole + `,"error":"Links failed."}`, good(nil), nil},
		"error that is none":     {`{"error":null}`, &Record{Risk: "unknown", missing: "iid"}, nil},
		"thin":                   {`{"indicator":"a.example","type":"domain"}`, nil, ErrNotFound},
		"thin, iid null":         {`{"iid":null,"indicator":"a.example"}`, nil, ErrNotFound},
		"empty object":           {`{}`, &Record{Risk: "unknown", missing: "iid"}, nil},
		"list":                   {`[{` + whole + `}]`, nil, ErrShape},
		"empty list":             {`[]`, nil, ErrShape},
		"null":                   {`null`, nil, ErrShape},
		"text":                   {`"ok"`, nil, ErrShape},
		"number":                 {`5`, nil, ErrShape},
		"nothing":                {``, nil, ErrNotJSON},
		"blanks":                 {" \n", nil, ErrNotJSON},
		"HTML":                   {`<html><body>Maintenance</body></html>`, nil, ErrNotJSON},
		"words":                  {`not found`, nil, ErrNotJSON},
		"list and more":          {`[] []`, nil, ErrNotJSON},
		"record and more":        {`{` + whole + `} x`, nil, ErrNotJSON},
		"two records":            {`{` + whole + `}{}`, nil, ErrNotJSON},
		"cut short":              {`{` + whole, nil, ErrNotJSON},
		"cut short in a list":    {`{` + whole + `,"feeds":[{"name":"x"},`, nil, ErrNotJSON},
		"cut short in a text":    {`{` + whole + `,"retired":"No rec`, nil, ErrNotJSON},
		"a comma too many":       {`{` + whole + `,}`, nil, ErrNotJSON},
		"names without quotes":   {`{iid:7}`, nil, ErrNotJSON},
		"numbers for names":      {`{5:7}`, nil, ErrNotJSON},
		"deeper than any answer": {`{"a":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + `}`, nil, ErrNotJSON},
		"bytes that are no text": {"{" + whole + ",\"retired\":\"\xff\"}", good(func(r *Record) { r.Retired = "\ufffd" }), nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := decodeRecord([]byte(c.body), 100)
			if !errors.Is(err, c.err) || !reflect.DeepEqual(got, c.want) {
				t.Fatalf("decodeRecord(%.300s)\n got %+v, %v\nwant %+v, %v", c.body, got, err, c.want, c.err)
			}
			if err == nil && (got.Complete() == nil) != (c.want.missing == "") {
				t.Errorf("decodeRecord(%.300s).Complete(): got %v, want a lack of %q", c.body, got.Complete(), c.want.missing)
			}
		})
	}
}

func TestCompleteNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	err := (&Record{missing: "risk"}).Complete()
	if !errors.Is(err, ErrShape) || !strings.Contains(err.Error(), "risk") {
		t.Errorf("Complete without risk: got %v, want ErrShape that names it", err)
	}
}

func TestDecodeLinks(t *testing.T) {
	t.Parallel()
	at := utc(t, "2026-01-02 03:04:05")
	for name, c := range map[string]struct {
		body string
		want []DNS
		err  error
	}{
		"as sent": {`{"Active DNS":[{"iid":1,"indicator":"b.example","type":"domain","stamp_linked":null,"summary":{}},
			{"indicator":"192.0.2.1","type":"IP","risk":"low","stamp_linked":"2026-01-02 03:04:05","summary":[]}],"Related URLs":[{"indicator":"x"}]}`,
			[]DNS{{"b.example", "domain", time.Time{}}, {"192.0.2.1", "ip", at}}, nil},
		"no Active DNS":         {`{"Related URLs":[]}`, nil, nil},
		"null":                  {`{"Active DNS":null}`, nil, nil},
		"empty":                 {`{"Active DNS":[]}`, nil, nil},
		"an object":             {`{"Active DNS":{"0":{"indicator":"x"}}}`, nil, nil},
		"a text":                {`{"Active DNS":"none"}`, nil, nil},
		"a list of texts":       {`{"Active DNS":["a.example","192.0.2.1"]}`, nil, nil},
		"a list with an object": {`{"Active DNS":["a",1,null,[{}],{"indicator":"b.example"},{"indicator":7},{}]}`, []DNS{{Indicator: "b.example"}}, nil},
		"error":                 {`{"error":"No links found."}`, nil, nil},
		"nothing":               {`{}`, nil, nil},
		"a list for an object":  {`[]`, nil, ErrShape},
		"HTML":                  {`<html>`, nil, ErrNotJSON},
		"cut short":             {`{"Active DNS":[{"indicator":"b.example"}`, nil, ErrNotJSON},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := decodeLinks([]byte(c.body), 100)
			if !errors.Is(err, c.err) || (err == nil && !reflect.DeepEqual(got.ActiveDNS, c.want)) {
				t.Errorf("decodeLinks(%s)\n got %+v, %v\nwant %+v, %v", c.body, got, err, c.want, c.err)
			}
		})
	}
}

// listed writes n entries with a name and a stamp each; the stamps are not in
// order.
func listed(n int, name string) (string, []time.Time) {
	var b strings.Builder
	stamps := make([]time.Time, n)
	for i := range n {
		stamps[i] = time.Date(2020, 1, 1, 0, 0, i*7919%n, 0, time.UTC)
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{%q:"n%d","stamp_linked":%q}`, name, i, stamps[i].Format(time.DateTime))
	}
	return b.String(), stamps
}

func TestOnlyTheNewestAreKept(t *testing.T) {
	t.Parallel()
	const most = 10
	for _, n := range []int{0, 1, 9, 10, 11, 19, 20, 21, 35, 1000} {
		list, stamps := listed(n, "name")
		r, err := decodeRecord([]byte(`{`+whole+`,"feeds":[`+list+`],"threats":[`+list+`],"riskfactors":[`+strings.ReplaceAll(list, "name", "description")+`]}`), most)
		if err != nil {
			t.Fatalf("%d entries: %v", n, err)
		}
		slices.SortFunc(stamps, func(a, b time.Time) int { return b.Compare(a) })
		want := stamps[:min(n, most)]
		var threats, feeds []time.Time
		for i := range r.Threats {
			threats = append(threats, r.Threats[i].Linked)
		}
		for i := range r.Feeds {
			feeds = append(feeds, r.Feeds[i].Linked)
		}
		if !slices.Equal(threats, want) || !slices.Equal(feeds, want) {
			t.Errorf("%d entries, at most %d:\nthreats %v\n  feeds %v\n   want %v", n, most, threats, feeds, want)
		}
		for i, f := range r.RiskFactors {
			equal(t, fmt.Sprintf("%d risk factors: number %d", n, i), f.Description, fmt.Sprint("n", i))
		}
		equal(t, fmt.Sprintf("%d risk factors: kept", n), len(r.RiskFactors), min(n, most))
		if c := cap(r.Feeds); c > 2*most {
			t.Errorf("%d feeds: the list keeps room for %d, want at most %d", n, c, 2*most)
		}
	}
}

func TestOnlyTheNewestLinksAreKeptInTheirOrder(t *testing.T) {
	t.Parallel()
	const most = 10
	for _, n := range []int{9, 10, 11, 20, 21, 500} {
		list, stamps := listed(n, "indicator")
		list = strings.ReplaceAll(list, `"stamp_linked":"2020-01-01 00:00:00"`, `"stamp_linked":null`)
		l, err := decodeLinks([]byte(`{"Active DNS":[`+list+`]}`), most)
		if err != nil {
			t.Fatalf("%d entries: %v", n, err)
		}
		ordered := slices.Clone(stamps)
		slices.SortFunc(ordered, func(a, b time.Time) int { return b.Compare(a) })
		oldest := ordered[min(n, most)-1]
		var got, want []string
		for i, at := range stamps {
			if !at.Before(oldest) {
				want = append(want, fmt.Sprint("n", i))
			}
		}
		for _, e := range l.ActiveDNS {
			got = append(got, e.Indicator)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%d entries, at most %d: got %v, want %v", n, most, got, want)
		}
	}
	same := strings.Repeat(`{"indicator":"x"},`, 50) + `{"indicator":"last"}`
	l, err := decodeLinks([]byte(`{"Active DNS":[`+same+`]}`), most)
	if err != nil || len(l.ActiveDNS) != most || l.ActiveDNS[most-1].Indicator != "x" {
		t.Errorf("51 entries without stamps, at most %d: got %+v, %v; want the first", most, l, err)
	}
}

// However long an answer is, what is kept of it is not.
func TestTextIsBounded(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 60<<10)
	entries := func(name string) string { return strings.Repeat(`{"`+name+`":"`+long+`"},`, 25) + "{}" }
	r, err := decodeRecord([]byte(`{"feeds":[`+entries("name")+`],"threats":[`+entries("name")+`],"riskfactors":[`+entries("description")+`],`+whole+`}`), 1000)
	if err != nil || r.Complete() != nil {
		t.Fatalf("a record of 4 MiB: got %v and %v, want it complete", err, r.Complete())
	}
	if n := r.size(); n > mostListedText+64<<10 {
		t.Errorf("a record of 4 MiB takes %d bytes, want at most about %d", n, mostListedText)
	}
	l, err := decodeLinks([]byte(`{"Active DNS":[`+entries("indicator")+`]}`), 1000)
	if err != nil || l.size() > mostListedText+64<<10 {
		t.Errorf("links of 1.5 MiB: got %d bytes and %v, want at most about %d", l.size(), err, mostListedText)
	}
	r, err = decodeRecord([]byte(`{`+whole+`,"retired":"`+strings.Repeat("x", mostText+1)+`"}`), 1000)
	if err != nil || r.Retired != "" {
		t.Errorf("a text of more than %d bytes: got %d and %v, want none of it", mostText, len(r.Retired), err)
	}
	// Old entries that are dropped make room for newer ones.
	var b strings.Builder
	for i := range 4000 {
		fmt.Fprintf(&b, `{"name":%q,"stamp_linked":%q},`, strings.Repeat("x", 1000), time.Unix(int64(i), 0).UTC().Format(time.DateTime))
	}
	r, err = decodeRecord([]byte(`{`+whole+`,"feeds":[`+b.String()+`{}]}`), 400)
	if err != nil || len(r.Feeds) != 400 || r.Feeds[0].Linked.Unix() != 3999 || r.Feeds[399].Linked.Unix() != 3600 {
		t.Errorf("4000 feeds, the newest last: got %d and %v, want the last 400", len(r.Feeds), err)
	}
	l, err = decodeLinks([]byte(`{"Active DNS":[`+strings.ReplaceAll(b.String(), "name", "indicator")+`{}]}`), 400)
	if err != nil || len(l.ActiveDNS) != 400 || l.ActiveDNS[0].Linked.Unix() != 3600 {
		t.Errorf("4000 links, the newest last: got %d and %v, want the last 400", len(l.ActiveDNS), err)
	}
}

// What is kept of an answer does not hold on to the rest of it.
func TestAnswersAreLetGo(t *testing.T) {
	const n = 20
	body := []byte(`{` + whole + `,"feeds":[{"name":"f"}],"Active DNS":[{"indicator":"a"}],"comments":"` + strings.Repeat("x", 1<<20) + `"}`)
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	var records []*Record
	var links []*Links
	for range n {
		r, err := decodeRecord(body, 10)
		if err != nil {
			t.Fatal(err)
		}
		l, err := decodeLinks(body, 10)
		if err != nil {
			t.Fatal(err)
		}
		records, links = append(records, r), append(links, l)
	}
	if kept := int(heap()) - int(before); kept > n<<20/2 {
		t.Errorf("%d records and links of 1 MiB answers keep %d bytes, want a few KiB", n, kept)
	}
	runtime.KeepAlive(records)
	runtime.KeepAlive(links)
}

func TestSizeCountsTheText(t *testing.T) {
	t.Parallel()
	small, _ := decodeRecord([]byte(`{`+whole+`}`), 10)
	for _, list := range []string{"riskfactors", "threats", "feeds"} {
		entry := `{"name":"` + strings.Repeat("n", 500) + `","description":"` + strings.Repeat("d", 500) + `"}`
		r, err := decodeRecord([]byte(`{`+whole+`,"`+list+`":[`+entry+`]}`), 10)
		if err != nil || r.size() < small.size()+500 {
			t.Errorf("a record with 500 bytes of %s: size %d and %v, want at least %d", list, r.size(), err, small.size()+500)
		}
	}
}

func TestDecodeFault(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"error":"Database error."}`:    "Database error.",
		`{"a":{"error":"no"},"b":[1]}`:   "",
		`{"error":{"text":"no"}}`:        "",
		`{"error":null}`:                 "",
		`<html>error</html>`:             "",
		``:                               "",
		`["error"]`:                      "",
		`{"code":5,"error":"\u00fcber"}`: "über",
	} {
		equal(t, "decodeFault("+body+")", decodeFault([]byte(body)), want)
	}
}
