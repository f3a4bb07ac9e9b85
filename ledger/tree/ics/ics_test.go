package ics

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"testing"

	ics23 "github.com/cosmos/ics23/go"

	"weir/ledger/tree"
)

func makeTree(t testing.TB, keys ...string) *tree.Tree {
	out := tree.New()
	for _, k := range keys {
		next, err := out.Apply([]tree.Change{{Key: []byte(k), Value: []byte("value of " + k)}})
		if err != nil {
			t.Fatal(err)
		}
		out = next
	}
	out.Root()
	return out
}

// TestUnmodified proves every key and every gap of trees of many sizes to ics23 itself.
func TestUnmodified(t *testing.T) {
	for _, n := range []int{0, 1, 5, 31, 40, 900} {
		var keys []string
		for i := range n {
			keys = append(keys, fmt.Sprintf("\x10k%04d", i*7%n))
		}
		tr := makeTree(t, keys...)
		root := tr.Root()
		for _, k := range keys {
			key, value := []byte(k), []byte("value of "+k)
			p, err := ProveMember(tr, key)
			if err != nil {
				t.Fatal(err)
			}
			if !ics23.VerifyMembership(Spec(), root[:], p, key, value) {
				t.Fatalf("n=%d: member proof of %q refused", n, k)
			}
			if ics23.VerifyMembership(Spec(), root[:], p, key, append(value, 'x')) {
				t.Fatalf("n=%d: %q proven with another value", n, k)
			}
			if _, err := ProveAbsent(tr, key); !errors.Is(err, ErrPresent) {
				t.Fatalf("absence of a present key: %v", err)
			}
		}
		for _, k := range append(keys, "\x01", "\x10", "\x10zzz", "\xFE") {
			key := []byte(k + "\x00")
			p, err := ProveAbsent(tr, key)
			if err != nil {
				t.Fatal(err)
			}
			if !ics23.VerifyNonMembership(Spec(), root[:], p, key) {
				t.Fatalf("n=%d: absence proof of %q refused", n, key)
			}
			if _, err := ProveMember(tr, key); !errors.Is(err, ErrAbsent) {
				t.Fatalf("proof of an absent key: %v", err)
			}
		}
	}
}

// preimage is the leaf preimage under Spec.
func preimage(p *ics23.ExistenceProof) []byte {
	b := bytes.Clone(p.Leaf.Prefix)
	for _, f := range [][]byte{p.Key, p.Value} {
		sum := sha256.Sum256(f)
		b = append(append(b, sha256.Size), sum[:]...)
	}
	return b
}

// TestKeyHoldingAnotherLeaf tries what raw keys would allow: to read the leaf of a chosen key
// as the leaf of another key, as a member or as a neighbour.
func TestKeyHoldingAnotherLeaf(t *testing.T) {
	const victim, absent = "\x10a\x05hello", "hello"
	tr := makeTree(t, "\x10A", victim, "\x10zz")
	root := tr.Root()
	p, err := ProveMember(tr, []byte(victim))
	if err != nil {
		t.Fatal(err)
	}
	honest := p.GetExist()
	pre := preimage(honest)
	if len(pre) != 67 {
		t.Fatalf("leaf preimage of %d bytes", len(pre))
	}
	right, err := ProveMember(tr, []byte("\x10zz"))
	if err != nil {
		t.Fatal(err)
	}
	for n := 1; n <= len(pre); n++ {
		leaf := leafOp()
		leaf.Prefix = pre[:n:n]
		forged := &ics23.ExistenceProof{
			Key: []byte(absent), Value: honest.Value, Leaf: leaf, Path: honest.Path,
		}
		member := &ics23.CommitmentProof{Proof: &ics23.CommitmentProof_Exist{Exist: forged}}
		if ics23.VerifyMembership(Spec(), root[:], member, forged.Key, forged.Value) {
			t.Fatalf("an absent key is proven with a prefix of %d bytes", n)
		}
		gap := &ics23.CommitmentProof{Proof: &ics23.CommitmentProof_Nonexist{
			Nonexist: &ics23.NonExistenceProof{
				Key: []byte(victim), Left: forged, Right: right.GetExist(),
			},
		}}
		if ics23.VerifyNonMembership(Spec(), root[:], gap, []byte(victim)) {
			t.Fatalf("a present key is proven absent with a prefix of %d bytes", n)
		}
	}
}
