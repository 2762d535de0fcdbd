package pulsedive

import (
	"strings"
	"time"

	"github.com/maypok86/otter/v2"
)

// entry is one answer of Pulsedive's, decoded: a record, links, or that nothing
// is known.
type entry struct {
	record *Record
	links  *Links
	absent error // ErrNotFound, where nothing is known
	at     time.Time
}

// cacheKey is a question. It never meets that of another API key.
type cacheKey struct {
	print fingerprint
	query query
}

// cache holds answers. They stay beyond their time, as long as there is room:
// when a day's limit is used up, an old answer is better than none.
type cache struct {
	entries            *otter.Cache[cacheKey, entry]
	found, notFoundFor time.Duration
}

// newCache makes a cache, nil where none is wanted. It holds what one of before
// does, unless that is nil.
func newCache(cfg Config, before *cache) (*cache, error) {
	if cfg.CacheBytes <= 0 || (cfg.CacheTTL <= 0 && cfg.NotFoundTTL <= 0) {
		return nil, nil
	}
	if before != nil {
		before.entries.SetMaximum(uint64(cfg.CacheBytes))
		return &cache{entries: before.entries, found: cfg.CacheTTL, notFoundFor: cfg.NotFoundTTL}, nil
	}
	entries, err := otter.New(&otter.Options[cacheKey, entry]{
		MaximumWeight: uint64(cfg.CacheBytes),
		Weigher:       func(k cacheKey, e entry) uint32 { return uint32(len(k.query.indicator) + e.size()) },
	})
	return &cache{entries: entries, found: cfg.CacheTTL, notFoundFor: cfg.NotFoundTTL}, err
}

// SharesCache says whether two Clients have one cache, as where one took over from
// the other (Config.Before). other may be nil.
func (c *Client) SharesCache(other *Client) bool {
	return c.cache != nil && other != nil && other.cache != nil && c.cache.entries == other.cache.entries
}

func (e entry) size() int {
	n := 256 // the entry, its key and its place in the cache
	if e.record != nil {
		n += e.record.size()
	}
	if e.links != nil {
		n += e.links.size()
	}
	return n
}

// texts visits every text of an answer.
func (e entry) texts(visit func(*string)) {
	if e.record != nil {
		e.record.texts(visit)
	}
	if e.links != nil {
		e.links.texts(visit)
	}
}

// get finds an answer and says whether it is still of use as a fresh one.
func (c *cache) get(k cacheKey) (e entry, has, fresh bool) {
	if c == nil {
		return entry{}, false, false
	}
	e, has = c.entries.GetIfPresent(k)
	has = has && c.ttl(e) > 0 // it may be of a cache before this one
	return e, has, has && time.Since(e.at) < c.ttl(e)
}

// put keeps an answer, where answers of its kind are kept at all; what was known
// before is out of date all the same.
func (c *cache) put(k cacheKey, e entry) {
	if c == nil {
		return
	}
	if c.ttl(e) <= 0 {
		c.entries.Invalidate(k)
		return
	}
	k.query.indicator = strings.Clone(k.query.indicator) // it may be part of a whole request
	c.entries.Set(k, e)
}

func (c *cache) ttl(e entry) time.Duration {
	if e.absent != nil {
		return c.notFoundFor
	}
	return c.found
}
