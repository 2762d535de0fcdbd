package store

import "sync"

// listeners are those who want to know of new exchanges.
type listeners struct {
	mu   sync.Mutex
	list map[chan struct{}]bool
}

// Subscribe gives a channel that is told when exchanges came or went, one signal
// for as many as came since the last was taken. The function ends it.
func (s *Store) Subscribe() (<-chan struct{}, func()) {
	c := make(chan struct{}, 1)
	l := &s.listeners
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.list == nil {
		l.list = map[chan struct{}]bool{}
	}
	l.list[c] = true
	return c, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.list, c)
	}
}

func (l *listeners) tell() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.list {
		stir(c)
	}
}
