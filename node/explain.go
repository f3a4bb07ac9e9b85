package node

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"weir/app"
	"weir/node/pgwire"
	"weir/stream/catalog"
	"weir/stream/engine"
	"weir/stream/plan"
	"weir/stream/sql"
	"weir/stream/value"
)

// explain answers EXPLAIN, a row a line.
func (s *session) explain(snap *app.Snapshot, st *sql.Explain, out pgwire.RowWriter) (
	string, error,
) {
	g, err := s.explained(snap, st)
	if err != nil {
		return "", err
	}
	text := st.Text
	switch {
	case text != "" || g == nil:
	case st.Format == sql.FormatJSON:
		raw, err := json.MarshalIndent(g, "", "  ")
		if err != nil {
			return "", fmt.Errorf("drawing a plan: %w", err)
		}
		text = string(raw)
	case st.Format == sql.FormatDOT:
		text = g.dot()
	default:
		text = g.text()
	}
	if st.Query && st.Format == sql.FormatText && st.What != sql.ExplainLogical {
		for _, line := range reads(snap, st.Plan) {
			text += line + "\n"
		}
	}
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if err := out.Row([]value.Datum{value.NewText(line)}); err != nil {
			return "", err
		}
	}
	return "EXPLAIN", nil
}

// explained draws what the binder cannot print by itself; nil if there is nothing to draw.
func (s *session) explained(snap *app.Snapshot, st *sql.Explain) (*graph, error) {
	if st.What == sql.ExplainRunning {
		v := s.app.Running(st.View)
		if v == nil {
			return nil, &pgwire.Error{SQLState: "42P01", Message: "the view does not exist any more"}
		}
		return runningGraph(snap.Catalog, v), nil
	}
	if st.Plan == nil || st.Text != "" {
		return nil, nil
	}
	switch {
	case st.Analyze:
		if err := snap.Readable(st.Plan); err != nil {
			return nil, err
		}
		start := time.Now()
		rows, d, err := snap.Analyze(st.Plan, func() int64 { return int64(time.Since(start)) })
		if err != nil {
			return nil, queryError(err)
		}
		g := drawn(snap.Catalog, d)
		for i := range g.Nodes {
			g.Nodes[i].Rows = &d.Nodes[i].Rows
			g.Nodes[i].Micros = float64(d.Nodes[i].Nanos) / 1000
		}
		g.Info = append(g.Info, fmt.Sprintf("rows: %d", len(rows.Rows)),
			fmt.Sprintf("time: %.3f ms", time.Since(start).Seconds()*1000))
		return g, nil
	case st.What == sql.ExplainCircuit:
		d, err := engine.Draw(st.Plan)
		if err != nil {
			return nil, queryError(err)
		}
		return drawn(snap.Catalog, d), nil
	case st.What == sql.ExplainLogical:
		return planGraph(st.Logical), nil
	default:
		return planGraph(st.Plan), nil
	}
}

// graph is a plan or a circuit, the output last.
type graph struct {
	Nodes []graphNode `json:"nodes"`
	Info  []string    `json:"info,omitempty"`
}

type graphNode struct {
	ID      int     `json:"id"`
	Label   string  `json:"label"`
	In      []int   `json:"in,omitempty"`
	Entries int     `json:"state_entries,omitempty"`
	Bytes   int     `json:"state_bytes,omitempty"`
	Rows    *int64  `json:"rows,omitempty"`
	Micros  float64 `json:"microseconds,omitempty"`
}

// facts are what is known of a node beside its label.
func (n *graphNode) facts() string {
	var list []string
	if n.Entries > 0 || n.Bytes > 0 {
		list = append(list, fmt.Sprintf("state: %d entries, %d bytes", n.Entries, n.Bytes))
	}
	if n.Rows != nil {
		list = append(list, fmt.Sprintf("rows: %d, time: %.3f ms", *n.Rows, n.Micros/1000))
	}
	return strings.Join(list, "; ")
}

func (g *graph) text() string {
	var b strings.Builder
	for _, n := range g.Nodes {
		fmt.Fprintf(&b, "%d %s", n.ID, n.Label)
		for _, in := range n.In {
			fmt.Fprintf(&b, " <- %d", in)
		}
		if f := n.facts(); f != "" {
			b.WriteString("  (" + f + ")")
		}
		b.WriteByte('\n')
	}
	for _, i := range g.Info {
		b.WriteString(i + "\n")
	}
	return b.String()
}

// dot draws the graph in Graphviz's language.
func (g *graph) dot() string {
	var b strings.Builder
	b.WriteString("digraph plan {\n\trankdir=LR\n")
	for _, n := range g.Nodes {
		label := n.Label
		if f := n.facts(); f != "" {
			label += "\n" + f
		}
		fmt.Fprintf(&b, "\tn%d [label=%q]\n", n.ID, label)
		for _, in := range n.In {
			fmt.Fprintf(&b, "\tn%d -> n%d\n", in, n.ID)
		}
	}
	for _, i := range g.Info {
		b.WriteString("\t// " + i + "\n")
	}
	b.WriteString("}\n")
	return b.String()
}

// drawn is a circuit with names.
func drawn(cat *catalog.Catalog, d *engine.Drawing) *graph {
	g := &graph{}
	for i, n := range d.Nodes {
		label := n.Operator
		if r := cat.ByID(n.Relation); r != nil {
			label += " " + r.Name
		}
		g.Nodes = append(g.Nodes, graphNode{
			ID: i, Label: label, In: n.In, Entries: n.Entries, Bytes: n.Bytes,
		})
	}
	return g
}

// runningGraph is a view as it runs, with its state and watermarks.
func runningGraph(cat *catalog.Catalog, v *app.RunningView) *graph {
	g := drawn(cat, v.Drawing)
	state := stateName(v.Status.State)
	if v.Status.Reason != "" {
		state += " (" + v.Status.Reason + ")"
	}
	g.Info = append(g.Info, "state: "+state)
	if v.Status.Debt > 0 {
		g.Info = append(g.Info, fmt.Sprintf("debt: %d rows", v.Status.Debt))
	}
	if v.Status.ErrorCount > 0 {
		g.Info = append(g.Info, fmt.Sprintf("rows with errors: %d", v.Status.ErrorCount))
	}
	for i, w := range v.Marks {
		if i < len(v.Def.Columns) && w > value.MinTimestamp {
			at := value.AppendText(nil, value.NewTimestamp(w))
			g.Info = append(g.Info, "watermark of "+v.Def.Columns[i].Name+": "+string(at))
		}
	}
	return g
}

// planGraph is a plan, children before parents.
func planGraph(n plan.Node) *graph {
	g := &graph{}
	var visit func(n plan.Node) int
	visit = func(n plan.Node) int {
		var in []int
		for _, c := range n.Children() {
			in = append(in, visit(c))
		}
		g.Nodes = append(g.Nodes, graphNode{ID: len(g.Nodes), Label: plan.Describe(n), In: in})
		return len(g.Nodes) - 1
	}
	visit(n)
	return g
}
