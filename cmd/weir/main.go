// Command weir is the whole of Weir in one binary: node, client, verifier and local networks.
//
// This package is a shell: each command is a file that reads its flags, calls the packages that
// do the work, and prints. Exit status: 0 done, 1 refused or failed, 2 wrong usage.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	// The first signal asks for an orderly end; the second one ends the process.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr, assemble()))
}
