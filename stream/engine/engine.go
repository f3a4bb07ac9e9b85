package engine

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"weir/internal/invariant"
	"weir/stream/batch"
	"weir/stream/catalog"
	"weir/stream/compile"
	"weir/stream/operator"
	"weir/stream/plan"
	"weir/stream/row"
	"weir/stream/state"
	"weir/stream/value"
	"weir/stream/window"
)

// Engine keeps views up to date. It is not safe for concurrent use.
type Engine struct {
	cfg   Config
	rels  map[uint32]*relation       // every defined relation
	marks map[uint32][]int64         // per relation: the marks of its columns, accepted
	next  map[uint32][]int64         // and those of the step under way
	saved map[StreamID]state.Version // what the last Saved found: see SaveChanges
	open  []*view                    // views that a step under way has touched
	busy  bool
}

// relation is one defined relation.
type relation struct {
	def   *catalog.Relation
	types []value.Type // row space: stored columns, or visible and hidden ones of a log
	shape *row.Shape   // of a stored base relation
	view  *view        // nil for base relations and error relations
}

// view is the running part of a view.
type view struct {
	id      uint32
	plan    plan.Node
	prog    *compile.Program
	sink    *operator.Sink
	errSink *operator.Sink
	errors  uint32 // relation id of <view>_errors, 0: none
	level   int    // 1 + the greatest level of its inputs; base relations have 0
	fill    *fill  // nil when live
	scans   versions
	reason  string // why suspended, "" when it is not
}

// New returns an engine without relations.
func New(cfg Config) *Engine {
	if cfg.Limits.StepRows == 0 {
		cfg.Limits.StepRows = DefaultStepRows
	}
	if cfg.Limits.MaxStepRows == 0 {
		cfg.Limits.MaxStepRows = DefaultMaxStepRows
	}
	if cfg.Runner == nil {
		cfg.Runner = serial{}
	}
	return &Engine{
		cfg: cfg, rels: map[uint32]*relation{}, marks: map[uint32][]int64{},
		next: map[uint32][]int64{},
	}
}

type serial struct{}

func (serial) Run(n int, work func(i int)) {
	for i := range n {
		work(i)
	}
}

// ErrUnknown is returned for a relation id that is not defined, or not a view.
var ErrUnknown = errors.New("engine: no such view")

// ErrOpen is returned by calls that need the step under way to be accepted or discarded first.
var ErrOpen = errors.New("engine: a step is under way")

// Define makes a relation known. Base, late, rejected and error relations have a nil plan; an
// error relation is linked to the view that it belongs to (Of), which must be defined. A view
// starts live and empty: that is right when its inputs are empty; otherwise call Refill before
// the next step. Inputs must be defined; over a suspended one the view starts suspended too, with
// ReasonInput.
func (e *Engine) Define(def *catalog.Relation, p plan.Node) error {
	if e.busy {
		return ErrOpen
	}
	if e.rels[def.ID] != nil {
		return fmt.Errorf("engine: relation %d is already defined", def.ID)
	}
	r := &relation{def: def}
	if p == nil {
		if err := r.base(); err != nil {
			return err
		}
		if def.Kind == catalog.Errors {
			of := e.rels[def.Of]
			if of == nil || of.view == nil {
				return ErrUnknown
			}
			of.view.errors = def.ID
			r.types = operator.ErrorTypes()
		}
		e.rels[def.ID] = r
		return nil
	}
	v, err := e.compile(def, p)
	if err != nil {
		return err
	}
	r.view, r.types = v, v.prog.Circuit.Types()
	e.rels[def.ID] = r
	return nil
}

// base makes the row space of a relation that is not a view.
func (r *relation) base() (err error) {
	r.types = rowSpace(r.def)
	if r.def.Grows() {
		r.shape, err = row.NewShape(r.def.Growth())
	}
	return err
}

func (e *Engine) compile(def *catalog.Relation, p plan.Node) (*view, error) {
	prog, err := compile.Compile(p)
	if err != nil {
		return nil, err
	}
	if prog.Sort != nil {
		return nil, &compile.Unsupported{Message: "ORDER BY and LIMIT in a view cannot run"}
	}
	v := &view{id: def.ID, plan: p, prog: prog, level: 1, scans: versionsOf(p)}
	for _, id := range prog.Inputs {
		in := e.rels[id]
		if in == nil {
			return nil, fmt.Errorf("engine: input %d is not defined", id)
		}
		v.level = max(v.level, e.levelOf(id)+1)
	}
	if e.inputSuspended(v) {
		v.reason = ReasonInput
	}
	v.sink = operator.NewSink(def.Key, prog.Circuit.Types())
	v.errSink = operator.NewSink(operator.ErrorKey(), operator.ErrorTypes())
	return v, nil
}

func (e *Engine) levelOf(id uint32) int {
	r := e.rels[id]
	switch {
	case r.view != nil:
		return r.view.level
	case r.def.Kind == catalog.Errors && e.rels[r.def.Of] != nil:
		return e.rels[r.def.Of].view.level
	}
	return 0
}

// rowSpace is the row space of a relation that is not a view: the visible columns, then the
// hidden ones of a log.
func rowSpace(def *catalog.Relation) []value.Type {
	var out []value.Type
	for _, c := range def.Columns {
		out = append(out, c.Type)
	}
	if def.Kind == catalog.Stream {
		out = append(out, value.Of(value.Int8), value.Of(value.Int8),
			value.Of(value.TimestampTZ), value.Of(value.Text))
	}
	return out
}

// Drop forgets a relation. Dependents must be dropped before it.
func (e *Engine) Drop(id uint32) error {
	if e.busy {
		return ErrOpen
	}
	if r := e.rels[id]; r != nil && r.def.Kind == catalog.Errors && e.rels[r.def.Of] != nil {
		e.rels[r.def.Of].view.errors = 0
	}
	delete(e.rels, id)
	delete(e.marks, id)
	return nil
}

// Suspend stops a view and its dependents, drops their state, and returns all of them, inputs
// before dependents. It may not be called while a step is under way.
func (e *Engine) Suspend(id uint32, reason string) ([]Suspension, error) {
	if e.busy {
		return nil, ErrOpen
	}
	r := e.rels[id]
	if r == nil || r.view == nil {
		return nil, ErrUnknown
	}
	var out []Suspension
	for _, v := range e.views() {
		why := reason
		if v.id != id {
			why = ReasonInput
		}
		if v.reason == "" && (v.id == id || e.inputSuspended(v)) {
			e.suspend(v, why)
			out = append(out, Suspension{v.id, why})
		}
	}
	return out, nil
}

// suspend drops the state of a view and stops it; with no reason it only starts over.
func (e *Engine) suspend(v *view, reason string) {
	v.reason = reason
	fresh, err := compile.Compile(v.plan)
	invariant.Check(err == nil, "engine: plan of view %d no longer compiles", v.id)
	v.prog = fresh
	v.fill = nil
	delete(e.marks, v.id)
	delete(e.next, v.id)
}

// Suspended tells why a view is suspended, "" if it is not or there is no such view.
func (e *Engine) Suspended(id uint32) string {
	if r := e.rels[id]; r != nil && r.view != nil {
		return r.view.reason
	}
	return ""
}

// Resume brings a suspended view back as one to be filled: empty, hidden, to be rebuilt by Fill.
// The caller empties its stored relation and its error relation first. Inputs are resumed
// before their dependents.
func (e *Engine) Resume(id uint32) error {
	r := e.rels[id]
	if e.busy {
		return ErrOpen
	}
	if r == nil || r.view == nil || r.view.reason == "" {
		return ErrUnknown
	}
	if e.inputSuspended(r.view) {
		return fmt.Errorf("engine: an input of view %d is suspended", id)
	}
	r.view.reason = ""
	r.view.fill = newFill()
	return nil
}

func (e *Engine) inputSuspended(v *view) bool {
	for _, id := range v.prog.Inputs {
		r := e.rels[id]
		if r != nil && r.def.Kind == catalog.Errors {
			r = e.rels[r.def.Of]
		}
		if r == nil || r.view != nil && r.view.reason != "" {
			return true
		}
	}
	return false
}

// views returns all views, inputs before dependents: by level, then id.
func (e *Engine) views() []*view {
	var out []*view
	for _, id := range slices.Sorted(maps.Keys(e.rels)) {
		if v := e.rels[id].view; v != nil {
			out = append(out, v)
		}
	}
	slices.SortStableFunc(out, func(a, b *view) int { return a.level - b.level })
	return out
}

// Accept makes the step under way final. The caller has applied its changes before.
func (e *Engine) Accept() {
	for _, v := range e.open {
		v.prog.Circuit.Accept()
		if v.fill != nil && v.fill.accept() {
			v.fill = nil
		}
	}
	//weir:unordered copies a map into a map
	for id, m := range e.next {
		e.marks[id] = m
	}
	e.close()
}

// Discard drops the step under way, as if it had not been.
func (e *Engine) Discard() {
	for _, v := range e.open {
		v.prog.Circuit.Discard()
		if v.fill != nil {
			v.fill.discard()
		}
	}
	e.close()
}

func (e *Engine) close() {
	e.open, e.busy = e.open[:0], false
	clear(e.next)
}

// marksOf returns the marks of a relation as the step under way sees them.
func (e *Engine) marksOf(id uint32) []int64 {
	if m := e.next[id]; m != nil {
		return m
	}
	return e.marks[id]
}

// streamMarks spreads a stream's watermarks, in the order of its definition, or a history's block
// time over its row space: their columns have them. nil: there is none yet.
func streamMarks(r *relation, marks ...int64) []int64 {
	cols := markColumns(r.def)
	if len(cols) == 0 || len(marks) == 0 || slices.Max(marks) == window.None {
		return nil
	}
	m := make([]int64, len(r.types))
	for i := range m {
		m[i] = window.None
	}
	for i, col := range cols {
		m[col] = marks[i]
	}
	return m
}

// markColumns are the columns of a base relation that carry a watermark.
func markColumns(def *catalog.Relation) []int {
	if def.Kind == catalog.History {
		return []int{catalog.HistValidFrom}
	}
	cols := make([]int, len(def.Watermarks))
	for i, w := range def.Watermarks {
		cols[i] = w.Column
	}
	return cols
}

// emptyOr returns nil for an empty batch.
func emptyOr(b *batch.Batch) *batch.Batch {
	if b == nil || b.Len == 0 {
		return nil
	}
	return b
}
