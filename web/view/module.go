package view

import "strings"

// curl creates a module type. It holds no secret: the variables do.
const curl = `curl --fail-with-body "$XDR_API/iroh/iroh-int/module-type" \
  --header "Authorization: Bearer $XDR_TOKEN" \
  --header "Content-Type: application/json" \
  --data @module_type.json`

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
