package web

import (
	"bytes"
	"encoding/json"
	"strings"

	"pulsedive-relay/relay"
)

// moduleTexts are what people read of the module in XDR.
type moduleTexts struct {
	title, name, short, description, tips string
}

func defaultTexts() moduleTexts {
	return moduleTexts{
		title: "Pulsedive",
		name:  "Pulsedive",
		short: "Pulsedive's threat intelligence on addresses, domains and URLs.",
		description: "Pulsedive gathers threat intelligence: what is known of IP addresses, domains and URLs, with its risk factors, threats and feeds.\n\n" +
			"This module asks Pulsedive about the observables of an investigation, through a relay of your own, and answers with verdicts, judgements, indicators and sightings, and with links to Pulsedive's pages.",
		tips: "1. Get an API key at [Pulsedive](https://pulsedive.com/api).\n" +
			"2. Enter it as **Pulsedive API key**. Each module uses its own key and its plan's limits.\n" +
			"3. Leave **Entities limit** as it is, unless answers are too long or lack something.",
	}
}

// moduleType is what XDR is told of a module (XDR: module types), in the order
// in which people read it.
type moduleType struct {
	Title              string              `json:"title"`
	DefaultName        string              `json:"default_name"`
	ShortDescription   string              `json:"short_description,omitempty"`
	Description        string              `json:"description,omitempty"`
	Tips               string              `json:"tips,omitempty"`
	ExternalReferences []externalReference `json:"external_references"`
	ConfigurationSpec  []specField         `json:"configuration_spec"`
	Capabilities       []described         `json:"capabilities"`
	ProductCategories  []described         `json:"product_categories"`
	Properties         moduleProperties    `json:"properties"`
}

type externalReference struct {
	Label string `json:"label"`
	Link  string `json:"link"`
}

// specField is one field that users of the module fill in. Its key without
// custom_ is the name of the token's claim.
type specField struct {
	Key      string `json:"key"`
	Type     string `json:"type"`
	Label    string `json:"label"`
	Tooltip  string `json:"tooltip"`
	Required bool   `json:"required"`
	Default  int    `json:"default_value,omitempty"`
}

type described struct {
	ID          string `json:"id"`
	Description string `json:"description"`
}

type moduleProperties struct {
	URL       string   `json:"url"`
	APIs      []string `json:"supported-apis"`
	AuthType  string   `json:"auth-type"`
	Algorithm string   `json:"configuration-token-alg"`
	KeyHost   string   `json:"custom_jwks_host"`
}

// newModuleType is the module type of a relay at an address, for a region.
func newModuleType(address string, r region, t moduleTexts) moduleType {
	return moduleType{
		Title: t.title, DefaultName: t.name, ShortDescription: t.short, Description: t.description, Tips: t.tips,
		ExternalReferences: []externalReference{{"Pulsedive", "https://pulsedive.com/"}, {"API keys and plans", "https://pulsedive.com/api"}},
		ConfigurationSpec: []specField{
			{Key: "custom_key", Type: "api_key", Label: "Pulsedive API key", Tooltip: "The API key that Pulsedive is asked with.", Required: true},
			{
				Key: "custom_CTR_ENTITIES_LIMIT", Type: "integer", Label: "Entities limit", Default: relay.DefaultEntitiesLimit,
				Tooltip: "The most indicators, and the most sightings, in the answer for one observable.",
			},
		},
		Capabilities: []described{
			{"health", "Checks that Pulsedive answers with the API key, and tells what is left of its limits."},
			{"observe", "Answers what Pulsedive knows of an observable: verdict, judgement, indicators and sightings."},
			{"refer", "Links to search for an observable, and to its page, at Pulsedive."},
		},
		ProductCategories: []described{{"threat-intel", "Threat intelligence"}},
		Properties: moduleProperties{
			URL: strings.TrimRight(address, "/"), APIs: []string{"health", "observe/observables", "refer/observables"},
			AuthType: "configuration-token", Algorithm: "RS256", KeyHost: r.keyHost,
		},
	}
}

// text is the module type as a file.
func (m moduleType) text() (string, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(m)
	return b.String(), err
}
