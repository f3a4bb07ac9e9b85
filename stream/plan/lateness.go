package plan

import (
	"errors"
	"slices"

	"weir/internal/canon"
	"weir/stream/expr"
)

// Lateness adds to a stream's on-time rows the late ones that an allowed lateness takes back: Late
// has the stream's columns, filtered to rows that were at most Micros late. The watermark of the
// output stands Micros below the stream's.
type Lateness struct {
	OnTime, Late Node
	TimeCol      int
	Micros       int64
}

// Schema implements Node.
func (n *Lateness) Schema() []Field { return n.OnTime.Schema() }

// Children implements Node.
func (n *Lateness) Children() []Node { return []Node{n.OnTime, n.Late} }

// With implements Node.
func (n *Lateness) With(in []Node) Node {
	c := *n
	c.OnTime, c.Late = in[0], in[1]
	return &c
}

// Scalars implements Node.
func (n *Lateness) Scalars() []expr.Expr { return nil }

// WithScalars implements Node.
func (n *Lateness) WithScalars([]expr.Expr) Node { return n }

// props: both inputs append rows of one log, which share a key.
func (n *Lateness) props(in []Props) Props {
	p := Props{AppendOnly: in[0].AppendOnly && in[1].AppendOnly, Frozen: slices.Clone(in[0].Frozen)}
	for c := range p.Frozen {
		p.Frozen[c] = c == n.TimeCol && p.Frozen[c]
	}
	if slices.Equal(in[0].Key, in[1].Key) {
		p.Key = in[0].Key
	}
	return p
}

func (n *Lateness) check() error {
	if n.Micros <= 0 {
		return errors.New("lateness is not positive")
	}
	if err := sameTypes(n.OnTime, n.Late); err != nil {
		return err
	}
	return timeColumn(n.OnTime.Schema(), n.TimeCol)
}

func (n *Lateness) describe() string {
	return "Lateness " + n.OnTime.Schema()[n.TimeCol].Name + " " + seconds(n.Micros)
}

func (n *Lateness) encode(b []byte) []byte {
	b = canon.AppendUvarint(append(b, tagLateness), uint64(n.TimeCol))
	return canon.AppendUvarint(b, uint64(n.Micros))
}

func (r *reader) lateness(depth int) Node {
	n := &Lateness{TimeCol: r.col(), Micros: r.int64()}
	n.OnTime = r.node(depth + 1)
	n.Late = r.node(depth + 1)
	return n
}
