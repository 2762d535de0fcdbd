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
