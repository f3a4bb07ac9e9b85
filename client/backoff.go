package client

import (
	"context"
	"time"
)

// The pauses between attempts: doubled from the first to the last.
const (
	backoffFirst = 20 * time.Millisecond
	backoffLast  = time.Second
)

// backoff paces repeated attempts of one caller.
type backoff struct{ next time.Duration }

func newBackoff() *backoff { return &backoff{next: backoffFirst} }

// reset begins again with the shortest pause.
func (b *backoff) reset() { b.next = backoffFirst }

// wait pauses, or returns ctx.Err() if ctx ends first.
func (b *backoff) wait(ctx context.Context) error {
	t := time.NewTimer(b.next)
	defer t.Stop()
	b.next = min(2*b.next, backoffLast)
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
