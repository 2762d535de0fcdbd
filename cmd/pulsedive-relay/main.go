// Command pulsedive-relay answers Cisco XDR's questions about observables with
// what Pulsedive knows of them. See README.md, or run it with --help.
//
// The package is what stands around the relay: flags and their variables,
// listening and draining, and the small commands. It decides nothing of what is
// answered. Each command is a type with its flags as fields and a method Run;
// what is true of a flag (variable, default, bounds, meaning) stands in its
// struct tag alone, and help, errors and the README's table are made of it.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		signal.Stop(signals) // before anybody hears of the first: a second ends the program at once
		cancel()
	}()
	os.Exit(complain(os.Stderr, run(ctx, os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr)))
}
