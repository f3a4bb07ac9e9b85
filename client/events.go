package client

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"weir/client/api"
)

// errFeedEnded says that a node ended its feed; the caller goes on with another connection.
var errFeedEnded = errors.New("the node ended the feed of blocks")

// Follow calls deliver for every block above height after, in order; after < 0 begins with the
// next one. It reconnects, to another node if need be, and goes on where it was. It returns
// deliver's error, a node's refusal, or ctx.Err().
func (c *Client) Follow(ctx context.Context, after int64, deliver func(api.Block) error) error {
	pause := newBackoff()
	for {
		var stop error // what ends Follow rather than the connection
		err := c.follow(ctx, after, func(b api.Block) error {
			if b.Height <= after {
				return nil
			}
			stop = deliver(b)
			after = b.Height
			pause.reset()
			return stop
		})
		var refused *api.Error
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case stop != nil:
			return stop
		case errors.As(err, &refused) && refused.Status < http.StatusInternalServerError:
			return err
		}
		if err := pause.wait(ctx); err != nil {
			return err
		}
	}
}

// follow reads one connection's events.
func (c *Client) follow(ctx context.Context, after int64, deliver func(api.Block) error) error {
	at := c.next.Load()
	node := c.nodes[int(at)%len(c.nodes)]
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, node+api.PathEvents, nil)
	if err != nil {
		return err
	}
	if after >= 0 {
		req.Header.Set("Last-Event-ID", fmt.Sprint(after))
	}
	res, err := c.http.Do(req)
	if err != nil {
		c.next.CompareAndSwap(at, at+1)
		return fmt.Errorf("reach %s: %w", node, err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return &api.Error{
			Status: res.StatusCode, SQLState: "08006",
			Message: "the node answered " + res.Status,
		}
	}
	err = readEvents(bufio.NewScanner(res.Body), deliver)
	if errors.Is(err, errFeedEnded) {
		c.next.CompareAndSwap(at, at+1)
	}
	return err
}

// readEvents parses server-sent events and delivers the blocks among them.
func readEvents(sc *bufio.Scanner, deliver func(api.Block) error) error {
	var name string
	for sc.Scan() {
		field, value, _ := strings.Cut(sc.Text(), ":")
		value = strings.TrimPrefix(value, " ")
		switch {
		case field == "event":
			name = value
		case field == "data" && name == "block":
			var b api.Block
			if err := json.Unmarshal([]byte(value), &b); err != nil {
				return fmt.Errorf("read an event: %w", err)
			}
			if err := deliver(b); err != nil {
				return err
			}
		case field == "data" && name == "error":
			e := &api.Error{Status: http.StatusGone}
			if json.Unmarshal([]byte(value), e) == nil {
				return e
			}
		case field == "":
			name = ""
		}
	}
	return errors.Join(errFeedEnded, sc.Err())
}
