package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"weir/node/frozen"
	"weir/node/home"
)

// besideHelp ends the description of a command that reads a home.
const besideHelp = "If the node runs, it reads a frozen copy of the home, which goes at its end."

// beside calls f with a home that f only reads. If the node of the home runs, that is a frozen copy
// of it, which goes when f returns.
func (sh *shell) beside(ctx context.Context, dir string, f func(dir string) error) (err error) {
	c, err := frozen.Take(ctx, dir)
	if errors.Is(err, frozen.ErrNobody) {
		if err = f(dir); errors.Is(err, home.ErrRunning) {
			return fmt.Errorf("%w. No node answers at %s: if it is starting, wait until weir status "+
				"answers; if another command reads the home, let it end; else stop the node", err,
				frozen.Socket(dir))
		}
		return err
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	fmt.Fprintf(sh.err, "The node runs: this reads a frozen copy of its home, as of block %d, for "+
		"which it took no writes for %v.\n", c.Height, c.Held.Round(time.Millisecond))
	return f(c.Home)
}
