package frozen

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"weir/ledger/store"
)

// ErrNobody is a home for which no node answers.
var ErrNobody = errors.New("no node answers for this home")

// Copy is a frozen copy of a home.
type Copy struct {
	Home   string        // a home like any other, but without keys
	Height int64         // of CometBFT's state in it
	Held   time.Duration // how long the node's stores took no writes
	Took   time.Duration // how long the making took in all

	conn net.Conn
	held io.Closer
}

// The protocol: a request is one line; so is its answer, in JSON. The copy stays until the
// connection ends.
const request = "copy\n"

type answer struct {
	Copy   int    `json:"copy"`
	Height int64  `json:"height"`
	Held   int64  `json:"held_ns"`
	Took   int64  `json:"took_ns"`
	Error  string `json:"error,omitempty"`
}

// Take asks the running node of a home for a frozen copy. Close removes it.
//
// Errors: ErrNobody; what the node says, when it has copies enough, say.
func Take(ctx context.Context, home string) (*Copy, error) {
	var conn net.Conn
	err := reach(home, func(path string) (err error) {
		conn, err = (&net.Dialer{}).DialContext(ctx, "unix", path)
		return err
	})
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED) {
		return nil, fmt.Errorf("%w: %w", ErrNobody, err)
	}
	if err != nil {
		return nil, fmt.Errorf("asking the node for a frozen copy: %w", err)
	}
	// Whoever gives up closes the connection, and the node forgets the copy.
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	c, err := ask(conn, home)
	if err != nil {
		return nil, errors.Join(ctx.Err(), err, conn.Close())
	}
	if c.held, err = store.Lock(filepath.Join(c.Home, inUseName)); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return c, nil
}

func ask(conn net.Conn, home string) (*Copy, error) {
	if _, err := io.WriteString(conn, request); err != nil {
		return nil, fmt.Errorf("asking the node for a frozen copy: %w", err)
	}
	line, err := bufio.NewReader(conn).ReadBytes('\n')
	if err != nil {
		return nil, fmt.Errorf("waiting for a frozen copy: %w", err)
	}
	var a answer
	if err := json.Unmarshal(line, &a); err != nil {
		return nil, fmt.Errorf("reading what the node says of a frozen copy: %w", err)
	}
	if a.Error != "" {
		return nil, fmt.Errorf("the node makes no frozen copy: %s", a.Error)
	}
	return &Copy{
		Home: copyPath(home, a.Copy), Height: a.Height, Held: time.Duration(a.Held),
		Took: time.Duration(a.Took), conn: conn,
	}, nil
}

// Close removes the copy, also if the node has ended meanwhile.
func (c *Copy) Close() error {
	return errors.Join(os.RemoveAll(c.Home), c.held.Close(), c.conn.Close())
}
