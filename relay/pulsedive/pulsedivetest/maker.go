package pulsedivetest

import (
	"fmt"
	"math/rand/v2"
)

// object is a JSON object in the making.
type object = map[string]any

// maker makes up what follows the head of a record or of links. What it says of
// times is relative to now.
type maker struct {
	t, v int // index of types, and variant
	rng  *rand.Rand
}

func newMaker(t, v int) *maker {
	return &maker{t, v, rand.New(rand.NewPCG(uint64(t), uint64(v)))}
}

var (
	madeUpRisks   = []string{"unknown", "none", "low", "medium", "high", "critical"}
	madeUpKinds   = []string{"malware", "phishing", "botnet", "abuse", "attack", "reconnaissance", "fraud", "general"}
	madeUpThreats = []string{"Tin Kettle", "Paper Lantern", "Rusty Anchor", "Copper Thimble", "Mossy Ledger",
		"Hollow Spoon", "Wicker Gate", "Chalk Harbour", "Quiet Turnip", "Brass Monocle"}
	madeUpOrgs    = []string{"Harbour Light CERT", "Open Orchard", "Bluebottle Labs", "Cartographer Collective"}
	madeUpFactors = []string{"found in threat feeds", "resolves to an address in threat feeds",
		"registered less than a month ago", "registration is hidden behind a privacy service",
		"certificate does not match the name", "redirects to an address in threat feeds",
		"port for remote administration is open", "name servers changed lately",
		"answers with a self-signed certificate", "hosted by a provider with many complaints"}
	madeUpPlaces = [][2]string{{"Netherlands", "NL"}, {"Brazil", "BR"}, {"Canada", "CA"}, {"Singapore", "SG"}}
)

// pick is n different ones of list, in its order from a random place on.
func (m *maker) pick(list []string, n int) []string {
	start := m.rng.IntN(len(list))
	picked := make([]string, n)
	for i := range picked {
		picked[i] = list[(start+i)%len(list)]
	}
	return picked
}

func (m *maker) one(list []string) string { return list[m.rng.IntN(len(list))] }

// stamp is a time up to so many days ago.
func (m *maker) stamp(days int) string {
	return fmt.Sprintf("-%dd%dh%dm%ds", m.rng.IntN(days), m.rng.IntN(24), m.rng.IntN(60), m.rng.IntN(60))
}

// infoTail is a record from the risk on.
func (m *maker) infoTail() []byte {
	risk := madeUpRisks[(m.t+m.v)%len(madeUpRisks)]
	return tail(object{
		"risk": risk, "risk_recommended": risk, "manualrisk": 0, "retired": nil, "recent": 1,
		"stamp_added": m.stamp(900), "stamp_updated": m.stamp(5), "stamp_seen": m.stamp(5),
		"stamp_probed": m.stamp(30), "stamp_retired": nil,
		"submissions": m.rng.IntN(90), "umbrella_rank": nil,
		"riskfactors": m.riskFactors(5), "threats": m.threats(4), "feeds": m.feeds(8),
		"redirects": object{"from": []any{}, "to": []any{}}, "comments": []object{m.comment()},
		"attributes": m.attributes(), "properties": m.properties(),
	})
}

func (m *maker) riskFactors(n int) []object {
	var list []object
	for i, text := range m.pick(madeUpFactors, n) {
		list = append(list, object{"rfid": 100*m.v + i, "description": text, "risk": m.one(madeUpRisks)})
	}
	return list
}

func (m *maker) threats(n int) []object {
	var list []object
	for i, name := range m.pick(madeUpThreats, n) {
		list = append(list, object{"tid": 100*m.v + i, "name": name, "category": m.one(madeUpKinds),
			"risk": m.one(madeUpRisks), "stamp_linked": m.stamp(400)})
	}
	return list
}

func (m *maker) feeds(n int) []object {
	var list []object
	for i, name := range m.pick(madeUpThreats, n) {
		list = append(list, object{"fid": 100*m.v + i, "name": name + " Feed ", "category": m.one(madeUpKinds),
			"organization": m.one(madeUpOrgs), "pricing": "free", "stamp_linked": m.stamp(200)})
	}
	return list
}

func (m *maker) comment() object {
	stamp := m.stamp(50)
	return object{"cid": 500 + m.v, "uid": 7, "username": "gannet", "title": "Analyst", "stamp_added": stamp, "stamp_updated": stamp,
		"comment": "Seen in three cases of this month, each time beside other hosts of the same owner."}
}

func (m *maker) attributes() object {
	return object{
		"port": []string{"22", "53", "80", "443", "8443"}, "protocol": []string{"DNS", "HTTP", "HTTPS", "SSH"},
		"technology": []string{"Apache", "jQuery", "OpenSSL", "PHP"}, "hosttype": []string{"Subdomain"},
	}
}

func (m *maker) properties() object {
	place := madeUpPlaces[m.rng.IntN(len(madeUpPlaces))]
	return object{
		"geo": object{"country": place[0], "countrycode": place[1], "asn": fmt.Sprint("AS", 64496+m.v),
			"org": "Example Hosting", "isp": "Example Transit", "lat": "10.5", "long": "-20.25"},
		"whois": object{"registrar": "Example Registrar", "created": m.stamp(2000), "updated": m.stamp(300),
			"expires": "+200d", "nameserver": []string{"ns1.example.net", "ns2.example.net"},
			"abuse": "abuse@example.net", "registrant": "REDACTED FOR PRIVACY", "++gdpr": "1"},
		"dns": object{"NS": []string{"ns1.example.net", "ns2.example.net"}, "MX": "mail.example.org",
			"TXT": "v=spf1 ip4:192.0.2.0/24 -all"},
		"http": object{"++code": "200", "++status": "OK", "Server": "Apache", "Content-Type": "text/html"},
		"ssl": object{"issuer": "/C=NL/O=Example Authority/CN=Example Authority R1", "org": "Example Authority",
			"cipher": "ECDHE-ECDSA-AES128-GCM-SHA256", "version": "v3", "valid": m.stamp(60), "expires": "+30d"},
		"banners": object{"22": "SSH-2.0-OpenSSH_8.9p1", "25": "220 mail.example.org ESMTP Postfix"},
		"meta":    object{"++title": "Welcome", "charset": "UTF-8", "viewport": "width=device-width, initial-scale=1"},
	}
}

// linksTail is every category of links but the related URLs.
func (m *maker) linksTail() []byte {
	return tail(object{
		"Active DNS":              m.activeDNS(12),
		"Related Domains":         m.linked("domain", 4, "related%d.example.org"),
		"Redirects":               m.linked("url", 2, "https://www.example.com/page/%d"),
		"SSL Certificate Domains": m.linked("domain", 2, "www%d.example.org"),
		"Sources":                 m.linked("url", 4, "https://source%d.example.net/list.html"),
	})
}

// activeDNS is the names of an address, or else addresses and name servers.
func (m *maker) activeDNS(n int) []object {
	if t := types[m.t]; t == "ip" || t == "ipv6" {
		return m.linked("domain", n, "host%d.example.com")
	}
	list := m.linked("ip", n-6, "198.51.100.%d")
	list = append(list, m.linked("ipv6", 4, "2001:db8::%x")...)
	return append(list, m.linked("domain", 2, "ns%d.example.net")...)
}

// linked is n entries of one type, their values made of a number.
func (m *maker) linked(t string, n int, form string) []object {
	var list []object
	start := 1 + m.rng.IntN(200)
	for i := range n {
		list = append(list, object{"iid": 10_000*(m.v+1) + start + i, "indicator": fmt.Sprintf(form, start+i), "type": t,
			"risk": m.one(madeUpRisks), "stamp_linked": m.stamp(85), "summary": []any{}})
	}
	return list
}
