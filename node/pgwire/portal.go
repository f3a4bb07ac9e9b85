package pgwire

import (
	"context"
	"iter"

	"weir/stream/value"
)

// portal is a statement with its parameters, ready to run or suspended.
type portal struct {
	name      string
	statement *statement
	args      []value.Datum
	formats   []int16

	cancel   context.CancelFunc // not nil once started
	writer   *resultWriter
	resume   func() (struct{}, bool) // nil unless it runs as a coroutine
	stop     func()
	finished bool
	tag      string
	err      error
}

// start prepares the first run.
func (p *portal) start(c *conn) {
	if p.cancel != nil {
		return
	}
	var ctx context.Context
	ctx, p.cancel = context.WithCancel(c.ctx)
	p.writer = &resultWriter{
		ctx: ctx, out: c.out, columns: p.statement.columns, formats: p.formats,
	}
}

// run executes the statement until it ends or has given limit rows, 0 for all.
func (p *portal) run(limit int) (suspended bool) {
	p.writer.limit, p.writer.sent = limit, 0
	if p.resume == nil && limit == 0 {
		p.execute()
	} else {
		if p.resume == nil {
			p.resume, p.stop = iter.Pull(p.coroutine)
		}
		_, suspended = p.resume()
	}
	if !suspended {
		p.finished = true
		p.cancel()
	}
	return suspended
}

// coroutine runs the statement; each yield is a suspension.
func (p *portal) coroutine(yield func(struct{}) bool) {
	closed := false
	p.writer.pause = func() bool {
		closed = closed || !yield(struct{}{})
		return !closed
	}
	p.execute()
}

func (p *portal) execute() {
	p.tag, p.err = p.statement.prepared.Execute(p.writer.ctx, p.args, p.writer)
}

// close ends a suspended statement: its RowWriter fails and Execute returns.
func (p *portal) close() {
	if p.cancel != nil {
		p.cancel()
	}
	if p.stop != nil {
		p.stop()
	}
}
