package pulsedive

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"pulsedive-relay/relay/pulsedive/pulsedivetest"
)

// hidden checks that no text of an error, nor of any that it wraps, holds the
// test's key or the query.
func (w *world) hidden(err error) {
	w.Helper()
	w.hides(err, testKey)
}

func (w *world) hides(err error, key string) {
	w.Helper()
	for _, e := range append(chain(err), err) {
		text := fmt.Sprintf("%v %+v %#v %q", e, e, e, e)
		for _, secret := range []string{key, url.QueryEscape(key), "indicator=", "key="} {
			if e != nil && strings.Contains(strings.ToLower(text), strings.ToLower(secret)) {
				w.Errorf("%T holds %q: %s", e, secret, text)
			}
		}
	}
}

// chain is what an error wraps.
func chain(err error) (all []error) {
	switch e := err.(type) {
	case interface{ Unwrap() error }:
		all = append(all, e.Unwrap())
		return append(all, chain(e.Unwrap())...)
	case interface{ Unwrap() []error }:
		for _, inner := range e.Unwrap() {
			all = append(append(all, inner), chain(inner)...)
		}
	}
	return all
}

// raw is a server that answers any call with these bytes and hangs up.
func raw(t *testing.T, answer func(request string) string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				if r, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
					io.WriteString(c, answer(r.URL.RawQuery))
				}
			}()
		}
	}()
	return "http://" + l.Addr().String() + "/api/info.php"
}

// Whatever stands in front of Pulsedive may say anything, in any broken way.
func TestBrokenAnswersGiveNothingAway(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer func(query string) string
		want   error // nil: a StatusError
	}{
		"hangs up":              {func(string) string { return "" }, ErrConnection},
		"no HTTP":               {func(q string) string { return "what is " + q + "\r\n\r\n" }, ErrConnection},
		"a status that is none": {func(q string) string { return "HTTP/1.1 " + q + "\r\n\r\n" }, ErrConnection},
		"a header that is none": {func(q string) string { return "HTTP/1.1 200 OK\r\n" + q + "\r\n\r\n{}" }, ErrConnection},
		"a length that is none": {func(q string) string { return "HTTP/1.1 200 OK\r\nContent-Length: " + q + "\r\n\r\n{}" }, ErrConnection},
		"a coding that is none": {func(q string) string { return "HTTP/1.1 200 OK\r\nTransfer-Encoding: " + q + "\r\n\r\n{}" }, ErrConnection},
		"cut short":             {func(string) string { return "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"iid\":7" }, ErrConnection},
		"a chunk that is none":  {func(q string) string { return "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + q + "\r\n" }, ErrConnection},
		"a phrase of its own": {func(q string) string {
			return "HTTP/1.1 599 " + q + " " + strings.Repeat("x", 500) + "\r\nContent-Length: 0\r\n\r\n"
		}, nil},
		"a redirect": {func(q string) string {
			return "HTTP/1.1 301 Moved\r\nLocation: /?" + q + "\r\nContent-Length: 0\r\n\r\n"
		}, nil},
		"a redirect to no address": {func(q string) string {
			return "HTTP/1.1 302 Found\r\nLocation: http://[" + q + "\r\nContent-Length: 0\r\n\r\n"
		}, nil},
		"a redirect without any":    {func(string) string { return "HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n" }, nil},
		"a message of its own":      {func(q string) string { return sized(500, `{"error":"cannot GET /?`+q+`"}`) }, nil},
		"a refusal of its own":      {func(q string) string { return sized(429, `{"error":"`+q+` has 1 requests per day"}`) }, nil},
		"a name that is an address": {func(q string) string { return sized(200, `{"`+q+`":}`) }, ErrNotJSON},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := dial(t, raw(t, c.answer), Config{})
			_, r, err := w.info(t.Context(), testKey, "a b&c.example")
			var status *StatusError
			if (c.want != nil && !errors.Is(err, c.want)) || (c.want == nil && !errors.As(err, &status)) {
				t.Errorf("got %+v, %v; want %v or else a StatusError", r, err, c.want)
			}
			if status != nil && len(status.Reason) > maxReason+len("…") {
				t.Errorf("reason of %d bytes, want at most %d", len(status.Reason), maxReason)
			}
			w.hidden(err)
			w.atRest()
		})
	}
}

func sized(status int, body string) string {
	return fmt.Sprintf("HTTP/1.1 %d %s\r\nContent-Length: %d\r\n\r\n%s", status, http.StatusText(status), len(body), body)
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	elsewhere := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("the call went on to %s with %s", r.Host, r.URL.RawQuery)
	}, Config{}).client.url.String()
	for _, status := range []int{301, 302, 303, 307, 308} {
		w := serve(t, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere+"?"+r.URL.RawQuery, status)
		}, Config{})
		_, _, err := w.info(t.Context(), testKey, "a.example")
		var fault *StatusError
		if !errors.As(err, &fault) || fault.Status != status {
			t.Errorf("a redirect %d: got %v, want a StatusError", status, err)
		}
		w.hidden(err)
	}
}

func TestNobodyListens(t *testing.T) {
	t.Parallel()
	const nobody = "127.0.0.1:1" // a port that only root may take
	for _, address := range []string{"http://" + nobody + "/", "https://" + nobody + "/", "http://nobody.invalid/"} {
		w := dial(t, address, Config{})
		_, _, err := w.info(t.Context(), testKey, "a.example")
		if !errors.Is(err, ErrConnection) && !errors.Is(err, ErrTimeout) {
			t.Errorf("asking %s: got %v, want ErrConnection", address, err)
		}
		w.hidden(err)
	}
}

// Pulsedive may echo the key in any spelling.
func TestKeysAreTakenOutOfMessages(t *testing.T) {
	t.Parallel()
	for _, key := range []string{testKey, "k+y/with=signs&more", `q"u\o<t>e'd`, "kéy", "k y", "%41bc", "x"} {
		v := veil{key, query{indicator: "a b.example/?q=1", get: "links"}}
		spellings := map[string]string{
			"plain": key, "query": url.QueryEscape(key), "path": url.PathEscape(key), "html": html.EscapeString(key),
			"quoted": fmt.Sprintf("%q", key), "capitals": strings.ToUpper(key), "escaped, lower case": strings.ToLower(url.QueryEscape(key)),
			"the query": v.query.encode(key), "the address": "https://pulsedive.com/api/info.php?" + v.query.encode(key),
			"the query decoded": "indicator=a b.example/?q=1&get=links&key=" + key,
			"the query in html": html.EscapeString(v.query.encode(key)), "another order": "key=" + url.QueryEscape(key) + "&indicator=a",
			"twice": key + key, "base64": base64.StdEncoding.EncodeToString([]byte(key)),
		}
		for name, s := range spellings {
			got := v.cover("Begin: "+s+" .", maxMessage)
			for _, secret := range formsOf(key) {
				if len(secret) > 1 && strings.Contains(strings.ToLower(got), secret) {
					t.Errorf("cover of key %s, %s: got %q, want no %q", key, name, got, secret)
				}
			}
			if !strings.HasPrefix(got, "B") || !strings.HasSuffix(got, ".") {
				t.Errorf("cover of key %s, %s: got %q, want what stands around it", key, name, got)
			}
		}
	}
	plain := veil{testKey, query{indicator: "a.example"}}
	const message = "API rate limit exceeded: 1 requests per second. Visit pulsedive.com/api to view limits and upgrade your plan."
	equal(t, "a message without a secret", plain.cover(message, maxMessage), message)
	equal(t, "without a key", veil{}.cover("Your API key is missing.", maxMessage), "Your API key is missing.")
}

func TestMessagesGiveNothingAway(t *testing.T) {
	t.Parallel()
	const key = `k+y/"more&<1>`
	for _, status := range []int{200, 400, 401, 403, 404, 406, 429, 500, 502} {
		w := serve(t, func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(status)
			message := "At 9 requests per day: bad key " + r.FormValue("key") + " in " + r.URL.String() + " or " + html.EscapeString(r.URL.String())
			body, err := json.Marshal(map[string]string{"error": message})
			if err != nil {
				t.Error(err)
			}
			w.Write(body)
		}, cached())
		for range 2 { // also out of the cache
			_, _, err := w.info(t.Context(), key, "a.example")
			if err == nil {
				t.Errorf("status %d with an error: got none", status)
			}
			w.hides(err, key)
		}
	}
}

// Nothing that the client keeps, and nothing that it logs, is the key.
func TestKeysAreKeptAsAHashOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pulsedivetest.Config{Generate: true}, cached())
	w.wantInfo(testKey, "a.example")
	for f := range w.client.accounts.Keys() {
		if strings.Contains(testKey, string(f[:])) {
			t.Errorf("an account is kept as %q", f)
		}
	}
	again := newWorld(t, pulsedivetest.Config{}, Config{})
	one, _ := w.client.account(testKey)
	two, _ := again.client.account(testKey)
	if one == two {
		t.Errorf("two processes know a key by the same hash %x, want a secret of each in it", one)
	}
	same, _ := w.client.account(testKey)
	equal(t, "the hash of the same key", fmt.Sprint(same), fmt.Sprint(one))
}

func TestErrorTexts(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]error{
		"status 500 Database error.":  &StatusError{500, "Internal Server Error", "Database error."},
		"status 502":                  &StatusError{Status: 502},
		"limit a day: status 429 No.": &LimitError{StatusError: StatusError{429, "Too Many Requests", "No."}, Period: Day},
		"limit a period: status 429":  &LimitError{StatusError: StatusError{Status: 429}},
		"certificate: it is old":      &CertificateError{"it is old"},
		"panic: oops":                 &PanicError{Value: "oops"},
		"failed too often, not asked until 1970-01-01T00:00:00Z": &UnavailableError{Until: utc(t, "1970-01-01 00:00:00")},
	} {
		equal(t, fmt.Sprintf("%T", err), err.Error(), want)
	}
	var status *StatusError
	if !errors.As(fmt.Errorf("asking: %w", &LimitError{StatusError: StatusError{Status: 429}}), &status) || status.Status != 429 {
		t.Errorf("a LimitError as StatusError: got %v, want status 429", status)
	}
}

// A good answer that echoes the key, in whatever form, does not carry it on.
func TestKeyInAGoodAnswer(t *testing.T) {
	t.Parallel()
	const hex, odd = "0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9", `A+key/with="odd"&signs?>`
	for _, key := range []string{hex, odd} {
		escaped := ""
		for _, c := range []byte(key) {
			escaped += fmt.Sprintf(`\u%04x`, c)
		}
		forms := map[string]string{
			"plain": key, "capitals": strings.ToUpper(key), "small": strings.ToLower(key), "query": url.QueryEscape(key), "path": url.PathEscape(key),
			"html": html.EscapeString(key), "std": base64.StdEncoding.EncodeToString([]byte(key)), "url": base64.URLEncoding.EncodeToString([]byte(key)),
			"std behind one": base64.StdEncoding.EncodeToString([]byte("k=xx" + key)), "url behind two": base64.RawURLEncoding.EncodeToString([]byte("key=x" + key)),
		}
		traces := formsOf(key)
		for name, form := range forms {
			text, err := json.Marshal("echo " + form + " .")
			if err != nil {
				t.Fatal(err)
			}
			wantNoKey(t, name, key, string(text), traces)
		}
		wantNoKey(t, "escaped", key, `"echo `+escaped+` ."`, traces)
	}
}

// wantNoKey asks with a key what is answered with a text in all places.
func wantNoKey(t *testing.T, name, key, text string, traces []string) {
	t.Helper()
	w := newWorld(t, pulsedivetest.Config{}, Config{CacheTTL: time.Hour, CacheBytes: 1 << 20, HTTP: handler(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `{"iid":7,"indicator":"a.example","type":"domain","risk":"low","stamp_seen":"2026-01-02 03:04:05",
			"riskfactors":[{"description":%[1]s,"risk":"low"}],"threats":[{"tid":1,"name":%[1]s,"category":%[1]s}],
			"feeds":[{"fid":1,"name":%[1]s,"category":"kept","organization":%[1]s}],"Active DNS":[{"indicator":%[1]s,"type":"ip"}]}`, text)
	}).client()})
	o := w.observe(t.Context(), key, "a.example")[0]
	if o.err != nil || o.linksErr != nil {
		t.Fatalf("asking: %v, %v", o.err, o.linksErr)
	}
	seen := 0
	check := func(s *string) {
		for _, trace := range traces {
			if strings.Contains(strings.ToLower(*s), strings.ToLower(trace)) {
				t.Errorf("%s, of the key %s: a text is %q, want nothing of it", name, key, *s)
			}
		}
		if strings.HasPrefix(*s, "echo ") && strings.HasSuffix(*s, " .") {
			seen++
		}
	}
	o.record.texts(check)
	o.links.texts(check)
	if seen != 6 || o.record.Feeds[0].Category != "kept" {
		t.Errorf("%s, of the key %s: %d texts kept what stands around it, want 6: %+v %+v", name, key, seen, o.record, o.links)
	}
}

// TestNothingOfAKeyInBase64: the characters that stand for the key's first and last
// bytes go as well, wherever the key stands in what was encoded.
func TestNothingOfAKeyInBase64(t *testing.T) {
	t.Parallel()
	const key = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
	for length := secretLength; length <= secretLength+3; length++ {
		key := key[:length]
		for before := range 6 {
			for after := range 6 {
				plain := strings.Repeat("<", before) + key + strings.Repeat(">", after)
				for _, coding := range []*base64.Encoding{base64.StdEncoding, base64.RawURLEncoding} {
					text := coding.EncodeToString([]byte(plain))
					first, last := before*4/3, ((before+length)*8-1)/6 // characters with bits of the key
					r := &Record{Indicator: "echo " + text + " ."}
					(&Batch{key: key}).blank(entry{record: r})
					kept := strings.TrimSuffix(strings.TrimPrefix(r.Indicator, "echo "), " .")
					front, back, found := strings.Cut(kept, "…")
					if !found || len(front) > first || len(text)-len(back) <= last || !strings.HasPrefix(text, front) || !strings.HasSuffix(text, back) {
						t.Errorf("%q in base64, %s, became %q", plain, text, r.Indicator)
					}
					if covered := (veil{key: key}).cover(text, 1000); covered != kept {
						t.Errorf("%q in base64: an error says %q, want %q", plain, covered, kept)
					}
				}
			}
		}
	}
}

// A short key may be a word, and what only looks like one is left.
func TestGoodAnswersAreLeft(t *testing.T) {
	t.Parallel()
	const text = "a word in capitals, 0A1B2C3D4E5F60718293A4B5C6D7E8F8, and base64 d29yZA=="
	for _, key := range []string{"", "word", testKey} {
		r := &Record{Indicator: text}
		(&Batch{key: key}).blank(entry{record: r})
		equal(t, "a text without the key "+key, r.Indicator, text)
	}
}
