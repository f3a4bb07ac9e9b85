package streamtest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"weir/stream/compile"
	"weir/stream/oracle"
	"weir/stream/value"
)

// history is a drawn run of an engine: what is defined, and what happens.
type history struct {
	views []view
	steps []step
}

// step is one segment.
type step struct {
	txs             []transaction
	mark            int64 // of events, at the end
	now             int64 // block time
	discard, reload bool
}

// transaction has the rows of one transaction in one relation.
type transaction struct {
	relation uint32
	rows     []oracle.Row
}

// String says what a failing history was.
func (h history) String() string {
	var b strings.Builder
	for _, v := range h.views {
		if p, err := compile.Compile(v.plan); err == nil {
			fmt.Fprintf(&b, "view %d key %v:\n%s", v.id, v.key, p.Circuit)
		}
	}
	for i, s := range h.steps {
		fmt.Fprintf(&b, "step %d: mark %d, now %d, discard %v, reload %v\n", i, s.mark, s.now,
			s.discard, s.reload)
		for _, tx := range s.txs {
			for _, r := range tx.rows {
				fmt.Fprintf(&b, "  %d %+d %s\n", tx.relation, r.Weight, show(r.Vals))
			}
		}
	}
	return b.String()
}

// GoString implements fmt.GoStringer, for reports of failures.
func (h history) GoString() string { return h.String() }

func show(vals []value.Datum) string {
	var parts []string
	for _, d := range vals {
		if d.IsNull() {
			parts = append(parts, "NULL")
		} else {
			parts = append(parts, string(value.AppendText(nil, d)))
		}
	}
	return strings.Join(parts, ", ")
}

// drawing is the state while a history is drawn.
type drawing struct {
	t      *rapid.T
	offset int64
	mark   int64
	table  map[string]oracle.Row
}

// histories draws views of random plans over each other and random segments for them.
func histories() *rapid.Generator[history] {
	return rapid.Custom(func(t *rapid.T) history {
		var h history
		for i := range rapid.IntRange(1, 3).Draw(t, "views") {
			p := planner{t: t, views: h.views}
			depth := rapid.IntRange(1, 5)
			n := max(depth.Draw(t, "depth"), depth.Draw(t, "or")) // draws are mostly small
			h.views = append(h.views, newView(i, p.node(n)))
		}
		h.steps = drawSteps(t)
		return h
	})
}

func drawSteps(t *rapid.T) (steps []step) {
	d := drawing{t: t, table: map[string]oracle.Row{}}
	now := int64(0)
	for range rapid.IntRange(2, 9).Draw(t, "steps") {
		var s step
		for range rapid.IntRange(1, 4).Draw(t, "transactions") {
			s.txs = append(s.txs, d.transaction())
		}
		d.mark += rapid.Int64Range(0, 90).Draw(t, "advance") * second
		s.mark = d.mark
		now += rapid.Int64Range(0, 120).Draw(t, "time") * second
		s.now = now
		s.discard = rapid.IntRange(0, 4).Draw(t, "discard") == 0
		s.reload = rapid.IntRange(0, 4).Draw(t, "reload") == 0
		steps = append(steps, s)
	}
	return steps
}

func (d *drawing) transaction() transaction {
	switch rapid.IntRange(0, 5).Draw(d.t, "which") {
	case 0, 1:
		return transaction{names, d.changes()}
	case 2:
		return transaction{late, d.rows(func() []value.Datum {
			r := d.event(rapid.SampledFrom([]int64{-1000, -200}).Draw(d.t, "behind"))
			return append(d.place(r), value.NewTimestamp(d.mark))
		})}
	case 3:
		return transaction{rejected, d.rows(func() []value.Datum {
			return append(d.event(5000), value.NewText("too far ahead"))
		})}
	}
	return transaction{events, d.rows(func() []value.Datum { return d.place(d.event(0)) })}
}

func (d *drawing) rows(one func() []value.Datum) (out []oracle.Row) {
	for range rapid.IntRange(0, 4).Draw(d.t, "rows") {
		out = append(out, oracle.Row{Vals: one(), Weight: 1})
	}
	return out
}

// event draws the visible columns of an event that is at least ahead seconds above the mark.
func (d *drawing) event(ahead int64) []value.Datum {
	ts := d.mark + (ahead+rapid.Int64Range(0, 200).Draw(d.t, "ts"))*second
	if rapid.IntRange(0, 2).Draw(d.t, "round") > 0 {
		ts -= ts % (20 * second) // so that times meet across steps
		ts = max(ts, d.mark+ahead*second)
	}
	vals := []value.Datum{value.NewTimestamp(ts), {}, {}, {}}
	if rapid.IntRange(0, 5).Draw(d.t, "k?") > 0 {
		vals[1] = value.NewText(rapid.SampledFrom([]string{"a", "b", "c", "7"}).Draw(d.t, "k"))
	}
	switch rapid.IntRange(0, 3).Draw(d.t, "v?") {
	case 0:
	case 1:
		vals[2] = value.NewInt8(rapid.Int64().Draw(d.t, "v"))
	default:
		vals[2] = value.NewInt8(rapid.Int64Range(0, 3).Draw(d.t, "small"))
	}
	switch rapid.IntRange(0, 5).Draw(d.t, "n?") {
	case 0:
	case 1:
		vals[3] = value.NewDecimal(huge())
	default:
		c := value.Int128FromInt64(rapid.Int64Range(-50, 50).Draw(d.t, "n"))
		vals[3] = value.NewDecimal(value.Decimal{
			Coef: c, Scale: uint8(rapid.IntRange(0, 2).Draw(d.t, "scale")),
		})
	}
	return vals
}

// huge is 9 * 10^37: two of them have no sum.
func huge() value.Decimal {
	d := value.DecimalFromInt64(9_000_000_000_000_000_000)
	for range 2 {
		var err *value.Error
		d, err = d.Mul(value.DecimalFromInt64(1_000_000_000))
		if err != nil {
			panic(err.SQLState)
		}
	}
	d, _ = d.Mul(value.DecimalFromInt64(10))
	return d
}

// place appends the hidden columns.
func (d *drawing) place(vals []value.Datum) []value.Datum {
	d.offset++
	return append(vals, value.NewInt8(d.offset-1), value.NewInt8(1), value.NewTimestampTZ(0),
		value.NewText("r/w"))
}

// changes are the +/- rows of upserts and deletes of the table.
func (d *drawing) changes() (out []oracle.Row) {
	for range rapid.IntRange(0, 3).Draw(d.t, "changes") {
		k := rapid.SampledFrom([]string{"a", "b", "c", "7"}).Draw(d.t, "key")
		if old, ok := d.table[k]; ok {
			out = append(out, oracle.Row{Vals: old.Vals, Weight: -1})
			delete(d.table, k)
		}
		if rapid.IntRange(0, 2).Draw(d.t, "upsert") > 0 {
			label := rapid.SampledFrom([]string{"a", "b", "7", "8"}).Draw(d.t, "label")
			r := oracle.Row{Weight: 1, Vals: []value.Datum{value.NewText(k), value.NewText(label)}}
			d.table[k] = r
			out = append(out, r)
		}
	}
	return out
}

// sortedKeys are the keys of a map in order.
func sortedKeys[V any](m map[uint32]V) []uint32 { return slices.Sorted(maps.Keys(m)) }
