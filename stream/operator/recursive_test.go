package operator

import (
	"testing"

	"pgregory.net/rapid"

	"weir/stream/batch"
	"weir/stream/expr"
	"weir/stream/state"
	"weir/stream/value"
)

// follow is the step of a closure: (a, b) of itself and (b, c) of the edges give (a, c).
type follow struct {
	join    *Join
	project *Project
}

func (f follow) Step(ctx *Context, source func(port uint32) Delta) Delta {
	d := f.join.Step(ctx, []Delta{source(SelfPort), source(SelfPort + 1)})
	return f.project.Step(ctx, []Delta{{Rows: d.Rows}})
}

func (f follow) States() []state.Operator { return f.join.States() }

// TestMixedInputsAreRederived tells a recursion that changes of its edges may take and give rows
// at once, so that all of it is derived again, and compares with one that was not told.
func TestMixedInputsAreRederived(t *testing.T) {
	tInt := value.Of(value.Int8)
	types := []value.Type{tInt, tInt}
	closure := func(mixed bool) *Recursive {
		p, err := NewProject(2, []expr.Expr{
			expr.Column{Index: 0, T: tInt}, expr.Column{Index: 3, T: tInt},
		}, []string{"a", "b"}, []int{-1, -1}, 4)
		if err != nil {
			t.Fatal(err)
		}
		j := NewJoin(JoinSpec{
			Op: 1, Left: types, Right: types, LeftKeys: []int{1}, RightKeys: []int{0},
		})
		return NewRecursive(types, true, 100, follow{j, p}, []bool{mixed})
	}
	rapid.Check(t, func(t *rapid.T) {
		told, plain := closure(true), closure(false)
		edges := map[[2]int64]bool{}
		for range rapid.IntRange(1, 8).Draw(t, "steps") {
			b := batch.NewBuilder(types, 0)
			for range rapid.IntRange(1, 5).Draw(t, "changes") {
				e := [2]int64{
					rapid.Int64Range(0, 6).Draw(t, "from"), rapid.Int64Range(0, 6).Draw(t, "to"),
				}
				w := int64(1)
				if edges[e] {
					w = -1
				}
				edges[e] = !edges[e]
				b.Add([]value.Datum{value.NewInt8(e[0]), value.NewInt8(e[1])}, w)
			}
			d := Delta{Rows: b.Batch()}
			x, y := told.Step(stepOf(0), []Delta{d, d}), plain.Step(stepOf(0), []Delta{d, d})
			if shown(x) != shown(y) {
				t.Fatalf("told:\n%s\nnot told:\n%s", shown(x), shown(y))
			}
		}
	})
}
