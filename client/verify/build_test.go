package verify_test

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"testing"

	"github.com/oasisprotocol/curve25519-voi/primitives/ed25519"

	"weir/client/verify"
	"weir/client/verify/comet"
	"weir/ledger/proof"
	"weir/ledger/tree"
	"weir/stream/access"
	"weir/stream/catalog"
	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/row"
	"weir/stream/value"
)

var (
	int8Type = value.Type{Kind: value.Int8}
	textType = value.Type{Kind: value.Text}
)

// encodePlan is SELECT * FROM id [WHERE first column = key].
func encodePlan(id uint32, names [2]string, key int64) []byte {
	var n plan.Node = &plan.Scan{
		Relation: id, Version: 1, Columns: []int{0, 1}, Key: []int{0}, Stored: true,
		Fields: []plan.Field{{Name: names[0], Type: int8Type}, {Name: names[1], Type: textType}},
	}
	if key >= 0 {
		n = &plan.Filter{Input: n, Pred: &expr.Call{Fn: "eq(int8,int8)", Args: []expr.Expr{
			expr.Column{Index: 0, T: int8Type}, expr.Const{D: value.NewInt8(key), T: int8Type},
		}, T: value.Type{Kind: value.Bool}}}
	}
	return plan.Encode(n)
}

// world is a ledger at height 100 with views 1024 ("totals", live), 1025 ("stopped", suspended)
// and a validator set of four that signs its header.
type world struct {
	top   *tree.Top
	units map[proof.Unit]*tree.Tree
	keys  []ed25519.PrivateKey
	set   comet.Set
	root  comet.Root
}

func relation(id uint32, name string) *catalog.Relation {
	return &catalog.Relation{
		ID: id, Name: name, Kind: catalog.View, Version: 1, Owner: "weir",
		SQL: "CREATE MATERIALIZED VIEW " + name + " AS SELECT 1", Key: []int{0},
		Columns: []catalog.Column{{Name: "k", Type: int8Type}, {Name: "v", Type: textType}},
	}
}

func newWorld(t testing.TB, rows int64) *world {
	w := &world{top: tree.NewTop(), units: map[proof.Unit]*tree.Tree{}}
	for i := range 4 {
		seed := sha256.Sum256([]byte{byte(i)})
		key := ed25519.NewKeyFromSeed(seed[:])
		w.keys = append(w.keys, key)
		w.set = append(w.set, comet.Validator{Key: [32]byte(key[32:]), Power: int64(40 - i)})
	}
	w.root = comet.Root{Genesis: &comet.Genesis{
		Hash: comet.Hash{9}, ChainID: "weir-test", InitialHeight: 1, Set: w.set,
	}}
	var leaves, entries []tree.Change
	states := map[uint32]catalog.State{
		1024: catalog.Live, 1025: catalog.Suspended, 1027: catalog.Live,
	}
	for id, state := range states {
		def := catalog.AppendDefinition(nil, relation(id, "totals"))
		status := &catalog.Status{State: state, ErrorCount: 3}
		leaves = append(leaves,
			tree.Change{Key: verify.CatalogKey(id, 1), Value: def},
			tree.Change{Key: verify.CatalogKey(id, 2), Value: catalog.AppendStatus(nil, status)},
			tree.Change{Key: verify.CatalogKey(id, 3), Value: []byte("plan")})
	}
	sortChanges(leaves)
	for i := range rows {
		ds := []value.Datum{{Kind: value.Int8, I: i}, {Kind: value.Text, S: "value"}}
		entries = append(entries, tree.Change{
			Key:   row.AppendKeyDatums(nil, ds[:1]),
			Value: row.AppendRowDatums(binary.AppendUvarint(nil, uint64(1+i%2)), ds),
		})
	}
	w.put(t, verify.CatalogUnit(), leaves)
	for _, id := range []uint32{1024, 1025, 1027} {
		w.put(t, verify.RelationUnit(id), entries)
	}
	return w
}

func sortChanges(list []tree.Change) {
	slices.SortFunc(list, func(a, b tree.Change) int { return slices.Compare(a.Key, b.Key) })
}

// put makes the tree of a unit.
func (w *world) put(t testing.TB, u proof.Unit, changes []tree.Change) {
	t.Helper()
	old := w.units[u]
	if old == nil {
		old = tree.New()
	}
	next, err := old.Apply(changes)
	if err != nil {
		t.Fatal(err)
	}
	w.units[u] = next
	root := next.Root()
	if w.top, err = w.top.Apply([]tree.TopChange{{Unit: u, Root: &root}}); err != nil {
		t.Fatal(err)
	}
}

// header signs a header of the first n validators with the ledger's app hash.
func (w *world) header(height int64, signers int) comet.SignedHeader {
	app, set := w.top.Root(), w.set.Hash()
	h := comet.Header{
		VersionBlock: comet.BlockProtocol, ChainID: "weir-test", Height: height,
		Time:           comet.Time{Seconds: 1_700_000_000 + height},
		ValidatorsHash: set[:], NextValidatorsHash: set[:], AppHash: app[:],
	}
	sum := h.Hash()
	block := comet.BlockID{Hash: sum[:], PartsTotal: 1, PartsHash: sum[:]}
	c := comet.Commit{Height: height, BlockID: block}
	for i := range w.set {
		c.Signatures = append(c.Signatures, comet.CommitSig{Flag: comet.FlagAbsent})
		if i < signers {
			c.Signatures[i] = comet.CommitSig{
				Flag: comet.FlagCommit, Address: w.set[i].Address(), Time: h.Time,
			}
			copy(c.Signatures[i].Signature[:], ed25519.Sign(w.keys[i], c.SignBytes("weir-test", i)))
		}
	}
	return comet.SignedHeader{Header: h, Commit: c}
}

// evidence proves SELECT * FROM id [WHERE k = key].
func (w *world) evidence(t testing.TB, id uint32, key int64) *verify.Evidence {
	t.Helper()
	must := func(b []byte, err error) []byte {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	e := &verify.Evidence{
		ChainID: "weir-test", GenesisHash: comet.Hash{9}, SQL: "SELECT * FROM totals",
		PlanCodec: verify.PlanCodec,
		Functions: verify.Functions, Plan: encodePlan(id, [2]string{"k", "v"}, key), Height: 100,
		Chain: comet.Chain{Final: w.header(101, 4)},
	}
	e.Units = must(w.top.ProveUnits(verify.CatalogUnit(), verify.RelationUnit(id)))
	lo, hi := verify.CatalogRange(id)
	e.Relations = []verify.Relation{
		{ID: id, Catalog: must(w.units[verify.CatalogUnit()].ProveRange(lo, hi))},
	}
	node, err := plan.Decode(e.Plan)
	must(nil, err)
	for _, a := range access.Of(node) {
		e.Ranges = append(e.Ranges, must(w.units[verify.RelationUnit(id)].ProveRange(a.Lo, a.Hi)))
	}
	return e
}

func build(t testing.TB, e *verify.Evidence) []byte {
	t.Helper()
	b, err := verify.Build(e)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
