// Package comet decides whether a CometBFT v0.40 header is to be trusted, offline.
//
// It holds the few formats that this takes, written from CometBFT's definitions and tested
// against its own code: the header hash, block ids, validator-set hashes, the bytes that a
// precommit signs, and the genesis document's validators. It imports nothing of CometBFT, so
// that an outsider's verifier stays small and also builds for WebAssembly.
//
//	root ──────► set in charge ──signs──► header ──names──► next set ──signs──► ... ──► final
//	genesis.json                          (link)                                header
//	or HEIGHT:HASH
//
// Rules:
//   - A header counts only with valid precommits of more than 2/3 of the power of the set in
//     charge. Every change of the set since the root is carried and checked in turn; there is
//     no skipping by 1/3, whose safety would depend on a trusting period that an offline
//     verifier cannot keep.
//   - A commit signature stands at the index of its validator and names that validator's
//     address (CSA-2026-001); all are verified, and only votes for the block count.
//   - Signatures are Ed25519 under ZIP-215, the verifier that validators themselves use.
//     Other key types are refused by name.
//   - Every byte of a decoded form is significant: Append(Decode(b)) == b.
//
// The package has no clock: times come from headers, and from the caller who judges age.
package comet
