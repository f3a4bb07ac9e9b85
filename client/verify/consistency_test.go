package verify_test

import (
	"fmt"
	"strings"
	"testing"

	"weir/client/verify"
	"weir/client/verify/comet"
	"weir/client/verify/refusal"
	"weir/ledger/eventlog"
	"weir/ledger/tree"
	"weir/stream/catalog"
)

// putLog sets the root of a stream's log.
func (w *world) putLog(t testing.TB, id uint32, l *eventlog.Log) {
	t.Helper()
	root := l.Root()
	change := tree.TopChange{Unit: verify.LogUnit(id), Root: &root}
	var err error
	if w.top, err = w.top.Apply([]tree.TopChange{change}); err != nil {
		t.Fatal(err)
	}
}

// logOf is a log of n batches of two rows.
func logOf(t testing.TB, name string, n int) *eventlog.Log {
	t.Helper()
	l := eventlog.New(nil)
	for i := range n {
		var err error
		if l, err = l.Append(fmt.Appendf(nil, "%s %d", name, i), 2, nil); err != nil {
			t.Fatal(err)
		}
	}
	return l
}

// consistent proves that stream 1040 went from one log to another between heights 90 and 100.
func consistent(t testing.TB, w *world, old, now *eventlog.Log) *verify.Consistency {
	t.Helper()
	c := &verify.Consistency{
		ChainID: "weir-test", GenesisHash: comet.Hash{9}, Relation: verify.Relation{ID: 1040},
		Old: verify.Anchor{Height: 90}, New: verify.Anchor{Height: 100},
	}
	must := func(b []byte, err error) []byte {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	w.putLog(t, 1040, old)
	c.Old.Units = must(w.top.ProveUnits(verify.LogUnit(1040)))
	c.Old.Chain.Final = w.header(91, 4)
	def := relation(1040, "s")
	def.Kind = catalog.Stream
	w.put(t, verify.CatalogUnit(), []tree.Change{
		{Key: verify.CatalogKey(1040, 1), Value: catalog.AppendDefinition(nil, def)},
		{Key: verify.CatalogKey(1040, 2), Value: catalog.AppendStatus(nil, &catalog.Status{
			State: catalog.Live, CompleteFrom: []uint64{4},
		})},
	})
	w.putLog(t, 1040, now)
	c.New.Units = must(w.top.ProveUnits(verify.CatalogUnit(), verify.LogUnit(1040)))
	c.New.Chain.Final = w.header(101, 4)
	lo, hi := verify.CatalogRange(1040)
	c.Relation.Catalog = must(w.units[verify.CatalogUnit()].ProveRange(lo, hi))
	p, err := now.ProveConsistency(old.State())
	if err == nil {
		c.Proof = must(p.AppendBinary(nil))
	}
	return c
}

func buildConsistency(t testing.TB, c *verify.Consistency) []byte {
	t.Helper()
	b, err := verify.BuildConsistency(c)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestConsistency(t *testing.T) {
	for _, n := range [][2]int{{0, 3}, {3, 3}, {4, 5}, {5, 300}, {256, 257}} {
		w := newWorld(t, 3)
		file := buildConsistency(t, consistent(t, w, logOf(t, "a", n[0]), logOf(t, "a", n[1])))
		if !verify.IsConsistency(file) {
			t.Error("the file does not look like one")
		}
		rep, err := verify.VerifyConsistency(file, w.root, opts)
		if err != nil {
			t.Fatalf("%d: %v", n, err)
		}
		if rep.OldState.Size != uint64(n[0]) || rep.NewState.Next != uint64(2*n[1]) ||
			rep.Stream.Name != "s" || rep.CompleteFrom != 4 || rep.Old.Height != 90 ||
			!strings.Contains(rep.Claim(), "the log at height 100 continues that at height 90") {
			t.Errorf("%d: %+v", n, rep)
		}
	}
}

// What a dishonest network or node may try with a log; none may pass.
func TestConsistencyAttacks(t *testing.T) {
	honest := func(t *testing.T, w *world) *verify.Consistency {
		return consistent(t, w, logOf(t, "a", 5), logOf(t, "a", 9))
	}
	for name, c := range map[string]struct {
		forge func(t *testing.T, w *world) *verify.Consistency
		want  refusal.Code
	}{
		"another history": {func(t *testing.T, w *world) *verify.Consistency {
			c := consistent(t, w, logOf(t, "b", 5), logOf(t, "a", 9))
			c.Proof = honest(t, newWorld(t, 3)).Proof
			return c
		}, refusal.Proof},
		"rows taken out": {func(t *testing.T, w *world) *verify.Consistency {
			c := consistent(t, w, logOf(t, "a", 9), logOf(t, "a", 5))
			c.Proof = honest(t, newWorld(t, 3)).Proof
			return c
		}, refusal.Proof},
		"heights swapped": {func(t *testing.T, w *world) *verify.Consistency {
			c := honest(t, w)
			c.Old, c.New = c.New, c.Old
			return c
		}, refusal.Height},
		"another stream": {func(t *testing.T, w *world) *verify.Consistency {
			c := honest(t, w)
			c.Relation.ID = 1041
			return c
		}, refusal.Proof},
		"a view": {func(t *testing.T, w *world) *verify.Consistency {
			c := honest(t, w)
			lo, hi := verify.CatalogRange(1024)
			var err error
			if c.Relation.Catalog, err = w.units[verify.CatalogUnit()].ProveRange(lo, hi); err != nil {
				t.Fatal(err)
			}
			return c
		}, refusal.Catalog},
		"an old header of few": {func(t *testing.T, w *world) *verify.Consistency {
			c := honest(t, w)
			c.Old.Chain.Final.Commit.Signatures[0] = comet.CommitSig{Flag: comet.FlagAbsent}
			c.Old.Chain.Final.Commit.Signatures[1] = comet.CommitSig{Flag: comet.FlagAbsent}
			return c
		}, refusal.Power},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, 3)
			_, err := verify.VerifyConsistency(buildConsistency(t, c.forge(t, w)), w.root, opts)
			wantCode(t, err, c.want)
		})
	}
}

// No byte of a file can be changed without a refusal or the same claim.
func TestConsistencyMutations(t *testing.T) {
	w := newWorld(t, 3)
	file := buildConsistency(t, consistent(t, w, logOf(t, "a", 5), logOf(t, "a", 9)))
	rep, err := verify.VerifyConsistency(file, w.root, opts)
	if err != nil {
		t.Fatal(err)
	}
	for i := range file {
		file[i] ^= 0x10
		got, err := verify.VerifyConsistency(file, w.root, opts)
		if err == nil && (got.Claim() != rep.Claim() || got.Old.Trust() != rep.Old.Trust()) {
			t.Errorf("byte %d: accepted with another claim: %s", i, got.Claim())
		}
		file[i] ^= 0x10
	}
	for n := range file {
		if _, err := verify.VerifyConsistency(file[:n], w.root, opts); err == nil {
			t.Errorf("accepted when cut to %d bytes", n)
		}
	}
}

func FuzzConsistency(f *testing.F) {
	w := newWorld(f, 3)
	f.Add(buildConsistency(f, consistent(f, w, logOf(f, "a", 5), logOf(f, "a", 9))))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := verify.DecodeConsistency(b)
		if err == nil && string(buildConsistency(t, c)) != string(b) {
			t.Fatal("another encoding of the same file was accepted")
		}
	})
}
