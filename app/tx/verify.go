package tx

import (
	"github.com/oasisprotocol/curve25519-voi/curve"
	"github.com/oasisprotocol/curve25519-voi/primitives/ed25519"
)

// verifyOptions are the rules of ZIP-215 (https://zips.z.cash/zip-0215), with the options that
// CometBFT uses for its votes. Under them verifying one by one and in a batch agree, which does
// not hold for crypto/ed25519: a signature that two replicas judge differently forks the chain.
var verifyOptions = &ed25519.Options{Verify: ed25519.VerifyOptionsZIP_215}

// Verify returns a *Reject unless the signer signed the transaction for the network d.
func Verify(t *Tx, d Domain) error {
	digest := d.Digest(t.headerBytes)
	key := ed25519.PublicKey(t.Header.GetSigner())
	if !ed25519.VerifyWithOptions(key, digest[:], t.signature, verifyOptions) {
		return badSignature()
	}
	return nil
}

// VerifyAll verifies many transactions at once, about twice as fast as one by one, and returns
// one error per transaction: nil, or the same *Reject as Verify. The random weights of the batch
// equation change a result with a chance of 2^-128.
func VerifyAll(txs []*Tx, d Domain) []error {
	errs := make([]error, len(txs))
	if len(txs) == 0 {
		return errs
	}
	batch := ed25519.NewBatchVerifierWithCapacity(len(txs))
	for _, t := range txs {
		digest := d.Digest(t.headerBytes)
		batch.AddWithOptions(t.Header.GetSigner(), digest[:], t.signature, verifyOptions)
	}
	all, valid := batch.Verify(nil)
	if all {
		return errs
	}
	for i, ok := range valid {
		if !ok {
			errs[i] = badSignature()
		}
	}
	return errs
}

func badSignature() *Reject {
	return Rejectf(CodeBadSignature,
		"the signature is not the signer's for this header on this network")
}

// CheckKey returns a *Reject unless key may own something: the one canonical encoding of a point
// that is not of small order. For a key of small order anybody can make signatures that verify
// for every message, so such keys must never be granted anything.
func CheckKey(key []byte) error {
	if len(key) != KeySize {
		return Rejectf(CodeBadKey, "the public key has %d bytes, not %d", len(key), KeySize)
	}
	var enc curve.CompressedEdwardsY
	if _, err := enc.SetBytes(key); err != nil || !enc.IsCanonicalVartime() {
		return Rejectf(CodeBadKey, "the public key is not canonically encoded")
	}
	var p curve.EdwardsPoint
	if _, err := p.SetCompressedY(&enc); err != nil {
		return Rejectf(CodeBadKey, "the public key is not a point of the curve")
	}
	if p.IsSmallOrder() {
		return Rejectf(CodeBadKey, "the public key is of small order")
	}
	return nil
}
