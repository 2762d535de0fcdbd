package auth

import "strings"

// canonical is an address in the form in which audiences are compared: scheme and host in lower case, without a
// trailing slash (contract: token, claim aud), and without the port that the scheme stands for anyway. It allocates only
// where it changes letters or takes out a port.
//
// Differs: the relay that this one replaces does not take an address with its default port for the same.
func canonical(address string) string {
	address = strings.TrimSuffix(address, "/")
	scheme, rest, ok := strings.Cut(address, "://")
	if !ok {
		return strings.ToLower(address)
	}
	host, _, _ := strings.Cut(rest, "/")
	end := len(scheme) + len("://") + len(host)
	origin, path := strings.ToLower(address[:end]), address[end:]
	if bare := withoutDefaultPort(origin); bare != origin || origin != address[:end] {
		return bare + path
	}
	return address
}

// withoutDefaultPort takes :443 off https and :80 off http.
func withoutDefaultPort(origin string) string {
	scheme, port := "https://", ":443"
	if strings.HasPrefix(origin, "http://") {
		scheme, port = "http://", ":80"
	}
	bare, ok := strings.CutSuffix(origin, port)
	host, known := strings.CutPrefix(bare, scheme)
	if !ok || !known || host == "" || strings.Contains(host, ":") && !strings.HasSuffix(host, "]") {
		return origin // no port, or the end of an IPv6 address without brackets
	}
	return bare
}

// canonicals is every address in the form of canonical, without those that are blank.
func canonicals(addresses []string) []string {
	all := make([]string, 0, len(addresses))
	for _, address := range addresses {
		if one := canonical(strings.TrimSpace(address)); one != "" {
			all = append(all, one)
		}
	}
	return all
}

// audiences reads the claim aud, a string or a list of them; of anything else there is none.
func audiences(claim any) []string {
	switch claim := claim.(type) {
	case string:
		return canonicals([]string{claim})
	case []any:
		all := make([]string, 0, len(claim))
		for _, one := range claim {
			if address, ok := one.(string); ok {
				all = append(all, address)
			}
		}
		return canonicals(all)
	}
	return nil
}
