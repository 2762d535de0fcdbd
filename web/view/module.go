package view

import "strings"

// askToken gets an access token (XDR: authentication). It holds no secret: curl asks
// for the password of the API client, and where it fails the variable stays empty.
func (r ModuleResultView) askToken() string {
	return `XDR_TOKEN=$(curl --fail --silent --show-error \
  --user "$XDR_CLIENT_ID" \
  --data grant_type=client_credentials \
  ` + r.API + `oauth2/token |
  sed -n 's/.*"access_token" *: *"\([^"]*\)".*/\1/p')`
}

// create sends the module type with that token.
func (r ModuleResultView) create() string {
	return `curl --fail-with-body \
  --header "Authorization: Bearer $XDR_TOKEN" \
  --header "Content-Type: application/json" \
  --data @module_type.json \
  ` + r.API + `iroh-int/module-type`
}

// block is the module type to read, copy and keep.
func (r ModuleResultView) block() BlockView {
	b := BlockView{ID: "module-type", Text: r.JSON, JSON: true}
	if !r.Wrong {
		b.Filename, b.Download = "module_type.json", r.Download
	}
	return b
}

// options are choices that are called what they are.
func options(list []string) []OptionView {
	all := make([]OptionView, len(list))
	for i, one := range list {
		all[i] = OptionView{Value: one, Label: one}
	}
	return all
}

// host is an address without what stands around its host.
func host(address string) string {
	return strings.TrimSuffix(strings.TrimPrefix(address, "https://"), "/")
}
