package plan

// Clock returns a plan that has the marks which n would have without allowed lateness: those of
// the streams alone. Its rows mean nothing: constants are taken out, so that a circuit for it
// meets no row if its scans give none.
func Clock(n Node) Node {
	switch n := n.(type) {
	case *Lateness:
		return Clock(n.OnTime)
	case *EmitOnClose:
		return &EmitOnClose{Input: Clock(n.Input), WindowEnd: n.WindowEnd}
	case *Aggregate:
		if len(n.GroupBy) == 0 {
			return nothing(n)
		}
	case *Values, *Recursive, *TemporalFilter:
		return nothing(n)
	}
	old := n.Children()
	if len(old) == 0 {
		return n
	}
	kids := make([]Node, len(old))
	for i, c := range old {
		kids[i] = Clock(c)
	}
	return n.With(kids)
}

// nothing has the schema of a node that lets no mark through.
func nothing(n Node) Node { return &Values{Fields: n.Schema()} }
