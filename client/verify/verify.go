package verify

import (
	"bytes"
	"errors"
	"math"
	"slices"

	"weir/client/verify/comet"
	"weir/client/verify/refusal"
	"weir/ledger/proof"
	"weir/stream/access"
	"weir/stream/catalog"
	"weir/stream/oracle"
	"weir/stream/plan"
	"weir/stream/row"
	"weir/stream/value"
)

// Verify judges an evidence file and returns the answer that it proves. Every error is a
// *refusal.Error; a panic is one too.
func Verify(file []byte, root comet.Root, opts Options) (rep *Report, err error) {
	defer func() {
		if p := recover(); p != nil {
			rep, err = nil, refusal.New(refusal.Panic, "the verifier failed on this file: %v", p)
		}
	}()
	e, err := Decode(file)
	if err != nil {
		return nil, err
	}
	rep = &Report{SQL: e.SQL, ChainID: e.ChainID, Root: root.String(), Height: e.Height}
	appHash, err := e.header(&root, &opts, rep)
	if err != nil {
		return nil, err
	}
	node, scans, err := e.plan()
	if err != nil {
		return nil, err
	}
	l := &ledger{
		units: e.Units, appHash: appHash,
		roots: map[uint32]proof.Hash{}, indexRoots: map[uint32]proof.Hash{},
	}
	if err := e.definitions(l, scans, rep); err != nil {
		return nil, err
	}
	if err := e.indexes(l, rep); err != nil {
		return nil, err
	}
	if err := checkScans(scans, rep.Relations); err != nil {
		return nil, err
	}
	rows, err := e.rows(l, access.Of(node), rep)
	if err != nil {
		return nil, err
	}
	if opts.CheckSQL != nil {
		if err := opts.CheckSQL(e.SQL, e.Height, rep.Relations, e.Plan); err != nil {
			return nil, refusal.New(refusal.SQL, "the SQL text is not what is proven: %v", err)
		}
		rep.SQLChecked = true
	}
	answer, err := evaluate(node, rows)
	if err != nil {
		return nil, refusal.New(refusal.Evaluation, "the query fails over the proven rows: %v", err)
	}
	rep.Answer = *answer
	return rep, nil
}

// header verifies the chain of trust and returns the app hash.
func (e *Evidence) header(root *comet.Root, opts *Options, rep *Report) (h proof.Hash, err error) {
	final := &e.Chain.Final.Header
	if e.ChainID != final.ChainID {
		return h, refusal.New(refusal.Chain, "the file is of chain %q, its header of %q",
			e.ChainID, final.ChainID)
	}
	if g := root.Genesis; g != nil && (g.ChainID != e.ChainID || g.Hash != e.GenesisHash) {
		return h, refusal.New(refusal.Chain, "the file is of chain %q with genesis %s, not of %q with %s",
			e.ChainID, e.GenesisHash, g.ChainID, g.Hash)
	}
	if rep.Relied, err = e.Chain.Verify(root); err != nil {
		return h, err
	}
	if final.Height-1 != e.Height || len(final.AppHash) != len(h) {
		return h, refusal.New(refusal.Height, "header %d does not have the app hash of height %d",
			final.Height, e.Height)
	}
	rep.HeaderHash, rep.HeaderTime = final.Hash(), headerTime(final.Time)
	if err := opts.checkAge(rep.HeaderTime); err != nil {
		return h, err
	}
	for i := range e.Witnesses {
		w := &e.Witnesses[i]
		if !comet.VerifySignature(&w.Key, WitnessMessage(rep.HeaderHash), &w.Signature) {
			return h, refusal.New(refusal.Signature, "witness %d did not sign this header", i)
		}
		rep.Witnesses = append(rep.Witnesses, w.Key)
	}
	return proof.Hash(final.AppHash), nil
}

// WitnessMessage returns what a witness of a header signs.
func WitnessMessage(header comet.Hash) []byte {
	return append([]byte("weir/witness/1"), header[:]...)
}

// plan decodes the plan and finds its scans, all of which must be of stored relations.
func (e *Evidence) plan() (plan.Node, []*plan.Scan, error) {
	if e.PlanCodec != PlanCodec || e.Functions != Functions {
		return nil, nil, refusal.New(refusal.Version,
			"the plan has codec %d and functions %d, only %d and %d are known",
			e.PlanCodec, e.Functions, PlanCodec, Functions)
	}
	n, err := plan.Decode(e.Plan)
	if err != nil {
		return nil, nil, refusal.New(refusal.Plan, "the plan does not decode: %v", err)
	}
	scans, err := scansOf(nil, n)
	return n, scans, err
}

// scansOf collects the scans of a plan that evidence can carry.
func scansOf(out []*plan.Scan, n plan.Node) ([]*plan.Scan, error) {
	switch n := n.(type) {
	case *plan.Scan:
		if !n.Stored {
			return nil, refusal.New(refusal.Plan,
				"the plan reads relation %d, whose rows lie in a log", n.Relation)
		}
		return append(out, n), nil
	case *plan.EmitOnClose:
		return nil, refusal.New(refusal.Plan, "the plan waits for a watermark")
	}
	var err error
	for _, c := range n.Children() {
		if out, err = scansOf(out, c); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// ledger finds unit roots under one app hash.
type ledger struct {
	units   []byte
	appHash proof.Hash
	proven  *proof.Units
	catalog proof.Hash

	roots, indexRoots map[uint32]proof.Hash // of relations, of indexes
}

// definitions proves the definition and the status of exactly the scanned relations.
func (e *Evidence) definitions(l *ledger, scans []*plan.Scan, rep *Report) error {
	var wanted []uint32
	for _, s := range scans {
		wanted = append(wanted, s.Relation)
	}
	slices.Sort(wanted)
	wanted = slices.Compact(wanted)
	given := make([]uint32, len(e.Relations))
	for i := range e.Relations {
		given[i] = e.Relations[i].ID
	}
	if !slices.Equal(wanted, given) {
		return refusal.New(refusal.Catalog, "the plan reads relations %d, the file proves %d",
			wanted, given)
	}
	var err error
	if l.proven, err = proof.DecodeUnits(l.units); err != nil {
		return refusal.New(refusal.Proof, "the proof of units does not decode: %v", err)
	}
	if l.catalog, err = l.proven.TreeRoot(l.appHash, CatalogUnit()); err != nil {
		return refusal.New(refusal.Proof, "the catalog is not proven: %v", err)
	}
	for i := range e.Relations {
		r := &e.Relations[i]
		if l.roots[r.ID], err = l.proven.TreeRoot(l.appHash, RelationUnit(r.ID)); err != nil {
			return refusal.New(refusal.Proof, "relation %d is not proven: %v", r.ID, err)
		}
		def, status, err := r.leaves(l.catalog)
		if err != nil {
			return err
		}
		if status.State != catalog.Live {
			return refusal.New(refusal.State, "relation %d %q is not live at height %d",
				def.ID, def.Name, e.Height)
		}
		rep.Relations = append(rep.Relations, def)
		rep.ErrorCount += status.ErrorCount
		if len(status.CompleteFrom) > 0 {
			rep.Partial = append(rep.Partial, Partial{
				ID: def.ID, Name: def.Name, Inputs: def.Inputs, From: status.CompleteFrom,
			})
		}
	}
	return nil
}

// leaves proves and decodes a relation's catalog entries.
func (r *Relation) leaves(root proof.Hash) (*catalog.Relation, *catalog.Status, error) {
	lo, hi := CatalogRange(r.ID)
	rows, err := proveRange(r.Catalog, root, lo, hi)
	if err != nil {
		return nil, nil, refusal.New(refusal.Catalog,
			"relation %d: the catalog entries are not proven: %v", r.ID, err)
	}
	if len(rows) != 2 || !bytes.Equal(rows[0].Key, lo) ||
		!bytes.Equal(rows[1].Key, CatalogKey(r.ID, LeafStatus)) {
		return nil, nil, refusal.New(refusal.Catalog, "relation %d does not exist", r.ID)
	}
	def, err := catalog.DecodeDefinition(rows[0].Value)
	if err != nil || def.ID != r.ID {
		return nil, nil, refusal.New(refusal.Catalog, "relation %d: its definition does not decode", r.ID)
	}
	status, err := catalog.DecodeStatus(rows[1].Value)
	if err != nil {
		return nil, nil, refusal.New(refusal.Catalog, "relation %d: its status does not decode", r.ID)
	}
	return def, status, nil
}

// proveRange decodes and verifies a range proof.
func proveRange(b []byte, root proof.Hash, lo, hi []byte) ([]proof.Entry, error) {
	p, err := proof.DecodeRange(b)
	if err != nil {
		return nil, err
	}
	return p.Verify(root, lo, hi)
}

// byID returns a definition; the caller has proven that it is there.
func byID(defs []*catalog.Relation, id uint32) *catalog.Relation {
	i := slices.IndexFunc(defs, func(d *catalog.Relation) bool { return d.ID == id })
	return defs[i]
}

// checkScans refuses a plan whose scans say anything else of a relation than its definition:
// the verifier takes column names, types and the key from there.
func checkScans(scans []*plan.Scan, defs []*catalog.Relation) error {
	for _, s := range scans {
		if def := byID(defs, s.Relation); !fits(s, def) {
			return refusal.New(refusal.Plan, "the plan does not fit the definition of relation %d %q",
				def.ID, def.Name)
		}
	}
	return nil
}

func fits(s *plan.Scan, def *catalog.Relation) bool {
	if !def.Stored() || s.Version != def.Version || len(s.Columns) != len(s.Fields) ||
		s.Name != "" && s.Name != def.Name || s.AppendOnly != def.AppendOnly ||
		len(s.Key) > len(def.Key) {
		return false
	}
	for i, c := range s.Columns {
		if c < 0 || c >= len(def.Columns) || s.Fields[i].Name != def.Columns[c].Name ||
			s.Fields[i].Type != def.Columns[c].Type || s.Fields[i].Hidden != def.Columns[c].Hidden {
			return false
		}
	}
	for i, k := range s.Key {
		if k < 0 || k >= len(s.Columns) || s.Columns[k] != def.Key[i] {
			return false
		}
	}
	return true
}

// appendRows decodes entries that were not seen yet.
func appendRows(
	dst []oracle.Row, seen map[string]bool, entries []proof.Entry, def *catalog.Relation,
	path *access.Path,
) ([]oracle.Row, error) {
	decode, err := entryDecoder(def)
	if err != nil {
		return nil, refusal.New(refusal.Row, "relation %d %q has a broken definition: %v",
			def.ID, def.Name, err)
	}
	for i := range entries {
		en := &entries[i]
		if path.Index == nil && seen[string(en.Key)] {
			continue
		}
		weight, ds, err := decode(en.Value)
		if err == nil && weight > math.MaxInt32 {
			err = errors.New("its weight is out of range")
		}
		key, ok := en.Key, true
		if err == nil {
			key, ok = rowKey(path, def, en, ds)
		}
		if !ok {
			err = errors.New("it does not stand where the index has it")
		}
		if err != nil {
			return nil, refusal.New(refusal.Row, "a row of relation %d %q does not decode: %v",
				def.ID, def.Name, err)
		}
		if seen[string(key)] {
			continue
		}
		seen[string(key)] = true
		dst = append(dst, oracle.Row{Vals: ds, Weight: int64(weight)})
	}
	return dst, nil
}

// entryDecoder reads the entries of a stored relation. Those of a table and
// its history may be of older schema versions.
func entryDecoder(def *catalog.Relation) (
	func([]byte) (uint64, []value.Datum, error), error,
) {
	types, since, fill := def.Growth()
	if !def.Grows() {
		return func(b []byte) (uint64, []value.Datum, error) {
			return row.DecodeEntry(types, b)
		}, nil
	}
	shape, err := row.NewShape(types, since, fill)
	if err != nil {
		return nil, err
	}
	return shape.DecodeEntry, nil
}
