package plan_test

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"

	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/value"
)

var (
	tInt  = value.Of(value.Int8)
	tTime = value.Of(value.Timestamp)
	tBool = value.Of(value.Bool)
)

// scan reads (k int8, v int8, ts timestamp, ok bool).
func scan() *plan.Scan {
	return &plan.Scan{
		Relation: 1024, Version: 1, Columns: []int{0, 1, 2, 3},
		Fields: []plan.Field{
			{Name: "k", Type: tInt},
			{Name: "v", Type: tInt},
			{Name: "ts", Type: tTime},
			{Name: "ok", Type: tBool, Hidden: true},
		},
		Key: []int{0}, AppendOnly: true, Frozen: []int{2},
	}
}

func greater(t *testing.T, col int, than int64) expr.Expr {
	t.Helper()
	fn, _, typ, err := expr.Resolve(">", []value.Type{tInt, tInt})
	if err != nil {
		t.Fatal(err)
	}
	return &expr.Call{Fn: fn, T: typ, Args: []expr.Expr{
		expr.Column{Index: col, T: tInt}, expr.Const{D: value.NewInt8(than), T: tInt},
	}}
}

// samples has one plan for each node and each of its options.
func samples(t *testing.T) []plan.Node {
	keyless := scan()
	keyless.Key, keyless.Frozen, keyless.Stored, keyless.AppendOnly = nil, nil, true, false
	empty := scan()
	empty.Key = []int{}
	window := &plan.Window{
		Input: scan(), Kind: plan.Hop, TimeCol: 2, SizeMicros: 60, SlideMicros: 20, OffsetMicros: 5,
	}
	agg := &plan.Aggregate{
		Input: window, GroupBy: []int{0, 5},
		Calls: []plan.AggCall{
			{Func: plan.CountStar, Arg: -1, Extra: -1, Filter: 3, Type: tInt},
			{
				Func: plan.Max, Arg: 1, Extra: -1, Filter: -1, Distinct: true, Type: tInt,
				OrderBy: []plan.SortKey{{Col: 1, Desc: true}, {Col: 1, NullsFirst: true}},
			},
		},
		Names: []string{"k", "window_end", "n", "top"},
	}
	return append(moreSamples(t, keyless),
		scan(), keyless, empty, window, agg,
		&plan.EmitOnClose{Input: agg, WindowEnd: 1},
		&plan.Filter{Input: scan(), Pred: greater(t, 1, 7)},
		&plan.Project{
			Input: scan(), Names: []string{"a", "b"}, Hide: []bool{false, true},
			Exprs: []expr.Expr{expr.Column{Index: 1, T: tInt}, greater(t, 0, -1)},
		},
		&plan.Join{
			Left: scan(), Right: keyless, LeftKeys: []int{0, 1}, RightKeys: []int{1, 0},
			Residual: greater(t, 5, 3),
		},
		&plan.UnionAll{Inputs: []plan.Node{scan(), keyless, empty}},
		&plan.Values{
			Fields: []plan.Field{{Name: "column1", Type: tInt}},
			Rows:   [][]value.Datum{{value.NewInt8(1)}, {value.NullDatum}},
		},
		&plan.Values{Rows: [][]value.Datum{{}}},
		&plan.Sort{
			Input: scan(), Limit: -1, Offset: 3,
			Keys: []plan.SortKey{{Col: 1, Desc: true, NullsFirst: true}, {Col: 0}},
		},
		&plan.Sort{Input: scan(), Limit: 10, Ties: true},
	)
}

func moreSamples(t *testing.T, keyless plan.Node) []plan.Node {
	t.Helper()
	return []plan.Node{
		&plan.Join{
			Left: scan(), Right: keyless, Kind: plan.AntiJoin, LeftKeys: []int{0},
			RightKeys: []int{1}, Residual: greater(t, 5, 3),
		},
		&plan.Join{
			Left: scan(), Right: keyless, Kind: plan.FullJoin,
			Band: &plan.Band{Left: 2, Right: 2, Low: -5, High: plan.NoHigh},
		},
		&plan.SetOp{Left: scan(), Right: keyless, Except: true},
		&plan.SetOp{Left: scan(), Right: keyless, All: true},
		&plan.TopN{
			Input: scan(), PartitionBy: []int{1}, Keys: []plan.SortKey{{Col: 2, Desc: true}},
			Kind: plan.DenseRank, Limit: 3, Offset: 1, Numbered: true, Name: "n",
		},
		&plan.TopN{Input: scan(), Limit: -1, Offset: 7},
		over(),
		&plan.Session{Input: scan(), PartitionBy: []int{0}, TimeCol: 2, GapMicros: 10},
		&plan.TemporalFilter{Input: scan(), From: -1, Until: 2},
		&plan.TemporalFilter{Input: scan(), From: 2, Until: 2},
		&plan.Lateness{OnTime: scan(), Late: keyless, TimeCol: 2, Micros: 9},
		&plan.EmitOnClose{Input: scan(), WindowEnd: 2, Lateness: 9},
		&plan.Flatten{
			Input: scan(), Ordinality: true, Outer: true,
			Calls: []plan.SetCall{{
				Fn: "generate_series(int8,int8)", Width: 1,
				Args: []expr.Expr{expr.Column{Index: 0, T: tInt}, expr.Column{Index: 1, T: tInt}},
			}},
			Fields: []plan.Field{
				{Name: "generate_series", Type: tInt}, {Name: "ordinality", Type: tInt},
			},
		},
		&plan.Flatten{
			Input: scan(), Outer: true,
			Calls: []plan.SetCall{
				{
					Fn: "generate_series(int8,int8)", Width: 1,
					Args: []expr.Expr{expr.Column{Index: 0, T: tInt}, expr.Column{Index: 1, T: tInt}},
				},
				{
					Fn: "generate_series(int8,int8)", Width: 1,
					Args: []expr.Expr{expr.Column{Index: 1, T: tInt}, expr.Column{Index: 1, T: tInt}},
				},
			},
			Fields: []plan.Field{
				{Name: "generate_series", Type: tInt}, {Name: "generate_series", Type: tInt},
			},
		},
		&plan.Recursive{
			Init: scan(), Distinct: true,
			Step: &plan.Filter{Input: &plan.Self{Fields: scan().Fields}, Pred: greater(t, 1, 7)},
		},
		&plan.Asof{
			Left: scan(), Right: keyless, LeftKeys: []int{0}, RightKeys: []int{1},
			LeftTime: 2, RightTime: 2, Op: plan.AsofLT, Outer: true,
		},
		match(t),
	}
}

// match looks for A (B{2,}? | C) and reads one row of each kind.
func match(t *testing.T) plan.Node {
	t.Helper()
	symbol := func(i int) *plan.Pattern {
		return &plan.Pattern{Kind: plan.PatternSymbol, Symbol: i}
	}
	return &plan.Match{
		Input: scan(), PartitionBy: []int{0}, TimeCol: 2, Symbols: []string{"a", "b", "c"},
		Pattern: &plan.Pattern{Kind: plan.PatternConcat, Parts: []*plan.Pattern{
			symbol(0), {Kind: plan.PatternAlt, Parts: []*plan.Pattern{
				{
					Kind: plan.PatternRepeat, Min: 2, Max: -1, Reluctant: true,
					Parts: []*plan.Pattern{symbol(1)},
				}, symbol(2),
			}},
		}},
		Navs: []plan.Nav{
			{Kind: plan.NavLast, Symbol: -1, Col: 1, Shift: -1, Type: tInt},
			{Kind: plan.NavFirst, Symbol: 1, Col: 0, Offset: 2, Type: tInt},
			{Kind: plan.NavAggregate, Symbol: 1, Call: plan.Call(plan.Sum, 1, tInt), Type: tInt},
		},
		Defines:  []expr.Expr{nil, greater(t, 0, 3), greater(t, 2, 9)},
		Measures: []expr.Expr{expr.Column{Index: 1, T: tInt}}, Names: []string{"k", "m"},
		WithinMicros: 60, Skip: plan.SkipToLast, SkipTo: 2,
	}
}

// over has an aggregate and another function, and bounds with and without offsets.
func over() plan.Node {
	return &plan.Over{
		Input: scan(), PartitionBy: []int{0}, Keys: []plan.SortKey{{Col: 2}},
		Calls: []plan.OverCall{
			{
				Func: plan.OverLag, Args: []int{1}, Type: tInt,
				Frame: plan.Frame{End: plan.Bound{Kind: plan.CurrentRow}},
			},
			{
				Func: plan.OverAggregate, Call: plan.Call(plan.Sum, 1, tInt), Type: tInt,
				Frame: plan.Frame{
					Mode: plan.FrameRows, Exclude: plan.ExcludeTies,
					Start: plan.Bound{Kind: plan.Preceding, Offset: value.NewInt8(3)},
					End:   plan.Bound{Kind: plan.Following, Offset: value.NewInt8(1)},
				},
			},
		},
		Names: []string{"before", "around"},
	}
}

// checkRoundTrip asks that a plan survives its encoding.
func checkRoundTrip(t interface{ Fatalf(string, ...any) }, n plan.Node) {
	b := plan.Encode(n)
	got, err := plan.Decode(b)
	if err != nil {
		t.Fatalf("%v\n%s", err, plan.Print(n))
	}
	if again := plan.Encode(got); !bytes.Equal(again, b) {
		t.Fatalf("encoding changes:\n%x\n%x", b, again)
	}
	if plan.Hash(n) != plan.Hash(got) {
		t.Fatalf("hash changes")
	}
}

func TestEveryNodeSurvivesItsEncoding(t *testing.T) {
	for _, n := range samples(t) {
		if err := plan.Check(n); err != nil {
			t.Fatalf("%v\n%s", err, plan.Print(n))
		}
		checkRoundTrip(t, n)
	}
}

func TestTruncatedAndExtendedEncodingsAreRefused(t *testing.T) {
	for _, n := range samples(t) {
		b := plan.Encode(n)
		for i := range b {
			if _, err := plan.Decode(b[:i]); err == nil {
				t.Fatalf("prefix of %d of %d bytes decodes:\n%s", i, len(b), plan.Print(n))
			}
		}
		if _, err := plan.Decode(append(b, 0)); err == nil {
			t.Fatal("a byte too many decodes")
		}
	}
}

func TestRandomPlansSurviveTheirEncoding(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) { checkRoundTrip(r, randomPlan(r, 5)) })
}

// randomPlan draws a well-formed plan whose first three columns are those of scan.
func randomPlan(r *rapid.T, depth int) plan.Node {
	if depth == 0 {
		return scan()
	}
	in := randomPlan(r, depth-1)
	switch rapid.IntRange(0, 6).Draw(r, "node") {
	case 0:
		return &plan.Project{
			Input: in, Names: []string{"k", "v", "ts"},
			Exprs: []expr.Expr{
				expr.Column{Index: rapid.IntRange(0, 1).Draw(r, "column"), T: tInt},
				expr.Const{D: value.NewInt8(rapid.Int64().Draw(r, "const")), T: tInt},
				expr.Column{Index: 2, T: tTime},
			},
		}
	case 1:
		size := rapid.Int64Range(1, 1<<40).Draw(r, "size")
		return &plan.Window{
			Input: in, Kind: plan.Tumble, TimeCol: 2, SizeMicros: size, SlideMicros: size,
			OffsetMicros: rapid.Int64Range(0, size-1).Draw(r, "offset"),
		}
	case 2:
		return &plan.Aggregate{
			Input: in, GroupBy: []int{1, 0, 2}, Names: []string{"k", "v", "ts", "n"},
			Calls: []plan.AggCall{plan.Call(plan.CountStar, -1, tInt)},
		}
	case 3:
		return &plan.Join{
			Left: in, Right: scan(), LeftKeys: []int{rapid.IntRange(0, 1).Draw(r, "key")},
			RightKeys: []int{0},
		}
	case 4:
		return &plan.UnionAll{Inputs: []plan.Node{in, in}}
	case 5:
		return &plan.Sort{Input: in, Limit: rapid.Int64Min(-1).Draw(r, "limit")}
	default:
		return &plan.Filter{Input: in, Pred: expr.Const{D: value.NewBool(true), T: tBool}}
	}
}

func TestDepthAtItsLimit(t *testing.T) {
	deep := func(n int) plan.Node {
		var p plan.Node = scan()
		for range n - 1 {
			p = &plan.EmitOnClose{Input: p, WindowEnd: 2}
		}
		return p
	}
	checkRoundTrip(t, deep(plan.MaxDepth))
	over := deep(plan.MaxDepth + 1)
	if plan.Check(over) == nil {
		t.Fatal("a plan deeper than the limit passes Check")
	}
	if _, err := plan.Decode(plan.Encode(over)); err == nil {
		t.Fatal("a plan deeper than the limit decodes")
	}
}

func TestColumnsAtTheirLimit(t *testing.T) {
	wide := func(n int) plan.Node {
		p := &plan.Project{Input: scan()}
		for range n {
			p.Exprs = append(p.Exprs, expr.Column{Index: 0, T: tInt})
			p.Names = append(p.Names, "c")
		}
		return p
	}
	checkRoundTrip(t, wide(plan.MaxColumns))
	if plan.Check(wide(plan.MaxColumns+1)) == nil {
		t.Fatal("a plan wider than the limit passes Check")
	}
}

func FuzzDecode(f *testing.F) {
	for _, n := range samples(&testing.T{}) {
		f.Add(plan.Encode(n))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		n, err := plan.Decode(b)
		if err != nil {
			return
		}
		if !bytes.Equal(plan.Encode(n), b) {
			t.Fatalf("accepted %x, which is not canonical", b)
		}
		plan.Derive(n)
		plan.Print(n)
	})
}
