package machine

import (
	"fmt"
	"maps"
	"slices"

	"weir/stream/batch"
	"weir/stream/catalog"
	"weir/stream/engine"
	"weir/stream/operator"
	"weir/stream/oracle"
	"weir/stream/plan"
	"weir/stream/row"
	"weir/stream/sql"
	"weir/stream/state"
	"weir/stream/value"
)

// Store keeps the stored relations of a machine.
type Store interface {
	state.Relations
	// Apply writes a sorted net batch to a relation.
	Apply(id uint32, changes []state.Change)
}

// Machine is an engine with a catalog and stored relations.
type Machine struct {
	// KeepHistory keeps the rows of streams, for Query, Oracle and views made later.
	KeepHistory bool
	// Now is block time: microseconds since 1970-01-01 UTC.
	Now int64
	Eng *engine.Engine
	Cat *catalog.Catalog

	store Store

	plans   map[uint32]plan.Node
	history map[uint32][]*batch.Batch
	marks   map[uint32][]int64
	height  int64
	stepped int64 // block time of the last step
}

// New returns a machine without relations that keeps them in memory.
func New(limits engine.Limits) *Machine { return NewOver(limits, state.NewMem()) }

// NewOver returns a machine without relations that keeps them in an empty store.
func NewOver(limits engine.Limits, store Store) *Machine {
	return &Machine{
		Eng: engine.New(engine.Config{Limits: limits}), Cat: catalog.New(), store: store,
		plans: map[uint32]plan.Node{}, history: map[uint32][]*batch.Batch{},
		marks: map[uint32][]int64{},
	}
}

// Exec runs CREATE statements. A view is filled from what there is.
func (m *Machine) Exec(text string) error {
	raws, err := sql.Parse(text)
	if err != nil {
		return err
	}
	for _, raw := range raws {
		st, err := sql.Bind(raw, m.Cat, sql.Options{Role: "r"})
		if err != nil {
			return err
		}
		switch st := st.(type) {
		case *sql.CreateStream:
			err = m.create(st.Relation, nil)
		case *sql.CreateTable:
			err = m.create(st.Relation, nil)
		case *sql.CreateView:
			err = m.create(st.Relation, st.Plan)
		default:
			err = fmt.Errorf("machine: %T cannot run here", st)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (m *Machine) create(def *catalog.Relation, p plan.Node) error {
	made, err := m.Cat.Create(def)
	if err != nil {
		return err
	}
	for _, r := range made {
		var of plan.Node
		if r.Kind == catalog.View {
			of = p
			m.plans[r.ID] = p
		}
		if err := m.Eng.Define(r, of); err != nil {
			return err
		}
	}
	if p == nil || !m.KeepHistory {
		return nil
	}
	if err := m.Eng.Refill(def.ID); err != nil {
		return err
	}
	for m.Eng.Filling(def.ID) {
		res, err := m.Eng.Fill(def.ID, m.env(), 1<<20)
		if err != nil {
			return err
		}
		m.apply(res.ViewResult)
		m.Eng.Accept()
	}
	return nil
}

// Input is what one relation gets in a step.
type Input struct {
	Rows *batch.Batch // nil: none
	// Mark is the watermark of a stream at the end of the step; used when HasMark.
	Mark    int64
	HasMark bool
}

// Step runs one segment and makes it final. The result is valid until the next step.
func (m *Machine) Step(in map[string]Input) (*engine.Result, error) {
	m.height++
	seg := engine.Segment{
		Height: m.height, BlockTime: m.Now, Relations: m.store,
		Deltas: map[uint32][]*batch.Batch{}, Watermarks: map[uint32][]int64{},
	}
	for _, name := range slices.Sorted(maps.Keys(in)) {
		r, x := m.Cat.Lookup(name), in[name]
		if r == nil {
			return nil, fmt.Errorf("machine: no relation %q", name)
		}
		if x.Rows != nil {
			seg.Deltas[r.ID] = []*batch.Batch{x.Rows}
			if h := m.Cat.HistoryOf(r); h != nil {
				seg.Deltas[h.ID] = []*batch.Batch{m.versions(r, h, x.Rows)}
			}
			if m.KeepHistory && !r.Stored() {
				m.history[r.ID] = append(m.history[r.ID], x.Rows)
			}
		}
		if x.HasMark {
			seg.Watermarks[r.ID] = []int64{x.Mark}
			m.marks[r.ID] = []int64{x.Mark}
		}
	}
	m.stepped = m.Now
	res, err := m.Eng.Step(seg)
	if err != nil {
		return nil, err
	}
	for _, v := range res.Views {
		m.apply(v)
	}
	m.Eng.Accept()
	//weir:unordered each relation is stored on its own
	for id, b := range seg.Deltas {
		if r := m.Cat.ByID(id); r.Grows() {
			sink := operator.NewSink(r.Key, types(r))
			m.store.Apply(id, sink.Write(b[0].Consolidate(), m.store.Relation(id), nil).Changes)
		}
	}
	return res, nil
}

func (m *Machine) apply(v engine.ViewResult) {
	m.store.Apply(v.ID, v.Changes)
	m.store.Apply(v.ErrorsID, v.ErrorChanges)
}

func types(r *catalog.Relation) (out []value.Type) {
	for _, c := range r.RowSpace() {
		out = append(out, c.Type)
	}
	return out
}

// Types are the column types of a relation's row space.
func (m *Machine) Types(name string) []value.Type { return types(m.Cat.Lookup(name)) }

// Plan is the bound plan of a view.
func (m *Machine) Plan(view string) plan.Node { return m.plans[m.Cat.Lookup(view).ID] }

// Bind returns the plan of a query.
func (m *Machine) Bind(query string) (plan.Node, error) {
	raws, err := sql.Parse(query)
	if err != nil {
		return nil, err
	}
	if len(raws) != 1 {
		return nil, fmt.Errorf("machine: %d statements for a query", len(raws))
	}
	st, err := sql.Bind(raws[0], m.Cat, sql.Options{Role: "r"})
	if err != nil {
		return nil, err
	}
	s, ok := st.(*sql.Select)
	if !ok {
		return nil, fmt.Errorf("machine: %T is no query", st)
	}
	return s.Plan, nil
}

// Query evaluates a plan once over what there is; streams need KeepHistory.
func (m *Machine) Query(p plan.Node) (*engine.Rows, error) { return m.Eng.Query(p, m.env()) }

// Oracle evaluates a plan with the naive evaluator over the stored rows and history.
func (m *Machine) Oracle(p plan.Node) (rows [][]value.Datum, failed int64) {
	return oracle.Query(p, m.OracleInput())
}

// OracleInput is what the naive evaluator sees.
func (m *Machine) OracleInput() oracle.Input {
	in := oracle.Input{Rows: map[uint32][]oracle.Row{}, Marks: map[uint32][]int64{}}
	in.Env.Now = m.Now
	//weir:unordered fills a map from a map
	for id, w := range m.marks {
		in.Marks[id] = oracle.StreamMarks(m.Cat.ByID(id), w...)
	}
	for _, r := range m.Cat.All() {
		if r.Kind == catalog.History {
			in.Marks[r.ID] = oracle.StreamMarks(r, m.stepped)
		}
		if !r.Stored() {
			for _, b := range m.history[r.ID] {
				for i := range b.Len {
					in.Rows[r.ID] = append(in.Rows[r.ID], oracle.Row{Vals: b.Row(i), Weight: b.Weight(i)})
				}
			}
			continue
		}
		in.Rows[r.ID] = m.stored(r)
	}
	return in
}

func (m *Machine) stored(r *catalog.Relation) (out []oracle.Row) {
	ts := types(r)
	m.store.Relation(r.ID).Scan(nil, nil, func(_, entry []byte) bool {
		weight, vals, err := row.DecodeEntry(ts, entry)
		if err != nil {
			panic("machine: a stored entry does not decode: " + err.Error())
		}
		out = append(out, oracle.Row{Vals: vals, Weight: int64(weight)})
		return true
	})
	return out
}

// Stored reads the entries of a stored relation; nil if there is no such relation.
func (m *Machine) Stored(name string) state.Reader {
	r := m.Cat.Lookup(name)
	if r == nil {
		return nil
	}
	return m.store.Relation(r.ID)
}

// View returns the rows of a stored relation, consolidated and in the order of their encoding.
func (m *Machine) View(name string) []oracle.Row {
	return oracle.Consolidate(m.stored(m.Cat.Lookup(name)))
}

func (m *Machine) env() engine.Env {
	return engine.Env{
		BlockTime: m.Now, Relations: m.store, History: m, Watermarks: m.marks,
	}
}

// Rows implements engine.History.
func (m *Machine) Rows(id uint32, after int64, limit int) (*batch.Batch, int64, bool, error) {
	all := m.history[id]
	skip := after + 1
	for i, b := range all {
		if skip >= int64(b.Len) {
			skip -= int64(b.Len)
			continue
		}
		to := min(b.Len, int(skip)+limit)
		sel := make([]int32, 0, to-int(skip))
		for k := int(skip); k < to; k++ {
			sel = append(sel, int32(k))
		}
		more := to < b.Len || i+1 < len(all)
		return b.Select(sel), after + int64(len(sel)), more, nil
	}
	return batch.FromRows(types(m.Cat.ByID(id)), nil, nil), after, false, nil
}
