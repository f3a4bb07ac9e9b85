package index

import (
	"bytes"
	"slices"

	"weir/internal/invariant"
	"weir/stream/catalog"
	"weir/stream/row"
	"weir/stream/state"
	"weir/stream/value"
)

// Decode appends the row of a stored entry to cols, one for each column of the relation.
type Decode func(cols []*value.Vec, entry []byte) error

// Decoder reads the stored entries of a relation, of any schema version.
func Decoder(r *catalog.Relation) (Decode, error) {
	if !r.Grows() {
		return func(cols []*value.Vec, entry []byte) error {
			_, err := row.DecodeEntryInto(cols, entry)
			return err
		}, nil
	}
	shape, err := row.NewShape(r.Growth())
	if err != nil {
		return nil, err
	}
	return func(cols []*value.Vec, entry []byte) error {
		_, err := shape.DecodeEntryInto(cols, entry)
		return err
	}, nil
}

// Moves are net changes of a relation with the rows that they take away and bring, from which the
// changes of each of its indexes follow.
type Moves struct {
	net       []state.Change
	old, came side
}

// side is the rows before or after the changes: row at[i] of cols is that of change i, -1 for
// none.
type side struct {
	cols []*value.Vec
	at   []int
	n    int
}

func newSide(types []value.Type, n int) side {
	s := side{cols: make([]*value.Vec, len(types)), at: make([]int, 0, n)}
	for i, t := range types {
		s.cols[i] = value.NewVec(t, n)
	}
	return s
}

// add decodes one entry, nil for none.
func (s *side) add(entry []byte, decode Decode) {
	if entry == nil {
		s.at = append(s.at, -1)
		return
	}
	err := decode(s.cols, entry)
	invariant.Check(err == nil, "index: a stored entry does not decode: %v", err)
	s.at = append(s.at, s.n)
	s.n++
}

// NewMoves finds the rows of net changes, keys strictly ascending, to a stored relation as it was
// before them.
func NewMoves(
	r *catalog.Relation, decode Decode, net []state.Change, before state.Reader,
) *Moves {
	types, _, _ := r.Growth()
	m := &Moves{net: net, old: newSide(types, len(net)), came: newSide(types, len(net))}
	keys := make([][]byte, len(net))
	for i := range net {
		keys[i] = net[i].Key
		m.came.add(net[i].Value, decode)
	}
	before.ProbeSorted(keys, func(_ int, entry []byte) { m.old.add(entry, decode) })
	return m
}

// Of returns the net changes of one index, keys strictly ascending. Only rows whose key is at most
// read are in it yet; nil: all are.
func (m *Moves) Of(x *catalog.Index, read []byte) []state.Change {
	out := make([]state.Change, 0, 2*len(m.net))
	var arena []byte
	key := func(s *side, i int) []byte {
		if cap(arena)-len(arena) < row.MaxKey+MaxColumnBytes+1 {
			arena = make([]byte, 0, 64<<10)
		}
		start := len(arena)
		arena = AppendKey(arena, x, s.cols, s.at[i], m.net[i].Key)
		return arena[start:len(arena):len(arena)]
	}
	for i := range m.net {
		if read != nil && bytes.Compare(m.net[i].Key, read) > 0 {
			break
		}
		var old, came []byte
		if m.old.at[i] >= 0 {
			old = key(&m.old, i)
		}
		if m.came.at[i] >= 0 {
			came = key(&m.came, i)
			out = append(out, state.Change{Key: came, Value: m.net[i].Value})
		}
		if old != nil && !bytes.Equal(old, came) {
			out = append(out, state.Change{Key: old})
		}
	}
	sortChanges(out)
	return out
}

// Fill returns the entries of rows of a relation that an index does not have yet, keys strictly
// ascending.
func Fill(
	r *catalog.Relation, x *catalog.Index, decode Decode, rows []state.Change,
) []state.Change {
	return NewMoves(r, decode, rows, nothing{}).Of(x, nil)
}

func sortChanges(list []state.Change) {
	slices.SortFunc(list, func(a, b state.Change) int { return bytes.Compare(a.Key, b.Key) })
}

// nothing is an empty relation.
type nothing struct{}

func (nothing) ProbeSorted(keys [][]byte, visit func(i int, value []byte)) {
	for i := range keys {
		visit(i, nil)
	}
}

func (nothing) Scan(_, _ []byte, _ func(key, value []byte) bool) {}
