package engine

import (
	"bytes"
	"slices"

	"weir/stream/access"
	"weir/stream/batch"
	"weir/stream/catalog"
	"weir/stream/operator"
	"weir/stream/plan"
	"weir/stream/row"
	"weir/stream/state"
)

// Indexes are the other orders of stored relations that one-shot queries may read.
type Indexes interface {
	// Indexes returns the indexes of a relation that have every row of it, ascending by id.
	Indexes(relation uint32) []*catalog.Index
	// Index reads the entries of one of them.
	Index(id uint32) state.Reader
}

// Paths says where a query reads the rows of stored relations: each different path once, in the
// order of first use.
func Paths(p plan.Node, indexes Indexes) []access.Path {
	out, _ := access.Paths(access.Of(p), func(a *access.Access) (*catalog.Index, error) {
		if indexes == nil {
			return nil, nil
		}
		return a.Best(indexes.Indexes(a.Scan.Relation)), nil
	})
	return out
}

// pathsOf is what must be read of one relation so that no row is read twice, and whether rows
// have to be told apart for that.
func pathsOf(all []access.Path, id uint32) (out []access.Path, overlap bool) {
	for _, p := range all {
		if p.Relation == id {
			out = append(out, p)
			overlap = overlap || p.Index != nil
		}
	}
	if len(out) == 0 { // a scan that Paths does not see
		return []access.Path{{Relation: id, Lo: []byte{row.KeyTag}, Hi: []byte{row.KeyTag + 1}}}, false
	}
	if whole := slices.IndexFunc(out, access.Path.Whole); whole >= 0 {
		return out[whole : whole+1], false
	}
	if overlap {
		return out, len(out) > 1
	}
	slices.SortFunc(out, func(p, q access.Path) int { return bytes.Compare(p.Lo, q.Lo) })
	joined := out[:0]
	for _, p := range out {
		if n := len(joined); n > 0 && bytes.Compare(p.Lo, joined[n-1].Hi) <= 0 {
			if bytes.Compare(p.Hi, joined[n-1].Hi) > 0 {
				joined[n-1].Hi = p.Hi
			}
			continue
		}
		joined = append(joined, p)
	}
	return joined, false
}

// readPaths reads the rows of a stored relation that a query needs; more than budget rows are an
// error.
func (e *Engine) readPaths(
	r *relation, paths []access.Path, env Env, budget int64,
) (*batch.Batch, error) {
	paths, overlap := pathsOf(paths, r.def.ID)
	b := batch.NewBuilder(r.types, 0)
	over := false
	for _, p := range paths {
		from := env.Relations.Relation(r.def.ID)
		if p.Index != nil {
			from = env.Indexes.Index(p.Index.ID)
		}
		from.Scan(p.Lo, p.Hi, func(_, entry []byte) bool {
			if over = int64(b.Len()) >= budget; over {
				return false
			}
			w, err := r.decode(b.Cols, entry)
			if err != nil {
				panic(operator.Conflict{Reason: "a stored entry does not decode"})
			}
			b.Close(int64(w))
			return true
		})
		if over {
			return nil, ErrTooManyRows
		}
	}
	if !overlap {
		return b.Batch(), nil
	}
	return distinctRows(r, b.Batch()), nil
}

// distinctRows leaves out rows that are there already.
func distinctRows(r *relation, b *batch.Batch) *batch.Batch {
	seen := make(map[string]struct{}, b.Len)
	sel := make([]int32, 0, b.Len)
	cols := keyColumns(r, b)
	var key []byte
	for i := range b.Len {
		key = row.AppendKey(key[:0], cols, i)
		if _, ok := seen[string(key)]; !ok {
			seen[string(key)] = struct{}{}
			sel = append(sel, int32(i))
		}
	}
	return b.Select(sel)
}
