package compile

import (
	"weir/stream/operator"
	"weir/stream/plan"
	"weir/stream/value"
)

func (c *compiler) topN(n *plan.TopN) (built, error) {
	in, err := c.node(n.Input)
	if err != nil {
		return in, err
	}
	order, freed := ordering(in, n.Input, n.PartitionBy, n.Keys)
	spec := operator.TopNSpec{
		Order: order, Freed: freed, Kind: operator.RankKind(n.Kind), Limit: n.Limit,
		Offset: n.Offset, Numbered: n.Numbered, Timed: -1,
		AppendOnly: plan.Derive(n.Input).AppendOnly,
	}
	timed := make([]bool, len(n.Schema()))
	for _, p := range n.PartitionBy {
		timed[p] = in.timed[p]
	}
	if t := n.Timed(); t >= 0 && in.timed[t] {
		spec.Timed, timed[t] = t, true
	}
	return c.add(operator.NewTopN(spec), 0, timed, in.at), nil
}

// ordering is how an ordered operator keeps its rows: the first partition column that carries a
// mark, if one does (freed), comes first.
func ordering(in built, input plan.Node, partition []int, keys []plan.SortKey) (
	o operator.Order, freed bool,
) {
	o = operator.Order{Types: in.types, Visible: plan.Visible(input.Schema())}
	o.Partition = append([]int{}, partition...)
	for i, p := range o.Partition {
		if in.timed[p] && markable(in.types[p]) {
			o.Partition[0], o.Partition[i] = p, o.Partition[0]
			freed = true
			break
		}
	}
	for _, k := range keys {
		o.Keys = append(o.Keys, operator.OrderKey{
			Col: k.Col, Desc: k.Desc, NullsFirst: k.NullsFirst,
		})
	}
	return o, freed
}

// markable reports whether marks of a column stand for values of its type.
func markable(t value.Type) bool {
	return t.Kind == value.Timestamp || t.Kind == value.TimestampTZ || t.Kind == value.Date
}
