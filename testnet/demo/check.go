package demo

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"weir/client"
	"weir/client/api"
	"weir/internal/term"
)

// catchUp waits until the victim stands where the others stood when the load ended.
func (d *story) catchUp(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, catchUpWait)
	defer cancel()
	others, err := d.net.WaitReady(ctx, 0)
	if err != nil {
		return err
	}
	start := time.Now()
	st, err := d.net.WaitFor(ctx, victim, func(st *api.Status) bool {
		return st.Height >= others.Height
	})
	if err != nil {
		return err
	}
	d.say("   validator %d holds block %d after %.1f s more; the others were at %d\n", victim,
		st.Height, time.Since(start).Seconds(), others.Height)
	return nil
}

// compareHashes checks that every validator has the same app hash after the same block.
func (d *story) compareHashes(ctx context.Context) error {
	st, err := d.client.Status(ctx)
	if err != nil {
		return err
	}
	var first api.Hex
	for i, node := range d.net.Nodes {
		if _, err := d.net.WaitFor(ctx, i, func(s *api.Status) bool {
			return s.Height >= st.Height
		}); err != nil {
			return err
		}
		h, err := appHash(ctx, node.HTTP(), st.Height)
		if err != nil {
			return fmt.Errorf("validator %d: %w", i, err)
		}
		d.say("   validator %d, block %d: %s\n", i, h.Height, h.AppHash)
		if i == 0 {
			first = h.AppHash
		}
		if !bytes.Equal(h.AppHash, first) || len(first) == 0 {
			return fmt.Errorf("validator %d holds another state", i)
		}
	}
	return nil
}

// appHash asks one node.
func appHash(ctx context.Context, url string, height int64) (*api.AppHash, error) {
	c, err := client.New(url)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	return c.AppHash(ctx, height)
}

// readViews asks the views.
func (d *story) readViews(ctx context.Context) error {
	for _, q := range []string{countDaily, busiestRoutes, worstAirports} {
		start := time.Now()
		res, err := d.client.Query(ctx, q)
		if err != nil {
			return fmt.Errorf("%s: %w", q, err)
		}
		if len(res.Rows) == 0 {
			return fmt.Errorf("%s: no rows", q)
		}
		d.say("\n   %s\n", q)
		d.table(res)
		d.say("   as of block %d, in %.1f ms\n", res.Height, 1e3*time.Since(start).Seconds())
	}
	return nil
}

// table writes an answer.
func (d *story) table(res *api.Result) {
	header, right := make([]string, len(res.Columns)), make([]bool, len(res.Columns))
	for i, c := range res.Columns {
		header[i], right[i] = c.Name, c.Type != "text"
	}
	rows := make([][]string, len(res.Rows))
	for i, r := range res.Rows {
		rows[i] = make([]string, len(header))
		for j, v := range r {
			if v != nil {
				rows[i][j] = *v
			}
		}
	}
	var text bytes.Buffer
	term.Table(&text, header, rows, right)
	for line := range strings.Lines(text.String()) {
		d.say("     %s", line)
	}
}

// prove fetches one answer's evidence, verifies it with the genesis file alone, and shows that
// no byte of it can be changed.
func (d *story) prove(ctx context.Context) error {
	evidence, err := d.client.Prove(ctx, provenQuery)
	if err != nil {
		return err
	}
	genesis, err := os.ReadFile(d.net.Genesis())
	if err != nil {
		return fmt.Errorf("read the genesis file: %w", err)
	}
	start := time.Now()
	proven, err := d.Verify(evidence, genesis)
	if err != nil {
		return fmt.Errorf("honest evidence is refused: %w", err)
	}
	took := time.Since(start)
	d.say("   %s\n", provenQuery)
	d.table(&proven.Answer)
	d.say("   %d bytes of evidence, verified offline in %.1f ms, relying on:\n", len(evidence),
		1e3*took.Seconds())
	for _, s := range proven.ReliedOn {
		d.say("     - %s\n", s)
	}
	forged := bytes.Clone(evidence)
	at := len(forged) / 2
	forged[at] ^= 1
	_, err = d.Verify(forged, genesis)
	if err == nil {
		return fmt.Errorf("evidence with a flipped bit in byte %d is accepted", at)
	}
	d.say("   one bit of byte %d flipped: refused (%v)\n", at, err)
	return nil
}
