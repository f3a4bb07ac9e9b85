package client

import (
	"context"
	"fmt"
)

// The number of rows in a batch of a load.
const (
	DefaultBatchRows = 100
	MaxBatchRows     = 8192
)

// LoadConfig says how a source is loaded.
type LoadConfig struct {
	BatchRows int // 0 means DefaultBatchRows; at most MaxBatchRows
	// CloseLane ends the lane's producer behind the last row, so that windows need not wait
	// for it.
	CloseLane bool
	// Skipped, if set, is told once how many rows were in already.
	Skipped func(rows uint64)
}

// Load writes all rows of a source to a writer's lane and returns how many it sent, once they
// are committed. The lane must hold nothing but the source's first rows: those are passed over,
// so that a load that was cut short goes on where it was. On an error in a line, the lines
// before its batch are committed.
func Load(ctx context.Context, w *Writer, src Source, cfg LoadConfig) (sent uint64, err error) {
	if cfg.BatchRows == 0 {
		cfg.BatchRows = DefaultBatchRows
	}
	if cfg.BatchRows < 1 || cfg.BatchRows > MaxBatchRows {
		return 0, fmt.Errorf("%d rows in a batch is not 1 to %d", cfg.BatchRows, MaxBatchRows)
	}
	in := w.LastSeq()
	skipped, err := src.Skip(in)
	if err != nil {
		return 0, err
	}
	if skipped < in {
		return 0, fmt.Errorf("writer %s has sent %d rows already, the source has only %d",
			w.config.Writer, in, skipped)
	}
	if cfg.Skipped != nil && skipped > 0 {
		cfg.Skipped(skipped)
	}
	cols := w.Schema().NewColumns(cfg.BatchRows)
	for ctx.Err() == nil {
		for _, c := range cols {
			c.Reset()
		}
		n, err := src.Fill(cols, cfg.BatchRows)
		if err != nil {
			flushErr := w.Flush()
			if flushErr != nil {
				return sent, flushErr
			}
			return sent, err
		}
		if n == 0 {
			break
		}
		if err := w.Write(cols); err != nil {
			return sent, err
		}
		sent += uint64(n)
	}
	if err := ctx.Err(); err != nil {
		return sent, err
	}
	if cfg.CloseLane {
		if err := w.WriteClose(); err != nil {
			return sent, err
		}
	}
	return sent, w.Flush()
}
