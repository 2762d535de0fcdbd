package web_test

import (
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"pulsedive-relay/store"
)

// TestBackup: the copy is a database, without secrets unless asked.
func TestBackup(t *testing.T) {
	t.Parallel()
	const key = "key-in-the-database"
	s := newSite(t, siteOptions{NoKey: true})
	s.post("/admin/settings", s.filled("pulsedive-key", key, "parallel", "9"))
	s.ask(store.Observe, "domain:pulsedive.com")
	for _, secrets := range []bool{false, true} {
		form := url.Values{}
		if secrets {
			form.Set("secrets", "on")
			form.Set("backup-password", password)
		}
		got := s.post("/admin/settings/backup", form)
		name := regexp.MustCompile(`^attachment; filename="pulsedive-relay-\d{4}-\d\d-\d\d-\d{6}\.db"$`)
		if got.status != 200 || !name.MatchString(got.header.Get("Content-Disposition")) {
			t.Fatalf("a backup answers %d with %v; want 200 and a name with the date", got.status, got.header)
		}
		if holds := strings.Contains(got.text, key); holds != secrets {
			t.Errorf("the backup with secrets: %v holds the key: %v", secrets, holds)
		}
		from, to := filepath.Join(t.TempDir(), "copy.db"), filepath.Join(t.TempDir(), "relay.db")
		must(t, os.WriteFile(from, []byte(got.text), 0o600))
		must(t, store.Restore(t.Context(), from, to))
		restored, err := store.Open(store.Config{Path: to})
		must(t, err)
		if set := restored.Settings(); set.Parallel != 9 || (set.PulsediveKey == key) != secrets || restored.Status().Exchanges != 1 {
			t.Errorf("restored of the backup with secrets: %v: parallel %d, %d exchanges; want 9 and 1, and the key only with secrets", secrets, set.Parallel, restored.Status().Exchanges)
		}
		must(t, restored.Close())
	}
}

// TestBackupAsksForThePassword: secrets take the password again, as often as a
// login would take it.
func TestBackupAsksForThePassword(t *testing.T) {
	t.Parallel()
	const wrong = "wrong horse battery"
	log := &logged{}
	var now clock
	now.set(time.Now())
	s := newSite(t, siteOptions{Log: log, Now: now.now})
	ask := func(password string) answered {
		return s.post("/admin/settings/backup", url.Values{"secrets": {"on"}, "backup-password": {password}})
	}
	var seen strings.Builder
	for _, c := range []struct {
		password string
		status   int
		told     string
	}{
		{"", 422, "Type the admin password"}, {wrong, 422, "That is not the password. Nothing was downloaded."}, {wrong, 422, "That is not"},
		{wrong, 422, "That is not"}, {wrong, 422, "That is not"}, {wrong, 422, "That is not"}, {password, 429, "Too many wrong passwords. Try again in 2 s."},
	} {
		got := ask(c.password)
		if got.status != c.status || got.header.Get("Content-Disposition") != "" || (c.status == 429) != (got.header.Get("Retry-After") != "") {
			t.Errorf("a backup with secrets and the password %q is answered %d with %v; want %d, no file", c.password, got.status, got.header, c.status)
		}
		_, card, _ := strings.Cut(got.text, `<form class="form backup"`)
		wantIn(t, "the form shown again", card, c.told, `name="backup-password"`, `aria-invalid="true"`, "checked")
		seen.WriteString(got.text)
	}
	if got := s.post("/admin/settings/backup", nil); got.status != 200 {
		t.Errorf("a backup without secrets is answered %d meanwhile; want 200", got.status)
	}
	now.pass(2 * time.Second)
	if got := ask(password); got.status != 200 || got.header.Get("Content-Disposition") == "" {
		t.Errorf("the right password after the wait is answered %d with %v; want the file", got.status, got.header)
	}
	wantNotIn(t, "the pages", seen.String(), wrong, password)
	wantNotIn(t, "the log", log.String(), wrong, password)
}

// TestBackupFails: an error before the first byte is a page.
func TestBackupFails(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "here")
	must(t, os.Mkdir(folder, 0o700))
	s := newSite(t, siteOptions{Path: filepath.Join(folder, "relay.db")})
	must(t, os.Rename(folder, folder+"-gone"))
	got := s.post("/admin/settings/backup", nil)
	if got.status != 500 || !strings.Contains(got.text, "There is no backup") || got.header.Get("Content-Disposition") != "" {
		t.Errorf("a backup that cannot be made answers %d with %v; want a page that says so:\n%s", got.status, got.header, got.text)
	}
}
