package verify_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/oasisprotocol/curve25519-voi/primitives/ed25519"

	"weir/client/verify"
	"weir/client/verify/comet"
	"weir/client/verify/refusal"
	"weir/ledger/proof"
	"weir/ledger/tree"
	"weir/stream/catalog"
	"weir/stream/row"
	"weir/stream/value"
)

var opts verify.Options

func wantCode(t testing.TB, err error, want refusal.Code) {
	t.Helper()
	if (err == nil) != (want == 0) || refusal.CodeOf(err) != want {
		t.Errorf("got %v, want %v", err, want)
	}
}

func TestHonest(t *testing.T) {
	w := newWorld(t, 200)
	for _, c := range []struct {
		key  int64
		rows int
	}{{5, 2}, {4, 1}, {1000, 0}, {-1, 300}} {
		file := build(t, w.evidence(t, 1024, c.key))
		rep, err := verify.Verify(file, w.root, opts)
		if err != nil {
			t.Fatal(err)
		}
		if len(rep.Answer.Rows) != c.rows || len(rep.Partial) > 0 ||
			rep.ErrorCount != 3 || rep.Height != 100 ||
			rep.SQL != "SELECT * FROM totals" || rep.SQLChecked || len(rep.Relied) != 1 {
			t.Errorf("key %d: %+v", c.key, rep)
		}
		t.Logf("key %d: %d bytes", c.key, len(file))
		if c.key == 5 && len(file) > 10<<10 {
			t.Errorf("one-row evidence has %d bytes, the limit is 10 KiB", len(file))
		}
		for _, part := range []string{"weir-test", "height 100", "genesis 09", "1/3", "not bound"} {
			if !strings.Contains(rep.Trust(), part) {
				t.Errorf("the trust statement lacks %q: %s", part, rep.Trust())
			}
		}
		e, err := verify.Decode(file)
		if err != nil || !bytes.Equal(build(t, e), file) {
			t.Errorf("codec: %v", err)
		}
	}
}

// A view that was made from what a stream had kept says so, under the app hash.
func TestPartial(t *testing.T) {
	w := newWorld(t, 3)
	def := relation(1024, "totals")
	def.Inputs = []uint32{1000, 1001}
	w.put(t, verify.CatalogUnit(), []tree.Change{
		{Key: verify.CatalogKey(1024, 1), Value: catalog.AppendDefinition(nil, def)},
		{Key: verify.CatalogKey(1024, 2), Value: catalog.AppendStatus(nil, &catalog.Status{
			State: catalog.Live, CompleteFrom: []uint64{0, 77},
		})},
	})
	e := w.evidence(t, 1024, 1)
	e.Chain.Final = w.header(101, 4)
	rep, err := verify.Verify(build(t, e), w.root, opts)
	if err != nil {
		t.Fatal(err)
	}
	const want = "totals was made from the rows of relation 1001 from offset 77 on"
	if len(rep.Partial) != 1 || rep.Partial[0].String() != want {
		t.Errorf("%v", rep.Partial)
	}
}

type evidence = verify.Evidence

// attack is one lie of a prover, and the refusal that meets it.
type attack struct {
	forge func(t testing.TB, w *world, e *evidence)
	want  refusal.Code
}

func attacksOnRows() map[string]attack {
	return map[string]attack{
		"suspended view": {func(t testing.TB, w *world, e *evidence) {
			*e = *w.evidence(t, 1025, 5)
		}, refusal.State},
		"re-created view": {func(t testing.TB, w *world, e *evidence) {
			e.Plan = encodePlan(1027, [2]string{"k", "v"}, 5) // same name, other id
		}, refusal.Catalog},
		"other definition": {func(t testing.TB, w *world, e *evidence) {
			e.Relations[0].Catalog = w.evidence(t, 1027, 5).Relations[0].Catalog
		}, refusal.Catalog},
		"rows of another relation": {func(t testing.TB, w *world, e *evidence) {
			extra := tree.Change{Key: []byte{0x10, 1}, Value: []byte{1}}
			w.put(t, verify.RelationUnit(1027), []tree.Change{extra})
			e.Chain.Final, e.Units = w.header(101, 4), w.evidence(t, 1024, 5).Units
			e.Ranges = w.evidence(t, 1027, 5).Ranges
		}, refusal.Incomplete},
		"dropped relation": {func(t testing.TB, w *world, e *evidence) {
			w.put(t, verify.CatalogUnit(), []tree.Change{
				{Key: verify.CatalogKey(1024, 1)}, {Key: verify.CatalogKey(1024, 2)},
			})
			*e = *w.evidence(t, 1024, 5)
		}, refusal.Catalog},
		"narrower range": {func(t testing.TB, w *world, e *evidence) {
			*e = *w.evidence(t, 1024, 5)
			e.Plan = encodePlan(1024, [2]string{"k", "v"}, -1)
		}, refusal.Incomplete},
		"no range": {func(_ testing.TB, _ *world, e *evidence) {
			e.Ranges = nil
		}, refusal.Incomplete},
		"extra range": {func(_ testing.TB, _ *world, e *evidence) {
			e.Ranges = append(e.Ranges, e.Ranges[0])
		}, refusal.Malformed},
		"hidden row": {func(t testing.TB, w *world, e *evidence) {
			u := verify.RelationUnit(1024)
			k := row.AppendKeyDatums(nil, []value.Datum{{Kind: value.Int8, I: 5}})
			r, err := w.units[u].Apply([]tree.Change{{Key: k}})
			if err != nil {
				t.Fatal(err)
			}
			if e.Ranges[0], err = r.ProveRange(k, append(bytes.Clone(k), 0)); err != nil {
				t.Fatal(err)
			}
		}, refusal.Incomplete},
		"hidden behind an opaque sibling": {func(t testing.TB, w *world, e *evidence) {
			root := w.units[verify.RelationUnit(1024)].Root()
			var b proof.Builder
			b.Opaque(&root)
			e.Ranges[0] = b.Bytes()
		}, refusal.Incomplete},
	}
}

func attacksOnHeaders() map[string]attack {
	return map[string]attack{
		"swapped columns": {func(_ testing.TB, _ *world, e *evidence) {
			e.Plan = encodePlan(1024, [2]string{"v", "k"}, 5)
		}, refusal.Plan},
		"other height": {func(_ testing.TB, w *world, e *evidence) {
			e.Chain.Final = w.header(102, 4)
		}, refusal.Height},
		"other height claimed": {func(_ testing.TB, _ *world, e *evidence) {
			e.Height = 99
		}, refusal.Height},
		"other app hash": {func(t testing.TB, w *world, e *evidence) {
			w.put(t, verify.RelationUnit(1030), nil)
			e.Chain.Final = w.header(101, 4)
		}, refusal.Proof},
		"other chain": {func(_ testing.TB, _ *world, e *evidence) {
			e.ChainID = "other"
		}, refusal.Chain},
		"other genesis": {func(_ testing.TB, _ *world, e *evidence) {
			e.GenesisHash[0]++
		}, refusal.Chain},
		"two of four": {func(_ testing.TB, w *world, e *evidence) {
			e.Chain.Final = w.header(101, 2)
		}, refusal.Power},
		"plan codec": {func(_ testing.TB, _ *world, e *evidence) {
			e.PlanCodec++
		}, refusal.Version},
		"function library": {func(_ testing.TB, _ *world, e *evidence) {
			e.Functions++
		}, refusal.Version},
		"not a plan": {func(_ testing.TB, _ *world, e *evidence) {
			e.Plan = []byte("x")
		}, refusal.Plan},
		"false cosignature": {func(_ testing.TB, w *world, e *evidence) {
			e.Witnesses = []verify.Witness{{Key: w.set[0].Key}}
		}, refusal.Signature},
	}
}

// TestAttacks lists what a dishonest prover may try; none may pass.
func TestAttacks(t *testing.T) {
	all := attacksOnRows()
	maps.Copy(all, attacksOnHeaders())
	for name, c := range all {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, 100)
			e := w.evidence(t, 1024, 5)
			c.forge(t, w, e)
			_, err := verify.Verify(build(t, e), w.root, opts)
			wantCode(t, err, c.want)
		})
	}
}

// TestOptions judges age, the SQL text and witnesses.
func TestOptions(t *testing.T) {
	w := newWorld(t, 10)
	e := w.evidence(t, 1024, 5)
	at := time.Unix(1_700_000_101, 0)
	judge := func(o verify.Options) error {
		_, err := verify.Verify(build(t, e), w.root, o)
		return err
	}
	wantCode(t, judge(verify.Options{Now: at.Add(time.Hour), MaxAge: time.Hour}), 0)
	wantCode(t, judge(verify.Options{Now: at.Add(time.Hour + 1), MaxAge: time.Hour}), refusal.Stale)
	wantCode(t, judge(verify.Options{Now: at.Add(-verify.MaxDrift)}), 0)
	wantCode(t, judge(verify.Options{Now: at.Add(-verify.MaxDrift - 1)}), refusal.Stale)
	check := func(sql string, height int64, defs []*catalog.Relation, _ []byte) error {
		if sql != "SELECT * FROM totals" || height != e.Height || len(defs) != 1 ||
			defs[0].ID != 1024 {
			return errors.New("another plan")
		}
		return nil
	}
	wantCode(t, judge(verify.Options{CheckSQL: check}), 0)
	e.SQL = "SELECT 1 FROM totals"
	wantCode(t, judge(verify.Options{CheckSQL: check}), refusal.SQL)
	wantCode(t, judge(verify.Options{}), 0)
	var wit verify.Witness
	copy(wit.Key[:], w.keys[0][32:])
	msg := verify.WitnessMessage(e.Chain.Final.Header.Hash())
	copy(wit.Signature[:], ed25519.Sign(w.keys[0], msg))
	e.Witnesses = []verify.Witness{wit}
	rep, err := verify.Verify(build(t, e), w.root, opts)
	if err != nil || len(rep.Witnesses) != 1 {
		t.Error("witness:", err)
	}
}

// answer is what must not change.
func answer(r *verify.Report) string {
	return fmt.Sprint(r.Answer, r.ErrorCount, r.ChainID, r.Height, r.HeaderHash)
}

// TestMutations flips every byte of a file, and makes random larger changes: none is accepted
// with another answer. Only the SQL text, which the build's CheckSQL judges, may change, and what
// a plan says of its scan beside the answer.
func TestMutations(t *testing.T) {
	w := newWorld(t, 40)
	file := build(t, w.evidence(t, 1024, 5))
	honest, err := verify.Verify(file, w.root, opts)
	if err != nil {
		t.Fatal(err)
	}
	text := bytes.Index(file, []byte(honest.SQL))
	e, err := verify.Decode(file)
	if err != nil {
		t.Fatal(err)
	}
	end := bytes.Index(file, e.Plan) + len(e.Plan)
	judge := func(m []byte, what string) {
		rep, err := verify.Verify(m, w.root, opts)
		switch {
		case refusal.CodeOf(err) == refusal.Panic:
			t.Errorf("%s: %v", what, err)
		case err == nil && answer(rep) != answer(honest):
			t.Errorf("%s: another answer was accepted", what)
		}
		if e, err := verify.Decode(m); err == nil && !bytes.Equal(build(t, e), m) {
			t.Errorf("%s: a second encoding decodes", what)
		}
	}
	for i := range file {
		m := bytes.Clone(file)
		m[i] ^= 0x01
		judge(m, fmt.Sprint("byte ", i))
		if i < text || i >= end {
			if _, err := verify.Verify(m, w.root, opts); err == nil {
				t.Errorf("byte %d changes nothing", i)
			}
		}
	}
	const seed = 11
	rng := rand.New(rand.NewPCG(seed, 0))
	for n := range 1000 {
		m := bytes.Clone(file)
		i, j := rng.IntN(len(m)), rng.IntN(len(m))
		switch n % 4 {
		case 0:
			m[i] = byte(rng.Uint32())
		case 1:
			m = append(m[:min(i, j)], m[max(i, j):]...)
		case 2:
			copy(m[i:], file[j:])
		default:
			m = append(m[:i:i], append([]byte{byte(n)}, m[i:]...)...)
		}
		judge(m, fmt.Sprintf("seed %d, mutation %d", seed, n))
	}
}

// TestLimits checks the file's limits at n and n+1.
func TestLimits(t *testing.T) {
	w := newWorld(t, 3)
	for name, c := range map[string]struct {
		n   int
		set func(e *evidence, n int)
	}{
		"sql":    {verify.MaxSQL, func(e *evidence, n int) { e.SQL = strings.Repeat(" ", n) }},
		"plan":   {verify.MaxPlan, func(e *evidence, n int) { e.Plan = make([]byte, n) }},
		"ranges": {verify.MaxRanges, func(e *evidence, n int) { e.Ranges = make([][]byte, n) }},
		"relations": {verify.MaxRelations, func(e *evidence, n int) {
			e.Relations = nil
			for i := range n {
				e.Relations = append(e.Relations, verify.Relation{ID: uint32(i)})
			}
		}},
		"witnesses": {verify.MaxWitnesses, func(e *evidence, n int) {
			e.Witnesses = make([]verify.Witness, n)
			for i := range n {
				e.Witnesses[i].Key[0] = byte(i)
			}
		}},
		"file": {verify.MaxFile, func(e *evidence, n int) {
			e.Ranges = [][]byte{nil}
			b, err := verify.Build(e)
			if err != nil {
				t.Fatal(err)
			}
			e.Ranges[0] = make([]byte, n-len(b))
		}},
	} {
		for over := range 2 {
			e := w.evidence(t, 1024, 1)
			c.set(e, c.n+over)
			_, err := verify.Build(e)
			if refusal.CodeOf(err) != map[int]refusal.Code{1: refusal.TooLarge}[over] {
				t.Errorf("%s, %d over: %v", name, over, err)
			}
		}
	}
}

func TestParseTrust(t *testing.T) {
	root, err := verify.ParseTrust("5:"+comet.Hash{1}.String(), nil)
	if err != nil || root.Height != 5 || root.Hash != (comet.Hash{1}) {
		t.Errorf("%+v, %v", root, err)
	}
	_, err = verify.ParseTrust("", []byte("{}"))
	wantCode(t, err, refusal.Trust)
}

func FuzzVerify(f *testing.F) {
	w := newWorld(f, 10)
	for _, key := range []int64{-1, 5} {
		f.Add(build(f, w.evidence(f, 1024, key)))
	}
	f.Add(build(f, newIndexed(f, 10).through(f, byV, where("v3", ""))))
	f.Fuzz(func(t *testing.T, b []byte) {
		if e, err := verify.Decode(b); err == nil && !bytes.Equal(build(t, e), b) {
			t.Error("a second encoding decodes")
		}
		if _, err := verify.Verify(b, w.root, opts); refusal.CodeOf(err) == refusal.Panic {
			t.Error(err)
		}
	})
}

func BenchmarkVerifyOneRow(b *testing.B) {
	w := newWorld(b, 100_000)
	file := build(b, w.evidence(b, 1024, 5))
	b.ReportMetric(float64(len(file)), "file-bytes")
	for b.Loop() {
		if _, err := verify.Verify(file, w.root, opts); err != nil {
			b.Fatal(err)
		}
	}
}
