package view_test

import (
	"context"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"pulsedive-relay/web/view"
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

// now is when all samples are looked at.
var now = time.Date(2026, 11, 25, 14, 32, 11, 0, time.UTC)

// html renders a component.
func html(t *testing.T, c templ.Component) string {
	t.Helper()
	var b strings.Builder
	if err := c.Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// hash is the part of an asset's address that follows its content.
var hash = regexp.MustCompile(`(/static/[^"?]+)\?v=[0-9a-zA-Z_-]+`)

// golden compares a text with a file in testdata. Addresses of assets lose their
// hash: a change of the style is no change of the markup.
func golden(t *testing.T, file, got string) {
	t.Helper()
	got = hash.ReplaceAllString(got, "$1")
	path := filepath.Join("testdata", file)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; go test ./web/view -update makes it", err)
	}
	if got != string(want) {
		t.Errorf("what is rendered is not that of %s; go test ./web/view -update rewrites it. got:\n%s\nwant:\n%s", path, got, want)
	}
}

// with puts children into a component.
func with(parent templ.Component, children ...templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return parent.Render(templ.WithChildren(ctx, templ.Join(children...)), w)
	})
}

// in wraps components in an element.
func in(open string, children ...templ.Component) templ.Component {
	name, _, _ := strings.Cut(open, " ")
	all := append([]templ.Component{templ.Raw("<" + open + ">")}, children...)
	return templ.Join(append(all, templ.Raw("</"+name+">"))...)
}

// card is a card with a title and room around its content.
func card(title string, children ...templ.Component) templ.Component {
	return with(view.Card(view.CardView{Title: title, Pad: true}), children...)
}

// spaced puts a space between components.
func spaced(cs ...templ.Component) templ.Component {
	var all []templ.Component
	for _, c := range cs {
		all = append(all, c, templ.Raw(" "))
	}
	return templ.Join(all...)
}

// TestGolden: each part in each of its states, one element a line.
func TestGolden(t *testing.T) {
	t.Parallel()
	for _, s := range samples() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			golden(t, s.name+".html", strings.ReplaceAll(html(t, s.part), "><", ">\n<")+"\n")
		})
	}
}

// TestGallery keeps a page with everything on it, as it is sent: to look at, in
// a browser that finds the assets under /static/.
func TestGallery(t *testing.T) {
	t.Parallel()
	var parts []templ.Component
	parts = append(parts, with(view.PageHead(view.PageHeadView{Title: "Gallery", Sub: "Every part in every state."}),
		view.Button(view.ButtonView{Label: "Plain", Type: "button"}), view.Button(view.ButtonView{Label: "Primary", Kind: "primary", Type: "button"})))
	for _, s := range samples() {
		parts = append(parts, templ.Raw("\n<!-- "+s.name+" -->\n"), s.part)
	}
	golden(t, "gallery.html", html(t, with(view.Layout(view.Page{Title: "Gallery", Current: view.NavOverview, Shell: shell()}), parts...)))
}

// shell is a shell with everything in it.
func shell() view.Shell {
	return view.Shell{
		Version: "3.0.0", Uptime: "4 d 6 h", Demo: true, SignedIn: true,
		Flash: &view.Flash{Kind: view.KindOK, Text: "The settings are saved and hold from now on."},
		Hints: []view.Hint{{Kind: view.KindWarning, Title: "No public URL is set.", Text: "Tokens are checked against whatever host the request names.", Link: view.Link{Href: "/admin/settings#public-url", Label: "Set it in Settings"}}},
	}
}

// TestPlain: the layout without navigation.
func TestPlain(t *testing.T) {
	t.Parallel()
	form := in(`form class="form" method="post"`,
		view.Field(view.FieldView{Name: "password", Label: "Password", Type: "password", Value: "secret", Required: true, Autofocus: true, Autocomplete: "current-password", Error: "That is not the password."}),
		in(`div class="actions"`, view.Button(view.ButtonView{Label: "Sign in", Kind: "primary"})))
	page := html(t, with(view.Plain(view.PlainPage{Title: "Sign in", Demo: true}), card("Sign in", form)))
	if strings.Contains(page, "secret") {
		t.Errorf("the page holds the password:\n%s", page)
	}
	golden(t, "plain.html", page)
}
