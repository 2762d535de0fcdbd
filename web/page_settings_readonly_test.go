package web_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"pulsedive-relay/relay"
	"pulsedive-relay/relay/ctim"
)

// readOnlyVariable tells the test binary to be the child of TestSettingsReadOnly,
// and where its database is.
const readOnlyVariable = "WEB_TEST_READ_ONLY"

// TestSettingsReadOnly: nothing can be changed, and the page says why. A child
// looks: root, whom no mode stops, becomes somebody else there.
func TestSettingsReadOnly(t *testing.T) {
	t.Parallel()
	if path := os.Getenv(readOnlyVariable); path != "" {
		lookReadOnly(t, path)
		return
	}
	folder := t.TempDir()
	path := filepath.Join(folder, "relay.db")
	must(t, newSite(t, siteOptions{Path: path}).store.Close())
	for name, mode := range map[string]fs.FileMode{filepath.Dir(folder): 0o755, path: 0o444, folder: 0o555} {
		must(t, os.Chmod(name, mode))
	}
	t.Cleanup(func() { _ = os.Chmod(folder, 0o755) })
	self, err := os.Executable()
	must(t, err)
	child := exec.CommandContext(t.Context(), self, "-test.run=^"+t.Name()+"$", "-test.v")
	child.Env = append(os.Environ(), readOnlyVariable+"="+path)
	out, err := child.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Errorf("the child ends with %v; want the test passed:\n%s", err, out)
	}
}

// lookReadOnly looks at a site on a database that must not be written.
func lookReadOnly(t *testing.T, path string) {
	const nobody = 65534
	if os.Getuid() == 0 {
		must(t, errors.Join(syscall.Setgroups(nil), syscall.Setgid(nobody), syscall.Setuid(nobody)))
	}
	var log bytes.Buffer
	s := newSite(t, siteOptions{Path: path, Log: &log})
	wantIn(t, "the page", s.get("/admin/settings").text, "The database is read-only.", "<fieldset disabled>")
	if got := s.post("/admin/settings", s.filled("parallel", "9")); got.status != 503 || !strings.Contains(got.text, "The database is read-only") {
		t.Errorf("saving answers %d; want 503 and why:\n%s", got.status, got.text)
	}
	const other = "another horse battery"
	s.post("/admin/settings/password", url.Values{"current": {password}, "password": {other}, "again": {other}})
	wantIn(t, "after another password", s.get("/admin/settings").text, "The database is read-only", "Nothing was changed.")
	keepCacheReadOnly(t, s, &log)
}

// keepCacheReadOnly: what the cache holds is not tried to be written, over and over.
func keepCacheReadOnly(t *testing.T, s *site, log *bytes.Buffer) {
	t.Helper()
	o := s.live.Relay().Observe(t.Context(), relay.Caller{Key: ownKey}, []ctim.Observable{{Type: "domain", Value: "qsnatch-c2.example.net"}}, nil)
	ended, end := context.WithCancel(t.Context())
	end()
	s.live.KeepCache(ended)
	if told := strings.Count(log.String(), `"level":"WARN"`) + strings.Count(log.String(), `"level":"ERROR"`); len(o.Bundles) != 1 || strings.Contains(log.String(), "the cache") || told != 1 {
		t.Errorf("%d records in the cache, the log warns %d times; want 1 and 1:\n%s", len(o.Bundles), told, log.String())
	}
}
