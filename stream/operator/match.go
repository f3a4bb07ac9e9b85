package operator

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strconv"

	"weir/stream/batch"
	"weir/stream/expr"
	"weir/stream/row"
	"weir/stream/state"
	"weir/stream/value"
	"weir/stream/window"
)

// Match is MATCH_RECOGNIZE. State 0: partition ++ row -> weight, for the rows whose matches are
// not final. State 1: partition -> matches that are final, if they are numbered, and how many of
// the kept rows, the first ones, only serve PREV; no entry for none. State 2: time ++ partition,
// when a partition has something to settle: the watermark has passed the time of its first open
// row by more than Within.
//
// A partition that the delta touches is searched before and after, and the difference goes out.
// Then what the watermark makes final is dropped: its matches stay out for good.
type Match struct {
	op        int
	spec      *MatchSpec
	partition []int
	in, types []value.Type
	timed     bool
	rows      state.Runs
	settled   state.Runs
	due       state.Runs
}

// NewMatch returns the operator. timed says that the time column can carry a mark; without a
// bound in time nothing is ever final.
func NewMatch(op int, spec *MatchSpec, partition []int, in, types []value.Type, timed bool) *Match {
	return &Match{
		op: op, spec: spec, partition: partition, in: in, types: types,
		timed: timed && spec.Within > 0,
	}
}

// Name implements Operator.
func (m *Match) Name() string { return "match" }

// Types implements Operator.
func (m *Match) Types() []value.Type { return m.types }

// States implements Operator.
func (m *Match) States() []state.Operator {
	return []state.Operator{&m.rows, &m.settled, &m.due}
}

// Step implements Operator.
func (m *Match) Step(ctx *Context, in []Delta) Delta {
	before := m.rows.Version()
	keys := m.absorb(ctx, in[0].Rows)
	out := batch.NewBuilder(m.types, len(keys))
	for _, k := range keys {
		m.search(ctx, out, k, before, -1)
		m.search(ctx, out, k, m.rows.Version(), 1)
	}
	if m.timed {
		m.settle(ctx, keys, in[0].Mark(m.spec.TimeCol))
	}
	if out.Len() == 0 {
		return Delta{}
	}
	return Delta{Rows: rowsOrNil(out.Batch().Consolidate())}
}

// absorb adds the delta and returns the keys of the partitions that it touches, in order.
func (m *Match) absorb(ctx *Context, b *batch.Batch) (keys [][]byte) {
	if b == nil {
		return nil
	}
	list := newEntries(b.Len, 48)
	cols := make([]*value.Vec, len(m.partition))
	for i, c := range m.partition {
		cols[i] = b.Cols[c]
	}
	cuts := make([]int, 0, b.Len)
	for i := range b.Len {
		if b.Cols[m.spec.TimeCol].IsNull(i) {
			continue
		}
		start := len(list.arena)
		list.arena = row.AppendKey(list.arena, cols, i)
		cuts = append(cuts, len(list.arena)-start)
		list.arena = row.AppendRow(list.arena, b.Cols, i)
		list.close(i, b.Weight(i))
	}
	ctx.wrote(list.addTo(&m.rows))
	for _, at := range list.sorted() {
		k := list.key(at)[:cuts[at]]
		if n := len(keys); n == 0 || !bytes.Equal(keys[n-1], k) {
			keys = append(keys, k)
		}
	}
	return keys
}

// kept reads the rows of a partition in order; a row of weight w stands w times.
func (m *Match) kept(ctx *Context, key []byte, v state.Version) (rows [][]value.Datum) {
	v.ScanPrefix(key, func(k, w []byte) bool {
		vals, err := row.DecodeRow(m.in, k[len(key):])
		if err != nil {
			panic("operator: own match row does not decode: " + err.Error())
		}
		for range weightOf(w) {
			ctx.Bound(len(rows))
			rows = append(rows, vals)
		}
		return true
	})
	slices.SortStableFunc(rows, m.spec.compare)
	return rows
}

// final reads what is settled of a partition: the number of matches, and of leading rows.
func (m *Match) final(key []byte) (matches, leading int) {
	m.settled.Version().ProbeSorted([][]byte{key}, func(_ int, v []byte) {
		if v != nil {
			a, n := binary.Uvarint(v)
			b, _ := binary.Uvarint(v[n:])
			matches, leading = int(a), int(b)
		}
	})
	return matches, leading
}

// search puts out the matches of a partition and the errors on the way.
func (m *Match) search(
	ctx *Context, out *batch.Builder, key []byte, v state.Version, weight int64,
) {
	rows := m.kept(ctx, key, v)
	if len(rows) == 0 {
		return
	}
	number, start := m.final(key)
	s := newMatchSearch(ctx, m.spec, rows)
	for at := start; at < len(rows); {
		end := s.from(at)
		if end < 0 {
			at++
			continue
		}
		number++
		m.measure(ctx, out, s, number, weight)
		at = s.next(at, end)
	}
	for _, e := range s.errs {
		m.fail(ctx, e.name, e.state, rows[e.row], weight)
	}
}

// measure puts out the match that was found last: one row, measured at its end, or each of its
// rows, measured there.
func (m *Match) measure(
	ctx *Context, out *batch.Builder, s *matchSearch, number int, weight int64,
) {
	navs := s.navs(number)
	if !m.spec.AllRows {
		m.measureRow(ctx, out, s.rows[s.at[0]], navs, weight)
		return
	}
	at, sym := s.at, s.sym
	for i := range at {
		s.at, s.sym = at[:i+1], sym[:i+1]
		running := s.navs(number)
		for k, v := range m.spec.Navs {
			if v.Final {
				running[k] = navs[k]
			}
		}
		m.measureRow(ctx, out, s.rows[at[i]], running, weight)
	}
	s.at, s.sym = at, sym
}

// measureRow puts out a row of a match with its measures. If one fails, the row is an error.
func (m *Match) measureRow(
	ctx *Context, out *batch.Builder, of, navs []value.Datum, weight int64,
) {
	vals := make([]value.Datum, 0, len(m.types))
	for i, c := range m.spec.Lead {
		if i < len(m.partition) {
			vals = append(vals, row.Canonical(m.types[i], of[c]))
			continue
		}
		vals = append(vals, of[c])
	}
	for i, e := range m.spec.Measures {
		d, err := expr.EvalRow(e, navs, ctx.Env)
		if err != nil {
			m.fail(ctx, m.spec.Names[i], err.SQLState, of, weight)
			return
		}
		vals = append(vals, d)
	}
	for _, c := range m.spec.Rest {
		vals = append(vals, of[c])
	}
	out.Add(vals, weight)
	ctx.Bound(out.Len())
}

func (m *Match) fail(ctx *Context, name, sqlState string, vals []value.Datum, weight int64) {
	cols := make([]*value.Vec, len(vals))
	for i, d := range vals {
		cols[i] = value.FromDatums(m.in[i], d)
	}
	ctx.Errors.Add(m.op, name, sqlState, cols, 0, weight)
}

// settle drops what is final in the partitions touched and in those that are due.
func (m *Match) settle(ctx *Context, touched [][]byte, mark int64) {
	keys := slices.Clone(touched)
	kind := m.in[m.spec.TimeCol].Kind
	timeLen := len(markKey(kind, 0))
	if mark != window.None {
		bound := markKey(kind, mark)
		m.due.Version().Scan(nil, bound, func(k, _ []byte) bool {
			keys = append(keys, bytes.Clone(k[timeLen:]))
			return true
		})
		m.due.FreeBelow(bound)
	}
	slices.SortFunc(keys, bytes.Compare)
	keys = slices.CompactFunc(keys, bytes.Equal)
	var due []state.Change
	for _, k := range keys {
		if first, some := m.settleOne(ctx, k, mark); some {
			at := markKey(kind, first+m.spec.Within)
			due = append(due, state.Change{Key: append(at, k...), Value: []byte{}})
		}
	}
	slices.SortFunc(due, func(a, b state.Change) int { return bytes.Compare(a.Key, b.Key) })
	m.due.Apply(due)
	ctx.wrote(due)
}

// settleOne drops the rows of a partition whose matches are final, except those that PREV of a
// later row may read. It returns the time of the first row that is open, if there is one.
func (m *Match) settleOne(ctx *Context, key []byte, mark int64) (first int64, some bool) {
	rows := m.kept(ctx, key, m.rows.Version())
	matches, leading := m.final(key)
	open, found := leading, matches
	s := newMatchSearch(ctx, m.spec, rows)
	if mark != window.None {
		for m.spec.final(rows, open, mark) {
			end := s.from(open)
			if end < 0 {
				open++
				continue
			}
			found++
			open = s.next(open, end)
		}
	}
	switch {
	case len(s.errs) > 0: // the search after would report the same errors again: nothing is dropped
		return max(rows[leading][m.spec.TimeCol].I, mark), true
	case open != leading || found != matches:
		m.drop(ctx, key, rows, open, found)
	}
	if open >= len(rows) {
		return 0, false
	}
	return rows[open][m.spec.TimeCol].I, true
}

// drop keeps the rows from open on and as many before them as PREV reaches.
func (m *Match) drop(ctx *Context, key []byte, rows [][]value.Datum, open, found int) {
	from := max(open-m.spec.reach(), 0)
	var writes []state.Change
	for i, r := range rows {
		k := append(bytes.Clone(key), row.AppendRowDatums(nil, r)...)
		n := len(writes)
		if n == 0 || !bytes.Equal(writes[n-1].Key, k) {
			writes = append(writes, state.Change{Key: k})
			n++
		}
		if i >= from {
			w := weightOf(writes[n-1].Value) + 1
			writes[n-1].Value = binary.AppendVarint(nil, w)
		}
	}
	slices.SortFunc(writes, func(a, b state.Change) int { return bytes.Compare(a.Key, b.Key) })
	m.rows.Apply(writes)
	ctx.wrote(writes)
	if !m.spec.numbered() {
		found = 0
	}
	change := []state.Change{{Key: key}}
	if found > 0 || open > from { // else the partition is as one that nothing was seen of
		mark := binary.AppendUvarint(nil, uint64(found))
		change[0].Value = binary.AppendUvarint(mark, uint64(open-from))
	}
	m.settled.Apply(change)
	ctx.wrote(change)
}

// MatchSpec is what a search needs to know; its fields are those of the plan's node.
type MatchSpec struct {
	TimeCol  int
	Visible  []int // columns that break ties of the time
	Symbols  []string
	Pattern  *MatchPattern
	Navs     []MatchNav
	Defines  []expr.Expr
	Measures []expr.Expr
	Names    []string // of the measures
	Within   int64
	Skip     MatchSkip
	SkipTo   int
	AllRows  bool
	Lead     []int   // input columns before the measures
	Rest     []int   // and behind them
	Subsets  [][]int // of symbols; as symbols they are numbered behind Symbols
}

// covers reports whether a row of a symbol is one of what is asked for: -1 is any symbol.
func (s *MatchSpec) covers(asked, symbol int) bool {
	if asked >= len(s.Symbols) {
		return slices.Contains(s.Subsets[asked-len(s.Symbols)], symbol)
	}
	return asked < 0 || asked == symbol
}

// compare orders rows by time, then by the whole visible row.
func (s *MatchSpec) compare(a, b []value.Datum) int {
	if x, y := a[s.TimeCol].I, b[s.TimeCol].I; x != y {
		if x < y {
			return -1
		}
		return 1
	}
	for _, c := range s.Visible {
		if d := value.CompareNulls(a[c], b[c], false); d != 0 {
			return d
		}
	}
	return 0
}

// final reports whether no later row can change what a search from row at finds: all rows within
// the bound in time are below the mark, and so are those that NEXT reads behind them.
func (s *MatchSpec) final(rows [][]value.Datum, at int, mark int64) bool {
	if at >= len(rows) || rows[at][s.TimeCol].I+s.Within >= mark {
		return false
	}
	ahead := 0
	for _, v := range s.Navs {
		ahead = max(ahead, v.Shift)
	}
	if ahead == 0 {
		return true
	}
	last := at
	for last < len(rows) && rows[last][s.TimeCol].I <= rows[at][s.TimeCol].I+s.Within {
		last++
	}
	last += ahead - 1
	return last < len(rows) && rows[last][s.TimeCol].I < mark
}

// numbered reports whether the matches of a partition are counted.
func (s *MatchSpec) numbered() bool {
	return slices.ContainsFunc(s.Navs, func(v MatchNav) bool { return v.Kind == MatchNumber })
}

// reach is how many rows before a match PREV can read.
func (s *MatchSpec) reach() int {
	n := 0
	for _, v := range s.Navs {
		n = max(n, -v.Shift)
	}
	return n
}

// defineName names a definition in the error relation.
func (s *MatchSpec) defineName(symbol int) string {
	if symbol < len(s.Symbols) {
		return s.Symbols[symbol]
	}
	return strconv.Itoa(symbol)
}
