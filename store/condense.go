package store

import (
	"time"

	bolt "go.etcd.io/bbolt"
)

// What came in a hurry was compressed quickly alone, and has a bucket of its own.
// Once it is calm it is compressed again, in small steps, and moves to where all
// details are. So the first bucket's first entry is where to go on, also after a
// restart, pages of both are full, and those that become free serve what comes.
const (
	// calm is how long no transaction hurried when that begins.
	calm = 2 * time.Second
	// condenseStep is how many exchanges a step takes at most; condenseBytes how
	// many bytes of them, if they are more than one.
	condenseStep  = 32
	condenseBytes = 1 << 20
	// condenseRest is how many times as long as a step the rest after it is, so
	// that little is taken from whoever needs the processor and the disk.
	condenseRest = 4
)

// condense does that as long as the store is open.
func (s *Store) condense() {
	for some := true; ; {
		if !some {
			select {
			case <-s.hurried:
			case <-s.done:
				return
			}
		}
		if !s.pause(calm) {
			return
		}
		for some = true; some && s.isCalm(); {
			start := time.Now()
			n, err := s.condenseSome()
			s.noteFault(err)
			some = n > 0 || err != nil
			if !s.pause(condenseRest * time.Since(start)) {
				return
			}
		}
	}
}

// isCalm says whether nobody needs the time, and writing works.
func (s *Store) isCalm() bool {
	return time.Since(time.Unix(0, s.lastHurry.Load())) >= calm && s.health.refuses(s.cfg.Now()) == nil
}

// hurry notes a transaction whose exchanges were compressed quickly alone.
func (s *Store) hurry() {
	s.lastHurry.Store(time.Now().UnixNano())
	stir(s.hurried)
}

// quickOne is what is stored of an exchange that is to be compressed again.
type quickOne struct {
	id      uint64
	details []byte
}

// condenseSome compresses some again, and says how many.
func (s *Store) condenseSome() (int, error) {
	list, err := s.quickOnes()
	if err != nil || len(list) == 0 {
		return 0, err
	}
	for i := range list {
		list[i].details = s.compress.smaller(list[i].details)
	}
	return len(list), s.update(func(tx *bolt.Tx) error {
		quick, details := bucket(tx, quickBucket), bucket(tx, detailsBucket)
		for _, one := range list {
			if n, err := deletePieces(quick, one.id); err != nil {
				return err
			} else if n == 0 {
				continue // it was deleted meanwhile
			}
			if err := putPieces(details, one.id, one.details); err != nil {
				return err
			}
		}
		return nil
	})
}

// quickOnes are the first ones. Nobody waits for them, so neither do they wait for
// what gathers to be written.
func (s *Store) quickOnes() (list []quickOne, err error) {
	err = guarded(s.cfg.Path, func() error {
		return s.db.View(func(tx *bolt.Tx) error {
			size := 0
			for k, piece := range entries(bucket(tx, quickBucket)) {
				if id := numberOf(k); len(list) == 0 || list[len(list)-1].id != id {
					if len(list) == condenseStep || size > condenseBytes {
						break
					}
					list = append(list, quickOne{id: id})
				}
				last := &list[len(list)-1]
				last.details = append(last.details, piece...)
				size += len(piece)
			}
			return nil
		})
	})
	return list, s.wrong(err)
}
