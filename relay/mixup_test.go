package relay_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"pulsedive-relay/relay"
	"pulsedive-relay/relay/ctim"
	"pulsedive-relay/relay/pulsedive"
	"pulsedive-relay/relay/pulsedive/pulsedivetest"
)

// Bounds of the hammering.
const (
	hammers = 12
	blows   = 8
	// madeUpEntities is how many entities a made-up record has, without its
	// Active DNS.
	madeUpEntities = 5 + 4 + 8
)

// hammer is one of many who ask the same relay at once, each with a key and an
// entities limit of its own.
type hammer struct {
	*world
	t     *testing.T
	n     int
	key   string
	limit int
	token string
	rng   *rand.Rand
}

// TestManyAtOnceGetTheirOwn has many callers ask one relay at once, with
// different keys, limits and observables: nothing of one may reach another.
func TestManyAtOnceGetTheirOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{
		fake:      pulsedivetest.Config{Generate: true},
		pulsedive: pulsedive.Config{CacheTTL: time.Hour, CacheBytes: 4 << 20},
		relay:     relay.Config{Parallel: 4},
		quiet:     true,
	})
	var callers sync.WaitGroup
	for n := range hammers {
		h := &hammer{world: w, t: t, n: n, key: fmt.Sprintf("key-of-%d", n/2), limit: 1 + 2*n, rng: rand.New(rand.NewPCG(1, uint64(n)))}
		h.token = w.token(h.key, object{"CTR_ENTITIES_LIMIT": h.limit})
		callers.Go(func() {
			for i := range blows {
				h.strike(i)
			}
		})
	}
	callers.Wait()
	for _, c := range w.fake.Calls() {
		if c.IID == "2" {
			continue
		}
		var key, caller int
		name := strings.ReplaceAll(strings.ReplaceAll(c.Value, "https://", ""), "/", "")
		if _, err := fmt.Sscanf(name[strings.Index(name, "k"):], "k%dc%d", &key, &caller); err != nil {
			t.Fatalf("Pulsedive was asked about %q: %v", c.Value, err)
		}
		if want := fmt.Sprintf("key-of-%d", key); c.Key != want {
			t.Errorf("Pulsedive was asked about %s with the key %s, want %s", c.Value, c.Key, want)
		}
	}
}

// values are made up anew, but for one that both callers of a key ask about
// again and again.
func (h *hammer) values(i int) []ctim.Observable {
	list := []ctim.Observable{{Type: "domain", Value: fmt.Sprintf("shared.k%dc0.example", h.n/2)}}
	for j := range h.rng.IntN(6) {
		o := ctim.Observable{Type: "domain", Value: fmt.Sprintf("v%d-%d.k%dc%d.example", i, j, h.n/2, h.n)}
		if h.rng.IntN(2) == 0 {
			o = ctim.Observable{Type: "url", Value: "https://" + o.Value + "/"}
		}
		list = append(list, o)
	}
	h.rng.Shuffle(len(list), func(a, b int) { list[a], list[b] = list[b], list[a] })
	return list
}

func (h *hammer) strike(i int) {
	list := h.values(i)
	switch h.rng.IntN(4) {
	case 0:
		a := h.askWith(h.token, "/health", "")
		wantErrors(h.t, "/health", a)
	case 1:
		a := h.askWith(h.token, referPath, marshal(list))
		var want []string
		for _, kind := range []string{"search", "detail"} {
			for _, o := range list {
				want = append(want, kind+"-"+o.Type+"-"+strings.NewReplacer(":", "%3A", "/", "%2F").Replace(o.Value))
			}
		}
		wantErrors(h.t, "refer", a)
		wantLinks(h.t, fmt.Sprintf("refer by caller %d", h.n), a, want...)
	default:
		h.observed(h.askWith(h.token, observePath, marshal(list)), list)
	}
}

// observed checks that an answer holds what was asked, and that only, each with
// as many entities as the caller's limit allows.
func (h *hammer) observed(a answer, list []ctim.Observable) {
	asked := fmt.Sprintf("observe by caller %d with the limit %d", h.n, h.limit)
	wantErrors(h.t, asked, a)
	b := bundleOf(h.t, a)
	if len(b.Verdicts) != len(list) || len(b.Judgements) != len(list) {
		h.t.Fatalf("%s: %d verdicts, %d judgements, want %d each", asked, len(b.Verdicts), len(b.Judgements), len(list))
	}
	sightings := map[ctim.Observable]int{}
	for _, s := range b.Sightings {
		sightings[s.Observables[0]]++
	}
	for i, o := range list {
		if b.Verdicts[i].Observable != o || b.Judgements[i].Observable != o {
			h.t.Errorf("%s: verdict and judgement %d are on %v and %v, want %v", asked, i, b.Verdicts[i].Observable, b.Judgements[i].Observable, o)
		}
		known := madeUpEntities
		if o.Type == "domain" {
			known++ // its Active DNS
		}
		if want := min(h.limit, known); sightings[o] != want {
			h.t.Errorf("%s: %d sightings of %v, want %d", asked, sightings[o], o, want)
		}
		delete(sightings, o)
	}
	if len(sightings) > 0 {
		h.t.Errorf("%s: sightings of %v, which were not asked about", asked, sightings)
	}
	for _, err := range ctim.Check(b) {
		h.t.Errorf("%s: %v", asked, err)
	}
	if text := strings.ReplaceAll(a.Text, h.key, ""); strings.Contains(text, "key-of-") {
		h.t.Errorf("%s: the answer holds a key of another", asked)
	}
}
