// Command pulsedive-relay answers Cisco XDR's questions about observables with
// what Pulsedive knows of them. See README.md, or run it with --help.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second signal ends the program at once.
	context.AfterFunc(ctx, stop)
	err := run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr)
	stop()
	if err == nil {
		return
	}
	var quiet quietError
	if !errors.As(err, &quiet) {
		fmt.Fprintln(os.Stderr, "pulsedive-relay:", err)
	}
	os.Exit(exitStatus(err))
}
