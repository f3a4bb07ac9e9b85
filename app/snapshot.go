package app

import (
	"maps"

	"weir/app/auth"
	"weir/ledger"
	"weir/stream/catalog"
	"weir/stream/engine"
	"weir/stream/state"
	"weir/stream/window"
)

// Snapshot is committed state, for readers: it never changes, and any number of goroutines may
// use it.
type Snapshot struct {
	Version    *ledger.Version
	Catalog    *catalog.Catalog
	TimeMicros int64 // block time

	params   auth.Parameters
	queries  *engine.Engine // evaluates queries; it holds no view
	rels     map[uint32]*relation
	statuses map[uint32]catalog.Status
	marks    map[uint32][]int64 // uncapped watermarks of streams
	erased   map[uint32][]erasure
	indexes  map[uint32][]*catalog.Index // by relation: those that have every row
}

// snapshot copies what readers need of the executor's state.
func (x *executor) snapshot(v *ledger.Version) *Snapshot {
	s := &Snapshot{
		Version: v, Catalog: x.cat, TimeMicros: v.Time(), params: x.params,
		queries: x.engine.Frozen(), rels: maps.Clone(x.rels),
		statuses: make(map[uint32]catalog.Status, len(x.status)), marks: map[uint32][]int64{},
		erased: map[uint32][]erasure{}, indexes: x.liveIndexes(),
	}
	//weir:unordered copies one map into another
	for id, st := range x.status {
		s.statuses[id] = *st
	}
	//weir:unordered copies one map into another
	for id, l := range x.segments {
		if len(l.erased) > 0 {
			s.erased[id] = l.erased
		}
	}
	//weir:unordered copies one map into another
	for id, r := range x.rels {
		if r.producers != nil {
			s.marks[id] = r.producers.Uncapped()
		}
	}
	return s
}

// Height is the height of the last committed block.
func (s *Snapshot) Height() int64 { return int64(s.Version.Height()) }

// AppHash is the hash after that block.
func (s *Snapshot) AppHash() [32]byte { return s.Version.AppHash() }

// Params are the agreed parameters.
func (s *Snapshot) Params() auth.Parameters { return s.params }

// Status is the status of a relation.
func (s *Snapshot) Status(id uint32) (catalog.Status, bool) {
	st, ok := s.statuses[id]
	return st, ok
}

// Watermarks are a stream's watermarks as they are used, in the order of its definition;
// window.None for one that has not begun.
func (s *Snapshot) Watermarks(id uint32) []int64 {
	return window.Capped(s.marks[id], s.TimeMicros)
}

// Env is what a one-shot query over this snapshot sees.
func (s *Snapshot) Env() engine.Env {
	marks := make(map[uint32][]int64, len(s.marks))
	//weir:unordered copies one map into another
	for id, w := range s.marks {
		marks[id] = window.Capped(w, s.TimeMicros)
	}
	return engine.Env{
		BlockTime: s.TimeMicros, Watermarks: marks,
		Relations: snapshotRows{s.Version}, History: history{s.Version.Log, s.rels, s.erasures},
		Indexes: s, MaxRows: QueryRows,
	}
}

// QueryRows is how many rows a query may read or make.
const QueryRows = 5_000_000

type snapshotRows struct{ v *ledger.Version }

// Relation implements state.Relations.
func (r snapshotRows) Relation(id uint32) state.Reader { return r.v.Reader(rowsUnit(id)) }
