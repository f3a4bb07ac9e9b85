package plan

import (
	"errors"
	"fmt"

	"weir/internal/canon"
	"weir/stream/expr"
)

// Sort orders its input and cuts it. Only at the root of a query; Limit < 0: none. Ties: rows
// whose keys equal those of the last row within the limit come too (FETCH ... WITH TIES).
type Sort struct {
	Input  Node
	Keys   []SortKey
	Limit  int64
	Offset int64
	Ties   bool
}

// Schema implements Node.
func (n *Sort) Schema() []Field { return n.Input.Schema() }

// Children implements Node.
func (n *Sort) Children() []Node { return []Node{n.Input} }

// With implements Node.
func (n *Sort) With(in []Node) Node {
	c := *n
	c.Input = in[0]
	return &c
}

// Scalars implements Node.
func (n *Sort) Scalars() []expr.Expr { return nil }

// WithScalars implements Node.
func (n *Sort) WithScalars([]expr.Expr) Node { return n }

func (n *Sort) props(in []Props) Props { return in[0] }

func (n *Sort) check() error {
	if n.Limit < -1 || n.Offset < 0 {
		return errors.New("negative limit or offset")
	}
	return checkSortKeys(n.Keys, n.Input.Schema())
}

func (n *Sort) describe() string {
	text := "Sort [" + sortKeys(n.Input.Schema(), n.Keys) + "]"
	if n.Limit >= 0 {
		text += fmt.Sprintf(" limit %d", n.Limit)
	}
	if n.Ties {
		text += " with ties"
	}
	if n.Offset > 0 {
		text += fmt.Sprintf(" offset %d", n.Offset)
	}
	return text
}

func (n *Sort) encode(b []byte) []byte {
	b = appendSortKeys(append(b, tagSort), n.Keys)
	b = appendPlus1(b, n.Limit)
	b = canon.AppendUvarint(b, uint64(n.Offset))
	return canon.AppendBool(b, n.Ties)
}

func (r *reader) sort(depth int) Node {
	n := &Sort{Keys: r.sortKeys()}
	n.Limit = int64(r.Uvarint()) - 1
	n.Offset = r.int64()
	n.Ties = r.Bool()
	n.Input = r.node(depth + 1)
	return n
}

// sortKeys writes an ORDER BY list.
func sortKeys(fields []Field, keys []SortKey) string {
	text := ""
	for i, k := range keys {
		if i > 0 {
			text += ", "
		}
		text += fields[k.Col].Name
		if k.Desc {
			text += " DESC"
		}
		if k.NullsFirst != k.Desc { // PostgreSQL's default: last, first when descending
			text += map[bool]string{true: " NULLS FIRST", false: " NULLS LAST"}[k.NullsFirst]
		}
	}
	return text
}

func checkSortKeys(keys []SortKey, fields []Field) error {
	for _, k := range keys {
		if err := inRange(k.Col, len(fields)); err != nil {
			return err
		}
	}
	return nil
}

func appendSortKeys(b []byte, keys []SortKey) []byte {
	b = canon.AppendUvarint(b, uint64(len(keys)))
	for _, k := range keys {
		b = canon.AppendUvarint(b, uint64(k.Col))
		b = canon.AppendBool(b, k.Desc)
		b = canon.AppendBool(b, k.NullsFirst)
	}
	return b
}

func (r *reader) sortKeys() []SortKey {
	var out []SortKey
	for range r.Count() {
		out = append(out, SortKey{Col: r.col(), Desc: r.Bool(), NullsFirst: r.Bool()})
	}
	return out
}
