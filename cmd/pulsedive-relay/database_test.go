package main

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"pulsedive-relay/relay/pulsedive/pulsedivetest"
	"pulsedive-relay/store"
	"pulsedive-relay/web"
)

const adminPasswordOfTests = "correct horse battery"

// signsIn says whether a password opens the admin UI at an address.
func signsIn(t *testing.T, base, password string) bool {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar, Timeout: patience, Transport: client.Transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := browser.PostForm(base+"/admin/login", url.Values{"password": {password}})
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode == http.StatusSeeOther
}

// runsWith runs the program with something on its standard input.
func runsWith(t *testing.T, input string, environ []string, args ...string) (out string, status int) {
	t.Helper()
	var stdout, stderr output
	err := run(t.Context(), args, environ, strings.NewReader(input), &stdout, &stderr)
	status = complain(&stderr, err)
	return stdout.String() + stderr.String(), status
}

func TestSetupLink(t *testing.T) {
	t.Parallel()
	p := begin(t, nil, "serve", "--listen="+free)
	link := p.stderr.await(t, `"link":"(http://127\.0\.0\.1:\d+/admin/setup\?token=[^"]+)"`)[1]
	got := send(t, "GET", link, "", "")
	if got.status != 200 || !strings.Contains(got.text, "Set a password") {
		t.Errorf("the link in the log answers %d %s; want the form", got.status, got.text)
	}
}

// TestPasswd: with a relay that runs and without one.
func TestPasswd(t *testing.T) {
	t.Parallel()
	environ := []string{"RELAY_DB=" + filepath.Join(t.TempDir(), "relay.db")}
	p := begin(t, environ, "serve", "--listen="+free)
	base := "http://" + p.serving()
	if out, status := runsWith(t, adminPasswordOfTests+"\n", environ, "passwd"); status != 0 || strings.Contains(out, adminPasswordOfTests) {
		t.Fatalf("passwd beside a relay: exit status %d, %s; want 0", status, out)
	}
	if !signsIn(t, base, adminPasswordOfTests) {
		t.Error("the password does not sign in")
	}
	if out, status := runsWith(t, "short\n", environ, "passwd"); status == 0 || !strings.Contains(out, "10 characters") {
		t.Errorf("passwd with a short password: exit status %d, %s; want a refusal", status, out)
	}
	p.end()
	if text := p.stderr.String(); strings.Contains(text, adminPasswordOfTests) {
		t.Errorf("the log holds the password:\n%s", text)
	}
	if out, status := runsWith(t, "another password\n", environ, "passwd"); status != 0 {
		t.Fatalf("passwd without a relay: exit status %d, %s; want 0", status, out)
	}
	p = begin(t, environ, "serve", "--listen="+free)
	base = "http://" + p.serving()
	if signsIn(t, base, adminPasswordOfTests) || !signsIn(t, base, "another password") {
		t.Error("the new password does not count, or the old one does")
	}
	if out, status := runsWith(t, "x", []string{"RELAY_DB=" + filepath.Join(t.TempDir(), "none.db")}, "passwd"); status != 1 || !strings.Contains(out, "there is no database") {
		t.Errorf("passwd where there is no database: exit status %d, %s; want 1", status, out)
	}
}

// TestPasswdLetsIn: an admin who is kept waiting for others' guesses gets in at
// once with a new password.
func TestPasswdLetsIn(t *testing.T) {
	t.Parallel()
	environ := []string{"RELAY_DB=" + filepath.Join(t.TempDir(), "relay.db")}
	p := begin(t, environ, "serve", "--listen="+free)
	base := "http://" + p.serving()
	set := func(password string) {
		t.Helper()
		if out, status := runsWith(t, password+"\n", environ, "passwd"); status != 0 {
			t.Fatalf("passwd: exit status %d, %s; want 0", status, out)
		}
	}
	set(adminPasswordOfTests)
	for range 6 { // by then everybody waits for a second
		signsIn(t, base, "wrong horse battery")
	}
	set("another password")
	if !signsIn(t, base, "another password") {
		t.Error("after passwd the new password does not sign in at once")
	}
}

func TestPinnedAdminPassword(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte(adminPasswordOfTests+"\nsecond line\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, set := range []string{"RELAY_ADMIN_PASSWORD=" + adminPasswordOfTests, "RELAY_ADMIN_PASSWORD_FILE=" + file} {
		p := begin(t, []string{set}, "serve", "--listen="+free)
		if base := "http://" + p.serving(); !signsIn(t, base, adminPasswordOfTests) || signsIn(t, base, "another password") {
			t.Errorf("%s: it is not the password that counts", strings.SplitN(set, "=", 2)[0])
		}
		p.end()
		if strings.Contains(p.stderr.String(), adminPasswordOfTests) {
			t.Errorf("the log holds the password:\n%s", p.stderr.String())
		}
	}
	for _, environ := range [][]string{
		{"RELAY_ADMIN_PASSWORD=short"},
		{"RELAY_ADMIN_PASSWORD=" + adminPasswordOfTests, "RELAY_ADMIN_PASSWORD_FILE=" + file},
		{"RELAY_ADMIN_PASSWORD_FILE=" + file + ".none"},
	} {
		if p := runs(t, environ, "serve", "--listen="+free); p.status == 0 || !strings.Contains(p.stderr.String(), "admin password") {
			t.Errorf("%q: exit status %d, %s; want a refusal that says admin password", environ, p.status, p.stderr.String())
		}
	}
}

func TestAdminListen(t *testing.T) {
	t.Parallel()
	p := begin(t, nil, "serve", "--listen="+free, "--admin-listen="+free)
	base := "http://" + p.serving()
	admin := "http://" + p.stderr.await(t, `"admin":"([^"]+)"`)[1]
	for _, c := range []struct {
		address string
		method  string
		status  int
	}{
		{base + "/admin/login", "GET", 404}, {base + "/healthz", "GET", 200}, {base + "/version", "POST", 200},
		{base + "/static/admin.css", "GET", 404}, {base + "/static/admin.js", "GET", 404}, {base + "/static/theme.js", "GET", 404}, {base + "/static/try.js", "GET", 404},
		{admin + "/admin/login", "GET", 200}, {admin + "/healthz", "GET", 404}, {admin + "/version", "POST", 404},
	} {
		if got := send(t, c.method, c.address, "", ""); got.status != c.status {
			t.Errorf("%s %s answers %d; want %d", c.method, c.address, got.status, c.status)
		}
	}
	page := send(t, "GET", base+"/", "", "", "Accept", "text/html").text
	if strings.Contains(page, `href="/admin"`) {
		t.Errorf("the home page links to an admin UI that is elsewhere:\n%s", page)
	}
	loads := regexp.MustCompile(`(?:href|src)="(/[^"]+)"`).FindAllStringSubmatch(page, -1)
	if len(loads) < 3 {
		t.Errorf("the home page loads %v; want its style, its icon and its picture", loads)
	}
	for _, one := range loads {
		if got := send(t, "GET", base+one[1], "", ""); got.status != 200 {
			t.Errorf("the home page loads %s, which is answered %d; want 200", one[1], got.status)
		}
	}
}

// TestBackup: beside a relay that runs and without one, with secrets and without.
func TestBackup(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	db := filepath.Join(folder, "relay.db")
	environ := []string{"RELAY_DB=" + db}
	s, err := store.Open(store.Config{Path: db})
	if err != nil {
		t.Fatal(err)
	}
	settings := s.Settings()
	settings.PulsediveKey, settings.MaxObservables = secretKey, 17
	if err := s.SaveSettings(settings); err != nil {
		t.Fatal(err)
	}
	if err := web.SetPassword(s, adminPasswordOfTests); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	backup := func(name string, more ...string) string {
		t.Helper()
		file := filepath.Join(folder, name)
		if p := runs(t, environ, append([]string{"backup", file}, more...)...); p.status != 0 {
			t.Fatalf("backup %s %q: exit status %d, %s", name, more, p.status, p.stderr.String())
		}
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("backup %s: %v, %v; want a file of mode 0600", name, info, err)
		}
		return file
	}
	backup("cold.db")
	p := begin(t, environ, "serve", "--listen="+free)
	p.serving()
	p.stderr.await(t, `listening`)
	plain, secret := backup("warm.db"), backup("secret.db", "--secrets")
	if p := runs(t, environ, "backup", plain); p.status != 1 || !strings.Contains(p.stderr.String(), "left as it is") {
		t.Errorf("a backup over another: exit status %d, %s; want a refusal", p.status, p.stderr.String())
	}
	p.end()
	for file, want := range map[string]bool{plain: false, secret: true} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(text, []byte(secretKey)) != want {
			t.Errorf("%s holds the Pulsedive key: %v; want %v", filepath.Base(file), !want, want)
		}
		restored := filepath.Join(folder, "restored-"+filepath.Base(file))
		if p := runs(t, []string{"RELAY_DB=" + restored}, "restore", file); p.status != 0 {
			t.Fatalf("restore: exit status %d, %s", p.status, p.stderr.String())
		}
		s, err := store.Open(store.Config{Path: restored})
		if err != nil {
			t.Fatal(err)
		}
		_, password := s.Password()
		if got := s.Settings(); got.MaxObservables != 17 || (got.PulsediveKey == secretKey) != want || password != want {
			t.Errorf("restored of %s: settings %d, key %v, password %v; want 17, and secrets: %v", filepath.Base(file), got.MaxObservables, got.PulsediveKey != "", password, want)
		}
		s.Close()
	}
	if p := runs(t, environ, "restore", plain); p.status != 1 {
		t.Errorf("restoring over a database: exit status %d, %s; want a refusal", p.status, p.stderr.String())
	}
}

// TestBackupIsWhole: nothing has the name of a copy before all of it is there, so a
// command that is killed leaves no half of one.
func TestBackupIsWhole(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	db, file := filepath.Join(folder, "relay.db"), filepath.Join(folder, "copy.db")
	l, err := new(net.ListenConfig).Listen(t.Context(), "unix", db+socketSuffix)
	if err != nil {
		t.Fatal(err)
	}
	half := make(chan error, 2)
	relay := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, err := io.WriteString(w, "half of a copy")
		half <- errors.Join(err, http.NewResponseController(w).Flush())
		_, err = os.Lstat(file)
		half <- err
		panic(http.ErrAbortHandler)
	})}
	go relay.Serve(l)
	defer relay.Close()
	p := runs(t, []string{"RELAY_DB=" + db}, "backup", file)
	if sent, found := <-half, <-half; sent != nil || !errors.Is(found, fs.ErrNotExist) {
		t.Errorf("after half a copy was sent (%v) a look for the file says %v; want none there", sent, found)
	}
	if left, err := filepath.Glob(filepath.Join(folder, ".*")); p.status != 1 || err != nil || len(left) > 0 {
		t.Errorf("a copy cut short: exit status %d, %v is left; want 1 and nothing", p.status, left)
	}
}

// TestTerminalExchange: what is asked in a terminal is in the history, whether
// the relay runs or not, and no history is begun for it.
func TestTerminalExchange(t *testing.T) {
	t.Parallel()
	_, at := upstream(t, pulsedivetest.Config{})
	folder := t.TempDir()
	db := filepath.Join(folder, "relay.db")
	environ := append([]string{"RELAY_DB=" + db}, keyed...)
	ask := func(value string) {
		t.Helper()
		if p := runs(t, environ, "observe", at, value); p.status != 0 || p.stderr.String() != "" {
			t.Fatalf("observe: exit status %d, %s", p.status, p.stderr.String())
		}
	}
	ask("www.example.com")
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("observe without a database left %v (%v); want nothing", left, err)
	}
	p := begin(t, environ, "serve", "--listen="+free)
	p.serving()
	ask("198.51.100.23")
	p.end()
	ask("192.0.2.53")
	s, err := store.Open(store.Config{Path: db})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	page, err := s.List(store.Filter{Source: store.Terminal}, store.Cursor{}, 10)
	for _, one := range page.Summaries {
		if one.Fingerprint != "" {
			t.Errorf("%s was asked with key #%s, which no other exchange has; want none", one.Results[0].Observable.Value, one.Fingerprint)
		}
	}
	if err != nil || len(page.Summaries) != 2 || page.Summaries[0].Results[0].Observable.Value != "192.0.2.53" || page.Summaries[1].Results[0].Observable.Value != "198.51.100.23" {
		t.Errorf("the history has %+v (%v); want the two that were asked when there was one", page.Summaries, err)
	}
}

// TestSettingsArePinned: flags and variables win over what is stored.
func TestSettingsArePinned(t *testing.T) {
	t.Parallel()
	db := filepath.Join(t.TempDir(), "relay.db")
	s, err := store.Open(store.Config{Path: db})
	if err != nil {
		t.Fatal(err)
	}
	settings := s.Settings()
	settings.PulsediveURL, settings.JWKSHosts = "https://stored.example/api", []string{"stored.example"}
	if err := s.SaveSettings(settings); err != nil {
		t.Fatal(err)
	}
	s.Close()
	p := begin(t, []string{"RELAY_DB=" + db, "RELAY_JWKS_HOSTS=pinned.example"}, "serve", "--listen="+free)
	line := p.stderr.await(t, `"pulsedive":"([^"]+)","key_hosts":\["([^"]+)"\]`)
	if line[1] != "https://stored.example/api" || line[2] != "pinned.example" {
		t.Errorf("serves with %q; want the stored endpoint and the pinned key host", line[0])
	}
}

func TestSecondInstance(t *testing.T) {
	t.Parallel()
	environ := []string{"RELAY_DB=" + filepath.Join(t.TempDir(), "relay.db")}
	p := begin(t, environ, "serve", "--listen="+free)
	p.serving()
	second := runs(t, environ, "serve", "--listen="+free)
	if second.status != 1 || !regexp.MustCompile(`is another instance running\?`).MatchString(second.stderr.String()) {
		t.Errorf("a second instance: exit status %d, %s; want 1 and the question", second.status, second.stderr.String())
	}
}
