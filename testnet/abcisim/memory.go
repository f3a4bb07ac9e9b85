package abcisim

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"sort"

	"weir/app"
	"weir/stream/catalog"
	"weir/stream/oracle"
	"weir/stream/row"
	"weir/stream/value"
)

// memory is all rows of a log that there ever were, with their offsets.
type memory struct {
	rows    []oracle.Row
	offsets []uint64
	version uint32 // schema version of the rows
}

// remember adds the rows of a log that are new, and compares those that are kept with what is
// remembered of them: they are the last ones, from the offset on that the stream's status says.
func (s *sim) remember(snap *app.Snapshot, def *catalog.Relation, got []oracle.Row) (
	[]oracle.Row, error,
) {
	at := offsetColumn(def)
	if at < 0 {
		return got, nil
	}
	if s.seen == nil {
		s.seen = map[uint32]*memory{}
	}
	m := s.seen[def.ID]
	if m == nil {
		m = &memory{version: def.Version}
		s.seen[def.ID] = m
	}
	if err := m.widen(def); err != nil {
		return nil, err
	}
	var last uint64
	if n := len(m.offsets); n > 0 {
		last = m.offsets[n-1] + 1
	}
	slices.SortFunc(got, func(a, b oracle.Row) int { return cmp.Compare(a.Vals[at].I, b.Vals[at].I) })
	for _, r := range got {
		if o := uint64(r.Vals[at].I); o >= last {
			m.rows, m.offsets = append(m.rows, r), append(m.offsets, o)
		}
	}
	from := snap.KeptFrom(sourceOf(def))
	if from > 0 {
		s.report.Forgotten++
	}
	kept := sort.Search(len(m.offsets), func(i int) bool { return m.offsets[i] >= from })
	if diff := difference(visible(got), visible(s.left(snap, def, m, kept))); diff != "" {
		return nil, fmt.Errorf("the rows of %s from offset %d on: %s", def.Name, from, diff)
	}
	return m.rows, nil
}

// left are the rows of a log, from one on, that were not erased.
func (s *sim) left(snap *app.Snapshot, def *catalog.Relation, m *memory, from int) []oracle.Row {
	var out []oracle.Row
	list := snap.Erasures()
	for i := from; i < len(m.rows); i++ {
		gone := slices.ContainsFunc(list, func(e app.Erasure) bool {
			return e.Stream == sourceOf(def) && e.First <= m.offsets[i] && m.offsets[i] <= e.Last
		})
		if !gone {
			out = append(out, m.rows[i])
		}
	}
	for _, e := range list {
		if s.holes == nil {
			s.holes = map[uint64]bool{}
		}
		s.holes[e.Last+1] = true
	}
	s.report.Erased += min(1, len(list))
	return out
}

// holed reports whether an erasure lies below the offset from which an input of a view was
// complete: there it has what was left.
func (s *sim) holed(st catalog.Status) bool {
	return slices.ContainsFunc(st.CompleteFrom, func(at uint64) bool { return s.holes[at] })
}

// widen gives the rows the columns that have come since, with the values that old rows have.
func (m *memory) widen(def *catalog.Relation) error {
	for c, col := range def.RowSpace() {
		if col.Since <= m.version {
			continue
		}
		fill := value.Datum{}
		if len(col.Fill) > 0 {
			ds, err := row.DecodeRow([]value.Type{col.Type}, col.Fill)
			if err != nil {
				return err
			}
			fill = ds[0]
		}
		for i := range m.rows {
			m.rows[i].Vals = slices.Insert(slices.Clone(m.rows[i].Vals), c, fill)
		}
	}
	m.version = def.Version
	return nil
}

// complete cuts the rows of a view's inputs to those that it was made from, by its status.
func (s *sim) complete(def *catalog.Relation, st catalog.Status, in oracle.Input) oracle.Input {
	if len(st.CompleteFrom) == 0 {
		return in
	}
	s.report.Partial++
	rows := maps.Clone(in.Rows)
	for i, id := range def.Inputs {
		m := s.seen[id]
		if m == nil {
			continue
		}
		from := sort.Search(len(m.offsets), func(k int) bool {
			return m.offsets[k] >= st.CompleteFrom[i]
		})
		rows[id] = m.rows[from:]
	}
	in.Rows = rows
	return in
}

// offsetColumn is the column of a log's row space that has the offset, -1 if none has.
func offsetColumn(def *catalog.Relation) int {
	return slices.IndexFunc(def.RowSpace(), func(c catalog.Column) bool {
		return c.Name == catalog.HiddenNames[catalog.HiddenOffset]
	})
}

func sourceOf(def *catalog.Relation) uint32 {
	if def.Of != 0 {
		return def.Of
	}
	return def.ID
}
