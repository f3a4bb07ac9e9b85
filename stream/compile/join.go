package compile

import (
	"weir/stream/expr"
	"weir/stream/operator"
	"weir/stream/plan"
)

func (c *compiler) join(op int, n *plan.Join) (built, error) {
	l, err := c.node(n.Left)
	if err != nil {
		return l, err
	}
	r, err := c.node(n.Right)
	if err != nil {
		return r, err
	}
	timed := make([]bool, len(l.types)+len(r.types))
	spec := operator.JoinSpec{
		Op: op, Left: l.types, Right: r.types,
		LeftKeys: append([]int{}, n.LeftKeys...), RightKeys: append([]int{}, n.RightKeys...),
	}
	lk, rk := spec.LeftKeys, spec.RightKeys
	for i := range lk { // pairs that carry marks come first
		if l.timed[lk[i]] && r.timed[rk[i]] {
			first := spec.Timed
			lk[first], lk[i] = lk[i], lk[first]
			rk[first], rk[i] = rk[i], rk[first]
			timed[lk[first]], timed[len(l.types)+rk[first]] = true, true
			spec.Timed++
		}
	}
	if b := n.Band; b != nil {
		both := l.timed[b.Left] && r.timed[b.Right]
		spec.Band = &operator.Band{
			Left: b.Left, Right: b.Right, Low: b.Low, High: b.High,
			Marked: l.timed[b.Left] || r.timed[b.Right],
		}
		at := len(l.types) + b.Right
		timed[b.Left] = timed[b.Left] || both && b.Low != plan.NoLow
		timed[at] = timed[at] || both && b.High != plan.NoHigh
	}
	if n.Residual != nil {
		if spec.Residual, err = expr.Compile(n.Residual); err != nil {
			return l, err
		}
	}
	return c.add(joinOperator(n, spec), 0, timed[:len(n.Schema())], l.at, r.at), nil
}

// joinOperator picks the operator: rows of one key differ in having a match only if something
// besides the keys judges their pairs.
func joinOperator(n *plan.Join, spec operator.JoinSpec) operator.Operator {
	switch keysOnly := n.Residual == nil && n.Band == nil; {
	case n.Kind == plan.InnerJoin:
		return operator.NewJoin(spec)
	case keysOnly && n.Kind.Half():
		grows := plan.Derive(n.Right).AppendOnly
		return operator.NewHalfJoin(spec, n.Kind == plan.AntiJoin, grows)
	case keysOnly:
		return operator.NewOuterJoin(spec, n.Kind == plan.FullJoin)
	}
	return operator.NewJudgedJoin(spec, map[plan.JoinKind]operator.JoinShape{
		plan.LeftJoin: operator.LeftShape, plan.FullJoin: operator.FullShape,
		plan.SemiJoin: operator.SemiShape, plan.AntiJoin: operator.AntiShape,
	}[n.Kind])
}
