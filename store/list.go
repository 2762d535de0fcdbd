package store

import (
	"fmt"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"
)

// maxPage is how many exchanges a page has at most.
const maxPage = 1000

// Page is a part of a list of exchanges, newest first.
type Page struct {
	Summaries []Summary
	// Newer and Older are the cursors of the pages beside this one, 0 where
	// there is none.
	Newer, Older uint64
	// Partial says that the search stopped at its bound of entries or time before
	// the page was full; Older goes on from there (Newer where the page was asked
	// for by Cursor.After), and Reached is the time of the last entry that was
	// looked at.
	Partial bool
	Reached time.Time
}

// Cursor says where in a list a page begins. The zero value is the newest.
type Cursor struct {
	// Before: the page has the newest exchanges with lower numbers. After: the
	// page has the oldest with higher ones, and still lists newest first.
	Before, After uint64
}

// List is a page of the exchanges that a filter means, n of them at most. A page
// after a cursor that turns out not to be full is the newest page instead.
func (s *Store) List(f Filter, c Cursor, n int) (Page, error) {
	n = min(max(n, 1), maxPage)
	var page Page
	err := s.view(func(tx *bolt.Tx) (err error) {
		if c.After > 0 {
			page, err = pageAfter(tx, s.newWalk(f), c.After, n)
			if err != nil || len(page.Summaries) == n || page.Partial {
				return err
			}
			c = Cursor{}
		}
		page, err = pageBefore(tx, s.newWalk(f), c.Before, n)
		return err
	})
	if err != nil {
		return Page{}, fmt.Errorf("listing exchanges: %w", err)
	}
	return page, nil
}

// pageBefore is a page of what is older than an exchange; 0: the newest page.
func pageBefore(tx *bolt.Tx, w *walk, before uint64, n int) (Page, error) {
	if before > 0 {
		w.high = before - 1
	}
	page, more, err := collect(tx, w, n)
	switch {
	case more:
		page.Older = page.Summaries[n-1].ID
	case w.partial:
		page.Older = w.last
	}
	if before > 0 {
		page.Newer = before - 1
		if len(page.Summaries) > 0 {
			page.Newer = page.Summaries[0].ID
		}
		if !newerThan(tx, page.Newer) {
			page.Newer = 0
		}
	}
	return page, err
}

// newerThan says whether any exchange is newer than one, were it of another kind
// than the page's: looking for one of the kind might take long.
func newerThan(tx *bolt.Tx, id uint64) bool {
	k, _ := bucket(tx, summariesBucket).Cursor().Last()
	return numberOf(k) > id
}

// pageAfter is a page of what is newer than an exchange.
func pageAfter(tx *bolt.Tx, w *walk, after uint64, n int) (Page, error) {
	w.up, w.low = true, after+1
	page, more, err := collect(tx, w, n)
	slices.Reverse(page.Summaries)
	switch {
	case more:
		page.Newer = page.Summaries[0].ID
	case w.partial:
		page.Newer = w.last
	}
	page.Older = after + 1
	if len(page.Summaries) > 0 {
		page.Older = page.Summaries[len(page.Summaries)-1].ID
	}
	return page, err
}

// collect reads the first n summaries of a walk; more says that there are others.
func collect(tx *bolt.Tx, w *walk, n int) (page Page, more bool, err error) {
	err = w.run(tx, func(id uint64, v []byte) bool {
		if len(page.Summaries) == n {
			more = true
			return false
		}
		if sum, err := readSummary(id, v); err == nil { // one that cannot be read must not hide the others
			page.Summaries = append(page.Summaries, sum)
		}
		return true
	})
	page.Partial = w.partial
	if w.partial {
		page.Reached = time.Unix(0, w.at).UTC()
	}
	return page, more, err
}
