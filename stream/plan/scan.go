package plan

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"weir/internal/canon"
	"weir/stream/expr"
)

// Scan reads a relation: a stream's on-time rows with its hidden columns appended, a table, a
// view, a late, rejected or error relation, or a history. Columns picks columns of the relation's
// row space (visible, then hidden) in output order.
type Scan struct {
	Relation uint32
	Name     string // for printing only; not in the canonical bytes' meaning
	Version  uint32 // schema version
	Columns  []int
	Fields   []Field
	// What the properties of the plan start from, copied from the catalog at binding.
	Key        []int // output columns that are the relation's key; nil: the whole row
	AppendOnly bool
	// Frozen are the output columns that carry a watermark, ascending: those of a stream's
	// WATERMARK FOR, those of a view through which its inputs' watermarks reach its rows, and
	// weir_valid_from of a history, which has block time as its watermark.
	Frozen []int
	// Stored: true when rows come from a keyed store (table, view), false for a log.
	Stored bool
}

// Schema implements Node.
func (n *Scan) Schema() []Field { return n.Fields }

// Children implements Node.
func (n *Scan) Children() []Node { return nil }

// With implements Node.
func (n *Scan) With([]Node) Node { return n }

// Scalars implements Node.
func (n *Scan) Scalars() []expr.Expr { return nil }

// WithScalars implements Node.
func (n *Scan) WithScalars([]expr.Expr) Node { return n }

func (n *Scan) props([]Props) Props {
	p := Props{Key: n.Key, AppendOnly: n.AppendOnly, Frozen: make([]bool, len(n.Columns))}
	for _, c := range n.Frozen {
		p.Frozen[c] = true
	}
	return p
}

func (n *Scan) check() error {
	if len(n.Columns) != len(n.Fields) {
		return errors.New("columns and fields differ in number")
	}
	if err := allInRange(n.Key, len(n.Fields)); err != nil {
		return err
	}
	for i, c := range n.Frozen {
		if err := inRange(c, len(n.Fields)); err != nil {
			return err
		}
		if !timeKind(n.Fields[c].Type) {
			return errors.New("column with a watermark is no time")
		}
		if i > 0 && n.Frozen[i-1] >= c {
			return errors.New("columns with a watermark are not in order")
		}
	}
	return nil
}

func (n *Scan) describe() string {
	name := n.Name
	if name == "" {
		name = fmt.Sprintf("#%d", n.Relation)
	}
	return "Scan " + name + " [" + strings.Join(names(n.Fields), ", ") + "]"
}

func (n *Scan) encode(b []byte) []byte {
	b = append(b, tagScan)
	b = canon.AppendU32(b, n.Relation)
	b = canon.AppendUvarint(b, uint64(n.Version))
	b = appendInts(b, n.Columns)
	b = appendFields(b, n.Fields)
	b = canon.AppendBool(b, n.Key != nil)
	b = appendInts(b, n.Key)
	b = canon.AppendBool(b, n.AppendOnly)
	b = appendInts(b, n.Frozen)
	return canon.AppendBool(b, n.Stored)
}

func (r *reader) scan(int) Node {
	n := &Scan{Relation: r.U32(), Version: uint32(r.Int(math.MaxUint32))}
	n.Columns = r.ints()
	n.Fields = r.fields()
	hasKey := r.Bool()
	if n.Key = r.ints(); hasKey && n.Key == nil {
		n.Key = []int{}
	}
	n.AppendOnly = r.Bool()
	n.Frozen = r.ints()
	n.Stored = r.Bool()
	return n
}
