package operator

import (
	"fmt"
	"testing"

	"weir/stream/batch"
	"weir/stream/expr"
	"weir/stream/value"
	"weir/stream/window"
)

var timeTypes = []value.Type{
	value.Of(value.Timestamp), value.Of(value.Int8), value.Of(value.Int8),
}

// visit is a row (ts, user, n) of timeTypes.
func visit(ts, user, n int64) []value.Datum {
	return []value.Datum{value.NewTimestamp(ts), value.NewInt8(user), value.NewInt8(n)}
}

func marked(b *batch.Batch, w int64) Delta {
	return Delta{Rows: rowsOrNil(b), Marks: []int64{w, window.None, window.None}}
}

func stepOf(now int64) *Context {
	return &Context{Errors: NewErrors(), Env: expr.Env{Now: now}}
}

func shown(d Delta) (s string) {
	if d.Rows == nil {
		return ""
	}
	b := d.Rows.Consolidate()
	for i := range b.Len {
		s += fmt.Sprintf("%+d", b.Weight(i))
		for _, v := range b.Row(i) {
			s += " " + string(value.AppendText(nil, v))
		}
		s += "\n"
	}
	return s
}

// TestSessionAtTheGap puts rows exactly a gap apart, which are two sessions, and one closer.
func TestSessionAtTheGap(t *testing.T) {
	s := NewSession(1, []int{1}, -1, 0, 10, true, timeTypes)
	ends := func(d Delta) (out []int64) {
		for i := range d.Len() {
			if d.Rows.Weight(i) > 0 {
				out = append(out, d.Rows.Cols[4].Ints[i]-d.Rows.Cols[3].Ints[i])
			}
		}
		return out
	}
	rows := batch.FromRows(timeTypes, [][]value.Datum{visit(0, 1, 1), visit(10, 1, 2)}, nil)
	d := s.Step(stepOf(0), []Delta{marked(rows, 0)})
	if got := ends(d); fmt.Sprint(got) != "[10 10]" {
		t.Fatalf("a gap apart: lengths %v", got)
	}
	rows = batch.FromRows(timeTypes, [][]value.Datum{visit(1, 1, 3)}, nil)
	d = s.Step(stepOf(0), []Delta{marked(rows, 0)})
	if got := ends(d); fmt.Sprint(got) != "[20 20 20]" {
		t.Fatalf("with a row between: lengths %v\n%s", got, shown(d))
	}
	if d.Marks[0] != 0 || d.Marks[3] != 0 || d.Marks[4] != 1 {
		t.Fatalf("marks %v", d.Marks)
	}
	d = s.Step(stepOf(0), []Delta{marked(nil, 19)})
	if d.Marks[0] != 0 || d.Marks[4] != 20 || s.rows.Version().Len() != 3 {
		t.Fatalf("open: marks %v", d.Marks)
	}
	d = s.Step(stepOf(0), []Delta{marked(nil, 20)})
	if d.Marks[0] != 20 || d.Marks[4] != 21 {
		t.Fatalf("closed: marks %v", d.Marks)
	}
	for i, st := range s.States() {
		st.Accept()
		if n, _ := st.Size(); n != 0 {
			t.Errorf("state %d keeps %d entries of closed sessions", i, n)
		}
	}
}

// TestSessionBeyondTime gives the last time that a session can have, and the next.
func TestSessionBeyondTime(t *testing.T) {
	s := NewSession(1, nil, -1, 0, 10, false, timeTypes)
	last := int64(value.MaxTimestamp) - 10
	ctx := stepOf(0)
	rows := batch.FromRows(timeTypes, [][]value.Datum{visit(last, 1, 1), visit(last+1, 1, 2)}, nil)
	d := s.Step(ctx, []Delta{{Rows: rows}})
	if errs := ctx.Errors.Rows(); d.Len() != 1 || errs.Len != 1 ||
		string(errs.Cols[2].Text(0)) != value.StateDatetimeOverflow {
		t.Fatalf("%d rows", d.Len())
	}
}

// traffic makes one step of visits: rows users, each of which comes back every 7 steps.
func traffic(step int64, rows int) (*batch.Batch, int64) {
	b := batch.NewBuilder(timeTypes, rows)
	now := step * 1_000_000
	for i := range int64(rows) {
		b.Cols[0].AppendInt(now + i)
		b.Cols[1].AppendInt(i*7 + step%7)
		b.Cols[2].AppendInt(step)
		b.Close(1)
	}
	return b.Batch(), now
}

// TestSessionStateStaysFlat runs a long stream of users that come for a while and go: the state is
// as large at the end as it was early on.
func TestSessionStateStaysFlat(t *testing.T) {
	s := NewSession(1, []int{1}, -1, 0, 5_000_000, true, timeTypes)
	most := map[bool]int{}
	for step := range int64(600) {
		b, now := traffic(step, 20)
		s.Step(stepOf(now), []Delta{marked(b, now)})
		total := 0
		for _, st := range s.States() {
			st.Accept()
			n, _ := st.Size()
			total += n
		}
		most[step >= 60] = max(most[step >= 60], total)
	}
	if most[true] > most[false] || most[false] == 0 {
		t.Fatalf("%d entries at most in the first 60 steps, %d after", most[false], most[true])
	}
}

// BenchmarkSession appends to sessions in the order of time. A session gets several rows, each in
// a step of its own, and closes.
func BenchmarkSession(b *testing.B) {
	for _, gap := range []int64{5_000_000, 8_000_000} {
		name := map[bool]string{true: "one-row-sessions", false: "long-sessions"}[gap < 7_000_000]
		b.Run(name, func(b *testing.B) {
			s := NewSession(1, []int{1}, -1, 0, gap, true, timeTypes)
			const rows = 1000
			step := int64(0)
			b.ReportAllocs()
			for b.Loop() {
				in, now := traffic(step, rows)
				if step%70 >= 63 { // everyone stays away for a round: sessions of 9 rows
					in = nil
				}
				s.Step(stepOf(now), []Delta{marked(orEmpty(in), now)})
				for _, st := range s.States() {
					st.Accept()
				}
				step++
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*rows), "ns/row")
		})
	}
}

func orEmpty(b *batch.Batch) *batch.Batch {
	if b == nil {
		return batch.FromRows(timeTypes, nil, nil)
	}
	return b
}
