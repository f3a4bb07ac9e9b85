package verify

import (
	"bytes"
	"encoding/binary"
	"slices"

	"weir/client/verify/refusal"
	"weir/client/verify/wire"
	"weir/ledger/proof"
	"weir/stream/access"
	"weir/stream/catalog"
	"weir/stream/index"
	"weir/stream/oracle"
	"weir/stream/row"
	"weir/stream/value"
)

// Index carries the catalog entry of one index that rows are read through.
type Index struct {
	ID      uint32
	Catalog []byte // range proof over IndexRange
}

// appendRanges encodes the indexes and the ranges: format 0 has no indexes, format 1 has some.
func (e *Evidence) appendRanges(b []byte) ([]byte, error) {
	if len(e.Indexes) > 0 {
		b = binary.BigEndian.AppendUint16(b, uint16(len(e.Indexes)))
		for _, x := range e.Indexes {
			b = wire.AppendBlob(binary.BigEndian.AppendUint32(b, x.ID), x.Catalog)
		}
		if len(e.Through) != len(e.Ranges) {
			return nil, refusal.New(refusal.Malformed, "%d ranges go through %d indexes",
				len(e.Ranges), len(e.Through))
		}
	}
	b = binary.BigEndian.AppendUint16(b, uint16(len(e.Ranges)))
	for i, r := range e.Ranges {
		if len(e.Indexes) > 0 {
			b = binary.BigEndian.AppendUint32(b, e.Through[i])
		}
		b = wire.AppendBlob(b, r)
	}
	return b, nil
}

func (e *Evidence) decodeRanges(r *wire.Reader, format uint8) {
	if format == FormatIndexes {
		e.Indexes = make([]Index, r.Count(MaxIndexes, minRelation, "indexes"))
		if len(e.Indexes) == 0 {
			r.Fail(refusal.Malformed, "the file has the format of one with indexes, and none")
		}
		for i := range e.Indexes {
			e.Indexes[i] = Index{r.U32(), r.Blob(MaxFile, "a catalog proof")}
			if i > 0 && e.Indexes[i].ID <= e.Indexes[i-1].ID {
				r.Fail(refusal.Malformed, "the indexes are not in order")
			}
		}
	}
	e.Ranges = make([][]byte, r.Count(MaxRanges, minRange, "ranges"))
	if format == FormatIndexes {
		e.Through = make([]uint32, len(e.Ranges))
	}
	for i := range e.Ranges {
		if format == FormatIndexes {
			e.Through[i] = r.U32()
		}
		e.Ranges[i] = r.Blob(MaxFile, "a range proof")
	}
}

// indexes proves the definitions of the indexes of a file, and that each has every row.
func (e *Evidence) indexes(l *ledger, rep *Report) error {
	for i := range e.Indexes {
		x := &e.Indexes[i]
		root, err := l.proven.TreeRoot(l.appHash, IndexUnit(x.ID))
		if err != nil {
			return refusal.New(refusal.Proof, "index %d is not proven: %v", x.ID, err)
		}
		l.indexRoots[x.ID] = root
		lo, hi := IndexRange(x.ID)
		leaves, err := proveRange(x.Catalog, l.catalog, lo, hi)
		if err != nil {
			return refusal.New(refusal.Catalog,
				"index %d: the catalog entries are not proven: %v", x.ID, err)
		}
		if len(leaves) == 0 || !bytes.Equal(leaves[0].Key, lo) {
			return refusal.New(refusal.Catalog, "index %d does not exist", x.ID)
		}
		def, err := catalog.DecodeIndex(leaves[0].Value)
		if err != nil || def.ID != x.ID {
			return refusal.New(refusal.Catalog, "index %d: its definition does not decode", x.ID)
		}
		if len(leaves) > 1 {
			return refusal.New(refusal.State, "index %d %q does not have all rows at height %d",
				def.ID, def.Name, e.Height)
		}
		rep.Indexes = append(rep.Indexes, def)
	}
	return nil
}

// paths says where the ranges of a file are: the plan says what it needs, the file through which
// index of the relation each is.
func (e *Evidence) paths(all []access.Access, rep *Report) ([]access.Path, error) {
	used := map[uint32]bool{}
	at := 0
	paths, err := access.Paths(all, func(a *access.Access) (*catalog.Index, error) {
		id := a.Scan.Relation
		if at == len(e.Ranges) {
			return nil, refusal.New(refusal.Incomplete, "rows of relation %d are missing", id)
		}
		at++
		if len(e.Through) == 0 || e.Through[at-1] == 0 {
			return nil, nil
		}
		through := e.Through[at-1]
		i := slices.IndexFunc(rep.Indexes, func(x *catalog.Index) bool { return x.ID == through })
		if i < 0 {
			return nil, refusal.New(refusal.Catalog, "index %d is not proven", through)
		}
		x := rep.Indexes[i]
		if !x.Fits(byID(rep.Relations, id)) {
			return nil, refusal.New(refusal.Catalog, "index %d %q is not one of relation %d",
				x.ID, x.Name, id)
		}
		used[through] = true
		return x, nil
	})
	if err != nil {
		return nil, err
	}
	if at != len(e.Ranges) || len(used) != len(e.Indexes) {
		return nil, refusal.New(refusal.Malformed, "the file proves ranges that the plan does not need")
	}
	return paths, nil
}

// rowKey is the key of the row that an entry holds in its relation. An entry of an index must
// stand where its row belongs.
func rowKey(p *access.Path, def *catalog.Relation, en *proof.Entry, vals []value.Datum) (
	key []byte, ok bool,
) {
	if p.Index == nil {
		return en.Key, true
	}
	parts := vals
	if len(def.Key) > 0 {
		parts = nil
		for _, k := range def.Key {
			parts = append(parts, vals[k])
		}
	}
	key = row.AppendKeyDatums(nil, parts)
	return key, bytes.Equal(en.Key, index.AppendKeyDatums(nil, p.Index, vals, key))
}

// rows proves the ranges that the plan needs and decodes them. A row in two ranges of a
// relation counts once.
func (e *Evidence) rows(l *ledger, all []access.Access, rep *Report) (
	map[uint32][]oracle.Row, error,
) {
	paths, err := e.paths(all, rep)
	if err != nil {
		return nil, err
	}
	out := map[uint32][]oracle.Row{}
	seen := map[uint32]map[string]bool{}
	for i := range paths {
		p := &paths[i]
		id, root := p.Relation, l.roots[p.Relation]
		if p.Index != nil {
			root = l.indexRoots[p.Index.ID]
		}
		entries, err := proveRange(e.Ranges[i], root, p.Lo, p.Hi)
		if err != nil {
			return nil, refusal.New(refusal.Incomplete,
				"rows of relation %d are not proven complete: %v", id, err)
		}
		if seen[id] == nil {
			seen[id] = map[string]bool{}
		}
		out[id], err = appendRows(out[id], seen[id], entries, byID(rep.Relations, id), p)
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}
