package view

import (
	"maps"
	"strings"

	"github.com/a-h/templ"
)

// current marks the entry of a list of links that leads to where we are.
func current(is bool, what string) templ.Attributes {
	if !is {
		return nil
	}
	return templ.Attributes{"aria-current": what}
}

// identity is an id, where there is one.
func identity(id string) templ.Attributes {
	if id == "" {
		return nil
	}
	return templ.Attributes{"id": id}
}

// warned marks a fact that needs a look.
func warned(is bool) templ.Attributes {
	if !is {
		return nil
	}
	return templ.Attributes{"class": "is-warn"}
}

// role lets screen readers speak of errors at once.
func role(k Kind) templ.Attributes {
	if k == KindError {
		return templ.Attributes{"role": "alert"}
	}
	return nil
}

// set adds an attribute that has a value.
func set(a templ.Attributes, name, value string) {
	if value != "" {
		a[name] = value
	}
}

// fieldAttributes are those that inputs, text areas and selects share.
func fieldAttributes(f FieldView) templ.Attributes {
	id := "f-" + f.Name
	a := templ.Attributes{"id": id, "name": f.Name}
	set(a, "placeholder", f.Placeholder)
	set(a, "autocomplete", f.Autocomplete)
	set(a, "inputmode", f.InputMode)
	if f.Mono {
		a["class"] = "mono"
		a["spellcheck"] = "false"
	}
	for name, on := range map[string]bool{"required": f.Required, "autofocus": f.Autofocus, "disabled": f.Pinned != ""} {
		if on {
			a[name] = true
		}
	}
	describe(a, id, f.Help, f.Error)
	maps.Copy(a, f.Attrs)
	return a
}

// describe ties an input to its help and its error.
func describe(a templ.Attributes, id, help, fault string) {
	var by []string
	if help != "" {
		by = append(by, id+"-help")
	}
	if fault != "" {
		by = append(by, id+"-error")
		a["aria-invalid"] = "true"
	}
	set(a, "aria-describedby", strings.Join(by, " "))
}

// checkID is the id of a box; boxes of one name differ by value.
func checkID(c CheckView) string {
	if c.Value == "" {
		return "f-" + c.Name
	}
	return "f-" + c.Name + "-" + c.Value
}

func checkAttributes(c CheckView) templ.Attributes {
	a := templ.Attributes{"id": checkID(c), "name": c.Name}
	set(a, "value", c.Value)
	if c.Pinned != "" {
		a["disabled"] = true
	}
	describe(a, "f-"+c.Name, "", c.Error)
	maps.Copy(a, c.Attrs)
	return a
}

func buttonClass(b ButtonView) string {
	if b.Small {
		return classes("btn", b.Kind, "small")
	}
	return classes("btn", b.Kind)
}

func buttonAttributes(b ButtonView) templ.Attributes {
	a := templ.Attributes{}
	set(a, "name", b.Name)
	set(a, "value", b.Value)
	maps.Copy(a, b.Attrs)
	return a
}
