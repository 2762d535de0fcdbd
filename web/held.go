package web

import (
	"crypto/rand"
	"time"

	"github.com/maypok86/otter/v2"
)

const (
	// heldFor is how long a key that was typed waits to be saved.
	heldFor = 15 * time.Minute
	// mostHeld is how many of them wait at most.
	mostHeld = 16
)

// heldKeys are keys that were typed into a form that is shown again: no page
// holds a key, so the form holds a token instead. They are in memory alone.
type heldKeys struct {
	keys *otter.Cache[string, heldKey]
	now  func() time.Time
}

type heldKey struct {
	key string
	at  time.Time
}

func newHeldKeys(now func() time.Time) *heldKeys {
	return &heldKeys{otter.Must(&otter.Options[string, heldKey]{MaximumSize: mostHeld}), now}
}

// hold keeps a key and is the token for it; of none it is empty.
func (h *heldKeys) hold(key string) string {
	if key == "" {
		return ""
	}
	token := rand.Text()
	h.keys.Set(token, heldKey{key, h.now()})
	return token
}

// get is the key of a token, empty where there is none any more.
func (h *heldKeys) get(token string) string {
	held, _ := h.keys.GetIfPresent(token)
	if h.now().Sub(held.at) > heldFor {
		h.drop(token)
		return ""
	}
	return held.key
}

func (h *heldKeys) drop(token string) { h.keys.Invalidate(token) }
