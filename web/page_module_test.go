package web_test

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"

	"pulsedive-relay/store"
)

// registered is a module type as XDR reads it.
type registered struct {
	Title       *string `json:"title"`
	DefaultName *string `json:"default_name"`
	Short       string  `json:"short_description"`
	Description string  `json:"description"`
	Tips        string  `json:"tips"`
	References  []struct {
		Label, Link string
	} `json:"external_references"`
	Spec []struct {
		Key, Type, Label, Tooltip string
		Required                  bool
		Default                   any `json:"default_value"`
	} `json:"configuration_spec"`
	Capabilities []struct{ ID, Description string } `json:"capabilities"`
	Categories   []struct{ ID, Description string } `json:"product_categories"`
	Properties   struct {
		URL       string   `json:"url"`
		APIs      []string `json:"supported-apis"`
		AuthType  string   `json:"auth-type"`
		Algorithm string   `json:"configuration-token-alg"`
		KeyHost   string   `json:"custom_jwks_host"`
	} `json:"properties"`
}

func (s *site) moduleType(query string) registered {
	s.t.Helper()
	got := s.get("/admin/module/module_type.json?" + query)
	if got.status != 200 || got.header.Get("Content-Type") != "application/json" || got.header.Get("Content-Disposition") != `attachment; filename="module_type.json"` {
		s.t.Fatalf("the file for %q answers %d with %v; want 200, JSON to keep", query, got.status, got.header)
	}
	var m registered
	d := json.NewDecoder(strings.NewReader(got.text))
	d.DisallowUnknownFields() // XDR takes no members beyond those of its schema
	must(s.t, d.Decode(&m))
	return m
}

// TestModuleType: the file holds what XDR asks for, for each region.
func TestModuleType(t *testing.T) {
	t.Parallel()
	s := newSite(t, siteOptions{})
	for region, host := range map[string]string{"us": "visibility.amp.cisco.com", "eu": "visibility.eu.amp.cisco.com", "apjc": "visibility.apjc.amp.cisco.com"} {
		m := s.moduleType("url=https://relay.example.com/&region=" + region)
		if m.Title == nil || m.DefaultName == nil || *m.Title == "" || *m.DefaultName == "" || m.Short == "" || m.Description == "" || m.Tips == "" || len(m.References) == 0 {
			t.Errorf("%s: %+v; want all texts", region, m)
		}
		p := m.Properties
		if p.URL != "https://relay.example.com" || p.AuthType != "configuration-token" || p.Algorithm != "RS256" || p.KeyHost != host ||
			!slices.Equal(p.APIs, []string{"health", "observe/observables", "refer/observables"}) {
			t.Errorf("%s: properties %+v; want the address without slash, tokens by RS256, %s and three APIs", region, p, host)
		}
		if len(m.Spec) != 2 || m.Spec[0].Key != "custom_key" || m.Spec[0].Type != "api_key" || !m.Spec[0].Required ||
			m.Spec[1].Key != "custom_CTR_ENTITIES_LIMIT" || m.Spec[1].Type != "integer" || m.Spec[1].Required || m.Spec[1].Default != 100.0 {
			t.Errorf("%s: fields %+v; want the key, required, and the entities limit", region, m.Spec)
		}
		var ids []string
		for _, one := range append(m.Capabilities, m.Categories...) {
			if ids = append(ids, one.ID); one.Description == "" {
				t.Errorf("%s: %s has no description; XDR asks for one", region, one.ID)
			}
		}
		if got := strings.Join(ids, " "); got != "health observe refer threat-intel" {
			t.Errorf("%s: capabilities and categories %s; want health observe refer threat-intel", region, got)
		}
	}
}

// TestModulePage: choices stay in the address, and lead to the file.
func TestModulePage(t *testing.T) {
	t.Parallel()
	fresh := newSite(t, siteOptions{})
	two := newSite(t, siteOptions{Pins: []store.Pin{{Name: "public-url", Text: "https://relay.example.com,https://relay.example.org", Origin: "RELAY_PUBLIC_URL"}}})
	eu := newSite(t, siteOptions{Pins: []store.Pin{{Name: "jwks-hosts", Text: "visibility.eu.amp.cisco.com", Origin: "RELAY_JWKS_HOSTS"}}})
	long := strings.Repeat("x", 1025)
	for _, c := range []struct {
		name   string
		site   *site
		query  url.Values
		status int
		want   []string
	}{
		{"nothing set", fresh, nil, 200, []string{"No public URL is set.", "https://relay.example.com", "xdr.us.security.cisco.com", "https://visibility.amp.cisco.com/iroh/oauth2/token", "https://visibility.amp.cisco.com/iroh/iroh-int/module-type", `value="us" checked`, `download="module_type.json"`}},
		{"typed", fresh, url.Values{"url": {"https://own.example.net"}, "region": {"apjc"}, "title": {"My Pulsedive"}}, 200, []string{
			"This address is not among the settings.", "https://own.example.net", "xdr.apjc.security.cisco.com", "https://visibility.apjc.amp.cisco.com/iroh/oauth2/token", "My Pulsedive", "region=apjc&amp;title=My+Pulsedive&amp;url=https%3A%2F%2Fown.example.net",
		}},
		{"not https", fresh, url.Values{"url": {"http://own.example.net"}}, 200, []string{"This address is not https."}},
		{"no address", fresh, url.Values{"url": {`javascript:alert("1")`}}, 422, []string{"This is not right yet.", "That is not an address like"}},
		{"two addresses", fresh, url.Values{"url": {"https://a.example.net,https://b.example.net"}}, 422, []string{"That is not an address like"}},
		{"no title", fresh, url.Values{"title": {" "}}, 422, []string{"XDR asks for this text."}},
		{"a long title", fresh, url.Values{"title": {long}}, 422, []string{"1\u202f025 characters"}},
		{"hostile", fresh, url.Values{"title": {`</pre><script>alert(1)</script>` + "\u202e"}}, 200, []string{"&lt;script&gt;", "u202e"}},
		{"the first of two", two, nil, 200, []string{`<option value="https://relay.example.com" selected>`, `<option value="https://relay.example.org">`}},
		{"the other of two", two, url.Values{"url": {"https://relay.example.org"}}, 200, []string{`<option value="https://relay.example.org" selected>`, `url=https%3A%2F%2Frelay.example.org`}},
		{"one that is not set", two, url.Values{"url": {"https://elsewhere.example.net"}}, 200, []string{`<option value="https://relay.example.com" selected>`}},
		{"one region alone", eu, nil, 200, []string{`value="eu" checked`, "https://visibility.eu.amp.cisco.com/iroh/iroh-int/module-type"}},
		{"a region that is not trusted", eu, url.Values{"region": {"us"}}, 200, []string{"Tokens of this region would be refused.", "which RELAY_JWKS_HOSTS sets"}},
	} {
		got := c.site.get("/admin/module?" + c.query.Encode())
		if got.status != c.status {
			t.Errorf("%s: the page answers %d; want %d", c.name, got.status, c.status)
		}
		wantIn(t, c.name, got.text, c.want...)
		wantNotIn(t, c.name, got.text, "<script>alert", ownKey)
		file := c.site.get("/admin/module/module_type.json?" + c.query.Encode())
		if file.status != c.status {
			t.Errorf("%s: the file answers %d; want %d", c.name, file.status, c.status)
		}
	}
	if m := two.moduleType(""); m.Properties.URL != "https://relay.example.com" {
		t.Errorf("without a choice the address is %s; want the first of the settings", m.Properties.URL)
	}
}
