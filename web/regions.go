package web

import "strings"

// region is one of the platform's: its key host signs tokens, and has the API; its
// console shows modules.
type region struct {
	id, name, keyHost, console string
}

// api is where the region's API begins (XDR: getting started).
func (r region) api() string { return "https://" + r.keyHost + "/iroh/" }

// xdrRegions are those of Cisco XDR.
func xdrRegions() []region {
	return []region{
		{"us", "United States", "visibility.amp.cisco.com", "https://xdr.us.security.cisco.com/"},
		{"eu", "Europe", "visibility.eu.amp.cisco.com", "https://xdr.eu.security.cisco.com/"},
		{"apjc", "Asia Pacific, Japan, China", "visibility.apjc.amp.cisco.com", "https://xdr.apjc.security.cisco.com/"},
	}
}

// regionOf is the id of a key host's region, in capitals; empty for a host of
// another kind.
func regionOf(keyHost string) string {
	for _, r := range xdrRegions() {
		if r.keyHost == keyHost {
			return strings.ToUpper(r.id)
		}
	}
	return ""
}
