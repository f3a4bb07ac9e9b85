package app

import (
	"weir/stream/catalog"
	"weir/stream/engine"
	"weir/stream/plan"
)

// RunningView is a view as it runs on this node. Sizes are this node's, no agreed figures.
type RunningView struct {
	*engine.Drawing
	Def    *catalog.Relation
	Status catalog.Status
}

// Running tells of a view as the last executed block left it, nil if there is no such view. It
// waits for a block that is being executed.
func (a *App) Running(id uint32) *RunningView {
	a.running.Lock()
	defer a.running.Unlock()
	if a.exec == nil || a.exec.status[id] == nil {
		return nil
	}
	d := a.exec.engine.Running(id)
	if d == nil {
		return nil
	}
	return &RunningView{Drawing: d, Def: a.exec.cat.ByID(id), Status: *a.exec.status[id]}
}

// Analyze evaluates a plan as Query does, and counts the rows and the time of each operator.
func (s *Snapshot) Analyze(p plan.Node, clock func() int64) (
	*engine.Rows, *engine.Drawing, error,
) {
	rows, d, err := s.queries.Analyze(p, s.Env(), clock)
	rows, err = whole(rows, err)
	return rows, d, err
}
