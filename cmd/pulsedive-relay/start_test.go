package main

import (
	"net"
	"strings"
	"testing"
)

// secretKey is a key that no output may hold.
const secretKey = "aSecretKeyOfTheOperator"

func TestWrongStart(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		environ []string
		args    []string
		want    []string // what the line holds
	}{
		{"no number in a variable", []string{"RELAY_PARALLEL=x"}, []string{"serve"}, []string{"--parallel", "RELAY_PARALLEL", `"x"`, "1 and 256"}},
		{"too small a number in a variable", []string{"RELAY_PARALLEL=0"}, []string{"serve"}, []string{"--parallel", "RELAY_PARALLEL", `"0"`, "1 and 256"}},
		{"too small a number, no command", []string{"RELAY_PARALLEL=0"}, nil, []string{"--parallel", "RELAY_PARALLEL"}},
		{"too large a number in a flag", nil, []string{"--parallel=257"}, []string{"--parallel", `"257"`, "1 and 256"}},
		{"a number beyond 64 bits", nil, []string{"--max-observables=99999999999999999999"}, []string{"--max-observables", "1 and 10000"}},
		{"a number with a sign apart", nil, []string{"--parallel", "-1"}, []string{"--parallel", "a value is missing"}},
		{"a number with a fraction", nil, []string{"--entities-max=1.5"}, []string{"--entities-max", `"1.5"`}},
		{"the demo has bounds too", []string{"RELAY_ENTITIES_MAX=0"}, []string{"demo"}, []string{"--entities-max", "RELAY_ENTITIES_MAX"}},
		{"observe has bounds too", []string{"RELAY_PARALLEL=0"}, []string{"observe", "example.com"}, []string{"--parallel", "RELAY_PARALLEL"}},
		{"no time", []string{"RELAY_REQUEST_TIMEOUT=25"}, nil, []string{"--request-timeout", "RELAY_REQUEST_TIMEOUT", `"25"`, "25s"}},
		{"too short a time", nil, []string{"--upstream-timeout=0s"}, []string{"--upstream-timeout", "1ms and 10m"}},
		{"a time before now", nil, []string{"--cache-ttl=-1s"}, []string{"--cache-ttl", "0s and 720h"}},
		{"too long a latency", nil, []string{"demo", "--latency=2m"}, []string{"--latency", "0s and 1m"}},
		{"no amount of memory", []string{"RELAY_CACHE_BYTES=64MB"}, nil, []string{"--cache-bytes", "RELAY_CACHE_BYTES", `"64MB"`, "64MiB"}},
		{"less than no memory", nil, []string{"--cache-bytes=-1"}, []string{"--cache-bytes", `"-1"`}},
		{"too much memory", nil, []string{"--cache-bytes=2000GiB"}, []string{"--cache-bytes", "1024GiB"}},
		{"an address for a key host", []string{"RELAY_JWKS_HOSTS=https://x"}, nil, []string{"--jwks-hosts", "RELAY_JWKS_HOSTS", `"https://x"`}},
		{"a path behind a key host", []string{"RELAY_JWKS_HOSTS=visibility.amp.cisco.com,x/y"}, nil, []string{"--jwks-hosts", `"x/y"`}},
		{"any key host", nil, []string{"--jwks-hosts=*.cisco.com"}, []string{"--jwks-hosts", `"*.cisco.com"`}},
		{"no port of a key host", nil, []string{"--jwks-hosts=x:"}, []string{"--jwks-hosts", `"x:"`}},
		{"no key host", nil, []string{"--jwks-hosts="}, []string{"--jwks-hosts", `""`}},
		{"an empty key host", []string{"RELAY_JWKS_HOSTS=a,,b"}, nil, []string{"--jwks-hosts", "RELAY_JWKS_HOSTS"}},
		{"a public URL that is none", []string{"RELAY_PUBLIC_URL=foo"}, nil, []string{"--public-url", "RELAY_PUBLIC_URL", `"foo"`, "https://relay.example.com"}},
		{"a public URL of another kind", nil, []string{"--public-url=ftp://x"}, []string{"--public-url", `"ftp://x"`}},
		{"a public URL with a query", nil, []string{"--public-url=https://a.example,https://b.example?x"}, []string{"--public-url", `"https://b.example?x"`}},
		{"a port alone", []string{"RELAY_LISTEN=9090"}, nil, []string{"--listen", "RELAY_LISTEN", `"9090"`, ":9090"}},
		{"no port", nil, []string{"--listen=127.0.0.1"}, []string{"--listen", `"127.0.0.1"`}},
		{"a port by name", nil, []string{"--listen=:http"}, []string{"--listen", `"http"`, "65535"}},
		{"too high a port", nil, []string{"demo", "--listen=:65536"}, []string{"--listen", `"65536"`}},
		{"any port to ask", []string{"RELAY_LISTEN=:0"}, []string{"healthcheck"}, []string{"--listen", "RELAY_LISTEN", "port 0"}},
		{"an unknown level", []string{"RELAY_LOG_LEVEL=loud"}, nil, []string{"--log-level", "RELAY_LOG_LEVEL", `"loud"`, "debug, info, warn, error"}},
		{"an unknown format", nil, []string{"--log-format=xml"}, []string{"--log-format", `"xml"`, "auto, text, json"}},
		{"an unknown plan", nil, []string{"demo", "--plan=gold"}, []string{"--plan", `"gold"`, "none, free, pro"}},
		{"a password in Pulsedive's address", []string{"RELAY_PULSEDIVE_URL=https://u:" + secretKey + "@h/"}, nil, []string{"--pulsedive-url", "RELAY_PULSEDIVE_URL", "without user"}},
		{"a key in Pulsedive's address", nil, []string{"--pulsedive-url=https://h/?key=" + secretKey}, []string{"--pulsedive-url", "without user, query"}},
		{"Pulsedive's address without scheme", nil, []string{"--pulsedive-url=pulsedive.com/" + secretKey}, []string{"--pulsedive-url", "https://pulsedive.com/api/info.php"}},
		{"a broken address with a password", nil, []string{"--public-url=https://u:" + secretKey + "@h:x/"}, []string{"--public-url", "https://relay.example.com"}},
		{"a key with a line break in it", []string{"RELAY_PULSEDIVE_KEY=" + secretKey + "\n" + secretKey}, []string{"observe", "example.com"}, []string{"--pulsedive-key", "RELAY_PULSEDIVE_KEY"}},
		{"a blank file name", nil, []string{"--db= "}, []string{"--db", "blank"}},
		{"an unknown flag", nil, []string{"--lisen=:1"}, []string{"--lisen", "--listen"}},
		{"an unknown flag of a command", nil, []string{"demo", "--public-url=https://a.example"}, []string{"--public-url"}},
		{"a flag without its value", nil, []string{"--listen"}, []string{"--listen", "a value is missing", "ADDRESS"}},
		{"a flag before another", nil, []string{"--listen", "--parallel=1"}, []string{"--listen", "a value is missing"}},
		{"an unknown command", nil, []string{"server"}, []string{`"server"`, "serve, demo, token"}},
		{"an unknown command with escapes", nil, []string{"\x1b[2Jserve\nx"}, []string{"serve"}},
		{"too much for serve", nil, []string{"serve", "now"}, []string{"now"}},
		{"too much with line breaks", nil, []string{"serve", "now\nand\x1b[2Jthen"}, []string{"now"}},
		{"too much for version", nil, []string{"version", "1"}, []string{"1"}},
		{"nothing to observe", []string{"RELAY_PULSEDIVE_KEY=" + secretKey}, []string{"observe"}, []string{"IP addresses, domains or URLs"}},
		{"something unknown to observe", []string{"RELAY_PULSEDIVE_KEY=" + secretKey}, []string{"observe", "example.com", "what\x1bis this"}, []string{`"what\x1bis this"`, "no IP address, domain or URL"}},
		{"a URL without scheme", nil, []string{"refer", "example.com/a"}, []string{`"example.com/a"`, "http://"}},
		{"no key to observe", nil, []string{"observe", "example.com"}, []string{"RELAY_PULSEDIVE_KEY"}},
		{"an empty key to refer", []string{"RELAY_PULSEDIVE_KEY="}, []string{"refer", "example.com"}, []string{"RELAY_PULSEDIVE_KEY"}},
		{"two forms at once", nil, []string{"observe", "--json", "--table", "example.com"}, []string{"--json", "--table"}},
		{"no entities", nil, []string{"token", "--entities-limit=0"}, []string{"--entities-limit", "1 and 10000"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := runs(t, c.environ, c.args...)
			got := p.stderr.String()
			if p.status != 2 || p.stdout.String() != "" {
				t.Errorf("%q %q: exit status %d, standard output %q; want 2 and nothing", c.environ, c.args, p.status, p.stdout.String())
			}
			if strings.Count(got, "\n") != 1 || !strings.HasPrefix(got, "pulsedive-relay: ") || strings.Contains(got, "\x1b") {
				t.Errorf("%q %q says %q; want one line, of the program's", c.environ, c.args, got)
			}
			for _, want := range c.want {
				if !strings.Contains(got, want) {
					t.Errorf("%q %q says %q; want %q in it", c.environ, c.args, got, want)
				}
			}
			if len(c.environ) == 0 && strings.Contains(got, "set by") {
				t.Errorf("%q says %q; want no variable named", c.args, got)
			}
			if strings.Contains(got, secretKey) {
				t.Errorf("%q %q says %q; want no secret in it", c.environ, c.args, got)
			}
		})
	}
}

func TestVariables(t *testing.T) {
	t.Parallel()
	t.Run("an unknown one is warned of, once", func(t *testing.T) {
		t.Parallel()
		p := runs(t, []string{"RELAY_PUBLIC_URLS=" + secretKey, "PATH=/bin", "relay_listen=x", "RELAYED=x"}, "version")
		want := "pulsedive-relay: warning: RELAY_PUBLIC_URLS is no variable of this program\n"
		if got := p.stderr.String(); p.status != 0 || got != want || p.stdout.String() != "3.0.0\n" {
			t.Errorf("exit status %d, standard error %q, standard output %q; want 0, %q, the version", p.status, got, p.stdout.String(), want)
		}
	})
	t.Run("those of other commands are known", func(t *testing.T) {
		t.Parallel()
		p := runs(t, []string{"RELAY_PARALLEL=x", "RELAY_CACHE_TTL=x", "RELAY_PULSEDIVE_KEY=x y"}, "version")
		if got := p.stderr.String(); p.status != 0 || got != "" {
			t.Errorf("exit status %d, standard error %q; want 0 and nothing", p.status, got)
		}
	})
	t.Run("a flag counts before its variable", func(t *testing.T) {
		t.Parallel()
		p := begin(t, []string{"RELAY_LISTEN=9090", "RELAY_LOG_LEVEL=loud"}, "--listen="+free, "--log-level=info")
		if host, _, err := net.SplitHostPort(p.serving()); host != "127.0.0.1" {
			t.Errorf("listens on %q (%v); want 127.0.0.1", host, err)
		}
	})
	t.Run("an empty one is not set", func(t *testing.T) {
		t.Parallel()
		p := begin(t, []string{"RELAY_LISTEN=" + free, "RELAY_PUBLIC_URL=", "RELAY_PARALLEL=", "RELAY_LOG_LEVEL="})
		p.serving()
	})
	t.Run("lists and units", func(t *testing.T) {
		t.Parallel()
		p := begin(t, []string{"RELAY_LISTEN=" + free, "RELAY_JWKS_HOSTS=a.example, b.example:8443", "RELAY_PUBLIC_URL=https://r.example/,http://[::1]:9090", "RELAY_CACHE_BYTES=1 GiB"},
			"serve", "--cache-ttl=0")
		p.serving()
		if got := p.stderr.String(); !strings.Contains(got, `"key_hosts":["a.example","b.example:8443"]`) || strings.Contains(got, "no public URL") {
			t.Errorf("says %s; want both key hosts, and no warning of a public URL", got)
		}
	})
	t.Run("a flag that is given twice adds to its list", func(t *testing.T) {
		t.Parallel()
		p := begin(t, nil, "--listen="+free, "--jwks-hosts=a.example", "--jwks-hosts=b.example")
		p.serving()
		if got := p.stderr.String(); !strings.Contains(got, `"key_hosts":["a.example","b.example"]`) {
			t.Errorf("says %s; want both key hosts and no other", got)
		}
	})
}
