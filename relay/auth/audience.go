package auth

import "strings"

// canonical is an address in the form in which audiences are compared: scheme and host in lower case, without a
// trailing slash (contract: token, claim aud). It allocates only where it changes letters.
func canonical(address string) string {
	address = strings.TrimSuffix(address, "/")
	end := len(address)
	if _, rest, ok := strings.Cut(address, "://"); ok {
		host, _, _ := strings.Cut(rest, "/")
		end -= len(rest) - len(host)
	}
	if origin := strings.ToLower(address[:end]); origin != address[:end] {
		return origin + address[end:]
	}
	return address
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
