package proof_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"weir/ledger/eventlog"
	"weir/ledger/proof"
	"weir/ledger/tree"
)

// specimen is an honest proof with its verification: verify decodes b, checks it against the
// question, and returns what it proves in one comparable string.
type specimen struct {
	name   string
	raw    []byte
	verify func(b []byte) (string, error)
}

func specimens(tb testing.TB) (out []specimen) {
	tr := rowsTree(tb, 200)
	root := tr.Root()
	for _, c := range [][2]int{{-1, -1}, {10, 40}, {11, 12}, {399, 500}, {0, 1}} {
		lo, hi := rowKey(c[0]), rowKey(c[1])
		if c[0] < 0 {
			lo, hi = nil, nil
		}
		raw, err := tr.ProveRange(lo, hi)
		if err != nil {
			tb.Fatal(err)
		}
		out = append(out, specimen{fmt.Sprint("range ", c), raw, func(b []byte) (string, error) {
			p, err := proof.DecodeRange(b)
			if err != nil {
				return "", err
			}
			rows, err := p.Verify(root, lo, hi)
			return fmt.Sprintf("%x", rows), err
		}})
	}
	for _, i := range []int{0, 77, 398, 399} {
		p, err := tr.ProveKey(rowKey(i))
		if err != nil {
			tb.Fatal(err)
		}
		raw, _ := p.AppendBinary(nil)
		out = append(out, specimen{fmt.Sprint("key ", i), raw, func(b []byte) (string, error) {
			p, err := proof.DecodeKey(b)
			if err != nil {
				return "", err
			}
			value, err := p.Verify(root, rowKey(i))
			return fmt.Sprintf("%x", value), err
		}})
	}
	return append(append(out, unitSpecimens(tb)...), logSpecimens(tb)...)
}

func unitSpecimens(tb testing.TB) (out []specimen) {
	top := tree.NewTop()
	for i := range 20 {
		next, err := top.Apply([]tree.TopChange{
			{Unit: proof.NewUnit(1, uint64(i), 0), Root: &proof.Hash{byte(i)}},
		})
		if err != nil {
			tb.Fatal(err)
		}
		top = next
	}
	for _, ids := range [][]uint64{{0}, {19}, {3, 4, 11}} {
		var units []proof.Unit
		for _, id := range ids {
			units = append(units, proof.NewUnit(1, id, 0))
		}
		raw, err := top.ProveUnits(units...)
		if err != nil {
			tb.Fatal(err)
		}
		out = append(out, specimen{fmt.Sprint("units ", ids), raw, func(b []byte) (string, error) {
			p, err := proof.DecodeUnits(b)
			if err != nil {
				return "", err
			}
			got, err := p.Verify(top.Root())
			return fmt.Sprintf("%x", got), err
		}})
	}
	return out
}

func logSpecimens(tb testing.TB) (out []specimen) {
	l := eventlog.New(nil)
	var leaves [][]byte
	var roots []proof.Hash
	var states []proof.LogState
	for i := range 23 {
		leaves = append(leaves, fmt.Appendf(nil, "leaf %d", i))
		next, err := l.Append(leaves[i], 3, nil)
		if err != nil {
			tb.Fatal(err)
		}
		l = next
		roots, states = append(roots, l.Root()), append(states, l.State())
	}
	inclusion, err1 := l.ProveInclusion(21)
	consistency, err2 := l.ProveConsistency(states[12])
	run, err3 := l.ProveLeaves(5, 9)
	if err := errors.Join(err1, err2, err3); err != nil {
		tb.Fatal(err)
	}
	a, _ := inclusion.AppendBinary(nil)
	b, _ := consistency.AppendBinary(nil)
	c, _ := run.AppendBinary(nil)
	return append(out,
		specimen{"inclusion", a, func(b []byte) (string, error) {
			p, err := proof.DecodeInclusion(b)
			if err == nil {
				err = p.Verify(l.Root(), leaves[21])
			}
			return fmt.Sprint(p), err
		}},
		specimen{"consistency", b, func(b []byte) (string, error) {
			p, err := proof.DecodeConsistency(b)
			if err == nil {
				err = p.Verify(roots[12], l.Root())
			}
			return fmt.Sprint(p), err
		}},
		specimen{"leaves", c, func(b []byte) (string, error) {
			p, err := proof.DecodeLeaves(b)
			if err == nil {
				err = p.Verify(l.Root(), leaves[5:14])
			}
			return fmt.Sprint(p), err
		}})
}

// TestEveryBit flips every bit of small proofs, and cuts and extends them: none is accepted.
func TestEveryBit(t *testing.T) {
	for _, s := range specimens(t) {
		if _, err := s.verify(s.raw); err != nil {
			t.Fatalf("%s: the honest proof: %v", s.name, err)
		}
		if len(s.raw) > 4000 {
			continue
		}
		for bit := range len(s.raw) * 8 {
			b := bytes.Clone(s.raw)
			b[bit/8] ^= 1 << (bit % 8)
			if _, err := s.verify(b); !errors.Is(err, proof.ErrInvalid) {
				t.Fatalf("%s: bit %d flipped: %v", s.name, bit, err)
			}
		}
		for n := range s.raw {
			if _, err := s.verify(s.raw[:n]); !errors.Is(err, proof.ErrInvalid) {
				t.Fatalf("%s: cut to %d: %v", s.name, n, err)
			}
		}
		if _, err := s.verify(append(bytes.Clone(s.raw), 0)); !errors.Is(err, proof.ErrInvalid) {
			t.Fatalf("%s: extended: %v", s.name, err)
		}
	}
}

// TestMutations changes proofs in coarser ways: several bytes, parts left out, repeated or
// exchanged. None is accepted.
func TestMutations(t *testing.T) {
	all := specimens(t)
	rapid.Check(t, func(rt *rapid.T) {
		s := rapid.SampledFrom(all).Draw(rt, "proof")
		b := bytes.Clone(s.raw)
		for range rapid.IntRange(1, 3).Draw(rt, "changes") {
			at := rapid.IntRange(0, len(b)-1).Draw(rt, "at")
			n := rapid.SampledFrom([]int{1, 33, 34, 65, 13, 46}).Draw(rt, "n")
			end := min(at+n, len(b))
			switch rapid.IntRange(0, 3).Draw(rt, "kind") {
			case 0:
				b[at] = rapid.Byte().Draw(rt, "byte")
			case 1:
				b = append(bytes.Clone(b[:at]), b[end:]...)
			case 2:
				b = append(append(bytes.Clone(b[:end]), b[at:end]...), b[end:]...)
			case 3:
				to := min(end+n, len(b))
				b = bytes.Join([][]byte{b[:at], b[end:to], b[at:end], b[to:]}, nil)
			}
			if len(b) == 0 {
				break
			}
		}
		if _, err := s.verify(b); err == nil && !bytes.Equal(b, s.raw) {
			rt.Fatalf("%s: a changed proof is accepted", s.name)
		}
	})
}

// fuzz decodes b; what is accepted must have b as its only encoding.
func fuzz[P interface {
	AppendBinary(b []byte) ([]byte, error)
}](f *testing.F, kind string, decode func(b []byte) (P, error)) {
	for _, s := range specimens(f) {
		if bytes.HasPrefix([]byte(s.name), []byte(kind)) {
			f.Add(s.raw)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := decode(b)
		if err != nil {
			if !errors.Is(err, proof.ErrInvalid) {
				t.Fatal(err)
			}
			return
		}
		out, err := p.AppendBinary(nil)
		if err != nil || !bytes.Equal(out, b) {
			t.Fatalf("not canonical: %v", err)
		}
	})
}

func FuzzRange(f *testing.F)       { fuzz(f, "range", proof.DecodeRange) }
func FuzzKey(f *testing.F)         { fuzz(f, "key", proof.DecodeKey) }
func FuzzUnits(f *testing.F)       { fuzz(f, "units", proof.DecodeUnits) }
func FuzzInclusion(f *testing.F)   { fuzz(f, "inclusion", proof.DecodeInclusion) }
func FuzzConsistency(f *testing.F) { fuzz(f, "consistency", proof.DecodeConsistency) }
func FuzzLeaves(f *testing.F)      { fuzz(f, "leaves", proof.DecodeLeaves) }

// FuzzVerifyRange asks arbitrary questions of decodable range proofs: no panic, ascending
// bounds, and no proof under a root that nobody has.
func FuzzVerifyRange(f *testing.F) {
	for _, s := range specimens(f) {
		f.Add(s.raw, []byte("\x10"), []byte("\x11"))
	}
	f.Fuzz(func(t *testing.T, b, lo, hi []byte) {
		p, err := proof.DecodeRange(b)
		if err != nil {
			return
		}
		left, right := p.Bounds()
		if bytes.Compare(left, right) >= 0 {
			t.Fatal("bounds do not ascend")
		}
		if _, err := p.Verify(proof.Hash{}, lo, hi); err == nil {
			t.Fatal("a preimage of zero")
		}
	})
}

// TestGuard checks that a panic below a verifier is an invalid proof.
func TestGuard(t *testing.T) {
	var gap *proof.Range
	k := &proof.Key{Gap: gap, Path: nil, Value: nil}
	if _, err := k.Verify(proof.Hash{}, []byte("\x10")); !errors.Is(err, proof.ErrInvalid) {
		t.Errorf("an empty key proof: %v", err)
	}
	leaves := &proof.Leaves{Size: 4, First: 1}
	if err := leaves.Verify(proof.Hash{}, [][]byte{nil}); !errors.Is(err, proof.ErrInvalid) {
		t.Errorf("a proof without a path: %v", err)
	}
	huge := &proof.Inclusion{Index: 1, Size: ^uint64(0)}
	if err := huge.Verify(proof.Hash{}, nil); !errors.Is(err, proof.ErrInvalid) {
		t.Errorf("a log of 2^64-1 leaves: %v", err)
	}
}
