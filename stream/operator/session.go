package operator

import (
	"math"

	"weir/stream/batch"
	"weir/stream/row"
	"weir/stream/state"
	"weir/stream/value"
	"weir/stream/window"
)

// SessionExpression names the end of a session in the error relation.
const SessionExpression = "window_end"

// Session appends window_start and window_end to every row: rows of a partition belong to one
// session while each follows the one before by less than the gap. A NULL time drops a row; one
// whose session would end after the last timestamp is an error (22008).
//
//	delta, by partition and time ─► sessions that a changed time touches ─► their rows, old and new
//	                                  └─► -row(old session) +row(new session)
//
// A changed time t touches the sessions with start < t + gap and end > t: at most two. Rows that
// are next to each other and less than a gap apart always share a session, so the rows of touched
// sessions and of the delta together make up whole new sessions, and no others change.
//
// States, all keyed by row encodings in which the partition column that carries a mark, if any,
// comes first:
//
//	rows      partition ++ time ++ row  -> weight
//	sessions  partition ++ start        -> end
//	ends      end ++ partition ++ start -> 1      if time carries a mark
//	starts    start ++ partition        -> 1      if time carries a mark
//
// With mark W of time, a session with end <= W is closed: the next row of its partition comes a
// gap or more after its last. Its entries are freed. The mark of window_end is W + 1; that of
// window_start and of time is the least start of a session that is open, W when none is: rows
// before it are in closed sessions.
type Session struct {
	op     int
	parts  []int // partition columns in key order
	time   int
	gap    int64
	timed  bool // time carries a mark
	first  bool // so does parts[0]
	in     []value.Type
	types  []value.Type
	rows   state.Runs
	open   state.Runs
	ends   state.Runs
	starts state.Runs
}

// NewSession returns sessions of a gap in microseconds over column time; op is its number in the
// error relation. timed says that time carries a mark; first is the position in parts of a column
// that does, -1: none.
func NewSession(
	op int, parts []int, first, time int, gap int64, timed bool, in []value.Type,
) *Session {
	s := &Session{
		op: op, time: time, gap: gap, timed: timed, first: first >= 0, in: in,
		types: append(append([]value.Type{}, in...), in[time], in[time]),
	}
	if first >= 0 {
		s.parts = append(s.parts, parts[first])
	}
	for i, c := range parts {
		if i != first {
			s.parts = append(s.parts, c)
		}
	}
	return s
}

// Name implements Operator.
func (s *Session) Name() string { return "session" }

// Types implements Operator.
func (s *Session) Types() []value.Type { return s.types }

// States implements Operator.
func (s *Session) States() []state.Operator {
	return []state.Operator{&s.rows, &s.open, &s.ends, &s.starts}
}

// Step implements Operator.
func (s *Session) Step(ctx *Context, in []Delta) Delta {
	var out Delta
	if b := in[0].Rows; b != nil {
		out.Rows = rowsOrNil(s.step(ctx, b))
	}
	s.free(in[0])
	out.Marks = s.outMarks(in[0])
	return out
}

func (s *Session) step(ctx *Context, b *batch.Batch) *batch.Batch {
	d := s.encode(ctx, b)
	if len(d.order) == 0 {
		return nil
	}
	w := sessionWalk{
		s: s, d: d, ctx: ctx, found: batch.NewBuilder(s.in, len(d.order)),
		open: s.open.Version().Cursor(), rows: s.rows.Version().Cursor(),
	}
	for i := 0; i < len(d.order); {
		i = w.cluster(i)
	}
	ctx.wrote(d.addTo(&s.rows))
	s.settle(ctx, &w)
	return w.assemble(b)
}

// timeBytes is how many bytes a time takes in a key: a tag and the value.
const timeBytes = 9

// encode writes partition ++ time ++ row for every row; cuts are where the time starts. A row
// whose time has no end a gap later is an error.
func (s *Session) encode(ctx *Context, b *batch.Batch) keyed {
	k := keyed{b: b, e: newEntries(b.Len, 64), cuts: make([]uint32, 0, b.Len)}
	parts := make([]*value.Vec, len(s.parts))
	for i, c := range s.parts {
		parts[i] = b.Cols[c]
	}
	for i := range b.Len {
		if b.Cols[s.time].IsNull(i) {
			continue
		}
		if b.Cols[s.time].Ints[i] > value.MaxTimestamp-s.gap {
			ctx.Errors.Add(s.op, SessionExpression, value.ErrTimestampRange.SQLState, b.Cols, i,
				b.Weight(i))
			continue
		}
		start := len(k.e.arena)
		k.e.arena = row.AppendKey(k.e.arena, parts, i)
		k.cuts = append(k.cuts, uint32(len(k.e.arena)-start))
		k.e.arena = row.AppendKeyColumn(k.e.arena, b.Cols[s.time], i)
		k.e.arena = row.AppendRow(k.e.arena, b.Cols, i)
		k.e.close(i, b.Weight(i))
	}
	k.order = k.e.net(k.e.sorted())
	return k
}

// free drops what no later row can touch.
func (s *Session) free(in Delta) {
	if s.first {
		if w := in.Mark(s.parts[0]); w != window.None {
			bound := markKey(s.in[s.parts[0]].Kind, w)
			s.rows.FreeBelow(bound)
			s.open.FreeBelow(bound)
		}
	}
	w := in.Mark(s.time)
	if !s.timed || w == window.None {
		return
	}
	bound := row.AppendKeyDatum(nil, value.NewInt(s.in[s.time].Kind, w+1))
	var closed entries
	s.ends.Version().Scan(nil, bound, func(key, _ []byte) bool {
		closed.arena = append(closed.arena, key[timeBytes:]...)
		closed.close(0, 1)
		return true
	})
	if closed.len() > 0 {
		s.ends.FreeBelow(bound)
		s.drop(&closed)
	}
}

// drop frees sessions, each given as partition ++ start.
func (s *Session) drop(closed *entries) {
	var gone, rows, starts changeList
	cur := s.rows.Version().Cursor()
	order := closed.sorted()
	ends := make([]int64, len(order))
	keys := make([][]byte, len(order))
	for i, at := range order {
		keys[i] = closed.key(at)
	}
	s.open.Version().ProbeSorted(keys, func(i int, end []byte) {
		if ends[i] = math.MinInt64; end != nil { // else freed with its partition
			ends[i] = keyTime(end)
		}
	})
	for i, key := range keys {
		part := key[:len(key)-timeBytes]
		gone.remove(key)
		starts.remove(key[len(part):], part)
		for cur.Seek(key); ; cur.Next() {
			k, _, ok := cur.Under(part)
			if !ok || keyTime(k[len(part):]) >= ends[i] {
				break
			}
			rows.remove(k)
		}
	}
	s.rows.Apply(rows.sorted())
	s.open.Apply(gone.sorted())
	s.starts.Apply(starts.sorted())
}

func (s *Session) outMarks(in Delta) []int64 {
	if in.Marks == nil {
		return nil
	}
	out := make([]int64, len(s.types))
	for i := range out {
		out[i] = window.None
	}
	if w := in.Mark(s.time); s.timed && w != window.None {
		start := w
		cur := s.starts.Version().Cursor()
		if key, _ := cur.Entry(); key != nil {
			start = min(start, keyTime(key))
		}
		n := len(s.in)
		out[s.time], out[n], out[n+1] = start, start, w+1
	}
	for _, c := range s.parts {
		out[c] = max(out[c], in.Marks[c])
	}
	return out
}
