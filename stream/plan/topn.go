package plan

import (
	"errors"
	"fmt"
	"strings"

	"weir/internal/canon"
	"weir/stream/expr"
	"weir/stream/value"
)

// RankKind says how TopN counts rows.
type RankKind uint8

// The kinds; the numbers are frozen.
const (
	RowNumber RankKind = 0 // every row counts: exactly Limit rows
	Rank      RankKind = 1 // equal rows share a number, which skips: rank() <= n, WITH TIES
	DenseRank RankKind = 2 // equal rows share a number, which does not: dense_rank() <= n

	lastRankKind = DenseRank
)

// TopN keeps, in each partition, the rows after the first Offset whose number is at most
// Offset + Limit in the order of Keys; ties break by the whole visible row, ascending. It is
// LIMIT and FETCH below the root, DISTINCT ON, and row_number() <= n. A Limit of -1 is none, one
// of 0 keeps nothing. Numbered appends the number of each row as a bigint column called Name.
type TopN struct {
	Input         Node
	PartitionBy   []int
	Keys          []SortKey
	Kind          RankKind
	Limit, Offset int64
	Numbered      bool
	Name          string
}

// Schema implements Node.
func (n *TopN) Schema() []Field {
	in := n.Input.Schema()
	if !n.Numbered {
		return in
	}
	out := append(make([]Field, 0, len(in)+1), in...)
	return append(out, Field{Name: n.Name, Type: value.Of(value.Int8)})
}

// Children implements Node.
func (n *TopN) Children() []Node { return []Node{n.Input} }

// With implements Node.
func (n *TopN) With(in []Node) Node {
	c := *n
	c.Input = in[0]
	return &c
}

// Scalars implements Node.
func (n *TopN) Scalars() []expr.Expr { return nil }

// WithScalars implements Node.
func (n *TopN) WithScalars([]expr.Expr) Node { return n }

// props: the best row of a partition changes, so partition columns are frozen, and the first ORDER
// BY column if it is a time, ascending: whether a row passes depends on no later time. With one
// row a partition, the partition is the key.
func (n *TopN) props(inputs []Props) Props {
	in := inputs[0]
	p := Props{Key: in.Key, Frozen: make([]bool, len(n.Schema()))}
	for _, c := range n.PartitionBy {
		p.Frozen[c] = in.Frozen[c]
	}
	if c := n.Timed(); c >= 0 {
		p.Frozen[c] = in.Frozen[c]
	}
	if n.Kind == RowNumber && n.Limit == 1 && len(n.PartitionBy) > 0 {
		p.Key = n.PartitionBy
	}
	return p
}

// Timed returns the first ORDER BY column if it is a time, ascending, with NULLs last; else -1.
func (n *TopN) Timed() int { return timedKey(n.Keys, n.Input.Schema()) }

func timedKey(keys []SortKey, in []Field) int {
	if len(keys) == 0 || keys[0].Desc || keys[0].NullsFirst || !timeKind(in[keys[0].Col].Type) {
		return -1
	}
	return keys[0].Col
}

func (n *TopN) check() error {
	in := n.Input.Schema()
	if n.Limit < -1 || n.Offset < 0 {
		return errors.New("negative limit or offset")
	}
	if n.Kind > lastRankKind || n.Numbered != (n.Name != "") {
		return errors.New("unknown kind of rank, or a number without a name")
	}
	if err := allInRange(n.PartitionBy, len(in)); err != nil {
		return err
	}
	return checkSortKeys(n.Keys, in)
}

func (n *TopN) describe() string {
	in := n.Input.Schema()
	var parts []string
	if len(n.PartitionBy) > 0 {
		parts = append(parts, "by ["+strings.Join(pick(in, n.PartitionBy), ", ")+"]")
	}
	parts = append(parts, "order ["+sortKeys(in, n.Keys)+"]")
	if n.Limit >= 0 {
		parts = append(parts, fmt.Sprintf("limit %d", n.Limit))
	}
	if n.Offset > 0 {
		parts = append(parts, fmt.Sprintf("offset %d", n.Offset))
	}
	if kind := [...]string{"", "by rank", "by dense rank"}[n.Kind]; kind != "" {
		parts = append(parts, kind)
	}
	if n.Numbered {
		parts = append(parts, "number AS "+n.Name)
	}
	return "TopN " + strings.Join(parts, " ")
}

func (n *TopN) encode(b []byte) []byte {
	b = appendInts(append(b, tagTopN), n.PartitionBy)
	b = appendSortKeys(b, n.Keys)
	b = append(b, byte(n.Kind))
	b = appendPlus1(b, n.Limit)
	b = canon.AppendUvarint(b, uint64(n.Offset))
	b = canon.AppendBool(b, n.Numbered)
	return canon.AppendString(b, n.Name)
}

func (r *reader) topN(depth int) Node {
	n := &TopN{PartitionBy: r.ints(), Keys: r.sortKeys(), Kind: RankKind(r.Byte())}
	n.Limit = int64(r.Uvarint()) - 1
	n.Offset = r.int64()
	n.Numbered = r.Bool()
	n.Name = r.String()
	n.Input = r.node(depth + 1)
	return n
}
