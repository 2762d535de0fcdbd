package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// TestModule: an operator chooses, sees the file change, and takes it along.
func TestModule(t *testing.T) {
	t.Parallel()
	d := startDemo(t)
	for _, noScript := range []bool{false, true} {
		page := newPage(t, d.base, pageOptions{NoScript: noScript})
		visit(t, page, "/admin/module")
		wantText(t, page, "No public URL is set.")
		fill(t, page, "Relay's address", "https://relay.example.com")
		must(t, page.GetByLabel("Europe").Check())
		if noScript {
			must(t, button(page, "Make the module type").Click())
		}
		block := page.Locator("#module-type")
		must(t, expect.Locator(block).ToContainText(`"url": "https://relay.example.com"`))
		must(t, expect.Locator(block).ToContainText(`"custom_jwks_host": "visibility.eu.amp.cisco.com"`))
		must(t, expect.Locator(link(page, "xdr.eu.security.cisco.com")).ToBeVisible())
		must(t, expect.Locator(page.Locator("#curl-create")).ToContainText("https://visibility.eu.amp.cisco.com/iroh/iroh-int/module-type"))
		must(t, expect.Page(page).ToHaveURL(regexp.MustCompile(`region=eu`)))
		got, err := page.ExpectDownload(func() error {
			return link(page, "Download").Click()
		})
		must(t, err)
		path := filepath.Join(t.TempDir(), "module_type.json")
		must(t, got.SaveAs(path))
		text, err := os.ReadFile(path)
		must(t, err)
		var file struct {
			Properties struct{ URL string }
		}
		if err := json.Unmarshal(text, &file); err != nil || got.SuggestedFilename() != "module_type.json" || file.Properties.URL != "https://relay.example.com" {
			t.Errorf("without scripts %v: downloaded %s (%v):\n%s\nwant module_type.json with the address", noScript, got.SuggestedFilename(), err, text)
		}
		_, err = page.Reload()
		must(t, err)
		wantField(t, page, "Relay's address", "https://relay.example.com")
		must(t, expect.Locator(page.GetByLabel("Europe")).ToBeChecked())
	}
}
