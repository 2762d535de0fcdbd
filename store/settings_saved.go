package store

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	bolt "go.etcd.io/bbolt"
)

// Settings are those in effect: what is stored, under the pins.
func (s *Store) Settings() Settings {
	set := *s.effective.Load()
	set.PublicURL = slices.Clone(set.PublicURL)
	set.JWKSHosts = slices.Clone(set.JWKSHosts)
	return set
}

// Pinned says whether the process fixes a setting, and by what.
func (s *Store) Pinned(name string) (origin string, ok bool) {
	pin, ok := s.pinned[name]
	return pin.Origin, ok
}

// SaveSettings checks settings as a whole and keeps them. Pinned fields keep what
// is stored, and their pins. What is wrong with settings is a FieldErrors.
func (s *Store) SaveSettings(set Settings) error {
	s.saving.Lock()
	defer s.saving.Unlock()
	texts, err := s.stored()
	if err != nil {
		return err
	}
	for _, f := range Fields() {
		if _, pinned := s.pinned[f.Name]; pinned {
			continue
		}
		if texts[f.Name] = set.Text(f); texts[f.Name] == defaultText(f) {
			delete(texts, f.Name)
		}
	}
	effective, err := s.under(texts)
	if err != nil {
		return err
	}
	if err := effective.Check(); err != nil {
		return err
	}
	if err := s.update(func(tx *bolt.Tx) error { return putTexts(tx, texts) }); err != nil {
		return fmt.Errorf("saving the settings: %w", err)
	}
	s.effective.Store(&effective)
	s.tidySoon() // there may be more to delete now
	return nil
}

// defaultText is a field's default as Text gives it.
func defaultText(f Field) string {
	var set Settings
	if err := set.Set(f, f.Default); err != nil {
		return f.Default
	}
	return set.Text(f)
}

// stored are the texts of the file, by the field's name.
func (s *Store) stored() (map[string]string, error) {
	texts := map[string]string{}
	err := s.view(func(tx *bolt.Tx) error {
		for _, f := range Fields() {
			if v := bucket(tx, bucketOf(f)).Get([]byte(f.Name)); v != nil {
				texts[f.Name] = string(v)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading the settings: %w", err)
	}
	return texts, nil
}

// bucketOf is where a field's text is stored.
func bucketOf(f Field) []byte {
	if f.Secret() {
		return secretsBucket
	}
	return settingsBucket
}

func putTexts(tx *bolt.Tx, texts map[string]string) error {
	for _, f := range Fields() {
		b, key := bucket(tx, bucketOf(f)), []byte(f.Name)
		text, ok := texts[f.Name]
		err := b.Delete(key)
		if ok {
			err = b.Put(key, []byte(text))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// under are the settings of stored texts, under the pins.
func (s *Store) under(texts map[string]string) (Settings, error) {
	texts = maps.Clone(texts)
	for name, pin := range s.pinned {
		texts[name] = pin.Text
	}
	return Settings{}.with(texts)
}

// loadSettings reads the settings. A stored text that is not valid any more, or
// not together with the pins, counts as the default; a pin must be valid.
func (s *Store) loadSettings() error {
	s.pinned = map[string]Pin{}
	for _, pin := range s.cfg.Pins {
		s.pinned[pin.Name] = pin
	}
	texts, err := s.stored()
	if err != nil {
		return err
	}
	for {
		set, err := s.under(texts)
		if err == nil {
			err = set.Check()
		}
		if err == nil {
			s.effective.Store(&set)
			return nil
		}
		if !s.withdraw(texts, err) {
			return err
		}
	}
}

// withdraw takes back the stored texts that are at fault; false: none are.
func (s *Store) withdraw(texts map[string]string, err error) bool {
	var faults FieldErrors
	if !errors.As(err, &faults) {
		return false
	}
	some := false
	for name, fault := range faults {
		_, pinned := s.pinned[name]
		if _, ok := texts[name]; ok && !pinned {
			delete(texts, name)
			some = true
			s.cfg.Log.Warn("a stored setting is not valid; its default counts", "setting", name, "error", fault)
		}
	}
	return some
}
