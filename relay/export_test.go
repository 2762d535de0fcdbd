package relay

import (
	"time"

	"pulsedive-relay/relay/ctim"
	"pulsedive-relay/relay/pulsedive"
)

// Translate is the bundle of one translation.
func Translate(record *pulsedive.Record, links *pulsedive.Links, limit int, now time.Time, newID func() string) ctim.Bundle {
	t := &translation{}
	t.translate(record, links, limit, now, newID)
	return t.bundle()
}
