package store

import (
	"fmt"
	"path/filepath"

	"github.com/cockroachdb/pebble"
)

// Hold makes every write wait until release is called, once; reading goes on. It waits for the
// writes that are under way. Pebble's own work in the background does not change what a store
// holds, and goes on too.
func (p *Pebble) Hold() (release func()) {
	p.writes.Lock()
	return p.writes.Unlock
}

// CopyTo makes a store in the folder dir/name.db that holds all that was written to this one. It
// shares the tables by hard links where the file system has them; the logs are copied. While no
// write comes, see Hold, several stores are copied as of one instant.
//
// Errors: those of pebble; this store goes on.
func (p *Pebble) CopyTo(name, dir string) error {
	to := filepath.Join(dir, name+".db")
	err := p.do(func() error { return p.db.Checkpoint(to, pebble.WithFlushedWAL()) })
	if err != nil {
		return fmt.Errorf("copy store %s to %s: %w", p.path, to, err)
	}
	return nil
}
