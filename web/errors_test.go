package web_test

import (
	"bytes"
	"io"
	"os"
	"testing"
	"time"

	"pulsedive-relay/web"
)

// TestDamagedDatabase: a file that something wrote into while the relay runs is
// said to be damaged, where it is found by a page as where it is by the session.
func TestDamagedDatabase(t *testing.T) {
	t.Parallel()
	var log logged
	s := newSite(t, siteOptions{Log: &log, Change: func(c *web.Config) { c.Demo = true }})
	s.add(exchangeAt(time.Now(), "a.example.net"))
	has(t, "before", s.get("/admin/history").text, "a.example.net")
	file, err := os.OpenFile(s.store.Status().Path, os.O_RDWR, 0)
	must(t, err)
	defer file.Close()
	size, err := file.Seek(0, io.SeekEnd)
	must(t, err)
	head := int64(2 * os.Getpagesize()) // says where the rest is
	_, err = file.WriteAt(bytes.Repeat([]byte{0xff}, int(size-head)), head)
	must(t, err)
	for _, browser := range []string{"signed in", "without session"} {
		got := s.get("/admin/history")
		if got.status != 500 {
			t.Errorf("%s: the history of a damaged database is answered %d; want 500", browser, got.status)
		}
		has(t, browser, got.text, "The database is damaged", "XDR is answered all the same", "backup")
		hasNot(t, browser, got.text, "Nothing that was stored is lost")
		s.client.Jar = nil
	}
	has(t, "the log", log.String(), "a page failed", "not a whole database")
}

// TestProblems: an error is a page among the others for those who are signed in, with
// a way on, and tells nobody else what there is.
func TestProblems(t *testing.T) {
	t.Parallel()
	s := newSite(t, siteOptions{})
	history := []string{`href="/admin/history" data-key="h" aria-current="page"`, `class="btn primary" href="/admin/history"`}
	overview := []string{`href="/admin/history" data-key="h"`, `class="btn primary" href="/admin"`}
	for _, c := range []struct {
		path   string
		status int
		title  string
		ways   []string
	}{
		{"/admin/exchange/4711", 404, "This exchange is not in the history", history},
		{"/admin/exchange/none", 404, "This exchange is not in the history", history},
		{"/admin/exchange/4711/delete", 404, "This exchange is not in the history", history},
		{"/admin/exchange/4711/answer.json", 404, "This exchange is not in the history", history},
		{"/admin/try/none", 404, "This run is not known any more", history},
		{"/admin/none", 404, "There is no such page", overview},
		{"/admin/history/export?format=none", 422, "There is no such format", overview},
		{"/admin/logout", 405, "This address takes no such request", overview},
	} {
		got := s.get(c.path)
		if got.status != c.status {
			t.Errorf("GET %s is answered %d; want %d", c.path, got.status, c.status)
		}
		has(t, c.path, got.text, append([]string{`<nav aria-label="Pages">`, c.ways[0], "Sign out", "<h1>" + c.title, c.ways[1]}, "</main>")...)
	}
	s.client.Jar = nil
	for _, path := range []string{"/admin/none", "/admin/setup?token=none"} {
		got := s.get(path)
		if got.status != 404 {
			t.Errorf("GET %s without a session is answered %d; want 404", path, got.status)
		}
		hasNot(t, path, got.text, `aria-label="Pages"`)
	}
}
