package web

import "strings"

// region is one of the platform's: its key host signs tokens, its console shows
// modules.
type region struct {
	id, name, keyHost, console string
}

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
