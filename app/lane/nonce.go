package lane

import (
	"encoding/binary"
	"fmt"

	"weir/app/tx"
)

// JudgeNonce judges a body with an operation that has no lane, in the block of the given height.
// The same body again is a resend; another body with the nonce of one that is not yet expired is
// NONCE_USED.
func JudgeNonce(r Reader, t *tx.Tx, height uint64) (Verdict, error) {
	v, found, err := r.Probe(nonceKey(t.Signer(), t.Header.GetNonce()))
	if err != nil || !found {
		return Verdict{}, err
	}
	old, err := decodeRecord(v)
	if err != nil {
		return Verdict{}, fmt.Errorf("nonce record: %w", err)
	}
	switch {
	case old.until < height:
		return Verdict{}, nil
	case old.hash == t.Body:
		return Verdict{Resend: true, Receipt: Receipt{Height: old.height}}, nil
	}
	return Verdict{}, tx.Rejectf(tx.CodeNonceUsed,
		"nonce %d of this signer is in use until block %d", t.Header.GetNonce(), old.until)
}

// RecordNonce writes that the body of t applied in the block of the given height.
func RecordNonce(st State, t *tx.Tx, height uint64) error {
	key := nonceKey(t.Signer(), t.Header.GetNonce())
	return keep(st, t.Signer(), key, record{t.Header.GetValidUntil(), t.Body, height})
}

// CheckRemembered returns ALREADY_REJECTED if the body of t was rejected before.
func CheckRemembered(r Reader, t *tx.Tx) error {
	v, found, err := r.Probe(rejectedKey(t.Body))
	if err != nil || !found {
		return err
	}
	old, err := decodeRecord(v)
	if err != nil {
		return fmt.Errorf("rejection record: %w", err)
	}
	return tx.Rejectf(tx.CodeAlreadyRejected, "this body was rejected in block %d", old.height)
}

// Remember writes that the body of t was rejected in the block of the given height, so that it
// cannot apply later. The caller leaves out what needs no memory (a resend, ALREADY_REJECTED,
// EXPIRED, NONCE_USED) and what must not fill it: bodies whose signer has no role, and
// TOO_MANY_NONCES.
func Remember(st State, t *tx.Tx, height uint64) error {
	key := rejectedKey(t.Body)
	if _, found, err := st.Probe(key); err != nil || found {
		return err
	}
	return keep(st, t.Signer(), key, record{t.Header.GetValidUntil(), t.Signer(), height})
}

// CheckRoom returns TOO_MANY_NONCES if the signer of t has as many records as a signer may have.
// It comes before everything that could make one, so neither success nor rejection exceeds it.
func CheckRoom(r Reader, t *tx.Tx, lim tx.Limits) error {
	n, err := loadCount(r, signerKey(t.Signer()))
	if err != nil {
		return err
	}
	if n >= lim.SignerRecords {
		return tx.Rejectf(tx.CodeTooManyNonces,
			"the signer has %d bodies within their valid_until, no more than %d may be",
			n, lim.SignerRecords)
	}
	return nil
}

// keep writes a record, counts it for its signer, and enters it in the bucket of its height. A
// record over an expired one of the same key replaces it: the old bucket entry then finds a
// younger record and leaves it alone.
func keep(st State, signer [tx.KeySize]byte, key []byte, r record) error {
	_, replaces, err := st.Probe(key)
	if err != nil {
		return err
	}
	st.Set(key, r.encode())
	if !replaces {
		n, err := loadCount(st, signerKey(signer))
		if err != nil {
			return err
		}
		st.Set(signerKey(signer), encodeCount(n+1))
	}
	n, err := loadCount(st, bucketKey(r.until))
	if err != nil {
		return err
	}
	st.Set(entryKey(r.until, n), key)
	st.Set(bucketKey(r.until), encodeCount(n+1))
	s, err := loadSwept(st)
	if err != nil {
		return err
	}
	if s.empty() {
		s.next = r.until
	}
	if r.until > s.greatest || r.until < s.next {
		s.greatest, s.next = max(s.greatest, r.until), min(s.next, r.until)
		st.Set(sweptKey(), s.encode())
	}
	return nil
}

func loadCount(r Reader, key []byte) (uint32, error) {
	v, found, err := r.Probe(key)
	if err != nil || !found {
		return 0, err
	}
	if len(v) != 4 {
		return 0, errCodec
	}
	return binary.BigEndian.Uint32(v), nil
}

func encodeCount(n uint32) []byte { return binary.BigEndian.AppendUint32(nil, n) }
