package app

import (
	"fmt"
	"strings"

	"weir/app/auth"
	"weir/stream/catalog"
	"weir/stream/engine"
	"weir/stream/expr"
	"weir/stream/row"
	"weir/stream/value"
	"weir/stream/window"
)

// executor is the agreed state that lives in memory beside the ledger's trees: the catalog, the
// engine with its operators, and the watermarks. All of it can be rebuilt from a checkpoint.
type executor struct {
	params auth.Parameters
	cat    *catalog.Catalog
	engine *engine.Engine
	rels   map[uint32]*relation
	status map[uint32]*catalog.Status
	// segments are what is kept of the logs of streams, by relation.
	segments map[uint32]*segments
	indexes  map[uint32][]*keptIndex // by relation, ascending by id
	work     checkpointWork

	touched map[uint32]bool    // statuses that the block has changed
	used    map[uint32][]int64 // watermarks of the last step
}

// relation is a relation of the catalog with what its rows need on the way in.
type relation struct {
	def       *catalog.Relation
	types     []value.Type      // of its visible columns
	shape     *row.Shape        // of a stream, table or history: the same, and how they have grown
	exprs     []expr.Expr       // CHECK constraints
	checks    []*expr.Program   // the same, compiled
	producers window.Watermarks // one per watermark of a stream
}

func newExecutor(params auth.Parameters) *executor {
	return &executor{
		params: params, cat: catalog.New(),
		engine: engine.New(engine.Config{}), rels: map[uint32]*relation{},
		status: map[uint32]*catalog.Status{}, touched: map[uint32]bool{},
		segments: map[uint32]*segments{}, indexes: map[uint32][]*keptIndex{},
	}
}

// addRelation makes the in-memory side of a definition.
func (x *executor) addRelation(def *catalog.Relation) error {
	r := &relation{def: def}
	r.types, _, _ = def.Growth()
	if def.Kind == catalog.Stream || def.Grows() {
		var err error
		if r.shape, err = row.NewShape(def.Growth()); err != nil {
			return fmt.Errorf("columns of relation %d: %w", def.ID, err)
		}
	}
	for _, c := range def.Checks {
		e, rest, err := expr.DecodeExpr(c.Expr)
		if err != nil || len(rest) > 0 {
			return fmt.Errorf("CHECK of relation %d does not decode: %v", def.ID, err)
		}
		p, err := expr.Compile(e)
		if err != nil {
			return fmt.Errorf("CHECK of relation %d: %w", def.ID, err)
		}
		r.exprs, r.checks = append(r.exprs, e), append(r.checks, p)
	}
	for _, wm := range def.Watermarks {
		r.producers = append(r.producers,
			window.New(window.Config{DelayMicros: wm.DelayMicros, Global: wm.Global}))
	}
	x.rels[def.ID] = r
	return nil
}

// checkpointWork counts towards the next checkpoint. It starts from zero at each one, so a node
// that restarts from a checkpoint counts like one that did not.
type checkpointWork struct {
	payload uint64 // bytes
	blocks  uint64 // that changed something
}

func (w checkpointWork) due(p auth.Parameters) bool {
	return w.payload >= p.CheckpointWork || w.blocks >= p.CheckpointBlocks
}

// idleMicros is how long a producer may be silent before its stream goes on without it.
func (x *executor) idleMicros(writer string) int64 {
	if strings.HasPrefix(writer, auth.GatewayPrefix) {
		return int64(x.params.GatewayIdleMS) * 1000
	}
	return int64(x.params.IdleTimeoutMS) * 1000
}
