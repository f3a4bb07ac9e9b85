package engine

import "maps"

// Frozen returns an engine that answers queries over the relations as they are defined now. It
// shares nothing that later calls on e change, so readers may use it while e steps; it must not
// be stepped or changed itself.
func (e *Engine) Frozen() *Engine {
	return &Engine{
		cfg: e.cfg, rels: maps.Clone(e.rels), marks: maps.Clone(e.marks),
		next: map[uint32][]int64{},
	}
}
