package sql_test

import (
	"fmt"
	"strings"

	"weir/stream/catalog"
	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/sql"
)

// describe writes a bound statement for goldens.
func describe(cat *catalog.Catalog, st sql.Statement) string {
	var b strings.Builder
	fmt.Fprintln(&b, st.Tag())
	describeDDL(&b, cat, st)
	switch s := st.(type) {
	case *sql.Insert:
		fmt.Fprintf(&b, "into: %s\n", s.Name)
		describeConflict(&b, cat.ByID(s.Target), s.Conflict)
		b.WriteString(plan.Print(s.Source))
		if v, ok := s.Source.(*plan.Values); ok {
			describeRows(&b, v)
		}
		describeReturning(&b, cat.ByID(s.Target), s.Returning)
	case *sql.Update:
		r := cat.ByID(s.Target)
		if s.Source != nil {
			fmt.Fprintf(&b, "from: %s", plan.Print(s.Source))
		} else {
			fmt.Fprintf(&b, "key: %s\nset: %s\n", exprList(r, s.Key), exprList(r, s.Set))
		}
		describeWhere(&b, r, s.Where)
		describeReturning(&b, r, s.Returning)
	case *sql.Delete:
		r := cat.ByID(s.Target)
		if s.Source != nil {
			fmt.Fprintf(&b, "from: %s", plan.Print(s.Source))
		} else {
			fmt.Fprintf(&b, "key: %s\n", exprList(r, s.Key))
		}
		describeWhere(&b, r, s.Where)
		describeReturning(&b, r, s.Returning)
	case *sql.Select:
		describeSelect(&b, s)
	case *sql.Explain:
		if s.Text == "" {
			fmt.Fprintf(&b, "what=%d format=%d analyze=%t view=%d\n", s.What, s.Format, s.Analyze,
				s.View)
		}
		b.WriteString(s.Text)
	case *sql.Grant:
		fmt.Fprintf(&b, "on %s to %s privileges=%v writers=%q\n", s.Name, s.Role, s.Privileges,
			s.Writers)
	case *sql.AlterView:
		fmt.Fprintf(&b, "%s resume=%t cascade=%t\n", s.Name, s.Resume, s.Cascade)
	case *sql.Set:
		fmt.Fprintf(&b, "%s=%q reset=%t local=%t\n", s.Name, s.Value, s.Reset, s.Local)
	case *sql.Show:
		fmt.Fprintln(&b, s.Name)
	case *sql.Deallocate:
		fmt.Fprintf(&b, "%q all=%t\n", s.Name, s.All)
	}
	info := st.Common()
	if len(info.Params) > 0 {
		fmt.Fprintf(&b, "params: %v unbound=%t\n", info.Params, info.Unbound)
	}
	if info.Now {
		fmt.Fprintln(&b, "reads block time")
	}
	for _, n := range info.Notices {
		fmt.Fprintf(&b, "NOTICE %s: %s\n", n.SQLState, n.Message)
	}
	return b.String()
}

func describeDDL(b *strings.Builder, cat *catalog.Catalog, st sql.Statement) {
	switch s := st.(type) {
	case *sql.CreateStream:
		describeRelation(b, cat, s.Relation, s.Exists)
	case *sql.CreateTable:
		describeRelation(b, cat, s.Relation, s.Exists)
	case *sql.CreateView:
		describeRelation(b, cat, s.Relation, s.Exists)
		if s.Plan != nil {
			b.WriteString(plan.Print(s.Plan))
		}
	case *sql.CreateFunction:
		e, _, err := expr.DecodeExpr(s.Function.Body)
		if err != nil {
			panic(err)
		}
		names := make([]string, len(s.Function.Args))
		for i, a := range s.Function.Args {
			names[i] = a.Name
		}
		fmt.Fprintf(b, "%s %s strict=%t replaces=%t: %s\n", s.Function.Signature(),
			s.Function.Result, s.Function.Strict, s.Replaces != 0, expr.Print(e, names))
	case *sql.DropFunction:
		fmt.Fprintf(b, "%d functions\n", len(s.Functions))
	case *sql.CreateIndex:
		if s.Exists {
			return
		}
		fmt.Fprintf(b, "%s on %s:", s.Index.Name, cat.ByID(s.Index.Of).Name)
		for _, c := range s.Index.Columns {
			fmt.Fprintf(b, " %d desc=%t nullsfirst=%t", c.Column, c.Desc, c.NullsFirst)
		}
		b.WriteByte('\n')
	case *sql.DropIndex:
		fmt.Fprintf(b, "%d indexes\n", len(s.Indexes))
	case *sql.AlterTable:
		if s.Relation != nil {
			describeRelation(b, cat, s.Relation, false)
		}
	case *sql.Drop:
		fmt.Fprintf(b, "relations: %s\n", relationNames(cat, s.Relations))
	}
}

func describeSelect(b *strings.Builder, s *sql.Select) {
	for i, c := range s.Columns {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(b, "%s %s", c.Name, c.Type)
	}
	b.WriteByte('\n')
	if s.AsOf != nil {
		fmt.Fprintf(b, "as of height %d\n", *s.AsOf)
	}
	b.WriteString(plan.Print(s.Plan))
}

func describeRows(b *strings.Builder, v *plan.Values) {
	for _, row := range v.Rows {
		list := make([]string, len(row))
		for i, d := range row {
			list[i] = expr.Print(expr.Const{D: d, T: v.Fields[i].Type}, nil)
		}
		fmt.Fprintf(b, "(%s)\n", strings.Join(list, ", "))
	}
}

func describeRelation(
	b *strings.Builder, cat *catalog.Catalog, r *catalog.Relation, exists bool,
) {
	if exists {
		fmt.Fprintf(b, "%s exists\n", r.Name)
		return
	}
	for _, c := range r.Columns {
		fmt.Fprintf(b, "  %s %s", c.Name, c.Type)
		if c.NotNull {
			b.WriteString(" NOT NULL")
		}
		if c.Hidden {
			b.WriteString(" (hidden)")
		}
		if len(c.Default) > 0 {
			e, _, err := expr.DecodeExpr(c.Default)
			if err != nil {
				panic(err)
			}
			fmt.Fprintf(b, " DEFAULT %s", expr.Print(e, nil))
		}
		if c.Since > 0 {
			fmt.Fprintf(b, " since %d", c.Since)
		}
		b.WriteByte('\n')
	}
	if len(r.Key) > 0 {
		var key []string
		for _, k := range r.Key {
			key = append(key, r.Columns[k].Name)
		}
		fmt.Fprintf(b, "  key (%s)\n", strings.Join(key, ", "))
	}
	for _, w := range r.Watermarks {
		fmt.Fprintf(b, "  watermark %s - %dus global=%t\n", r.Columns[w.Column].Name, w.DelayMicros,
			w.Global)
	}
	for _, c := range r.Checks {
		fmt.Fprintf(b, "  check %s: %s\n", c.Name, c.SQL)
	}
	if r.AppendOnly {
		b.WriteString("  append-only\n")
	}
	if k := r.Retention; k != (catalog.Retention{}) {
		fmt.Fprintf(b, "  retention %dus %d bytes\n", k.Micros, k.Bytes)
	}
	if len(r.Inputs) > 0 {
		fmt.Fprintf(b, "  inputs: %s\n", relationNames(cat, r.Inputs))
	}
	fmt.Fprintf(b, "  %s\n", r.SQL)
}

func describeWhere(b *strings.Builder, r *catalog.Relation, e expr.Expr) {
	if e != nil {
		fmt.Fprintf(b, "where: %s\n", exprList(r, []expr.Expr{e}))
	}
}

func describeConflict(b *strings.Builder, r *catalog.Relation, c *sql.Conflict) {
	if c == nil {
		return
	}
	var names []string
	for _, prefix := range []string{"", "excluded."} {
		for _, col := range r.Columns {
			names = append(names, prefix+col.Name)
		}
	}
	b.WriteString("on conflict:")
	if c.Set == nil {
		b.WriteString(" nothing")
	}
	for i, e := range c.Set {
		fmt.Fprintf(b, " %s = %s;", r.Columns[i].Name, expr.Print(e, names))
	}
	if c.Where != nil {
		fmt.Fprintf(b, " where %s", expr.Print(c.Where, names))
	}
	b.WriteByte('\n')
}

func describeReturning(b *strings.Builder, r *catalog.Relation, ret *sql.Returning) {
	if ret == nil {
		return
	}
	b.WriteString("returning:")
	for i, c := range ret.Columns {
		fmt.Fprintf(b, " %s %s = %s;", c.Name, c.Type, exprList(r, ret.Exprs[i:i+1]))
	}
	b.WriteByte('\n')
}

func exprList(r *catalog.Relation, list []expr.Expr) string {
	names := make([]string, len(r.Columns))
	for i, c := range r.Columns {
		names[i] = c.Name
	}
	out := make([]string, len(list))
	for i, e := range list {
		out[i] = expr.Print(e, names)
	}
	return strings.Join(out, ", ")
}

func relationNames(cat *catalog.Catalog, ids []uint32) string {
	var out []string
	for _, id := range ids {
		out = append(out, cat.ByID(id).Name)
	}
	return strings.Join(out, ", ")
}
