package ics

import (
	"crypto/sha256"
	"errors"

	ics23 "github.com/cosmos/ics23/go"

	"weir/ledger/proof"
	"weir/ledger/tree"
)

// Errors of the provers.
var (
	ErrAbsent  = errors.New("ics: the key is absent")
	ErrPresent = errors.New("ics: the key is present")
	ErrKey     = errors.New("ics: not a user key")
)

// Spec returns the specification that all proofs verify under: keys are compared raw and
// hashed for the leaf.
func Spec() *ics23.ProofSpec {
	return &ics23.ProofSpec{
		LeafSpec: leafOp(),
		InnerSpec: &ics23.InnerSpec{
			ChildOrder:      []int32{0, 1},
			MinPrefixLength: 1,
			MaxPrefixLength: 1,
			ChildSize:       sha256.Size,
			Hash:            ics23.HashOp_SHA256,
		},
	}
}

func leafOp() *ics23.LeafOp {
	return &ics23.LeafOp{
		Hash:         ics23.HashOp_SHA256,
		PrehashKey:   ics23.HashOp_SHA256,
		PrehashValue: ics23.HashOp_SHA256,
		Length:       ics23.LengthOp_VAR_PROTO,
		Prefix:       []byte{proof.DomainLeaf},
	}
}

// ProveMember proves that a key of a hashed tree has its value.
//
// Errors: ErrAbsent.
func ProveMember(t *tree.Tree, key []byte) (*ics23.CommitmentProof, error) {
	p, err := existence(t, key)
	if err != nil {
		return nil, err
	}
	return &ics23.CommitmentProof{Proof: &ics23.CommitmentProof_Exist{Exist: p}}, nil
}

// ProveAbsent proves that a key is not in a hashed tree, by its two neighbours.
//
// Errors: ErrPresent, ErrKey.
func ProveAbsent(t *tree.Tree, key []byte) (*ics23.CommitmentProof, error) {
	if len(key) == 0 || key[0] == proof.SentinelLow || key[0] == proof.SentinelHigh {
		return nil, ErrKey
	}
	below, next := t.Neighbours(key)
	if string(next) == string(key) {
		return nil, ErrPresent
	}
	left, err := existence(t, below)
	if err != nil {
		return nil, err
	}
	right, err := existence(t, next)
	if err != nil {
		return nil, err
	}
	return &ics23.CommitmentProof{Proof: &ics23.CommitmentProof_Nonexist{
		Nonexist: &ics23.NonExistenceProof{Key: key, Left: left, Right: right},
	}}, nil
}

func existence(t *tree.Tree, key []byte) (*ics23.ExistenceProof, error) {
	value, path, ok := t.Path(key)
	if !ok {
		return nil, ErrAbsent
	}
	p := &ics23.ExistenceProof{Key: key, Value: value, Leaf: leafOp()}
	for i := range path {
		op := &ics23.InnerOp{Hash: ics23.HashOp_SHA256, Prefix: []byte{proof.DomainInner}}
		if path[i].Right {
			op.Suffix = path[i].Sibling[:]
		} else {
			op.Prefix = append(op.Prefix, path[i].Sibling[:]...)
		}
		p.Path = append(p.Path, op)
	}
	return p, nil
}
