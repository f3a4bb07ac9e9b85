package abcisim

import (
	"fmt"
	"strings"

	"weir/stream/engine"
	"weir/stream/sql"
)

// explain answers EXPLAIN: the text of plans, else the operators with what they keep.
func (x *script) explain(text string) string {
	raws, err := sql.Parse(text)
	if err != nil {
		return describe(err)
	}
	snap := x.nodes[0].app.Snapshot()
	st, err := sql.Bind(raws[0], snap.Catalog, sql.Options{Role: "weir"})
	if err != nil {
		return describe(err)
	}
	e := st.(*sql.Explain)
	if e.Text != "" {
		return e.Text
	}
	var out strings.Builder
	d := (*engine.Drawing)(nil)
	if e.What == sql.ExplainRunning {
		v := x.nodes[0].app.Running(e.View)
		fmt.Fprintf(&out, "view %s\n", v.Def.Name)
		d = v.Drawing
	} else if d, err = engine.Draw(e.Plan); err != nil {
		return describe(err)
	}
	for i, n := range d.Nodes {
		fmt.Fprintf(&out, "%d %s", i, n.Operator)
		for _, in := range n.In {
			fmt.Fprintf(&out, " <- %d", in)
		}
		if n.Entries > 0 {
			fmt.Fprintf(&out, ", keeps %d entries", n.Entries)
		}
		out.WriteByte('\n')
	}
	return out.String()
}

// notices are what binding a statement says of it.
func (x *script) notices(r sql.Raw) (out string) {
	snap := x.nodes[0].app.Snapshot()
	if snap == nil {
		return ""
	}
	st, err := sql.Bind(r, snap.Catalog, sql.Options{Role: "weir"})
	if err != nil {
		return ""
	}
	for _, n := range st.Common().Notices {
		out += fmt.Sprintf("NOTICE %s: %s\n", n.SQLState, n.Message)
		if n.Detail != "" {
			out += "DETAIL: " + n.Detail + "\n"
		}
	}
	return out
}
