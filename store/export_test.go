package store

// TrimAll deletes what the retention does not keep, now.
func (s *Store) TrimAll() { s.trimAll() }
