package store

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// WriteBackup is Backup to a stream. The copy is made beside the database first,
// and is gone afterwards.
func (s *Store) WriteBackup(ctx context.Context, w io.Writer, secrets bool) error {
	folder, err := os.MkdirTemp(filepath.Dir(s.cfg.Path), ".backup-")
	if err != nil {
		return fmt.Errorf("making a place for the copy: %w", err)
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "copy.db")
	if err := s.Backup(ctx, path, secrets); err != nil {
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("reading the copy: %w", err)
	}
	defer f.Close()
	if _, err := io.Copy(w, f); err != nil {
		return fmt.Errorf("sending the copy: %w", err)
	}
	return nil
}
