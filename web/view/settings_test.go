package view_test

import (
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"pulsedive-relay/web/view"
)

// settingsPage is the page in its states.
func settingsPage(state string) view.SettingsPage {
	key := view.KeyView{Stored: true}
	urls := view.SettingView{Field: view.FieldView{Name: "public-url", Label: "Public URLs", Value: "https://relay.example.com", Rows: 2, Mono: true, Help: "Addresses that XDR knows this relay by."}, Changed: true}
	parallel := view.SettingView{Field: view.FieldView{Name: "parallel", Label: "Calls side by side", Value: "32", Mono: true, Help: "1 to 256."}, Default: "32"}
	s := view.SettingsPage{
		Password: view.PasswordView{Set: true, Least: 10},
		Backup:   view.BackupView{Path: "/var/lib/it's/relay.db", Exchanges: 12408, Bytes: 41_000_000, Asks: true},
	}
	switch state {
	case "fault":
		urls.Field.Value, urls.Field.Error = hostile, "The value is not an address like https://relay.example.com."
		parallel.Field.Value, parallel.Changed = "9", true
		key.Held = true
		s.Unsaved, s.Faults, s.Held = true, 1, "TOKEN"
	case "again":
		key.Again, key.Remove, s.Unsaved, s.Faults = true, true, true, 1
	case "pinned":
		parallel.Field.Pinned, key.Fixed = "RELAY_PARALLEL", true
		s.Password.Pinned = "RELAY_ADMIN_PASSWORD_FILE"
	case "read-only":
		s.ReadOnly, s.Backup.Bytes = true, -1
	case "shrink":
		s.Unsaved, s.Shrink = true, &view.ShrinkView{Deletes: 2408, Confirm: "10000 exchanges for 24h0m0s"}
	case "trouble":
		s.Unsaved, s.Trouble = true, "The settings cannot take effect. What held before holds still."
	case "empty":
		key, urls.Field.Value, urls.Changed, s.Password.Set = view.KeyView{}, "", false, false
		s.Backup.Asks = false
	case "backup":
		s.Backup.Secrets, s.Backup.Error = true, "That is not the password. Nothing was downloaded."
	}
	s.Groups = []view.SettingGroupView{
		{ID: "group-trust", Title: "Whose tokens are valid", Settings: []view.SettingView{urls}},
		{ID: "group-pulsedive", Title: "Pulsedive", Settings: []view.SettingView{{Field: view.FieldView{Name: "pulsedive-key", Label: "API key", Type: "password", Value: "secret-value"}, Key: &key}}},
		{ID: "group-bounds", Title: "Bounds", Settings: []view.SettingView{parallel}},
	}
	return s
}

func TestGoldenSettings(t *testing.T) {
	t.Parallel()
	for _, state := range []string{"usual", "empty", "fault", "pinned", "read-only", "shrink", "trouble", "backup", "again"} {
		goldenPage(t, "settings-"+state, view.Settings(view.Page{Title: "Settings", Current: view.NavSettings}, settingsPage(state)))
	}
	for name, test := range map[string]view.KeyTestView{
		"works":   {Outcome: view.Hint{Kind: view.KindOK, Title: "The stored key works."}, Quotas: []view.QuotaView{{Period: "second", Left: -1, Limit: 1}, {Period: "day", Left: 3, Limit: 50}, {Period: "month", Left: 460, Limit: 500}}},
		"refused": {Outcome: view.Hint{Kind: view.KindError, Title: "The key that you typed does not work now.", Text: hostile}},
	} {
		golden(t, "key-test-"+name+".html", lines(html(t, view.KeyTest(test))))
	}
}

func TestGoldenModule(t *testing.T) {
	t.Parallel()
	usual := view.ModulePage{
		URLs: []string{"https://relay.example.com", "https://relay.example.org"}, URL: "https://relay.example.org", Region: "eu",
		Regions: []view.RegionView{{"us", "United States", "visibility.amp.cisco.com"}, {"eu", "Europe", "visibility.eu.amp.cisco.com"}},
		Texts:   []view.FieldView{{Name: "title", Label: "Title", Value: "Pulsedive"}},
		Result:  view.ModuleResultView{JSON: "{\n  \"title\": \"Pulsedive\"\n}\n", Download: "/admin/module/module_type.json?region=eu", Title: "Pulsedive", Console: "https://xdr.eu.security.cisco.com/", API: "https://visibility.eu.amp.cisco.com/iroh/", KeyHost: "visibility.eu.amp.cisco.com"},
	}
	wrong := usual
	wrong.URLs, wrong.URL, wrong.URLFault, wrong.TextsOpen = nil, hostile, "That is no address.", true
	wrong.Texts = []view.FieldView{{Name: "title", Label: "Title", Value: hostile, Error: "That is too long."}}
	wrong.Result.Wrong, wrong.Result.Download, wrong.Result.Title = true, "", hostile
	wrong.Result.Hints = []view.Hint{{Kind: view.KindError, Title: "This is not right yet.", Text: hostile}}
	page := view.Page{Title: "Module", Current: view.NavModule}
	goldenPage(t, "module-usual", view.Module(page, usual))
	goldenPage(t, "module-hostile", view.Module(page, wrong))
}

func TestGoldenSelfTest(t *testing.T) {
	t.Parallel()
	var fresh, running, mixed, well view.SelfTestPage
	fresh.Fresh, running.Running = true, true
	mixed.Ended, mixed.Now, mixed.Took = now.Add(-time.Minute), now, 1234*time.Millisecond
	well.Ended, well.Now, well.Took = now, now, 80*time.Millisecond
	fresh.Add("Database", view.FindingView{Name: "Disk", State: view.HealthIdle, Text: "What is left of it."})
	running.Add("Database", view.FindingView{Name: "Disk", State: view.HealthOK, Text: "76 GB are left.", Took: time.Millisecond})
	running.Add("Database", view.FindingView{Name: "History", Running: true, Text: "Whether exchanges were lost."})
	mixed.Add("Address", view.FindingView{Name: hostile, State: view.HealthFail, Text: hostile, Advice: hostile, Link: view.Link{Href: "/admin/settings#public-url", Label: "Set it"}, Took: 10 * time.Second})
	mixed.Add("Address", view.FindingView{Name: "Certificate", State: view.HealthIdle, Text: "None."})
	mixed.Add("Key hosts", view.FindingView{Name: "visibility.amp.cisco.com", State: view.HealthWarn, Text: "Our clock is 30 s ahead.", Advice: "Mend it.", Took: 90 * time.Millisecond})
	well.Add("Database", view.FindingView{Name: "Disk", State: view.HealthOK, Text: "76 GB are left."})
	page := view.Page{Title: "Self-test", Current: view.NavSelfTest}
	for name, s := range map[string]view.SelfTestPage{"fresh": fresh, "running": running, "mixed": mixed, "well": well} {
		goldenPage(t, "selftest-"+name, view.SelfTest(page, s))
	}
}

// goldenPage compares what a page has between its navigation and its end, and
// that nothing in it acts.
func goldenPage(t *testing.T, name string, page templ.Component) {
	t.Helper()
	text := html(t, page)
	_, text, _ = strings.Cut(text, `<main id="main"`)
	text, _, _ = strings.Cut(text, `</main>`)
	for _, bad := range []string{"<script>alert", "secret-value", "style=", "onclick"} {
		if strings.Contains(text, bad) {
			t.Errorf("%s holds %q", name, bad)
		}
	}
	golden(t, name+".html", lines(text))
}

// lines puts each element on a line of its own.
func lines(text string) string { return strings.ReplaceAll(text, "><", ">\n<") + "\n" }
