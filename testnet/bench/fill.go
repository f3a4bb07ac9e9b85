package bench

import (
	"context"
	"fmt"
	"time"

	"weir/client"
	"weir/client/api"
	"weir/stream/value"
)

// FillConfig says what to put into a network.
type FillConfig struct {
	Nodes []string // base URLs
	Key   *client.Key
	Role  string // needs CREATE; the key must be allowed any writer
	Bytes uint64 // of payload, about
	// Progress is called with the bytes of payload that were acknowledged since the last call.
	Progress func(bytes uint64)
}

// noteBytes is the length of the text that makes up most of a row, rowBytes about what a row's
// payload takes.
const (
	noteBytes = 160
	rowBytes  = noteBytes + 24
)

// Fill loads rows of a stream with two views over it: all rows, and one row of operator state for
// each of a million keys. It goes on until a checkpoint holds what was asked for, and returns the
// number of rows.
func Fill(ctx context.Context, cfg FillConfig) (rows uint64, err error) {
	c, err := client.New(cfg.Nodes...)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	signer, err := c.NewSigner(ctx, cfg.Key, cfg.Role)
	if err != nil {
		return 0, err
	}
	for _, sql := range []string{
		"CREATE STREAM bench_fill (id bigint, note text, at timestamp, " +
			"WATERMARK FOR at AS at - INTERVAL '1 minute')",
		"CREATE MATERIALIZED VIEW bench_fill_rows AS SELECT id, note, at FROM bench_fill",
		"CREATE MATERIALIZED VIEW bench_fill_keys AS SELECT id % 1000000 AS k, count(*) AS n, " +
			"max(id) AS last FROM bench_fill GROUP BY id % 1000000",
	} {
		if _, err := signer.Exec(ctx, sql); err != nil {
			return 0, err
		}
	}
	last := int64(0)
	w, err := c.NewWriter(ctx, client.WriterConfig{
		Key: cfg.Key, Role: cfg.Role, Writer: "bench-fill", Relation: "bench_fill",
		Acknowledged: func(r *api.Receipt, n int) {
			last = max(last, r.Height)
			cfg.Progress(uint64(n) * rowBytes)
		},
	})
	if err != nil {
		return 0, err
	}
	defer w.Close()
	for full := int64(0); ; {
		if err := w.Write(fillRows(w.Schema(), rows)); err != nil {
			return rows, err
		}
		rows += fillBatch
		if rows*rowBytes < cfg.Bytes {
			continue
		}
		if err := w.Flush(); err != nil {
			return rows, err
		}
		if full == 0 {
			full = last
		}
		if st, err := c.Status(ctx); err != nil || st.CheckpointHeight >= full {
			return rows, err
		}
		select {
		case <-ctx.Done():
			return rows, ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// fillBatch is the rows of a batch: about a megabyte.
const fillBatch = 5000

// fillRows makes a batch from row number first on. Texts differ, so that nothing shrinks them.
func fillRows(s *client.Schema, first uint64) []*value.Vec {
	cols := s.NewColumns(fillBatch)
	note := make([]byte, 0, noteBytes)
	for i := range uint64(fillBatch) {
		k := first + i
		cols[0].AppendInt(int64(k))
		note = note[:0]
		for x := k; len(note) < noteBytes; {
			x = x*0x9E3779B97F4A7C15 + 0xD1B54A32D192ED03
			note = fmt.Appendf(note, "%016x", x)
		}
		cols[1].AppendBytes(note[:noteBytes])
		cols[2].AppendInt(firstTime + int64(k)*pace)
	}
	return cols
}
