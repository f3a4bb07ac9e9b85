package operator

import (
	"bytes"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"weir/stream/agg"
	"weir/stream/batch"
	"weir/stream/value"
	"weir/stream/value/valuetest"
)

// TestKeysOrderAsValues draws rows of any types and an order: keys compare as the values do, by
// partition, ORDER BY columns, and the visible row.
func TestKeysOrderAsValues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		types := valuetest.Types(t, 4)
		o := Order{Types: types, Partition: []int{0}}
		for i := range types {
			o.Visible = append(o.Visible, i)
		}
		for range rapid.IntRange(0, 3).Draw(t, "keys") {
			o.Keys = append(o.Keys, OrderKey{
				Col:  rapid.IntRange(0, len(types)-1).Draw(t, "col"),
				Desc: rapid.Bool().Draw(t, "desc"), NullsFirst: rapid.Bool().Draw(t, "nulls"),
			})
		}
		a, b := valuetest.Row(t, types, "a"), valuetest.Row(t, types, "b")
		for i := range a {
			if rapid.IntRange(0, 2).Draw(t, "same?") > 0 {
				b[i] = a[i]
			}
		}
		want := value.CompareNulls(a[0], b[0], false)
		for _, k := range o.Keys {
			x, y := a[k.Col], b[k.Col]
			if c := value.CompareNulls(x, y, k.NullsFirst); want == 0 {
				if want = c; k.Desc && !x.IsNull() && !y.IsNull() {
					want = -c
				}
			}
		}
		for i := range types {
			if want == 0 {
				want = value.CompareNulls(a[i], b[i], false)
			}
		}
		l := o.lay(batch.New(valuetest.Columns(types, [][]value.Datum{a, b})))
		ka, kb := l.e.key(0), l.e.key(1)
		if c := bytes.Compare(ka[:l.cuts[0].row], kb[:l.cuts[1].row]); c != want {
			t.Fatalf("%v and %v compare %d, their keys %d\n%x\n%x", a, b, want, c, ka, kb)
		}
		val := appendPlaced(nil, -3, ka, l.cuts[0])
		if w, at, more := placed(ka, append(val, 7), int(l.cuts[0].part)); w != -3 ||
			at != l.cuts[0] || !bytes.Equal(more, []byte{7}) {
			t.Fatalf("an entry is read back as %d, %v, %x", w, at, more)
		}
	})
}

// TestCompareShifted checks what RANGE offsets reach where sums are no ordinary numbers.
func TestCompareShifted(t *testing.T) {
	f := func(x float64) value.Datum { return value.NewFloat(value.Float8, x) }
	inf, nan := math.Inf(1), math.NaN()
	iv := func(micros int64) value.Datum {
		return value.NewInterval(value.IntervalValue{Micros: micros})
	}
	most := value.DecimalFromInt64(9)
	for range 37 {
		up, err := most.Mul(value.DecimalFromInt64(10))
		if err != nil {
			t.Fatal(err)
		}
		if most, err = up.Add(value.DecimalFromInt64(9)); err != nil {
			t.Fatal(err)
		}
	}
	n, one := value.NewDecimal(most), value.NewDecimal(value.DecimalFromInt64(1))
	big := func(x int64) value.Datum { return value.NewInt8(x) }
	const most8, least8, day = math.MaxInt64, math.MinInt64, value.MicrosPerDay
	for i, c := range []struct {
		v, base, off  value.Datum
		desc, forward bool
		want          int
	}{
		{big(most8), big(most8), big(1), false, true, -1},
		{big(least8), big(least8), big(1), false, false, 1},
		{big(5), big(8), big(3), true, true, 0},
		{big(4), big(8), big(3), true, true, 1},
		{n, n, one, false, true, -1},
		{n, n, one, false, false, 1},
		{f(nan), f(nan), f(1), false, true, 0},
		{f(nan), f(1), f(inf), false, true, 1},
		{f(1), f(nan), f(inf), false, false, -1},
		{f(5), f(inf), f(inf), false, false, 0}, // reaches everything
		{f(5), f(-inf), f(inf), false, true, 0},
		{f(5), f(2), f(3), false, true, 0},
		{value.NewInt(value.Time, 0), value.NewInt(value.Time, day), iv(1), false, true, -1},
		{value.NewInt(value.Date, 1), value.NewInt(value.Date, 0), iv(day), false, true, 0},
		{
			value.NewTimestamp(value.MaxTimestamp), value.NewTimestamp(value.MaxTimestamp), iv(1),
			false, true, -1,
		},
		{iv(3), iv(1), iv(2), false, true, 0},
	} {
		if got := compareShifted(c.v, c.base, c.off, c.desc, c.forward); got != c.want {
			t.Errorf("case %d: %d, want %d", i, got, c.want)
		}
	}
	for _, d := range []value.Datum{value.NewInt8(-1), f(-1), f(nan), iv(-1)} {
		frame := Frame{Start: Bound{Preceding, d}, End: Bound{Kind: CurrentRow}}
		if err := frame.fault(); err == nil || err.SQLState != "22013" {
			t.Errorf("offset %v: %v", d, err)
		}
	}
}

// feed steps an operator with rows of weight 1 and a mark on the time column, and returns what it
// put out.
func feed(op Operator, b *batch.Batch, mark int64) *batch.Batch {
	in := Delta{Rows: b, Marks: []int64{math.MinInt64, math.MinInt64, math.MinInt64, mark}}
	out := op.Step(&Context{Errors: NewErrors()}, []Delta{in})
	for _, s := range op.States() {
		s.Accept()
	}
	return out.Rows
}

// TestAppendOnlyTopNIsSmall checks that a TopN over a growing input holds its rows and no others.
func TestAppendOnlyTopNIsSmall(t *testing.T) {
	for _, kind := range []RankKind{RowNumber, Rank, DenseRank} {
		spec := TopNSpec{
			Order: bidOrder(0, OrderKey{Col: 3, Desc: true}), Kind: kind, Limit: 2, Offset: 1,
			AppendOnly: true, Timed: -1,
		}
		op := NewTopN(spec)
		for i := range 20 {
			feed(op, bids(i*500, 500, 10), math.MinInt64)
		}
		if n, _ := op.rows.Size(); n != 10*3 {
			t.Errorf("kind %d: %d entries for 10 partitions", kind, n)
		}
	}
}

var counting = Call{Call: agg.Call{
	Func: agg.CountStar, Arg: -1, Extra: -1, Filter: -1, Type: benchInt,
}}

// TestOverFrees checks which rows stay when the mark of the time passes all of them.
func TestOverFrees(t *testing.T) {
	order := bidOrder(0, OrderKey{Col: 3})
	frame := func(f Frame) OverCall {
		return OverCall{Agg: counting, Frame: f, Type: benchInt}
	}
	lag := OverCall{Func: OverLag, Args: []int{2}, Shift: 2, Shifts: true, Type: benchInt}
	current := Bound{Kind: CurrentRow}
	three := value.NewInt8(3)
	for name, c := range map[string]struct {
		call  OverCall
		stays int // of each partition
	}{
		"row_number": {OverCall{Func: OverRowNumber, Type: benchInt}, 1},
		"running":    {frame(Frame{End: current}), 1},
		"lag 2":      {lag, 2},
		"3 rows":     {frame(Frame{Mode: FrameRows, Start: Bound{Preceding, three}, End: current}), 3},
		"3 groups":   {frame(Frame{Mode: FrameGroups, Start: Bound{Preceding, three}, End: current}), 3},
		"1 ms": {frame(Frame{
			Start: Bound{Preceding, value.NewInterval(value.IntervalValue{Micros: 1000})},
			End:   current,
		}), 0},
	} {
		op := NewOver(1, OverSpec{Order: order, Calls: []OverCall{c.call}, Timed: 3})
		for i := range 20 {
			feed(op, bids(i*500, 500, 10), int64(i)*500*100)
		}
		before, _ := op.rows.Size()
		feed(op, nil, 1<<40)
		rows, _ := op.rows.Size()
		times, _ := op.times.Size()
		if rows != 10*c.stays || times != 0 || before < rows || before > 2000 {
			t.Errorf("%s: %d rows and %d times stay, want %d and none; %d before", name, rows, times,
				10*c.stays, before)
		}
	}
	whole := frame(Frame{Mode: FrameRows, End: Bound{Preceding, three}})
	if op := NewOver(1, OverSpec{Order: order, Calls: []OverCall{whole}, Timed: 3}); op.keep.frees {
		t.Error("rows are freed that a frame from the start still needs")
	}
}

// TestOverAppendsWriteOneEntry checks that a row at the end of a long partition writes itself only,
// and one before the end of a running call all behind it.
func TestOverAppendsWriteOneEntry(t *testing.T) {
	order := bidOrder(0, OrderKey{Col: 3})
	rows := Frame{
		Mode: FrameRows, Start: Bound{Preceding, value.NewInt8(10)}, End: Bound{Kind: CurrentRow},
	}
	for _, c := range []OverCall{
		{Func: OverRowNumber, Type: benchInt},
		{Agg: counting, Frame: rows, Type: benchInt},
	} {
		op := NewOver(1, OverSpec{Order: order, Calls: []OverCall{c}, Timed: -1})
		feed(op, bids(0, 5000, 1), math.MinInt64)
		ctx := &Context{Errors: NewErrors()}
		out := op.Step(ctx, []Delta{{Rows: bids(5000, 1, 1)}})
		if ctx.Entries != 1 || out.Len() != 1 {
			t.Errorf("function %d: %d entries, %d rows", c.Func, ctx.Entries, out.Len())
		}
	}
}

// TestOrderedOperatorsAreBounded lets each put out as many rows as are allowed, and one fewer.
func TestOrderedOperatorsAreBounded(t *testing.T) {
	over := func() Operator {
		call := OverCall{Func: OverRowNumber, Type: benchInt}
		return NewOver(1, OverSpec{Order: bidOrder(0), Calls: []OverCall{call}, Timed: -1})
	}
	top := func() Operator {
		return NewTopN(TopNSpec{Order: bidOrder(0), Limit: 5, Timed: -1})
	}
	for _, make := range []func() Operator{over, top} {
		for limit, fits := range map[int64]bool{5: true, 4: false} {
			op := make()
			func() {
				defer func() {
					if _, is := recover().(TooManyRows); is == fits {
						t.Errorf("%s with limit %d", op.Name(), limit)
					}
				}()
				op.Step(&Context{MaxRows: limit}, []Delta{{Rows: bids(0, 5, 1)}})
			}()
		}
	}
}

// TestAccumulatorsKeepTheirState saves and loads each accumulator between any two rows.
func TestAccumulatorsKeepTheirState(t *testing.T) {
	types := []value.Type{benchInt, value.Of(value.Numeric), value.Of(value.Bool)}
	var calls []Call
	for _, f := range []agg.Func{agg.CountStar, agg.Count, agg.Sum, agg.Min, agg.Max, agg.Avg} {
		for arg := range 2 {
			c := Call{Call: agg.Call{
				Func: f, Arg: arg, Extra: -1, Filter: 2 * arg, Type: value.Of(value.Numeric),
			}}
			if c.Filter == 0 {
				c.Filter = -1
			}
			if f == agg.CountStar {
				c.Arg = -1
			}
			calls = append(calls, c)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		var rows [][]value.Datum
		for range rapid.IntRange(1, 6).Draw(t, "rows") {
			d := value.NewDecimal(value.Decimal{
				Coef:  value.Int128FromInt64(rapid.Int64Range(-20, 20).Draw(t, "n")),
				Scale: uint8(rapid.IntRange(0, 2).Draw(t, "scale")),
			})
			r := []value.Datum{
				value.NewInt8(rapid.Int64().Draw(t, "i")), d, value.NewBool(d.D.Sign() > 0),
			}
			for i := range r {
				if rapid.IntRange(0, 4).Draw(t, "null?") == 0 {
					r[i] = value.Datum{}
				}
			}
			rows = append(rows, r)
		}
		cols := valuetest.Columns(types, rows)
		for _, c := range calls {
			straight, kept := NewAccumulator(c, types), NewAccumulator(c, types).(Keeper)
			moved := NewAccumulator(c, types)
			for i := range rows {
				straight.Add(cols, i)
				next := NewAccumulator(c, types).(Keeper)
				if rest := next.Load(append(kept.Append(nil), 9)); !slices.Equal(rest, []byte{9}) {
					t.Fatalf("%v leaves %x", c, rest)
				}
				kept = next
				kept.Add(cols, i)
				a, _ := straight.Result()
				if b, _ := kept.Result(); a != b {
					t.Fatalf("%v: %v and %v", c, a, b)
				}
				// The last row alone, by taking the others out.
				moved.Add(cols, i)
				if i > 0 && !moved.Remove(cols, i-1) {
					moved.Reset()
					moved.Add(cols, i)
				}
				alone := NewAccumulator(c, types)
				alone.Add(cols, i)
				a, _ = alone.Result()
				if b, _ := moved.Result(); a != b {
					t.Fatalf("%v: %v alone, %v moved", c, a, b)
				}
			}
		}
	})
}
