package web_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"pulsedive-relay/relay/pulsedive/pulsedivetest"
)

// otherPulsedive is another one, at another host than that of a site.
func otherPulsedive(t *testing.T) (fake *pulsedivetest.Fake, endpoint string) {
	t.Helper()
	fake = pulsedivetest.New(pulsedivetest.Config{})
	server := httptest.NewServer(fake)
	t.Cleanup(server.Close)
	return fake, server.URL + "/api/info.php"
}

// TestStoredKeyStaysHere: another endpoint gets a key that is stored only from
// whoever types it again.
func TestStoredKeyStaysHere(t *testing.T) {
	t.Parallel()
	const key, typed = "stored-secret-key", "typed-secret-key"
	log := &logged{}
	s := newSite(t, siteOptions{NoKey: true, OwnEndpoint: true, Log: log})
	if got := s.post("/admin/settings", s.filled("pulsedive-key", key)); got.status != 303 {
		t.Fatalf("storing a key answers %d; want 303:\n%s", got.status, got.text)
	}
	home := s.store.Settings().PulsediveURL
	other, elsewhere := otherPulsedive(t)
	var seen strings.Builder
	post := func(path string, changes ...string) answered {
		got := s.post(path, s.filled(changes...))
		seen.WriteString(got.text)
		return got
	}
	host := strings.TrimSuffix(elsewhere, "/api/info.php")
	for name, endpoint := range map[string]string{
		"another host": elsewhere, "the same by another scheme": strings.Replace(home, "http:", "https:", 1),
		"another port": "http://127.0.0.1:1/api/info.php", "a long one": "https://" + strings.Repeat("long.", 100) + "example.com/",
	} {
		tested := post("/admin/settings/test-key", "pulsedive-url", endpoint)
		wantIn(t, "testing at "+name, tested.text, "The stored key was not sent.", "type it again to test it at ")
		saved := post("/admin/settings", "pulsedive-url", endpoint, "parallel", "9")
		if set := s.live.Settings(); saved.status != 422 || set.PulsediveURL != home || set.Parallel == 9 {
			t.Errorf("saving %s answers %d and %+v holds; want 422 and all as it was", name, saved.status, set)
		}
		wantIn(t, "saving "+name, setting(t, saved.text, "pulsedive-key"), "The stored key is for ", "type it again, or remove it.", `aria-invalid="true"`, `placeholder="type it again"`)
		wantIn(t, "saving "+name, setting(t, saved.text, "parallel"), `value="9"`)
	}
	if n := other.Count(); n != 0 {
		t.Fatalf("the other endpoint had %d calls; want none", n)
	}

	// What is typed goes where the form says, to be tested and to hold.
	wantIn(t, "a typed key", post("/admin/settings/test-key", "pulsedive-url", elsewhere, "pulsedive-key", typed).text,
		"The key that you typed works.", host+" answered.", "Key and endpoint are not saved yet.")
	if calls := other.Calls(); len(calls) != 1 || calls[0].Key != typed || s.live.Settings().PulsediveURL != home {
		t.Errorf("testing a typed key there made the calls %+v; want one with it, and nothing saved", calls)
	}
	if got := post("/admin/settings", "pulsedive-url", elsewhere, "pulsedive-key", typed); got.status != 303 || s.live.Settings().PulsediveURL != elsewhere {
		t.Errorf("saving both answers %d; want 303:\n%s", got.status, got.text)
	}
	// Another path of the same host needs nothing.
	if got := post("/admin/settings", "pulsedive-url", host+"/v2/"); got.status != 303 || s.live.Settings().PulsediveKey != typed {
		t.Errorf("saving another path of the host answers %d; want 303, and the key kept:\n%s", got.status, got.text)
	}
	wantIn(t, "another path", post("/admin/settings/test-key", "pulsedive-url", strings.ToUpper(host[:4])+host[4:]+"/v3/").text, "The stored key works.", "The endpoint is not saved yet.")
	// Nor does an endpoint without a key.
	if got := post("/admin/settings", "pulsedive-url", home, "remove-key", "on"); got.status != 303 || s.live.Settings().PulsediveKey != "" || s.live.Settings().PulsediveURL != home {
		t.Errorf("removing the key with the change answers %d; want 303, and no key:\n%s", got.status, got.text)
	}
	if got := post("/admin/settings", "pulsedive-url", elsewhere); got.status != 303 {
		t.Errorf("another endpoint where no key is stored answers %d; want 303:\n%s", got.status, got.text)
	}
	wantIn(t, "an endpoint that is none", post("/admin/settings/test-key", "pulsedive-url", "nowhere").text, "The endpoint is not right.")
	wantNotIn(t, "the pages", seen.String(), key, typed)
	wantNotIn(t, "the log", log.String(), key, typed)
}

// TestPinnedKeyStaysHere: whoever fixes a key fixes where it goes.
func TestPinnedKeyStaysHere(t *testing.T) {
	t.Parallel()
	s := newSite(t, siteOptions{OwnEndpoint: true})
	home := s.store.Settings().PulsediveURL
	other, elsewhere := otherPulsedive(t)
	for _, changes := range [][]string{{}, {"remove-key", "on"}, {"pulsedive-key", "typed-secret-key"}} {
		changes = append(changes, "pulsedive-url", elsewhere)
		got := s.post("/admin/settings", s.filled(changes...))
		if got.status != 422 || s.live.Settings().PulsediveURL != home {
			t.Errorf("saving %q beside a pinned key answers %d; want 422 and the endpoint as it was", changes, got.status)
		}
		wantIn(t, "the endpoint", setting(t, got.text, "pulsedive-url"), "A test fixes a key for ", "have the endpoint set there, too")
		wantIn(t, "the test", s.post("/admin/settings/test-key", s.filled(changes...)).text, "The key was not sent.", "A test fixes it for ")
	}
	if n := other.Count(); n != 0 {
		t.Errorf("the other endpoint had %d calls; want none", n)
	}
}
