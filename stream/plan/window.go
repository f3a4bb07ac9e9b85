package plan

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"weir/internal/canon"
	"weir/stream/expr"
)

// Names of the columns that a Window appends.
const (
	WindowStartName = "window_start"
	WindowEndName   = "window_end"
)

// WindowKind is the kind of a window table function.
type WindowKind uint8

// The window kinds.
const (
	Tumble   WindowKind = 1
	Hop      WindowKind = 2
	Cumulate WindowKind = 3
)

// Window is a window table function: it appends window_start and window_end (timestamps of the
// type of TimeCol) to every row, once per window that the row falls into. A NULL time drops it.
type Window struct {
	Input        Node
	Kind         WindowKind
	TimeCol      int
	SizeMicros   int64
	SlideMicros  int64 // Hop: hop size; Cumulate: step; Tumble: equals SizeMicros
	OffsetMicros int64
}

// Schema implements Node.
func (n *Window) Schema() []Field { return withWindow(n.Input.Schema(), n.TimeCol) }

// withWindow appends the two columns of a window.
func withWindow(in []Field, timeCol int) []Field {
	t := in[timeCol].Type
	out := append(make([]Field, 0, len(in)+2), in...)
	return append(out, Field{Name: WindowStartName, Type: t}, Field{Name: WindowEndName, Type: t})
}

// Children implements Node.
func (n *Window) Children() []Node { return []Node{n.Input} }

// With implements Node.
func (n *Window) With(in []Node) Node {
	c := *n
	c.Input = in[0]
	return &c
}

// Scalars implements Node.
func (n *Window) Scalars() []expr.Expr { return nil }

// WithScalars implements Node.
func (n *Window) WithScalars([]expr.Expr) Node { return n }

func (n *Window) props(inputs []Props) Props {
	in := inputs[0]
	start := len(in.Frozen)
	frozen := in.Frozen[n.TimeCol]
	p := Props{
		AppendOnly: in.AppendOnly,
		Frozen:     append(slices.Clone(in.Frozen), frozen, frozen),
	}
	if in.Key != nil {
		p.Key = slices.Clone(in.Key)
		if n.Kind != Tumble { // a row falls into several windows
			p.Key = append(p.Key, start)
			if n.Kind == Cumulate { // which begin together
				p.Key = append(p.Key, start+1)
			}
		}
	}
	return p
}

func (n *Window) check() error {
	if n.SizeMicros <= 0 || n.SlideMicros <= 0 || n.SlideMicros > n.SizeMicros ||
		n.OffsetMicros < 0 || n.OffsetMicros >= n.SizeMicros {
		return errors.New("window size, slide or offset out of range")
	}
	switch n.Kind {
	case Tumble:
		if n.SlideMicros != n.SizeMicros {
			return errors.New("tumbling window with a slide")
		}
	case Hop, Cumulate:
		if n.SizeMicros%n.SlideMicros != 0 {
			return errors.New("window size is no multiple of its step")
		}
	default:
		return errors.New("unknown window kind")
	}
	return timeColumn(n.Input.Schema(), n.TimeCol)
}

func (n *Window) describe() string {
	kind := map[WindowKind]string{Tumble: "tumble", Hop: "hop", Cumulate: "cumulate"}[n.Kind]
	text := fmt.Sprintf("Window %s(%s, size %s", kind, n.Input.Schema()[n.TimeCol].Name,
		seconds(n.SizeMicros))
	if n.Kind != Tumble {
		text += ", step " + seconds(n.SlideMicros)
	}
	if n.OffsetMicros != 0 {
		text += ", offset " + seconds(n.OffsetMicros)
	}
	return text + ")"
}

// seconds writes microseconds as seconds.
func seconds(micros int64) string {
	sign := ""
	if micros < 0 {
		sign, micros = "-", -micros
	}
	s := fmt.Sprintf("%s%d.%06d", sign, micros/1_000_000, micros%1_000_000)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".") + "s"
}

func (n *Window) encode(b []byte) []byte {
	b = append(b, tagWindow, byte(n.Kind))
	b = canon.AppendUvarint(b, uint64(n.TimeCol))
	b = canon.AppendUvarint(b, uint64(n.SizeMicros))
	b = canon.AppendUvarint(b, uint64(n.SlideMicros))
	return canon.AppendUvarint(b, uint64(n.OffsetMicros))
}

func (r *reader) window(depth int) Node {
	n := &Window{Kind: WindowKind(r.Byte()), TimeCol: r.col()}
	n.SizeMicros, n.SlideMicros, n.OffsetMicros = r.int64(), r.int64(), r.int64()
	n.Input = r.node(depth + 1)
	return n
}
