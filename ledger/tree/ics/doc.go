// Package ics makes ICS-23 commitment proofs from Weir's trees, for verifiers that know
// nothing of Weir: unmodified ics23 code accepts them under Spec.
//
// Spec is TendermintSpec with hashed keys. With raw keys it would be forgeable: ics23 takes the
// leaf's prefix from the proof and checks only that it starts with 00, so whoever chooses keys
// could pass one leaf off as another. A leaf preimage of fixed length leaves no room for that.
//
// What it must never do: verify for Weir itself; that is ledger/proof, which takes no hash
// operation from a proof.
package ics
