package ledger

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"weir/ledger/eventlog"
	"weir/ledger/proof"
	"weir/ledger/snapshot"
	"weir/ledger/store"
)

// testLeaves reads the leaves of the model: "leaf 7" covers two rows and binds "payload 7".
type testLeaves struct{ erased, kept bool }

func (l testLeaves) Bound(_ proof.Unit, leaf []byte) (b snapshot.Bound, err error) {
	var n uint64
	if _, err := fmt.Sscanf(string(leaf), "leaf %d", &n); err != nil {
		return b, err
	}
	return snapshot.Bound{
		First: 2 * n, Rows: 2, Payload: sha256.Sum256(fmt.Appendf(nil, "payload %d", n)),
	}, nil
}

var errNotAgreed = errors.New("not agreed")

func (l testLeaves) Erased(proof.Unit, uint64, []byte) error {
	if !l.erased {
		return errNotAgreed
	}
	return nil
}

func (l testLeaves) Begin(snapshot.Trees) {}

func (l testLeaves) Kept(_ proof.Unit, _ proof.LogState, k eventlog.Kept) error {
	if k.From > 0 && !l.kept {
		return errNotAgreed
	}
	return nil
}

var anyLeaves = testLeaves{erased: true, kept: true}

// restoreInto restores a snapshot, part by part, and returns how many parts it asked for.
func restoreInto(l *Ledger, x *Export, leaves snapshot.Leaves) (asked int, err error) {
	m, err := snapshot.Decode(x.Manifest.Encode())
	if err == nil {
		err = m.Verify(x.Manifest.AppHash)
	}
	if err != nil {
		return 0, err
	}
	r, err := l.Restore(m, leaves)
	if err != nil {
		return 0, err
	}
	for {
		i, ok := r.Next()
		if !ok {
			return asked, r.Finish()
		}
		b, err := x.Part(i)
		if err != nil {
			return asked, err
		}
		if err := r.Add(b); err != nil {
			return asked, err
		}
		asked++
	}
}

func mustSnapshot(t fataler, e *Exporter) *Export {
	x, err := e.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// TestRestoreModel restores random ledgers into an empty store and into one that fell behind;
// both continue exactly as the ledger that was never restored.
func TestRestoreModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		kv := store.NewMemory()
		l, m := open(rt, kv), newModel()
		exporter := l.Exporter()
		var behind *store.Memory
		var blocks []blockOps
		n := rapid.IntRange(2, 9).Draw(rt, "blocks")
		for height := 1; height <= n; height++ {
			o := drawBlock(rt)
			o.checkpoint = o.checkpoint || height == n
			blocks = append(blocks, o)
			m.apply(o)
			if _, err := play(rt, l, m, o).Commit(uint64(height)); err != nil {
				rt.Fatal(err)
			}
			if o.checkpoint && height < n && rapid.Bool().Draw(rt, "behind") {
				behind = kv.Crash(0)
				mustSnapshot(rt, exporter).Release()
			}
		}
		x := mustSnapshot(rt, exporter)
		again := mustSnapshot(rt, l.Exporter())
		if !bytes.Equal(x.Manifest.Encode(), again.Manifest.Encode()) {
			rt.Fatal("what an exporter remembers changes the snapshot")
		}
		stores := []*store.Memory{store.NewMemory()}
		if behind != nil {
			stores = append(stores, behind)
		}
		var ledgers []*Ledger
		for _, to := range stores {
			asked, err := restoreInto(open(rt, to), x, anyLeaves)
			if err != nil {
				rt.Fatal(err)
			}
			if asked > len(x.Manifest.Parts()) {
				rt.Fatalf("%d parts were asked for", asked)
			}
			back := open(rt, to.Crash(0))
			if back.Damage() != nil || back.Height() != uint64(n) {
				rt.Fatalf("height %d: %v", back.Height(), back.Damage())
			}
			compare(rt, back, m)
			checkOpStates(rt, back, m, blocks[n-1].ops)
			checkGarbage(rt, back.kv, back)
			ledgers = append(ledgers, back)
		}
		for range 4 {
			o := drawBlock(rt)
			m.apply(o)
			for i, one := range append(ledgers, l) {
				if _, err := play(rt, one, m, o).Commit(one.Height() + 1); err != nil {
					rt.Fatal(err)
				}
				if one.AppHash() != ledgers[0].AppHash() {
					rt.Fatalf("ledger %d goes on with another app hash", i)
				}
			}
		}
		compare(rt, ledgers[0], m)
	})
}

// large is a ledger whose trees, states and logs have several parts.
func large(t fataler) (*Ledger, *model, *store.Memory) {
	kv := store.NewMemory()
	l, m := open(t, kv), newModel()
	r := rand.New(rand.NewSource(3))
	for height := uint64(1); height <= 2; height++ {
		o := blockOps{batches: map[Unit]map[string]string{}, leaves: map[Unit]int{}}
		batch := map[string]string{}
		for i := range 6000 {
			batch[fmt.Sprintf("\x10k%06d", r.Intn(1e6))] = strings.Repeat("v", 400) + fmt.Sprint(i)
		}
		o.batches[NewUnit(1, 1, 0)] = batch
		o.leaves[NewUnit(0x40, 1, 0)] = 501
		o.checkpoint, o.ops = height == 2, 1
		m.apply(o)
		if _, err := play(t, l, m, o).Commit(height); err != nil {
			t.Fatal(err)
		}
	}
	return l, m, kv
}

// TestRestoreParts restores a ledger of many parts, and another snapshot of it over that: only
// what changed is asked for, and has another name.
func TestRestoreParts(t *testing.T) {
	l, m, _ := large(t)
	e := l.Exporter()
	first := mustSnapshot(t, e)
	if n := len(first.Manifest.Parts()); n < 10 {
		t.Fatalf("only %d parts", n)
	}
	kv := store.NewMemory()
	asked, err := restoreInto(open(t, kv), first, anyLeaves)
	if err != nil || asked != len(first.Manifest.Parts()) {
		t.Fatalf("%d parts of %d: %v", asked, len(first.Manifest.Parts()), err)
	}
	o := blockOps{
		batches:    map[Unit]map[string]string{NewUnit(1, 1, 0): {"\x10k000001": "new"}},
		leaves:     map[Unit]int{NewUnit(0x40, 1, 0): 1},
		checkpoint: true, ops: 1,
	}
	m.apply(o)
	if _, err := play(t, l, m, o).Commit(3); err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, p := range first.Manifest.Parts() {
		names[p.Name()] = true
	}
	second := mustSnapshot(t, e)
	fresh := 0
	for _, p := range second.Manifest.Parts() {
		if !names[p.Name()] {
			fresh++
		}
	}
	back := open(t, kv)
	asked, err = restoreInto(back, second, anyLeaves)
	if err != nil || asked > fresh || fresh > 8 || fresh == 0 {
		t.Fatalf("asked for %d parts, %d of %d are new: %v", asked, fresh,
			len(second.Manifest.Parts()), err)
	}
	back = open(t, kv)
	compare(t, back, m)
	checkOpStates(t, back, m, 1)
	checkGarbage(t, kv, back)
}

// TestRestoreCrash stops a restore at each of its writes. The store then has the checkpoint that
// was there or the new one, and a second try succeeds.
func TestRestoreCrash(t *testing.T) {
	blocks := script()
	_, whole := reference(t, blocks[:12])
	old := store.NewMemory()
	l, m := open(t, old), newModel()
	for i, o := range blocks[:6] {
		m.apply(o)
		if _, err := play(t, l, m, o).Commit(uint64(i + 1)); err != nil {
			t.Fatal(err)
		}
	}
	x := mustSnapshot(t, open(t, whole).Exporter())
	for _, begin := range []*store.Memory{store.NewMemory(), old} {
		for n := 1; ; n++ {
			kv := begin.Crash(0)
			l := open(t, kv)
			l.batchSize = 500
			kv.StopAt(n)
			_, err := restoreInto(l, x, anyLeaves)
			if err != nil && !errors.Is(err, store.ErrCrashed) {
				t.Fatal(err)
			}
			for keep := range kv.Unsynced() + 1 {
				back := open(t, kv.Crash(keep))
				was := open(t, begin.Crash(0)).Height()
				if h := back.Height(); h != was && h != 12 || err == nil && h != 12 {
					t.Fatalf("write %d: height %d", n, h)
				}
				if back.Height() == was {
					if _, err := restoreInto(back, x, anyLeaves); err != nil {
						t.Fatal(err)
					}
				}
				back = open(t, back.kv)
				checkGarbage(t, back.kv, back)
				if back.AppHash() != x.Manifest.AppHash {
					t.Fatal("another app hash")
				}
			}
			if err == nil {
				if n < 5 {
					t.Fatalf("only %d writes", n)
				}
				break
			}
		}
	}
}

// TestRestoreRefusesLies flips every bit pattern of every byte of every part and of the manifest.
func TestRestoreRefusesLies(t *testing.T) {
	blocks := script()
	_, kv := reference(t, blocks[:6])
	x := mustSnapshot(t, open(t, kv).Exporter())
	good := x.Manifest.Encode()
	for i := range good {
		bad := bytes.Clone(good)
		bad[i] ^= 1 << (i % 8)
		m, err := snapshot.Decode(bad)
		if err == nil {
			err = m.Verify(x.Manifest.AppHash)
		}
		if inTime := i > 8 && i <= 16; err == nil && !inTime && !lateLie(x, m) { // not agreed
			t.Fatalf("byte %d of the manifest", i)
		}
	}
	r, err := open(t, store.NewMemory()).Restore(x.Manifest, testLeaves{})
	if err != nil {
		t.Fatal(err)
	}
	for {
		i, ok := r.Next()
		if !ok {
			break
		}
		b, err := x.Part(i)
		if err != nil {
			t.Fatal(err)
		}
		for at := range b {
			bad := bytes.Clone(b)
			bad[at] ^= byte(1 << (at % 8))
			if err := r.Add(bad); !errors.Is(err, snapshot.ErrInvalid) {
				t.Fatalf("part %d, byte %d of %d: %v", i, at, len(b), err)
			}
		}
		for _, bad := range [][]byte{nil, b[:len(b)-1], append(bytes.Clone(b), 0)} {
			if err := r.Add(bad); !errors.Is(err, snapshot.ErrInvalid) {
				t.Fatalf("part %d with %d bytes: %v", i, len(bad), err)
			}
		}
		if err := r.Add(b); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Finish(); err != nil {
		t.Fatal(err)
	}
}

// lateLie tells whether a manifest that passes Verify is found out by its parts: what it says of
// the height is not under the app hash, and parts are named by the pages above them.
func lateLie(x *Export, m *snapshot.Manifest) bool {
	if m.Height != x.Manifest.Height {
		return true
	}
	kv := store.NewMemory()
	l, err := Open(kv, Options{})
	if err != nil {
		return false
	}
	r, err := l.Restore(m, testLeaves{})
	for err == nil {
		i, ok := r.Next()
		if !ok {
			return false
		}
		var b []byte
		if b, err = x.Part(i); err == nil {
			err = r.Add(b)
		}
	}
	return errors.Is(err, snapshot.ErrInvalid)
}

// TestRestoreForgotten restores a log that keeps the records of its last leaves only, and has
// lost a payload.
func TestRestoreForgotten(t *testing.T) {
	u := NewUnit(0x40, 1, 0)
	for _, size := range []int{1, 7, 300} {
		for _, from := range []uint64{0, 1, uint64(size) / 2, uint64(size) - 1, uint64(size)} {
			kv := store.NewMemory()
			l, m := open(t, kv), newModel()
			o := blockOps{leaves: map[Unit]int{u: size}}
			b := play(t, l, m, o)
			if err := b.Forget(u, from); err != nil {
				t.Fatal(err)
			}
			if from < uint64(size) {
				if err := b.Erase(u, uint64(size)-1); err != nil {
					t.Fatal(err)
				}
			}
			b.Checkpoint(1, nil)
			if _, err := b.Commit(1); err != nil {
				t.Fatal(err)
			}
			x := mustSnapshot(t, l.Exporter())
			if _, err := restoreInto(open(t, store.NewMemory()), x,
				testLeaves{}); !errors.Is(err, snapshot.ErrInvalid) {
				t.Fatalf("what was not agreed is restored: %v", err)
			}
			to := store.NewMemory()
			if _, err := restoreInto(open(t, to), x, anyLeaves); err != nil {
				t.Fatal(err)
			}
			back := open(t, to)
			log := back.Latest().Log(u)
			if back.AppHash() != l.AppHash() || log.Kept() != l.Latest().Log(u).Kept() {
				t.Fatalf("size %d, from %d: another log", size, from)
			}
			for i := range uint64(size) {
				want := error(nil)
				if i < from {
					want = eventlog.ErrForgotten
				}
				if _, err := log.Leaf(i); !errors.Is(err, want) {
					t.Fatal(err)
				}
				if i == uint64(size)-1 && want == nil {
					want = eventlog.ErrErased
				}
				if _, err := log.Payload(i); !errors.Is(err, want) {
					t.Fatal(err)
				}
				if _, err := log.ProveInclusion(i); err != nil && i >= from {
					t.Fatal(err)
				}
			}
		}
	}
}

// TestSnapshotIsKept exports while later checkpoints push the exported one out of the window.
func TestSnapshotIsKept(t *testing.T) {
	kv := store.NewMemory()
	l, err := Open(kv, Options{Versions: 1})
	if err != nil {
		t.Fatal(err)
	}
	m := newModel()
	var x *Export
	var hash Hash
	for i, o := range script() {
		o.checkpoint = true
		m.apply(o)
		if _, err := play(t, l, m, o).Commit(uint64(i + 1)); err != nil {
			t.Fatal(err)
		}
		if i == 2 {
			x, hash = mustSnapshot(t, l.Exporter()), l.AppHash()
		}
	}
	to := store.NewMemory()
	if _, err := restoreInto(open(t, to), x, anyLeaves); err != nil {
		t.Fatal(err)
	}
	if back := open(t, to); back.AppHash() != hash || back.Height() != 3 {
		t.Fatal("another state")
	}
	x.Release()
	before, err := l.checkpoints()
	if err != nil || before[0] != 3 {
		t.Fatalf("checkpoints %v, %v", before, err)
	}
	for h := l.Height() + 1; h <= 15; h++ {
		o := blockOps{checkpoint: true, ops: 1}
		if _, err := play(t, l, m, o).Commit(h); err != nil {
			t.Fatal(err)
		}
	}
	after, err := l.checkpoints()
	if err != nil || len(after) > 3 {
		t.Fatalf("checkpoints %v after the release, %v", after, err)
	}
}

// TestRestoreSharesNoPage restores over two trees that are equal. They must not come to use one
// page: the first that changes gives it up.
func TestRestoreSharesNoPage(t *testing.T) {
	a, b := NewUnit(1, 1, 0), NewUnit(1, 2, 0)
	same := map[string]string{"\x10a": "1"}
	l, m := open(t, store.NewMemory()), newModel()
	behind := store.NewMemory()
	back := open(t, behind)
	commit := func(l *Ledger, o blockOps) {
		if _, err := play(t, l, m, o).Commit(l.Height() + 1); err != nil {
			t.Fatal(err)
		}
	}
	first := blockOps{batches: map[Unit]map[string]string{a: same, b: same}, checkpoint: true}
	m.apply(first)
	commit(l, first)
	commit(back, first)
	next := blockOps{leaves: map[Unit]int{NewUnit(0x40, 1, 0): 1}, checkpoint: true}
	m.apply(next)
	commit(l, next)
	if _, err := restoreInto(back, mustSnapshot(t, l.Exporter()), anyLeaves); err != nil {
		t.Fatal(err)
	}
	back, err := Open(behind, Options{Versions: 1})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 4 {
		o := blockOps{
			batches:    map[Unit]map[string]string{b: {"\x10b": fmt.Sprint(i)}},
			checkpoint: true,
		}
		m.apply(o)
		commit(back, o)
	}
	checkGarbage(t, behind, back)
	back, err = Open(behind, Options{Versions: 1})
	if err != nil || back.Damage() != nil {
		t.Fatal(err, back.Damage())
	}
	compare(t, back, m)
}
