package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/term"

	"pulsedive-relay/store"
	"pulsedive-relay/web"
)

// The commands about the database work beside a running relay, by way of its
// control socket, and without one, on the file itself.

// passwdCommand sets the admin password.
type passwdCommand struct {
	databaseFlags `group:"Database"`
}

// Run asks for a password, twice on a terminal, else reads one line.
func (c *passwdCommand) Run(p *process) error {
	password, err := askPassword(p)
	if err != nil {
		return err
	}
	err = askRunning(p.ctx, c.DB, "/passwd", strings.NewReader(password), io.Discard)
	if errors.Is(err, errNotRunning) {
		err = withStore(c.DB, func(s *store.Store) error { return web.SetPassword(s, password) })
	}
	if err != nil {
		return fmt.Errorf("setting the password: %w", err)
	}
	_, err = fmt.Fprintln(p.stdout, "The password is set. Everybody is signed out.")
	return err
}

// askPassword reads a new password, unseen where there is a terminal.
func askPassword(p *process) (string, error) {
	in, ok := p.stdin.(*os.File)
	if !ok || !term.IsTerminal(int(in.Fd())) {
		line, err := bufio.NewReader(p.stdin).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", fmt.Errorf("reading the password: %w", err)
		}
		return strings.TrimRight(line, "\r\n"), nil
	}
	var read [2]string
	for i, prompt := range []string{"New password: ", "Again: "} {
		fmt.Fprint(p.stderr, prompt)
		b, err := term.ReadPassword(int(in.Fd()))
		fmt.Fprintln(p.stderr)
		if err != nil {
			return "", fmt.Errorf("reading the password: %w", err)
		}
		read[i] = string(b)
	}
	if read[0] != read[1] {
		return "", usageError{errors.New("the two passwords differ; nothing was changed")}
	}
	return read[0], nil
}

// backupCommand copies the database.
type backupCommand struct {
	File          string `arg:"" name:"file" help:"File to write; one that is there is not overwritten. A backup that is killed leaves a hidden .FILE-copy-*.part beside it, with secrets where they were asked for: delete that."`
	Secrets       bool   `noenv:"" help:"With secrets: the Pulsedive key, the password's hash, sessions, and what the cache holds."`
	databaseFlags `group:"Database"`
}

// Run writes the copy.
func (c *backupCommand) Run(p *process) error {
	path := "/backup"
	if c.Secrets {
		path += "?secrets=yes"
	}
	err := store.WriteWhole(c.File, func(f *os.File) error { return askRunning(p.ctx, c.DB, path, nil, f) })
	if errors.Is(err, errNotRunning) {
		err = withStore(c.DB, func(s *store.Store) error { return s.Backup(p.ctx, c.File, c.Secrets) })
	}
	if errors.Is(err, store.ErrExists) {
		return fmt.Errorf("%s is there already; it was left as it is", c.File)
	}
	if err != nil {
		return fmt.Errorf("making the copy: %w", err)
	}
	_, err = fmt.Fprintf(p.stdout, "%s is a copy of %s%s.\n", c.File, c.DB, map[bool]string{true: ", with its secrets: keep it safe", false: ", without secrets"}[c.Secrets])
	return err
}

// restoreCommand makes a database of a copy.
type restoreCommand struct {
	File          string `arg:"" name:"file" help:"Backup to restore."`
	databaseFlags `group:"Database"`
}

// Run refuses to overwrite a database.
func (c *restoreCommand) Run(p *process) error {
	if err := store.Restore(p.ctx, c.File, c.DB); err != nil {
		return err
	}
	_, err := fmt.Fprintf(p.stdout, "%s is restored of %s.\n", c.DB, c.File)
	return err
}

// withStore opens the database that is there, for one piece of work.
func withStore(path string, work func(*store.Store) error) error {
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("there is no database %s; --db names another", filepath.Clean(path))
	}
	s, err := store.Open(store.Config{Path: path})
	if err != nil {
		return err
	}
	return errors.Join(work(s), s.Close())
}

// keepExchange adds what was asked in a terminal to the history, where there is
// one.
func keepExchange(p *process, path string, x *store.Exchange) error {
	body, err := encodeExchange(x)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(p.ctx), localTimeout) // an interrupted one is one, too
	defer cancel()
	err = askRunning(ctx, path, "/exchange", body, io.Discard)
	if !errors.Is(err, errNotRunning) {
		return err
	}
	if _, err := os.Stat(path); err != nil {
		return nil // no history, nothing to add
	}
	return withStore(path, func(s *store.Store) error {
		_, err := s.Append(ctx, x)
		return err
	})
}

// adminPassword is the password that the process fixes.
type adminPassword struct{ text, origin string }

// password is the admin password by flag, variable or file.
func (f *adminFlags) password() (adminPassword, error) {
	if f.AdminPassword != "" && f.AdminPasswordFile != "" {
		return adminPassword{}, usageError{errors.New("the admin password is set twice, by itself and as a file; set one of them")}
	}
	if f.AdminPasswordFile == "" {
		return adminPassword{f.AdminPassword, store.VariablePrefix + "ADMIN_PASSWORD"}, nil
	}
	text, err := os.ReadFile(f.AdminPasswordFile)
	if err != nil {
		return adminPassword{}, fmt.Errorf("reading the admin password: %w", err)
	}
	line, _, _ := strings.Cut(string(text), "\n")
	if line = strings.TrimRight(line, "\r"); line == "" {
		return adminPassword{}, fmt.Errorf("reading the admin password: the first line of %s is empty", f.AdminPasswordFile)
	}
	return adminPassword{line, f.AdminPasswordFile}, nil
}
