package store_test

import (
	"errors"
	"log/slog"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pulsedive-relay/store"
)

func TestSettings(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "relay.db")
	pins := []store.Pin{{Name: "public-url", Text: "https://pinned.example.com", Origin: "RELAY_PUBLIC_URL"}, {Name: "request-timeout", Text: "20s", Origin: "--request-timeout"}}
	s := open(t, store.Config{Path: path, Pins: pins})
	want := store.Defaults()
	want.PublicURL, want.RequestTimeout = []string{"https://pinned.example.com"}, 20*time.Second
	if got := s.Settings(); !reflect.DeepEqual(got, want) {
		t.Fatalf("settings of a new file\ngot  %+v\nwant %+v", got, want)
	}
	if origin, ok := s.Pinned("public-url"); origin != "RELAY_PUBLIC_URL" || !ok {
		t.Errorf("the origin of public-url: got %q, %v", origin, ok)
	}
	if _, ok := s.Pinned("parallel"); ok {
		t.Error("parallel is pinned; nobody pinned it")
	}
	change := want
	change.PublicURL = []string{"https://other.example.com"}
	change.Parallel, change.PulsediveKey, change.CacheTTL, change.HistoryMax = 7, "key-of-the-operator", time.Hour, 0
	if err := s.SaveSettings(change); err != nil {
		t.Fatal(err)
	}
	want.Parallel, want.PulsediveKey, want.CacheTTL, want.HistoryMax = 7, "key-of-the-operator", time.Hour, 0
	if got := s.Settings(); !reflect.DeepEqual(got, want) {
		t.Errorf("settings saved over pins\ngot  %+v\nwant %+v", got, want)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, store.Config{Path: path})
	want.PublicURL, want.RequestTimeout = nil, store.Defaults().RequestTimeout
	if got := s.Settings(); !reflect.DeepEqual(got, want) {
		t.Errorf("settings opened without pins\ngot  %+v\nwant %+v", got, want)
	}
	want.PulsediveKey = ""
	if err := s.SaveSettings(want); err != nil || s.Settings().PulsediveKey != "" {
		t.Errorf("taking the key away: got %q, %v", s.Settings().PulsediveKey, err)
	}
}

func TestSettingsRefused(t *testing.T) {
	t.Parallel()
	s := fresh(t, store.Pin{Name: "request-timeout", Text: "20s"})
	before := s.Settings()
	for field, change := range map[string]func(*store.Settings){
		"parallel":         func(set *store.Settings) { set.Parallel = 1000 },
		"public-url":       func(set *store.Settings) { set.PublicURL = []string{"ftp://example.com"} },
		"jwks-hosts":       func(set *store.Settings) { set.JWKSHosts = nil },
		"upstream-timeout": func(set *store.Settings) { set.UpstreamTimeout, set.RequestTimeout = 22*time.Second, 25*time.Second },
	} {
		set := before
		change(&set)
		err := s.SaveSettings(set)
		var faults store.FieldErrors
		if !errors.As(err, &faults) || !slices.Equal(slices.Collect(maps.Keys(faults)), []string{field}) {
			t.Errorf("saving a bad %s: got %v; want its fault alone", field, err)
		}
		if !reflect.DeepEqual(s.Settings(), before) {
			t.Errorf("a bad %s changed the settings to %+v", field, s.Settings())
		}
	}
	s.Settings().JWKSHosts[0] = "changed"
	if !reflect.DeepEqual(s.Settings(), before) {
		t.Error("who gets the settings can change them")
	}
}

// TestSettingsThatAreNotValidAnyMore: pins and later versions can make stored
// settings invalid; the relay starts all the same, but not with invalid pins.
func TestSettingsThatAreNotValidAnyMore(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "relay.db")
	s := open(t, store.Config{Path: path})
	set := s.Settings()
	set.RequestTimeout, set.UpstreamTimeout, set.Parallel = time.Minute, 50*time.Second, 5
	if err := errors.Join(s.SaveSettings(set), s.Close()); err != nil {
		t.Fatal(err)
	}
	var log logged
	s = open(t, store.Config{Path: path, Pins: []store.Pin{{Name: "request-timeout", Text: "30s"}}, Log: slog.New(slog.NewTextHandler(&log, nil))})
	if got := s.Settings(); got.UpstreamTimeout != store.Defaults().UpstreamTimeout || got.Parallel != 5 || !strings.Contains(log.String(), "setting=upstream-timeout") {
		t.Errorf("a pin below what is stored: got %v for a call, parallel %d, and log %q; want the default, 5 and a word in the log", got.UpstreamTimeout, got.Parallel, log.String())
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := store.Open(store.Config{Path: path, Pins: []store.Pin{{Name: "parallel", Text: "many"}}})
	var faults store.FieldErrors
	if !errors.As(err, &faults) || faults["parallel"] == nil {
		t.Errorf("an invalid pin: got %v; want the field's fault", err)
	}
	open(t, store.Config{Path: path}) // nothing holds it open
}

// TestHelpForBoth: what a setting means is told on the command line and on a page
// alike, so that it names neither.
func TestHelpForBoth(t *testing.T) {
	t.Parallel()
	for _, f := range store.Fields() {
		for _, word := range []string{"flag", "variable", "button"} {
			if strings.Contains(f.Help, word) {
				t.Errorf("the help of %s says %q: %s", f.Name, word, f.Help)
			}
		}
	}
}
