package app

import (
	"encoding/binary"
	"fmt"

	"weir/app/auth"
	"weir/ledger"
	"weir/stream/catalog"
	"weir/stream/engine"
	"weir/stream/plan"
)

// restore rebuilds the agreed state in memory from the ledger's last checkpoint.
func restore(cfg Config, led *ledger.Ledger) (*executor, error) {
	x, err := load(cfg, led.Latest())
	if err != nil {
		return nil, err
	}
	if err := x.checkKept(led.Latest()); err != nil {
		return nil, err
	}
	return x, x.loadOperators(led, cfg.Each)
}

// load rebuilds what a version says about its relations, without the state of operators.
func load(cfg Config, v *ledger.Version) (*executor, error) {
	meta := newOverlay(v.Reader(systemUnit(kindMeta)))
	if err := checkDomain(cfg, meta); err != nil {
		return nil, err
	}
	params, err := auth.LoadParameters(newOverlay(v.Reader(systemUnit(kindAuth))))
	if err != nil {
		return nil, err
	}
	x := newExecutor(params)
	l, err := x.loadLeaves(v.Reader(systemUnit(kindCatalog)))
	if err != nil {
		return nil, err
	}
	if err := x.loadSegments(v.Reader(systemUnit(kindKept))); err != nil {
		return nil, err
	}
	next := meta.get(metaNextID)
	if len(next) != 4 {
		return nil, fmt.Errorf("the counter of relation ids is missing")
	}
	if x.cat, err = l.catalog(binary.BigEndian.Uint32(next)); err != nil {
		return nil, err
	}
	x.loadIndexes(l.fills)
	all, _ := x.cat.InOrder()
	for _, def := range all {
		if err := x.restoreRelation(def, l.plans[def.ID], v); err != nil {
			return nil, err
		}
	}
	return x, nil
}

// checkDomain refuses a store that belongs to another chain or another genesis file.
func checkDomain(cfg Config, meta *overlay) error {
	if got := string(meta.get(metaChain)); got != cfg.Domain.ChainID {
		return fmt.Errorf("the store holds chain %q, the genesis file is of %q", got,
			cfg.Domain.ChainID)
	}
	if got := meta.get(metaGenesis); string(got) != string(cfg.Domain.GenesisHash[:]) {
		return fmt.Errorf("the store was made under genesis %x, the genesis file has hash %x",
			got, cfg.Domain.GenesisHash)
	}
	return nil
}

// leaves is what the catalog unit says but for statuses.
type leaves struct {
	rels      []*catalog.Relation
	functions []*catalog.Function
	indexes   []*catalog.Index
	plans     map[uint32][]byte // by relation
	fills     map[uint32][]byte // by index that is being filled: the greatest key that was read
}

func (l *leaves) catalog(next uint32) (*catalog.Catalog, error) {
	return catalog.Load(l.rels, l.functions, l.indexes, next)
}

// loadLeaves reads the catalog unit.
func (x *executor) loadLeaves(r ledger.Reader) (*leaves, error) {
	l := &leaves{plans: map[uint32][]byte{}, fills: map[uint32][]byte{}}
	var err error
	r.Scan([]byte{userTag}, []byte{userTag + 1}, func(key, value []byte) bool {
		err = x.loadLeaf(l, binary.BigEndian.Uint32(key[1:]), catalog.LeafKind(key[5]), value)
		return err == nil
	})
	if err != nil {
		return nil, fmt.Errorf("catalog: %w", err)
	}
	return l, nil
}

func (x *executor) loadLeaf(l *leaves, id uint32, kind catalog.LeafKind, value []byte) (err error) {
	switch kind {
	case catalog.LeafDefinition:
		var def *catalog.Relation
		if def, err = catalog.DecodeDefinition(value); err == nil {
			l.rels = append(l.rels, def)
		}
	case catalog.LeafFunction:
		var f *catalog.Function
		if f, err = catalog.DecodeFunction(value); err == nil {
			l.functions = append(l.functions, f)
		}
	case catalog.LeafIndex:
		var def *catalog.Index
		if def, err = catalog.DecodeIndex(value); err == nil {
			l.indexes = append(l.indexes, def)
		}
	case catalog.LeafIndexFill:
		l.fills[id], err = catalog.DecodeIndexFill(value)
	case catalog.LeafStatus:
		x.status[id], err = catalog.DecodeStatus(value)
	case catalog.LeafPlan:
		l.plans[id] = append([]byte(nil), value...)
	}
	return err
}

// restoreRelation makes the in-memory side of a relation: its checks, watermarks and circuit.
func (x *executor) restoreRelation(def *catalog.Relation, code []byte, v *ledger.Version) error {
	def.Plan = code
	if err := x.addRelation(def); err != nil {
		return err
	}
	if p := x.rels[def.ID].producers; p != nil {
		err := loadProducers(v.Reader(systemUnit(kindProducers)), def.ID, p)
		if err != nil {
			return err
		}
	}
	if x.status[def.ID] == nil {
		return fmt.Errorf("relation %d has no status", def.ID)
	}
	var p plan.Node
	if def.Kind == catalog.View {
		var err error
		if p, err = plan.Decode(code); err != nil {
			return fmt.Errorf("plan of view %d: %w", def.ID, err)
		}
	}
	if err := x.engine.Define(def, p); err != nil {
		return fmt.Errorf("relation %d: %w", def.ID, err)
	}
	if st := x.status[def.ID]; st.State == catalog.Suspended {
		if _, err := x.engine.Suspend(def.ID, st.Reason); err != nil {
			return fmt.Errorf("view %d: %w", def.ID, err)
		}
	}
	return nil
}

// loadOperators restores the state of every operator. Reading and verifying pages is most of the
// work, and operators have nothing to do with one another: each, when set, spreads them over
// processors.
func (x *executor) loadOperators(led *ledger.Ledger, each func(n int, f func(i int))) error {
	var apart []ledger.Unit
	for _, u := range led.OperatorStates() {
		if !streamOf(u).OfMarks() {
			apart = append(apart, u)
		} else if err := x.loadOperator(led, u); err != nil {
			return err
		}
	}
	if each == nil {
		each = func(n int, f func(i int)) {
			for i := range n {
				f(i)
			}
		}
	}
	errs := make([]error, len(apart))
	each(len(apart), func(i int) { errs[i] = x.loadOperator(led, apart[i]) })
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	x.engine.Saved()
	return nil
}

// streamOf is the stream of an engine whose state is a unit.
func streamOf(u ledger.Unit) engine.StreamID {
	return engine.StreamID{
		Relation: uint32(binary.BigEndian.Uint64(u[1:])),
		Stream:   int(binary.BigEndian.Uint32(u[9:])),
	}
}

func (x *executor) loadOperator(led *ledger.Ledger, u ledger.Unit) error {
	var b saved
	err := led.OperatorState(u, b.add)
	if err == nil {
		err = x.engine.LoadStream(streamOf(u), b.next)
	}
	if err != nil {
		return fmt.Errorf("the state of unit %x: %w", u[:], err)
	}
	return nil
}

// saved holds the entries of one operator on their way into the engine.
type saved struct {
	data []byte
	ends []int // of each key and each value
	at   int
}

func (s *saved) add(key, value []byte) {
	s.data = append(s.data, key...)
	s.ends = append(s.ends, len(s.data))
	s.data = append(s.data, value...)
	s.ends = append(s.ends, len(s.data))
}

func (s *saved) next() (key, value []byte, ok bool) {
	if s.at == len(s.ends) {
		return nil, nil, false
	}
	begin := 0
	if s.at > 0 {
		begin = s.ends[s.at-1]
	}
	mid, end := s.ends[s.at], s.ends[s.at+1]
	s.at += 2
	return s.data[begin:mid:mid], s.data[mid:end:end], true
}
