package compile

import (
	"weir/stream/operator"
	"weir/stream/plan"
)

func (c *compiler) match(op int, n *plan.Match) (built, error) {
	in, err := c.node(n.Input)
	if err != nil {
		return in, err
	}
	fields := n.Schema()
	spec := &operator.MatchSpec{
		TimeCol: n.TimeCol, Visible: plan.Visible(n.Input.Schema()), Symbols: n.Symbols,
		Pattern: matchPattern(n.Pattern), Defines: n.Defines, Measures: n.Measures,
		Names: n.Names[len(n.Lead()):], Within: n.WithinMicros,
		Skip: operator.MatchSkip(n.Skip), SkipTo: n.SkipTo,
		AllRows: n.AllRows, Lead: n.Lead(), Rest: n.Rest(),
	}
	for _, s := range n.Subsets {
		spec.Subsets = append(spec.Subsets, s.Symbols)
	}
	for _, v := range n.Navs {
		nav := operator.MatchNav{
			Kind: operator.MatchNavKind(v.Kind), Symbol: v.Symbol, Col: v.Col, Offset: v.Offset,
			Shift: v.Shift, Final: v.Final,
		}
		if v.Kind == plan.NavAggregate {
			nav.Fold = fold(v.Call, in.types)
		}
		spec.Navs = append(spec.Navs, nav)
	}
	m := operator.NewMatch(op, spec, n.PartitionBy, in.types, plan.Types(fields),
		in.timed[n.TimeCol])
	return c.add(m, 0, make([]bool, len(fields)), in.at), nil
}

func matchPattern(p *plan.Pattern) *operator.MatchPattern {
	out := &operator.MatchPattern{
		Kind: operator.MatchPatternKind(p.Kind), Symbol: p.Symbol, Min: p.Min, Max: p.Max,
		Reluctant: p.Reluctant,
	}
	for _, q := range p.Parts {
		out.Parts = append(out.Parts, matchPattern(q))
	}
	return out
}
